package e2e

import (
	"testing"
	"time"

	"linli/approval"
	"linli/approval/funduse"
	"linli/bank"
	"linli/bank/sandbox"
	"linli/standalone/e2e/stack"
)

// TestBankNasty lets the bank behave as badly as banks do. Whatever it does,
// a case is paid once and ledger, bank, notice and history agree.
func TestBankNasty(t *testing.T) {
	t.Parallel()
	w := open(t, stack.Options{DayLength: 2 * time.Second})
	before := w.balance("zd").Total.Amount
	payouts := []struct {
		name    string
		program sandbox.Program
		again   bool // the bank refuses, the cashier pays again
	}{
		{name: "booked, then no answer", program: queue(sandbox.Behaviour{After: sandbox.Hang})},
		{name: "lost on the way, broken off, booked, lost on the way back", program: queue(
			sandbox.Behaviour{Before: sandbox.Error}, sandbox.Behaviour{Before: sandbox.Reset}, sandbox.Behaviour{After: sandbox.Error})},
		{name: "called back six times and out of order", program: queue(sandbox.Behaviour{
			Processing: sandbox.Duration(300 * time.Millisecond), Callback: sandbox.CallbackManner{Copies: 5, Reorder: true}})},
		{name: "processing, never called back", program: queue(sandbox.Behaviour{
			Processing: sandbox.Duration(time.Second), Callback: sandbox.CallbackManner{Drop: true}})},
		{name: "refused, then paid", program: queue(sandbox.Behaviour{Refuse: "账户状态异常，已退回"}), again: true},
	}
	var cases []string
	for _, payout := range payouts {
		caseID := w.propose("zd", w.draft("zd", 10_000, "application", "budget"))
		w.approve("zd", caseID)
		if err := w.Bank.Behave(payout.program); err != nil {
			t.Fatal(err)
		}
		w.pay(caseID)
		if payout.again {
			w.checkRefused("zd", caseID)
			w.pay(caseID)
		}
		w.reach(caseID, funduse.NoticeAfter)
		cases = append(cases, caseID)
	}
	for i, caseID := range cases {
		w.finish(caseID, "zd", 0)
		t.Log(payouts[i].name)
		w.agree("zd", caseID, spending{paid: 10_000})
	}
	if spent := before - w.balance("zd").Total.Amount; spent != approval.Fen(len(cases))*10_000 {
		t.Errorf("the fund spent %d fen in %d cases of 10000", spent, len(cases))
	}
	totals := w.Book(t).Totals
	if totals.Succeeded.Orders != len(cases) || totals.Succeeded.Amount != int64(len(cases))*10_000 || totals.Refused.Orders != 1 {
		t.Errorf("the bank's totals: %+v", totals)
	}
}

func queue(behaviours ...sandbox.Behaviour) sandbox.Program {
	return sandbox.Program{Queue: behaviours}
}

// approve takes a case of Zhangdian's size from committee to payout.
func (w *world) approve(at, caseID string) {
	w.t.Helper()
	for _, member := range []string{"-m1", "-m2"} {
		w.act(caseID, deed{as: at + member, stage: funduse.Committee, seat: "@" + at + member, do: approval.Approve})
	}
	w.act(caseID, deed{as: "zb-officer1", stage: funduse.CharityReview, seat: "officer-1", do: approval.Approve})
}

// pay lets maker and checker agree to the next attempt.
func (w *world) pay(caseID string) {
	w.t.Helper()
	w.act(caseID, deed{as: "zb-cashier", stage: funduse.Payout, seat: funduse.SeatMaker, do: approval.Approve})
	w.act(caseID, deed{as: "zb-checker", stage: funduse.Payout, seat: funduse.SeatChecker, do: approval.Approve})
}

// checkRefused: after a definite no the money is back in the reserve and the
// cashier decides anew.
func (w *world) checkRefused(at, caseID string) {
	w.t.Helper()
	w.task("zb-cashier", caseID, funduse.Payout, funduse.SeatMaker)
	refused := 0
	for _, payment := range w.Book(w.t).Payments {
		if payment.CaseID == caseID && payment.Receipt.Status == bank.Refused {
			refused++
		}
	}
	held := w.balance(at)
	if refused != 1 || held.Transit.Amount != 0 || held.Reserved.Amount != 10_000 {
		w.t.Errorf("after %d refusals the fund holds %+v", refused, held)
	}
}
