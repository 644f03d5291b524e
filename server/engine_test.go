package server_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"linli/approval"
	"linli/approval/engagement"
	"linli/approval/funduse"
	"linli/approval/onboarding"
	"linli/internal/envelope"
	"linli/internal/rulebook"
	"linli/store"
)

// engine runs cases in memory: the real procedure of package funduse and the
// real record, ledger and notices of the worker's store. Only the transport is
// missing, and what can happen to a caller on the way is set by hand.
type engine struct {
	worker   *store.Store
	book     *rulebook.Book
	verifier *envelope.Verifier
	now      func() time.Time

	unreachable atomic.Bool  // takes nothing
	forgetful   atomic.Bool  // takes an act and loses the answer
	mute        atomic.Bool  // does not answer questions
	unopened    atomic.Int64 // acts that come before their seat is open
	called      atomic.Value

	mu    sync.Mutex
	cases map[string]*running
	// engagements and applications beside them
	engagements map[string]*engaged
	admitted    map[string]*admitted
}

type running struct {
	*engine
	state *funduse.State
	seq   int
	asked string // stage and round whose tasks were opened
}

func (e *engine) StartFundUse(ctx context.Context, start funduse.Start) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.unreachable.Load() {
		return fmt.Errorf("dialling: %w", approval.ErrPending)
	}
	if e.cases[start.CaseID] != nil {
		return nil
	}
	r := &running{engine: e, state: funduse.New(start)}
	e.cases[start.CaseID] = r
	if err := r.commit(ctx, r.state, "opened", "open", nil); err != nil {
		return err
	}
	return r.advance(ctx)
}

func (e *engine) Act(ctx context.Context, act approval.Act) (approval.Receipt, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	r := e.cases[act.CaseID]
	switch {
	case e.unreachable.Load():
		return approval.Receipt{}, fmt.Errorf("dialling: %w", approval.ErrPending)
	case e.unopened.Add(-1) >= 0:
		return approval.Receipt{}, approval.Errorf(approval.NotFound, "没有这项任务。", "There is no such task.").At("task")
	case e.engagements[act.CaseID] != nil:
		return e.engagements[act.CaseID].act(ctx, act)
	case e.admitted[act.CaseID] != nil:
		return e.admitted[act.CaseID].act(ctx, act)
	case r == nil || r.state.Ended():
		return approval.Receipt{}, approval.Errorf(approval.TaskClosed, "该事项不存在或已办结。", "The case does not exist or has closed.")
	}
	receipt, err := r.act(ctx, act)
	if err == nil && e.forgetful.Load() {
		return approval.Receipt{}, fmt.Errorf("waiting for the answer: %w", approval.ErrPending)
	}
	return receipt, err
}

func (e *engine) ActOutcome(_ context.Context, caseID, actID string) (approval.Receipt, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if a := e.admitted[caseID]; a != nil {
		if done := a.state.Desk.Done(actID); done != nil {
			return a.receipt(*done), nil
		}
	}
	if r := e.cases[caseID]; r != nil {
		if done := r.state.Desk.Done(actID); done != nil {
			return r.receipt(*done), nil
		}
	}
	return approval.Receipt{}, errors.New("no such act")
}

func (e *engine) Waiting(_ context.Context, caseID string) (approval.Waiting, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if a := e.admitted[caseID]; a != nil && !e.mute.Load() {
		return a.state.Waiting(), nil
	}
	if e.mute.Load() || e.cases[caseID] == nil {
		return approval.Waiting{}, approval.ErrPending
	}
	return e.cases[caseID].state.Waiting(), nil
}

func (e *engine) BankCalled(_ context.Context, caseID, key string) error {
	if e.unreachable.Load() {
		return approval.ErrPending
	}
	e.called.Store(caseID + " " + key)
	return nil
}

// PeopleChanged lets a case ask the register, as the workflows do.
func (e *engine) PeopleChanged(ctx context.Context, caseID, operatorID string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.unreachable.Load() {
		return fmt.Errorf("dialling: %w", approval.ErrPending)
	}
	acting, err := e.worker.Acting(ctx, operatorID)
	if err != nil {
		return err
	}
	if a := e.admitted[caseID]; a != nil && !a.state.Ended() {
		return a.change(ctx, "people_changed", func(next *onboarding.State, now time.Time) { next.Replace(acting, now) })
	}
	if r := e.engagements[caseID]; r != nil && !r.state.Ended() {
		return errors.Join(r.change(ctx, "people_changed", func(next *engagement.State, now time.Time) error {
			next.Replace(acting, now)
			return nil
		}), r.advance(ctx))
	}
	return approval.Errorf(approval.TaskClosed, "该事项不存在或已办结。", "The case does not exist or has closed.")
}

// ring lets the clock speak in every case.
func (e *engine) ring(ctx context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, a := range e.admitted {
		if err := a.change(ctx, "clock", func(next *onboarding.State, now time.Time) { next.Ring(now) }); err != nil {
			return err
		}
		if err := a.advance(ctx); err != nil {
			return err
		}
	}
	for _, r := range e.engagements {
		if err := r.ring(ctx); err != nil {
			return err
		}
	}
	for _, r := range e.cases {
		if err := r.change(ctx, "clock", func(next *funduse.State, now time.Time) error { next.Ring(now); return nil }); err != nil {
			return err
		}
		if err := r.advance(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (r *running) receipt(a approval.Accepted) approval.Receipt {
	return approval.Receipt{CaseID: r.state.Start.CaseID, TaskID: a.TaskID, Seq: a.Seq, Action: a.Action, Stage: r.state.Stage, At: a.At}
}

func (r *running) act(ctx context.Context, act approval.Act) (approval.Receipt, error) {
	claims, err := r.verifier.Verify(act.Envelope)
	if err == nil {
		err = claims.Match(act)
	}
	if err == nil {
		err = r.state.Check(act, r.now())
	}
	if err != nil {
		return approval.Receipt{}, err
	}
	if done := r.state.Desk.Done(act.ID); done != nil {
		return r.receipt(*done), nil
	}
	next := r.state.Clone()
	accepted := next.Apply(act, r.seq+1, r.now())
	if err := r.commit(ctx, next, "acted", act.ID, &act); err != nil {
		return approval.Receipt{}, err
	}
	for _, answer := range r.state.Answers(accepted) {
		if err := r.worker.AnswerObjection(ctx, answer); err != nil {
			return approval.Receipt{}, err
		}
	}
	return r.receipt(accepted), r.advance(ctx)
}

func (r *running) commit(ctx context.Context, next *funduse.State, kind, key string, act *approval.Act) error {
	record := approval.Record{CaseID: next.Start.CaseID, Seq: r.seq + 1, Key: key, Kind: kind, At: r.now(), Act: act, Case: next.Snapshot(), Tasks: next.Tasks}
	if kind == "evaluated" {
		record.Evidence = &next.Evidence[len(next.Evidence)-1]
	}
	recorded, err := r.worker.Record(ctx, record)
	if err != nil {
		return err
	}
	next.SetDeadlines(recorded.Deadlines)
	r.seq, r.state = r.seq+1, next
	return nil
}

func (r *running) change(ctx context.Context, kind string, apply func(next *funduse.State, now time.Time) error) error {
	next := r.state.Clone()
	if err := apply(next, r.now()); err != nil {
		return err
	}
	return r.commit(ctx, next, kind, fmt.Sprintf("%s/%d", kind, r.seq+1), nil)
}

func (r *running) evaluate(ctx context.Context, stage approval.Stage, take func(next *funduse.State, e approval.Evidence, now time.Time)) error {
	q := r.state.Question(r.now())
	var money funduse.MoneyFacts
	var err error
	money.Fund, money.Earmark, money.Payee, money.Community, err = r.worker.FundFacts(ctx, q.FundID, q.EarmarkID, q.PayeeID, q.At)
	if err != nil {
		return err
	}
	evidence, err := r.book.Evaluate(ctx, r.state.Pin, string(stage), r.state.Facts(money, r.now()))
	if err != nil {
		return err
	}
	return r.change(ctx, "evaluated", func(next *funduse.State, now time.Time) error { take(next, evidence, now); return nil })
}

// first reports, once per round of a stage, that its tasks are still to be
// opened.
func (r *running) first() bool {
	mark := fmt.Sprint(r.state.Stage, r.state.Rounds)
	fresh := r.asked != mark
	r.asked = mark
	return fresh
}

// advance carries the case on until it waits for people or the clock.
func (r *running) advance(ctx context.Context) error {
	for !r.state.Ended() {
		before := r.seq
		if err := r.step(ctx); err != nil {
			return fmt.Errorf("at %s: %w", r.state.Stage, err)
		}
		if r.seq == before {
			return nil
		}
	}
	return nil
}

func (r *running) step(ctx context.Context) error {
	s, start := r.state, r.state.Start
	switch s.Stage {
	case funduse.Screening:
		if r.first() {
			return r.evaluate(ctx, funduse.Screening, (*funduse.State).Screened)
		}
		if err := r.worker.Reserve(ctx, funduse.ReserveOrder{Key: s.ReserveKey(), CaseID: start.CaseID, FundID: s.Proposal.FundID, Amount: s.Proposal.Amount, At: r.now()}); err != nil {
			return err
		}
		return r.change(ctx, "reserved", func(next *funduse.State, now time.Time) error { next.Covered(now); return nil })
	case funduse.Correction:
		if s.Reserved {
			s.Released()
			return r.worker.Release(ctx, funduse.ReleaseOrder{Key: s.ReleaseKey(), CaseID: start.CaseID, Reason: "correction", At: r.now()})
		}
		if s.Corrected() {
			return r.change(ctx, "corrected", func(next *funduse.State, now time.Time) error { next.CloseCorrection(now); return nil })
		}
	case funduse.Roster:
		if s.RosterComplete() {
			roster, err := r.worker.Committee(ctx, start.Scope, s.Proposal.Payee.ID)
			if err != nil {
				return err
			}
			return r.change(ctx, "convened", func(next *funduse.State, now time.Time) error { return next.Convene(roster, now) })
		}
	case funduse.Committee:
		if s.Reviewed() {
			return r.change(ctx, "reviewed", func(next *funduse.State, now time.Time) error { return next.CloseReview(now) })
		}
	case funduse.CharityReview:
		if r.first() {
			return r.evaluate(ctx, funduse.CharityReview, (*funduse.State).AskCharity)
		}
		if s.CharityDecided() {
			return r.change(ctx, "charity", func(next *funduse.State, now time.Time) error { next.CloseCharity(now); return nil })
		}
	case funduse.Payout:
		return r.pay(ctx)
	case funduse.NoticeAfter:
		return r.publish(ctx)
	case funduse.Acceptance:
		if r.first() {
			return r.change(ctx, "acceptance", func(next *funduse.State, now time.Time) error { next.AskAcceptance(now); return nil })
		}
	}
	return nil
}

func (r *running) pay(ctx context.Context) error {
	if r.first() {
		return r.change(ctx, "cashier", func(next *funduse.State, now time.Time) error { next.AskCashier(now); return next.PayoutAllowed() })
	}
	if !r.state.CashierDecided() {
		return nil
	}
	send := false
	err := r.change(ctx, "payout", func(next *funduse.State, now time.Time) error { send = next.ClosePayoutTask(now); return nil })
	if err != nil || !send {
		return err
	}
	key, p, id := r.state.PaymentKey(), r.state.Proposal, r.state.Start.CaseID
	if err := r.worker.SendPayment(ctx, funduse.SendOrder{Key: key, CaseID: id, PayeeID: p.Payee.ID, Amount: p.Amount, At: r.now()}); err != nil {
		return err
	}
	reference := r.state.Payment.BankReference
	if err := r.worker.SettlePayment(ctx, funduse.SettleOrder{Key: key, CaseID: id, BankReference: reference, Gateway: r.state.Gateway, At: r.now()}); err != nil {
		return err
	}
	return r.change(ctx, "paid", func(next *funduse.State, now time.Time) error {
		next.MarkPaid(reference, now)
		next.AfterPayout(now)
		return nil
	})
}

func (r *running) publish(ctx context.Context) error {
	if r.first() {
		notice, err := r.worker.Publish(ctx, r.state.DraftNotice(r.now()))
		if err != nil {
			return err
		}
		return r.change(ctx, "published", func(next *funduse.State, _ time.Time) error { next.Published(notice); return nil })
	}
	if r.state.NoticeOver() {
		return r.change(ctx, "noticed", func(next *funduse.State, now time.Time) error { next.CloseNotice(now); return nil })
	}
	return nil
}
