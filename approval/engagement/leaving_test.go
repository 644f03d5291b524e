package engagement_test

import (
	"testing"

	"linli/approval"
	. "linli/approval/engagement"
)

// paysNeither leaves with the report of January late, and then does not pay
// what the late report comes to.
func (w *world) paysNeither() {
	w.t.Helper()
	w.until("2026-01-15")
	w.do(operator, approval.CaseDesk, SeatOperator, approval.Withdraw, "不再经营", nil)
	w.handBack()
	w.until("2026-03-01")
	if !w.has(Reporting, SeatArrears) {
		w.t.Fatal("nobody is asked about the late report")
	}
	w.do(operator, Reporting, SeatOperator, approval.Submit, "", Details{Report: &Report{
		Period: "2026-01", Figures: Figures{Revenue: fen(1_000_000), Profit: fen(100_000)}, Share: 30_000, Papers: papers(),
	}})
	if w.has(Reporting, SeatArrears) {
		w.t.Fatal("the late report leaves its arrears open")
	}
	w.do(person(approval.Handler), Reporting, SeatCommunity, approval.Approve, "", nil)
	w.until("2026-06-01")
}

// closed lets the subdistrict close what is not paid; then the space is free.
func (w *world) closed() {
	w.t.Helper()
	w.do(person(approval.SubdistrictApprover), Reporting, "arrears-payment", approval.Approve, "失联，另行追缴", nil)
	if w.state.Periods[0].Status != Unsettled || w.has(Reporting, SeatPayment) {
		w.t.Fatalf("%+v", w.state.Periods[0])
	}
	w.freed()
}

func TestALateReportAndThenNoPaymentIsClosedByTheSubdistrict(t *testing.T) {
	w := begin(t, nil)
	w.paysNeither()
	w.closed()
}

// A payment the charity sends back and that then stays out has arrears of its own.
func TestAReturnedPaymentThatStaysOutIsClosedByTheSubdistrict(t *testing.T) {
	w := begin(t, nil)
	w.paysNeither()
	w.do(operator, Reporting, SeatPayment, approval.Submit, "", Details{Payment: &Payment{BankReference: "B1", PaidOn: "2026-06-01"}})
	if w.has(Reporting, "arrears-payment") {
		t.Fatal("the late payment leaves its arrears open")
	}
	w.do(person(approval.CharityOfficer), Reporting, SeatCharity, approval.Return, "款项未到账", nil)
	w.until("2026-09-01")
	w.closed()
}

// Before edition 2 an engagement was left hanging there; adopting it frees it,
// folded or not.
func TestAForgottenEngagementIsFreedByTheEdition(t *testing.T) {
	for _, edition := range []int{0, 1} {
		for _, folded := range []bool{false, true} {
			w := adopted(t, edition, nil)
			w.paysNeither()
			if folded {
				w.state.Fold()
				w.settled()
			}
			if w.has(Reporting, SeatArrears) || w.has(Reporting, "arrears-payment") || !w.state.Forgotten() {
				t.Fatal("the recorded histories say otherwise")
			}
			w.state.Adopt(Edition, w.now)
			w.settled()
			if w.state.Forgotten() {
				t.Fatal("still forgotten")
			}
			w.closed()
		}
	}
}
