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
	state   *funduse.State
	called  workflow.ReceiveChannel // the bank's callbacks
	blocked *approval.Error         // why the case cannot go on by itself
}

// FundUse is the fund-use procedure (社区发展基金使用), from an accepted
// proposal to the closed case. Nobody outside the procedure can cancel it: a
// case ends by an act on record.
func FundUse(ctx workflow.Context, start funduse.Start) (FundUseResult, error) {
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	f := &fundUse{journal: newJournal(ctx, start.CaseID), state: funduse.New(start), called: workflow.GetSignalChannel(ctx, MessageBankCalled)}
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

// act takes one act. The check is repeated under the lock, because another act
// may have been taken since the validator passed this one.
func (f *fundUse) act(ctx workflow.Context, act approval.Act) (approval.Receipt, error) {
	// An act that was accepted is finished even if the run is cancelled meanwhile.
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	if err := f.lock.Lock(ctx); err != nil {
		return approval.Receipt{}, err
	}
	defer f.lock.Unlock()
	now := workflow.Now(ctx)
	if err := f.state.Check(act, now); err != nil {
		return approval.Receipt{}, ToWire(err)
	}
	if done := f.state.Desk.Done(act.ID); done != nil {
		return receipt(*done, f.caseID, f.state.Stage), nil
	}
	next := f.state.Clone()
	accepted := next.Apply(act, f.seq+1, now)
	notify := next.Messages(accepted)
	if err := f.commit(ctx, next, step{kind: "acted", key: act.ID, act: &act, notify: notify}); err != nil {
		return approval.Receipt{}, ToWire(err)
	}
	f.follow(ctx, accepted)
	return receipt(accepted, f.caseID, f.state.Stage), nil
}

// follow carries out what an accepted act means outside the case: the public
// answer to an objection, money that was recovered.
func (f *fundUse) follow(ctx workflow.Context, accepted approval.Accepted) {
	if answer := f.state.Answer(accepted); answer != nil {
		f.insist(ctx, func() error { return localDo(ctx, effects.AnswerObjection, *answer) })
	}
	if recovery := f.state.Recovery(accepted); recovery != nil {
		f.insist(ctx, func() error { return localDo(ctx, effects.Recover, *recovery) })
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

// advance changes the case by one recorded step of the procedure itself.
func (f *fundUse) advance(ctx workflow.Context, kind string, change func(next *funduse.State, now time.Time) error) {
	f.record(ctx, step{kind: kind}, change)
}

func (f *fundUse) record(ctx workflow.Context, s step, change func(next *funduse.State, now time.Time) error) {
	f.insist(ctx, func() error {
		if err := f.lock.Lock(ctx); err != nil {
			return err
		}
		defer f.lock.Unlock()
		if f.state.Ended() {
			return nil // withdrawn or terminated while the step was on its way
		}
		next := f.state.Clone()
		if err := change(next, workflow.Now(ctx)); err != nil {
			return err
		}
		s.key = fmt.Sprintf("%s/%d", s.kind, f.seq+1)
		return f.commit(ctx, next, s)
	})
}

const (
	firstRetry = time.Minute
	lastRetry  = time.Hour
)

// insist repeats a step of the procedure that is refused, such as one that
// needs a calendar year nobody has loaded, until it is not. The case stands
// still meanwhile and says why.
func (f *fundUse) insist(ctx workflow.Context, try func() error) {
	for wait := firstRetry; ; wait = min(2*wait, lastRetry) {
		err := try()
		if err == nil {
			f.blocked = nil
			return
		}
		f.blocked = approval.Refusal(err)
		if f.blocked == nil {
			f.blocked = approval.Errorf(approval.Unavailable, "系统暂时无法继续办理此事项。", "The system cannot go on with this case for now: %[1]s", err)
		}
		workflow.GetLogger(ctx).Error("The case stands still.", "case", f.caseID, "code", f.blocked.Code)
		_ = workflow.Sleep(ctx, wait)
	}
}

// during waits at a stage until it is decided, ringing reminders and due times
// on the way. It reports whether the case is still at that stage.
func (f *fundUse) during(ctx workflow.Context, stage approval.Stage, decided func(*funduse.State) bool) bool {
	settled := func() bool { return f.state.Stage != stage || decided(f.state) }
	for !settled() {
		alarm := f.state.NextAlarm()
		sooner := func() bool {
			next := f.state.NextAlarm()
			return !next.IsZero() && (alarm.IsZero() || next.Before(alarm))
		}
		if alarm.IsZero() {
			_ = workflow.Await(ctx, func() bool { return settled() || sooner() })
			continue
		}
		ready, _ := workflow.AwaitWithTimeout(ctx, alarm.Sub(workflow.Now(ctx)), func() bool { return settled() || sooner() })
		if !ready {
			f.ring(ctx)
		}
	}
	return f.state.Stage == stage
}

// ring lets the clock speak: it reminds and escalates, it never decides.
func (f *fundUse) ring(ctx workflow.Context) {
	s := step{kind: "clock"}
	f.insist(ctx, func() error {
		if err := f.lock.Lock(ctx); err != nil {
			return err
		}
		defer f.lock.Unlock()
		next := f.state.Clone()
		s.notify = nil
		for _, task := range next.Ring(workflow.Now(ctx)) {
			s.notify = append(s.notify, funduse.Alert(task)...)
		}
		s.key = fmt.Sprintf("%s/%d", s.kind, f.seq+1)
		return f.commit(ctx, next, s)
	})
}
