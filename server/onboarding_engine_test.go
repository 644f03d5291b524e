package server_test

import (
	"context"
	"fmt"

	"time"

	"linli/approval"
	"linli/approval/contract"
	"linli/approval/onboarding"
)

// admitted is an onboarding case run in memory: the real procedure of package
// onboarding and the real register, spaces, record and notices of the worker's
// store.
type admitted struct {
	*engine
	state *onboarding.State
	seq   int
	asked string // stage and round whose tasks were opened
}

func (e *engine) StartOnboarding(ctx context.Context, start onboarding.Start) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.unreachable.Load() {
		return fmt.Errorf("dialling: %w", approval.ErrPending)
	}
	if e.admitted[start.CaseID] != nil {
		return nil
	}
	a := &admitted{engine: e, state: onboarding.New(start)}
	e.admitted[start.CaseID] = a
	if err := a.commit(ctx, a.state, "opened", "open", nil); err != nil {
		return err
	}
	return a.advance(ctx)
}

// StartCall records the call; what it says to its candidates is up to the test.
func (e *engine) StartCall(ctx context.Context, start onboarding.CallStart) error {
	s := onboarding.NewCall(start)
	_, err := e.worker.Record(ctx, approval.Record{CaseID: start.CaseID, Seq: 1, Key: "open", Kind: "opened", At: e.now(), Case: s.Snapshot(), Tasks: s.Tasks})
	return err
}

// says is a call's word to one of its candidates.
func (e *engine) says(ctx context.Context, caseID string, word onboarding.Word) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	a := e.admitted[caseID]
	if err := a.change(ctx, "called", func(next *onboarding.State, now time.Time) { next.Hear(word, now) }); err != nil {
		return err
	}
	return a.advance(ctx)
}

func (a *admitted) receipt(done approval.Accepted) approval.Receipt {
	return approval.Receipt{CaseID: a.state.Start.CaseID, TaskID: done.TaskID, Seq: done.Seq, Action: done.Action, Stage: a.state.Stage, At: done.At}
}

func (a *admitted) act(ctx context.Context, act approval.Act) (approval.Receipt, error) {
	claims, err := a.verifier.Verify(act.Envelope)
	if err == nil {
		err = claims.Match(act)
	}
	if err == nil && a.state.Ended() {
		err = approval.Errorf(approval.TaskClosed, "该事项不存在或已办结。", "The case does not exist or has closed.")
	}
	if err == nil {
		err = a.state.Check(act, a.now())
	}
	if err != nil {
		return approval.Receipt{}, err
	}
	if done := a.state.Desk.Done(act.ID); done != nil {
		return a.receipt(*done), nil
	}
	next := a.state.Clone()
	accepted := next.Apply(act, a.seq+1, a.now())
	if err := a.commit(ctx, next, "acted", act.ID, &act); err != nil {
		return approval.Receipt{}, err
	}
	for _, answer := range a.state.Answers(accepted) {
		if err := a.worker.AnswerObjection(ctx, answer); err != nil {
			return approval.Receipt{}, err
		}
	}
	return a.receipt(accepted), a.advance(ctx)
}

func (a *admitted) commit(ctx context.Context, next *onboarding.State, kind, key string, act *approval.Act) error {
	record := approval.Record{CaseID: next.Start.CaseID, Seq: a.seq + 1, Key: key, Kind: kind, At: a.now(), Act: act, Case: next.Snapshot(), Tasks: next.Tasks}
	if kind == "screened" || kind == "looked_again" {
		record.Evidence = &next.Evidence[len(next.Evidence)-1]
	}
	recorded, err := a.worker.Record(ctx, record)
	if err != nil {
		return err
	}
	next.SetDeadlines(recorded.Deadlines)
	a.seq, a.state = a.seq+1, next
	return nil
}

func (a *admitted) change(ctx context.Context, kind string, apply func(next *onboarding.State, now time.Time)) error {
	next := a.state.Clone()
	apply(next, a.now())
	return a.commit(ctx, next, kind, fmt.Sprintf("%s/%d", kind, a.seq+1), nil)
}

// advance carries the case on until it waits for people or the clock.
func (a *admitted) advance(ctx context.Context) error {
	for {
		before := a.seq
		if err := a.step(ctx); err != nil {
			return fmt.Errorf("at %s: %w", a.state.Stage, err)
		}
		if a.seq == before {
			return nil
		}
	}
}

// first reports, once per round of a stage, that its tasks are still to be
// opened.
func (a *admitted) first() bool {
	mark := fmt.Sprint(a.state.Stage, a.state.Rounds)
	fresh := a.asked != mark
	a.asked = mark
	return fresh
}

func (a *admitted) step(ctx context.Context) error {
	s := a.state
	if early := s.Ended() || s.Stage == onboarding.Correction || s.Stage == onboarding.DeskReview; early && s.Holds() {
		if err := a.worker.FreeSpace(ctx, s.FreeOrder(a.now())); err != nil {
			return err
		}
		s.Freed()
	}
	when := func(decided bool, kind string, apply func(*onboarding.State, time.Time)) error {
		if !decided {
			return nil
		}
		return a.change(ctx, kind, apply)
	}
	switch s.Stage {
	case onboarding.Screening:
		return a.screen(ctx)
	case onboarding.TakingOver:
		register, err := a.worker.OnboardingFacts(ctx, s.Question(a.now()))
		if err != nil {
			return err
		}
		return a.change(ctx, "registered", func(next *onboarding.State, now time.Time) { next.Registered(register.Interested, now) })
	case onboarding.Correction:
		return when(s.Corrected(), "corrected", (*onboarding.State).CloseCorrection)
	case onboarding.DeskReview:
		return when(s.Reviewed(), "reviewed", (*onboarding.State).CloseReview)
	case onboarding.Reconsideration:
		return when(s.Reconsidered(), "reconsidered", (*onboarding.State).CloseReconsideration)
	case onboarding.Panel:
		scorers, err := a.worker.Scorers(ctx, s.Start.Scope)
		if err != nil {
			return err
		}
		return when(s.PanelComplete(), "convened", func(next *onboarding.State, now time.Time) { next.Convene(scorers, now) })
	case onboarding.Scoring:
		return when(s.Scored(), "scored", (*onboarding.State).CloseScoring)
	case onboarding.Notice:
		return a.notice(ctx)
	case onboarding.Signing:
		return a.sign(ctx)
	case onboarding.Handover:
		return a.handOver(ctx)
	}
	return nil
}

func (a *admitted) screen(ctx context.Context) error {
	register, evidence, err := a.evaluate(ctx, onboarding.Screening)
	if err != nil {
		return err
	}
	return a.change(ctx, "screened", func(next *onboarding.State, now time.Time) { next.Screened(evidence, register.Interested, now) })
}

func (a *admitted) evaluate(ctx context.Context, stage approval.Stage) (onboarding.RegisterFacts, approval.Evidence, error) {
	register, err := a.worker.OnboardingFacts(ctx, a.state.Question(a.now()))
	if err != nil {
		return register, approval.Evidence{}, err
	}
	evidence, err := a.book.EvaluateOnboarding(ctx, a.state.Pin, string(stage), onboarding.FactsOf(a.state.Application, register, a.now()))
	return register, evidence, err
}

func (a *admitted) sign(ctx context.Context) error {
	switch s := a.state; {
	case a.first(), !s.Fit() && s.Refitted():
		_, evidence, err := a.evaluate(ctx, onboarding.Signing)
		if err != nil {
			return err
		}
		return a.change(ctx, "looked_again", func(next *onboarding.State, now time.Time) { next.LookedAgain(evidence, now) })
	case !s.Fit():
		return nil
	case s.Contract.Hash == "":
		return a.draw(ctx)
	case s.SigningDecided():
		return a.change(ctx, "signed", (*onboarding.State).CloseSigning)
	}
	return nil
}

func (a *admitted) notice(ctx context.Context) error {
	if !a.first() {
		if a.state.NoticeOver() {
			return a.change(ctx, "noticed", (*onboarding.State).CloseNotice)
		}
		return nil
	}
	if err := a.hold(ctx); err != nil || a.state.Ended() {
		return err
	}
	notice, err := a.worker.Publish(ctx, a.state.DraftNotice(a.now()))
	if err != nil {
		return err
	}
	return a.change(ctx, "published", func(next *onboarding.State, _ time.Time) { next.Published(notice) })
}

func (a *admitted) hold(ctx context.Context) error {
	err := a.worker.HoldSpace(ctx, a.state.HoldOrder(a.now()))
	if approval.CodeOf(err) == approval.SpaceTaken {
		return a.change(ctx, "space_taken", func(next *onboarding.State, now time.Time) { next.Taken(approval.Refusal(err), now) })
	}
	if err == nil {
		a.state.Hold()
	}
	return err
}

// takeOver holds the space of a contract signed on paper and finds its fund.
func (a *admitted) takeOver(ctx context.Context) error {
	if err := a.hold(ctx); err != nil || a.state.Ended() {
		return err
	}
	facts, err := a.worker.SigningFacts(ctx, a.state.SigningQuestion())
	if err != nil {
		return err
	}
	fundID, err := a.state.FundFor(facts)
	if err != nil {
		return err
	}
	return a.change(ctx, "taken_over", func(next *onboarding.State, _ time.Time) { next.TakeOver(fundID) })
}

func (a *admitted) draw(ctx context.Context) error {
	facts, err := a.worker.SigningFacts(ctx, a.state.SigningQuestion())
	if err != nil {
		return err
	}
	order, err := a.state.DrawOrder(facts, true, a.now())
	if err != nil {
		return err
	}
	drafts, err := order.Drafts()
	if err != nil {
		return err
	}
	var documents []contract.Document
	for _, draft := range drafts { // printed as its canonical JSON
		documents = append(documents, draft.Drawn(approval.CanonicalJSON(draft.Paper)))
	}
	return a.change(ctx, "drawn", func(next *onboarding.State, now time.Time) { next.Lay(documents, order, facts.FundID, now) })
}

func (a *admitted) handOver(ctx context.Context) error {
	if a.first() {
		if a.state.TakesOver() {
			if err := a.takeOver(ctx); err != nil || a.state.Ended() {
				return err
			}
		}
		space, err := a.worker.Inventory(ctx, a.state.InventoryQuestion())
		if err != nil {
			return err
		}
		return a.change(ctx, "vacant", func(next *onboarding.State, now time.Time) { next.AskList(space, now) })
	}
	if !a.state.HandedOver() {
		return nil
	}
	if err := a.worker.AllotSpace(ctx, a.state.AllotOrder(a.now())); err != nil {
		return err
	}
	return a.change(ctx, "closed", (*onboarding.State).Complete)
}
