package workflows

import (
	"fmt"

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

// fundUse runs one case.
type fundUse struct {
	*course[*funduse.State]
	called workflow.ReceiveChannel // the bank's callbacks
}

// FundUse is the fund-use procedure (社区发展基金使用), from an accepted
// proposal to the closed case. Nobody outside the procedure can cancel it: a
// case ends by an act on record.
func FundUse(ctx workflow.Context, start funduse.Start) (FundUseResult, error) {
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	f := &fundUse{course: newCourse(ctx, funduse.New(start)), called: workflow.GetSignalChannel(ctx, MessageBankCalled)}
	f.taken, f.followed = f.bookRecovery, f.answerObjections
	if err := f.answer(ctx); err != nil {
		return FundUseResult{}, err
	}
	f.begin(ctx)
	f.run(ctx)
	f.release(ctx) // whatever the case still holds
	f.rest(ctx)
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

// answerObjections makes the answers to objections public. The lock is free by
// now: if that is refused for a while, other acts go on.
func (f *fundUse) answerObjections(ctx workflow.Context, accepted approval.Accepted) {
	f.makePublic(ctx, f.state.Answers(accepted))
}
