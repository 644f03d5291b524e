package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"linli/approval"
	"linli/approval/funduse"
)

// FundUseResult is how a case ended.
type FundUseResult struct {
	Status approval.CaseStatus `json:"status"`
	Reason string              `json:"reason,omitempty"`
	Steps  int                 `json:"steps"` // recorded steps
}

// fundUse runs one case. The state is replaced, never changed in place: a step
// is applied to a copy, recorded, and only then becomes the state.
type fundUse struct {
	*journal
	state    *funduse.State
	receipts map[string]approval.Receipt // by act: whoever repeats an act gets its one receipt
	called   workflow.ReceiveChannel     // the bank's callbacks
	blocked  *approval.Error             // why the case cannot go on by itself
}

// FundUse is the fund-use procedure (社区发展基金使用), from an accepted
// proposal to the closed case. Nobody outside the procedure can cancel it: a
// case ends by an act on record.
func FundUse(ctx workflow.Context, start funduse.Start) (FundUseResult, error) {
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	f := &fundUse{
		journal: newJournal(ctx, start.CaseID), state: funduse.New(start),
		receipts: map[string]approval.Receipt{}, called: workflow.GetSignalChannel(ctx, MessageBankCalled),
	}
	if err := f.answer(ctx); err != nil {
		return FundUseResult{}, err
	}
	f.insist(ctx, func() error { return f.begin(ctx) })
	f.run(ctx)
	f.finish(ctx)
	return FundUseResult{Status: f.state.Status, Reason: f.state.Reason, Steps: f.seq}, nil
}

func (f *fundUse) run(ctx workflow.Context) {
	for !f.state.Ended() {
		switch f.state.Stage {
		case funduse.Screening:
			f.screen(ctx)
		case funduse.Correction:
			f.correct(ctx)
		case funduse.Roster:
			f.convene(ctx)
		case funduse.Committee:
			f.review(ctx)
		case funduse.Higher:
			f.seekHigherApproval(ctx)
		case funduse.CharityReview:
			f.seekCharityApproval(ctx)
		case funduse.Payout:
			f.pay(ctx)
		case funduse.NoticeBefore, funduse.NoticeAfter:
			f.publish(ctx)
		case funduse.Disclosure:
			f.disclose(ctx)
		case funduse.Acceptance:
			f.accept(ctx)
		}
	}
}

// begin records the open case with its standing tasks.
func (f *fundUse) begin(ctx workflow.Context) error {
	if err := f.lock.Lock(ctx); err != nil {
		return err
	}
	defer f.lock.Unlock()
	_, err := f.write(ctx, step{kind: "opened", key: "open"}, f.state.Snapshot(), nil, f.state.Tasks)
	return err
}

// finish gives back what the case still holds and lets running acts end.
func (f *fundUse) finish(ctx workflow.Context) {
	f.release(ctx)
	// Updates still running when a workflow returns would be dropped.
	_ = workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
}

// answer registers the messages. Handlers run the moment they are registered,
// so the state is complete by now.
func (f *fundUse) answer(ctx workflow.Context) error {
	if err := workflow.SetQueryHandler(ctx, MessageWaiting, f.waiting); err != nil {
		return err
	}
	return workflow.SetUpdateHandlerWithOptions(ctx, MessageAct, f.act, workflow.UpdateHandlerOptions{Validator: f.check})
}

func (f *fundUse) waiting() (approval.Waiting, error) {
	waiting := f.state.Waiting()
	waiting.Blocked = f.blocked
	return waiting, nil
}

func (f *fundUse) check(ctx workflow.Context, act approval.Act) error {
	return ToWire(f.state.Check(act, workflow.Now(ctx)))
}

// act takes one act and carries out what it means outside the case.
func (f *fundUse) act(ctx workflow.Context, act approval.Act) (approval.Receipt, error) {
	// An act that was accepted is finished even if the run is cancelled meanwhile.
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	accepted, err := f.take(ctx, act)
	if err != nil {
		return approval.Receipt{}, ToWire(err)
	}
	f.follow(ctx, accepted)
	return f.receipts[act.ID], nil
}

// take records an act; a repeated one is accepted as it was and nothing
// follows from it again. The check is repeated under the lock, because another
// act may have been taken since the validator passed this one.
func (f *fundUse) take(ctx workflow.Context, act approval.Act) (accepted approval.Accepted, err error) {
	if err := f.lock.Lock(ctx); err != nil {
		return accepted, err
	}
	defer f.lock.Unlock()
	now := workflow.Now(ctx)
	if err := f.state.Check(act, now); err != nil {
		return accepted, err
	}
	if f.state.Desk.Done(act.ID) != nil {
		return accepted, nil
	}
	next := f.state.Clone()
	accepted = next.Apply(act, f.seq+1, now)
	if err := f.commit(ctx, next, step{kind: "acted", key: act.ID, act: &act, notify: next.Messages(accepted)}); err != nil {
		return accepted, err
	}
	f.receipts[act.ID] = receipt(accepted, f.caseID, f.state.Stage)
	return accepted, f.bookRecovery(ctx, accepted)
}

// bookRecovery books money an act reports as recovered before anything else
// happens to the case. What the ledger refuses is asked for again.
func (f *fundUse) bookRecovery(ctx workflow.Context, accepted approval.Accepted) error {
	recovery := f.state.Recovery(accepted)
	if recovery == nil {
		return nil
	}
	err := lastingDo(ctx, effects.Recover, *recovery)
	if approval.Refusal(err) == nil {
		return err
	}
	now, next := workflow.Now(ctx), f.state.Clone()
	next.RecoveryRefused(accepted, now)
	return f.commit(ctx, next, step{kind: "recovery_refused", key: fmt.Sprintf("recovery_refused/%d", f.seq+1), note: err.Error()})
}

// follow makes the answers to objections public. The lock is free by now: if
// that is refused for a while, other acts go on.
func (f *fundUse) follow(ctx workflow.Context, accepted approval.Accepted) {
	for _, answer := range f.state.Answers(accepted) {
		f.insist(ctx, func() error { return lastingDo(ctx, effects.AnswerObjection, answer) })
	}
}

func receipt(accepted approval.Accepted, caseID string, stage approval.Stage) approval.Receipt {
	return approval.Receipt{CaseID: caseID, TaskID: accepted.TaskID, Seq: accepted.Seq, Action: accepted.Action, Stage: stage, At: accepted.At}
}

// commit records a step and makes next the state. The caller holds the lock.
func (f *fundUse) commit(ctx workflow.Context, next *funduse.State, s step) error {
	deadlines, err := f.write(ctx, s, next.Snapshot(), f.state.Tasks, next.Tasks)
	if err != nil {
		return err
	}
	next.SetDeadlines(deadlines)
	f.state = next
	return nil
}

// advance changes the case by one recorded step of the procedure itself and
// reports whether the step was taken.
func (f *fundUse) advance(ctx workflow.Context, kind string, change func(next *funduse.State, now time.Time) error) bool {
	return f.record(ctx, step{kind: kind}, change)
}

// record takes a step unless the case has ended, or the step has lost its
// point, while it was on its way.
func (f *fundUse) record(ctx workflow.Context, s step, change func(next *funduse.State, now time.Time) error) (taken bool) {
	f.pursue(ctx, func() error {
		if err := f.lock.Lock(ctx); err != nil {
			return err
		}
		defer f.lock.Unlock()
		if f.state.Ended() || (s.still != nil && !s.still()) {
			return nil
		}
		next := f.state.Clone()
		if err := change(next, workflow.Now(ctx)); err != nil {
			return err
		}
		if s.notify = nil; next.Ended() {
			s.notify = next.Messages(approval.Accepted{})
		}
		s.key = fmt.Sprintf("%s/%d", s.kind, f.seq+1)
		err := f.commit(ctx, next, s)
		taken = err == nil
		return err
	})
	return taken
}
