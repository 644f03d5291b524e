package workflows

import (
	"context"
	"time"

	"go.temporal.io/sdk/workflow"

	"linli/activities"
	"linli/approval"
	"linli/approval/funduse"
	"linli/bank"
)

// screen holds the proposal against the district's criteria and puts the
// money aside.
func (f *fundUse) screen(ctx workflow.Context) {
	evidence := f.evaluate(ctx, funduse.Screening)
	f.record(ctx, step{kind: "screened", evidence: &evidence}, func(next *funduse.State, now time.Time) error {
		next.Screened(evidence, now)
		return nil
	})
	if f.state.Stage == funduse.Screening {
		f.reserve(ctx)
	}
}

// evaluate reads the facts and evaluates a stage of the pinned rule set.
func (f *fundUse) evaluate(ctx workflow.Context, stage approval.Stage) (evidence approval.Evidence) {
	f.pursue(ctx, func() error {
		now := workflow.Now(ctx)
		money, err := local(ctx, effects.Facts, f.state.Question(now))
		if err != nil {
			return err
		}
		evidence, err = remote(ctx, effects.Evaluate, activities.Evaluation{Pin: f.state.Pin, Stage: string(stage), Facts: f.state.Facts(money, now)})
		return err
	})
	return evidence
}

func (f *fundUse) reserve(ctx workflow.Context) {
	var refusal *approval.Error
	f.pursue(ctx, func() error {
		err := lastingDo(ctx, effects.Reserve, funduse.ReserveOrder{
			Key: f.state.ReserveKey(), CaseID: f.caseID, FundID: f.state.Proposal.FundID, EarmarkID: f.state.Proposal.EarmarkID,
			Amount: f.state.Proposal.Amount, At: workflow.Now(ctx),
		})
		if approval.CodeOf(err) == approval.InsufficientFund {
			refusal = approval.Refusal(err)
			return nil
		}
		return err
	})
	if refusal != nil {
		f.advance(ctx, "uncovered", func(next *funduse.State, now time.Time) error {
			next.Uncovered(refusal, now)
			return nil
		})
		return
	}
	f.holdReserve(ctx)
}

// holdReserve notes the reserve even in a case that was withdrawn meanwhile,
// so that finish gives it back.
func (f *fundUse) holdReserve(ctx workflow.Context) {
	f.advance(ctx, "reserved", quietly((*funduse.State).Covered))
	if f.state.Ended() {
		f.amend(func(next *funduse.State) { next.Reserved = true })
	}
}

// release gives back what the case holds, exactly once. It holds the lock, so
// that no act taken meanwhile brings the memory of the reserve back.
func (f *fundUse) release(ctx workflow.Context) {
	if !f.state.Reserved {
		return
	}
	f.insist(ctx, func() error {
		if err := f.lock.Lock(ctx); err != nil {
			return err
		}
		defer f.lock.Unlock()
		order := funduse.ReleaseOrder{Key: f.state.ReleaseKey(), CaseID: f.caseID, Reason: string(f.state.Status), At: workflow.Now(ctx)}
		if err := lastingDo(ctx, effects.Release, order); err != nil {
			return err
		}
		f.amend((*funduse.State).Released)
		return nil
	})
}

// correct waits for the proposer. A case sent back holds no money meanwhile.
func (f *fundUse) correct(ctx workflow.Context) {
	f.release(ctx)
	f.conclude(ctx, funduse.Correction, (*funduse.State).Corrected, "corrected", quietly((*funduse.State).CloseCorrection))
}

// convene freezes the roster; a committee too small to decide stops the case
// until the secretary has completed it.
func (f *fundUse) convene(ctx workflow.Context) {
	if !f.during(ctx, funduse.Roster, (*funduse.State).RosterComplete) {
		return
	}
	var roster []approval.Member
	f.pursue(ctx, func() (err error) {
		roster, err = local(ctx, effects.Committee, activities.RosterQuestion{Community: f.state.Start.Scope, PayeeID: f.state.Proposal.Payee.ID})
		return err
	})
	f.advance(ctx, "convened", func(next *funduse.State, now time.Time) error { return next.Convene(roster, now) })
}

func (f *fundUse) review(ctx workflow.Context) {
	f.conclude(ctx, funduse.Committee, (*funduse.State).Reviewed, "reviewed", (*funduse.State).CloseReview)
}

func (f *fundUse) seekHigherApproval(ctx workflow.Context) {
	f.conclude(ctx, funduse.Higher, (*funduse.State).HigherDecided, "higher", quietly((*funduse.State).CloseHigher))
}

func (f *fundUse) seekCharityApproval(ctx workflow.Context) {
	evidence := f.evaluate(ctx, funduse.CharityReview)
	f.record(ctx, step{kind: "checked", evidence: &evidence}, func(next *funduse.State, now time.Time) error {
		next.AskCharity(evidence, now)
		return nil
	})
	decide := quietly((*funduse.State).CloseCharity)
	for f.conclude(ctx, funduse.CharityReview, (*funduse.State).CharityDecided, "charity", decide) {
	}
}

// pay asks maker and checker and sends the order once both agree.
func (f *fundUse) pay(ctx workflow.Context) {
	f.advance(ctx, "cashier", func(next *funduse.State, now time.Time) error {
		if err := next.PayoutAllowed(); err != nil {
			return err
		}
		next.AskCashier(now)
		return nil
	})
	send := false
	decide := func(next *funduse.State, now time.Time) error {
		if send = next.ClosePayoutTask(now); send {
			return next.PayoutAllowed()
		}
		return nil
	}
	for f.conclude(ctx, funduse.Payout, (*funduse.State).CashierDecided, "payout", decide) {
		if send {
			f.send(ctx)
		}
	}
}

// send moves the money and waits for the bank's definite word.
func (f *fundUse) send(ctx workflow.Context) {
	key, proposal := f.state.PaymentKey(), f.state.Proposal
	f.insist(ctx, func() error {
		return lastingDo(ctx, effects.SendPayment, funduse.SendOrder{
			Key: key, CaseID: f.caseID, PayeeID: proposal.Payee.ID, Amount: proposal.Amount, At: workflow.Now(ctx),
		})
	})
	paid := f.order(ctx, key)
	if paid.Status == bank.Refused {
		f.refused(ctx, key, paid.Reason)
		return
	}
	if refusal := f.settle(ctx, key, paid.BankReference); refusal != nil {
		f.refused(ctx, key, refusal.Message.ZH)
		return
	}
	var note *approval.NoticeNote
	f.advance(ctx, "paid", func(next *funduse.State, now time.Time) error {
		next.MarkPaid(paid.BankReference, now)
		next.AfterPayout(now)
		note = next.PaymentNote(now)
		return nil
	})
	if note != nil {
		f.addNote(ctx, *note)
	}
}

// settle books the payment. What a cashier entered by hand may be refused, such
// as a bank reference that was used before, and is asked for again; what the
// bank itself confirmed is booked however often it takes.
func (f *fundUse) settle(ctx workflow.Context, key, reference string) (refusal *approval.Error) {
	f.insist(ctx, func() error {
		err := lastingDo(ctx, effects.SettlePayment, funduse.SettleOrder{
			Key: key, CaseID: f.caseID, BankReference: reference, Gateway: f.state.Gateway, At: workflow.Now(ctx),
		})
		if refusal = approval.Refusal(err); refusal != nil && f.state.Gateway == funduse.Manual {
			return nil
		}
		refusal = nil
		return err
	})
	return refusal
}

func (f *fundUse) refused(ctx workflow.Context, key, reason string) {
	f.insist(ctx, func() error {
		return lastingDo(ctx, effects.ReturnPayment, funduse.ReturnOrder{Key: key, CaseID: f.caseID, Reason: reason, At: workflow.Now(ctx)})
	})
	f.advance(ctx, "refused", func(next *funduse.State, now time.Time) error {
		next.MarkRefused(reason, now)
		return nil
	})
}

const (
	firstPoll = 2 * time.Second
	lastPoll  = 10 * time.Minute
)

// order gives the order to the bank and asks until the answer is definite. By
// hand, the checker has seen the bank's receipt.
func (f *fundUse) order(ctx workflow.Context, key string) bank.Receipt {
	if f.state.Gateway == funduse.Manual {
		return bank.Receipt{Key: key, Status: bank.Succeeded, BankReference: f.state.Payment.BankReference}
	}
	request := activities.PaymentRequest{
		Key: key, CaseID: f.caseID, FundID: f.state.Proposal.FundID, PayeeID: f.state.Proposal.Payee.ID,
		Amount: f.state.Proposal.Amount, Purpose: f.state.Proposal.Title,
	}
	receipt := f.call(ctx, effects.Pay, request)
	for wait := firstPoll; !receipt.Status.Final(); wait = min(2*wait, lastPoll) {
		f.untilCalled(ctx, wait)
		receipt = f.call(ctx, effects.AskBank, request)
	}
	return receipt
}

func (f *fundUse) call(ctx workflow.Context, bankDoes func(context.Context, activities.PaymentRequest) (bank.Receipt, error), request activities.PaymentRequest) (receipt bank.Receipt) {
	f.insist(ctx, func() (err error) {
		receipt, err = remote(ctx, bankDoes, request)
		return err
	})
	return receipt
}

// untilCalled waits, at most so long, for the bank to call.
// The call is only a hint: what counts is the answer to our own question.
func (f *fundUse) untilCalled(ctx workflow.Context, wait time.Duration) {
	timer, stop := workflow.WithCancel(ctx)
	defer stop()
	selector := workflow.NewSelector(ctx)
	selector.AddReceive(f.called, func(c workflow.ReceiveChannel, _ bool) { c.Receive(ctx, nil) })
	selector.AddFuture(workflow.NewTimer(timer, wait), func(workflow.Future) {})
	selector.Select(ctx)
}

// publish puts the notice up, lets its clock run and hears objections.
func (f *fundUse) publish(ctx workflow.Context) {
	stage := f.state.Stage
	f.course.publish(ctx, func(now time.Time) approval.Notice { return f.state.DraftNotice(now) })
	f.conclude(ctx, stage, (*funduse.State).NoticeOver, "noticed", quietly((*funduse.State).CloseNotice))
}

// disclose asks for a report every three months while the project runs.
func (f *fundUse) disclose(ctx workflow.Context) {
	for due := f.state.NextDisclosure(); !due.IsZero(); due = f.state.NextDisclosure() {
		_ = workflow.Sleep(ctx, due.Sub(workflow.Now(ctx)))
		f.advance(ctx, "disclosure_due", quietly((*funduse.State).AskDisclosure))
		var note approval.NoticeNote
		f.conclude(ctx, funduse.Disclosure, (*funduse.State).DisclosureMade, "disclosed", func(next *funduse.State, now time.Time) error {
			note = next.CloseDisclosure(now)
			return nil
		})
		f.addNote(ctx, note)
	}
	f.advance(ctx, "disclosures_over", quietly((*funduse.State).EndDisclosures))
}

// accept hears the closing report and the supervisor, takes unused money back
// and closes the case.
func (f *fundUse) accept(ctx workflow.Context) {
	f.advance(ctx, "acceptance", quietly((*funduse.State).AskAcceptance))
	complete := false
	decide := func(next *funduse.State, now time.Time) error {
		complete = next.CloseAcceptanceTask(now)
		return nil
	}
	for f.conclude(ctx, funduse.Acceptance, (*funduse.State).AcceptanceDecided, "accepted", decide) {
		if complete {
			f.close(ctx)
		}
	}
}

func (f *fundUse) close(ctx workflow.Context) {
	if refund := f.state.Refund(workflow.Now(ctx)); refund != nil {
		if err := lastingDo(ctx, effects.RefundUnused, *refund); err != nil {
			f.record(ctx, step{kind: "refund_refused", note: err.Error()}, quietly((*funduse.State).RefundRefused))
			return
		}
	}
	var note approval.NoticeNote
	f.advance(ctx, "closed", func(next *funduse.State, now time.Time) error {
		note = next.Complete(now)
		return nil
	})
	f.addNote(ctx, note)
}

func (f *fundUse) addNote(ctx workflow.Context, note approval.NoticeNote) {
	f.insist(ctx, func() error { return lastingDo(ctx, effects.AddNote, note) })
}
