package engagement_test

import (
	"testing"
	"time"

	"linli/approval"
	. "linli/approval/engagement"
	"linli/approval/onboarding"
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

// Whoever leaves before the first day owes nothing and reports nothing; on the
// first day it owes that day.
func TestWhoLeavesBeforeTheFirstDayOwesNothing(t *testing.T) {
	for _, c := range []struct {
		leaves string
		days   func(*Start)
		left   int
	}{
		{"2025-12-10", nil, 0}, {"2025-12-31", nil, 0}, {"2026-01-01", nil, 1},
		{"2025-12-31", takenOverAhead, 0},
	} {
		w := begin(t, func(s *Start) {
			s.Share = onboarding.Share{Kind: onboarding.FixedPerYear, Amount: 3_650_000, Period: onboarding.Monthly}
			s.OpenedAt = at("2025-12-10")
			if c.days != nil {
				c.days(s)
			}
		})
		w.until(c.leaves)
		w.do(operator, approval.CaseDesk, SeatOperator, approval.Withdraw, "不再经营", nil)
		if len(w.state.Periods) != c.left || w.has(Reporting, SeatOperator) != (c.left > 0) {
			t.Fatalf("leaving on %s: %+v", c.leaves, w.state.Periods)
		}
		if c.left > 0 {
			if owed := w.state.Periods[0].Amount(w.state.Share, Figures{}); owed != 10_000 {
				t.Fatalf("one day owes %d", owed)
			}
			continue
		}
		w.handBack()
		w.freed()
	}
}

func takenOverAhead(s *Start) {
	s.TakenOver = &TakenOver{SignedOn: "2025-12-01", ConfirmedBy: []string{"u-secretary", "u-subdistrict"}, Papers: papers()}
}

// Where a day lasts seconds, for training, the calendar does not tell what has begun.
func TestARunningPeriodOfAClockThatRunsFasterIsReported(t *testing.T) {
	w := begin(t, func(s *Start) { s.StartsOn, s.EndsOn = "2026-03-01", "2026-12-31" })
	for i := range w.state.Periods {
		w.state.Periods[i].EndsAt = w.now.Add(time.Duration(i+1) * time.Minute)
	}
	w.do(operator, approval.CaseDesk, SeatOperator, approval.Withdraw, "不再经营", nil)
	if len(w.state.Periods) != 1 || !w.has(Reporting, SeatOperator) {
		t.Fatalf("%+v", w.state.Periods)
	}
}
