package e2e

import (
	"testing"
	"time"

	"linli/approval"
	"linli/approval/engagement"
	"linli/approval/onboarding"
	"linli/standalone/e2e/stack"
)

// An operator leaves, reports its quarter late and never pays: the subdistrict is
// asked about either, closes what stays open, and the space is free.
func TestALateReportWithoutAPaymentIsClosed(t *testing.T) {
	t.Parallel()
	w := open(t, stack.Options{DayLength: 500 * time.Millisecond})
	e := w.engage("zd", "c_e2e_unpaid", 12, func(start *engagement.Start) {
		start.Share.Period, start.Parameters.ReportMonths = onboarding.Quarterly, 1
		start.Parameters.ReportDays, start.Parameters.DonationDays = 3, 3
	})
	e.withdraws()
	e.handsBack()
	w.task("zd-street", e.id, engagement.Reporting, engagement.SeatArrears)
	quarter := e.shown("the exit", func(v engagement.View) bool { return v.Stage == engagement.Exit }).Periods[0].Name
	e.act(e.id, deed{as: e.operator, stage: engagement.Reporting, seat: engagement.SeatOperator, do: approval.Submit, details: e.report(quarter, 100_000, 30_000)})
	e.act(e.id, deed{as: "zd-handler", stage: engagement.Reporting, seat: engagement.SeatCommunity, do: approval.Approve})
	e.act(e.id, deed{as: "zd-street", stage: engagement.Reporting, seat: engagement.SeatArrears + "-payment", do: approval.Approve, comment: "失联，另行追缴（示例）"})
	e.ends(e.id, approval.Withdrawn)
	view := e.shown("the end", func(v engagement.View) bool { return v.Status == approval.Withdrawn })
	if len(view.Periods) != 1 || view.Periods[0].Status != engagement.Unsettled || len(quarter) != len("2026-Q4") || view.Given != 0 {
		t.Fatalf("given %d, %+v", view.Given, view.Periods)
	}
	e.keeps("engagement_unpaid")
}
