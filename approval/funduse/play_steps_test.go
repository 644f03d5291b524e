package funduse_test

import (
	"slices"

	"linli/approval"
	"linli/approval/funduse"
)

// step moves the case on by one step of the procedure; false if the case
// waits.
func (p *play) step() bool {
	p.Helper()
	if p.s.Ended() {
		return p.giveBack()
	}
	switch p.s.Stage {
	case funduse.Screening:
		return p.screen()
	case funduse.Correction:
		return p.giveBack() || p.when(p.s.Corrected(), func(next *funduse.State) { next.CloseCorrection(p.now) })
	case funduse.Roster:
		return p.when(p.s.RosterComplete(), p.convene)
	case funduse.Committee:
		return p.when(p.s.Reviewed(), func(next *funduse.State) { p.must(next.CloseReview(p.now)) })
	case funduse.Higher:
		return p.when(p.s.HigherDecided(), func(next *funduse.State) { next.CloseHigher(p.now) })
	case funduse.CharityReview:
		return p.charity()
	case funduse.Payout:
		return p.pay()
	case funduse.NoticeBefore, funduse.NoticeAfter:
		return p.notice()
	case funduse.Disclosure:
		return p.disclose()
	case funduse.Acceptance:
		return p.accept()
	}
	p.Fatalf("no step at %s", p.s.Stage)
	return false
}

func (p *play) when(decided bool, change func(next *funduse.State)) bool {
	p.Helper()
	if decided {
		p.advance(change)
	}
	return decided
}

func (p *play) must(err error) {
	p.Helper()
	if err != nil {
		p.Fatalf("%v", err)
	}
}

func (p *play) giveBack() bool {
	return p.when(p.s.Reserved, func(next *funduse.State) {
		next.Released()
		p.released++
	})
}

func (p *play) screen() bool {
	evidence := p.evidence(funduse.Screening)
	p.advance(func(next *funduse.State) { next.Screened(evidence, p.now) })
	if p.s.Stage != funduse.Screening {
		return true
	}
	p.advance(func(next *funduse.State) {
		if p.short > 0 {
			p.short--
			next.Uncovered(funduse.Short(p.s.Proposal.Amount, 1), p.now)
			return
		}
		p.reserved++
		next.Covered(p.now)
	})
	return true
}

func (p *play) convene(next *funduse.State) {
	round := p.round(funduse.Committee)
	p.must(next.Convene(slices.Clone(p.roster), p.now))
	for _, entered := range next.Rounds {
		if entered.Stage == funduse.Committee && entered.N > round {
			p.convened = append(p.convened, convening{roster: slices.Clone(p.roster), acts: len(next.Acts)})
		}
	}
}

func (p *play) charity() bool {
	if !p.asked(funduse.CharityReview, "") {
		evidence := p.evidence(funduse.CharityReview)
		p.advance(func(next *funduse.State) { next.AskCharity(evidence, p.now) })
		return true
	}
	return p.when(p.s.CharityDecided(), func(next *funduse.State) { next.CloseCharity(p.now) })
}

func (p *play) pay() bool {
	switch {
	case p.s.Payment.Status == funduse.Sent:
		p.advance(p.settle)
		return true
	case !p.asked(funduse.Payout, ""):
		p.must(p.s.PayoutAllowed())
		p.advance(func(next *funduse.State) { next.AskCashier(p.now) })
		return true
	}
	return p.when(p.s.CashierDecided(), func(next *funduse.State) {
		if next.ClosePayoutTask(p.now) {
			p.must(next.PayoutAllowed())
			p.sent++
			p.keys = append(p.keys, next.PaymentKey())
		}
	})
}

// settle is the bank's definite word on the running attempt.
func (p *play) settle(next *funduse.State) {
	if len(p.bank) > 0 {
		next.MarkRefused(p.bank[0], p.now)
		p.bank = p.bank[1:]
		return
	}
	reference := next.Payment.BankReference
	if next.Gateway == funduse.HTTP {
		reference = "bank:" + next.PaymentKey()
	}
	p.settled++
	next.MarkPaid(reference, p.now)
	next.AfterPayout(p.now)
}

func (p *play) notice() bool {
	if !p.asked(p.s.Stage, approval.SeatPublic) {
		notice := p.s.DraftNotice(p.now)
		notice.EndsAt = p.now.AddDate(0, 0, notice.Days)
		p.notices = append(p.notices, notice)
		p.advance(func(next *funduse.State) { next.Published(notice) })
		return true
	}
	return p.when(p.s.NoticeOver(), func(next *funduse.State) { next.CloseNotice(p.now) })
}

func (p *play) disclose() bool {
	due := p.s.NextDisclosure()
	switch {
	case due.IsZero():
		p.advance(func(next *funduse.State) { next.EndDisclosures(p.now) })
		return true
	case p.asked(funduse.Disclosure, quarter(p.s.Disclosed+1)):
		return p.when(p.s.DisclosureMade(), func(next *funduse.State) { p.notes = append(p.notes, next.CloseDisclosure(p.now)) })
	}
	return p.when(!due.After(p.now), func(next *funduse.State) { next.AskDisclosure(p.now) })
}

func (p *play) accept() bool {
	if !p.asked(funduse.Acceptance, "") {
		p.advance(func(next *funduse.State) { next.AskAcceptance(p.now) })
		return true
	}
	return p.when(p.s.AcceptanceDecided(), func(next *funduse.State) {
		if !next.CloseAcceptanceTask(p.now) {
			return
		}
		if refund := next.Refund(p.now); refund != nil {
			p.refunds = append(p.refunds, *refund)
		}
		p.notes = append(p.notes, next.Complete(p.now))
	})
}

// open lists the open tasks that offer the action, those the person may act
// on last.
func (p *play) open(person approval.Person, action approval.Action) []approval.Task {
	var theirs, others []approval.Task
	for _, task := range p.s.Tasks {
		switch {
		case task.Status != approval.TaskOpen || !task.Offers(action):
		case task.Eligible(person, action) == nil:
			theirs = append(theirs, task)
		default:
			others = append(others, task)
		}
	}
	return append(others, theirs...)
}
