package funduse

import (
	"fmt"
	"slices"
	"time"

	"linli/approval"
)

// PaymentStatus is how far the money got.
type PaymentStatus string

// The states of the payment.
const (
	NotSent PaymentStatus = ""
	Sent    PaymentStatus = "sent" // on its way; the outcome is not known yet
	Paid    PaymentStatus = "paid"
)

// PaymentState is the one payment of a case (I2). Attempt counts orders to the
// bank: a new attempt, with a new key, is made only after the bank definitely
// refused the one before.
type PaymentState struct {
	Status        PaymentStatus `json:"status,omitempty"`
	Attempt       int           `json:"attempt,omitempty"`
	Maker         string        `json:"maker,omitempty"`
	Checker       string        `json:"checker,omitempty"`
	BankReference string        `json:"bank_reference,omitempty"`
	Refusal       string        `json:"refusal,omitempty"` // the bank's reason for refusing the last attempt
	PaidAt        time.Time     `json:"paid_at,omitzero"`
	Recovered     approval.Fen  `json:"recovered,omitempty"` // came back after upheld objections
}

// PayoutAllowed is invariant I1 and I5 in one place: no payout without a
// committee of at least three eligible members that voted with a quorum and
// passed, the higher approvals the rules asked for, and the charity's approval,
// all on the proposal's content hash; the money put aside, a notice before
// payout run to its end; and proposer, charity officers, maker and checker all
// different people.
func (s *State) PayoutAllowed() error {
	if s.ContentHash != s.Proposal.Hash() {
		return approval.Errorf(approval.Conflict, "申请内容与其摘要不符。", "The proposal does not match its content hash.")
	}
	verdict, err := s.tally(true)
	if err != nil {
		return err
	}
	if verdict.Outcome != approval.VotePassed || verdict.Eligible < approval.CityFloor().MinEligible {
		return approval.Errorf(approval.Conflict, "管委会未有效通过。", "The committee has not validly passed it.")
	}
	for _, act := range s.Acts {
		if act.Stage == Committee && act.Kind == approval.Vote && act.Round == s.Round(Committee) &&
			choices[act.Action] != "" && act.ContentHash != s.ContentHash {
			return approval.Errorf(approval.Conflict, "表决所依据的内容与申请不一致。", "A ballot was cast on other content.")
		}
	}
	if err := s.higherApproved(); err != nil {
		return err
	}
	if s.Parameters.Notice.BeforePayout && !s.noticed() {
		return approval.Errorf(approval.Conflict, "付款前公示尚未期满。", "The notice before payout has not run its time.")
	}
	if !s.Reserved {
		return approval.Errorf(approval.Conflict, "资金尚未预留。", "The money is not put aside.")
	}
	return s.charityApproved()
}

func (s *State) higherApproved() error {
	for _, level := range s.levels() {
		if act := s.DecisionOf(Higher, level); act == nil || act.Action != approval.Approve || act.ContentHash != s.ContentHash {
			return approval.Errorf(approval.Conflict, "上级尚未就此内容审批通过。", "A higher approval of this content is missing.")
		}
	}
	return nil
}

func (s *State) charityApproved() error {
	var officers []string
	for n := 1; n <= s.officersNeeded(); n++ {
		act := s.DecisionOf(CharityReview, officerSeat(n))
		if act == nil || act.Action != approval.Approve || act.ContentHash != s.ContentHash {
			return approval.Errorf(approval.Conflict, "慈善总会尚未就此内容审批通过。", "The charity has not approved this content.")
		}
		officers = append(officers, act.Person, act.For)
	}
	people := append([]string{s.Proposer, s.Payment.Maker, s.Payment.Checker}, officers...)
	people = slices.DeleteFunc(people, func(p string) bool { return p == "" })
	slices.Sort(people)
	if len(slices.Compact(slices.Clone(people))) != len(people) {
		return approval.Errorf(approval.SamePerson, "申请、审批与付款不能由同一人办理。", "Proposing, approving and paying must be done by different people.")
	}
	return nil
}

// AskCashier opens the maker's task for the next attempt.
func (s *State) AskCashier(now time.Time) {
	s.Payment.Maker, s.Payment.Checker = "", ""
	s.Ask(now, Payout, approval.Task{
		Seat: SeatMaker, Kind: approval.Decision, Role: approval.Cashier,
		Excluded: s.uninvolved(), Days: s.Parameters.Deadlines.Payout,
		Actions: []approval.Action{approval.Approve, approval.Return, approval.Reassign},
	})
}

// uninvolved lists who must not touch the payment.
func (s *State) uninvolved() []string {
	return append([]string{s.Proposer}, s.officers()...)
}

// CashierDecided reports whether the open payout task has been decided.
func (s *State) CashierDecided() bool { return len(s.OpenAt(Payout)) == 0 }

// ClosePayoutTask moves on after the maker's or the checker's act and reports
// whether the order goes to the bank now. From then on the case can no longer
// be withdrawn or terminated.
func (s *State) ClosePayoutTask(now time.Time) (send bool) {
	maker, checker := s.DecisionOf(Payout, SeatMaker), s.DecisionOf(Payout, SeatChecker)
	switch {
	case s.Stage != Payout || s.Payment.Status != NotSent || maker == nil:
		return false // stopped meanwhile, or sent already: a second order would be a second payment (I2)
	case maker.Action == approval.Return:
		s.turnBack(*maker, now)
	case checker == nil:
		s.Payment.Maker, s.Payment.BankReference = maker.Person, reference(*maker)
		s.Ask(now, Payout, approval.Task{
			Seat: SeatChecker, Kind: approval.Decision, Role: approval.PaymentChecker,
			Excluded: append(s.uninvolved(), maker.Person, maker.For), Days: s.Parameters.Deadlines.Payout,
			Actions: []approval.Action{approval.Approve, approval.Reject, approval.Reassign},
		})
	case checker.Action == approval.Reject:
		s.enter(Payout, now)
		s.AskCashier(now)
	default:
		s.Payment.Checker, s.Payment.Status = checker.Person, Sent
		s.Payment.Attempt++
		return true
	}
	return false
}

func reference(act approval.Accepted) string {
	form, _ := details(approval.Act{Form: act.Form})
	return form.BankReference
}

// PaymentKey is the idempotency key of the running attempt, at the bank and in
// the ledger.
func (s *State) PaymentKey() string {
	return fmt.Sprintf("%s/payment/%d", s.Start.CaseID, s.Payment.Attempt)
}

// MarkPaid takes the bank's confirmation of the order under way; there is no
// other to confirm.
func (s *State) MarkPaid(bankReference string, at time.Time) {
	if s.Payment.Status != Sent {
		return
	}
	s.Payment.Status, s.Payment.BankReference, s.Payment.PaidAt, s.Payment.Refusal = Paid, bankReference, at, ""
	s.Reserved = false
}

// MarkRefused takes the bank's definite refusal of the order under way: the
// cashier decides anew. It never undoes a payment.
func (s *State) MarkRefused(reason string, now time.Time) {
	if s.Payment.Status != Sent {
		return
	}
	s.Payment.Status, s.Payment.Refusal = NotSent, reason
	s.enter(Payout, now)
	s.AskCashier(now)
}

// AfterPayout moves a paid case on: to the notice, or past it where the notice
// came first.
func (s *State) AfterPayout(now time.Time) {
	if s.noticed() {
		s.enter(s.afterNotice(), now)
		return
	}
	s.enter(NoticeAfter, now)
}
