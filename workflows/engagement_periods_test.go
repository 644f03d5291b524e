package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"linli/approval"
	"linli/approval/engagement"
	"linli/approval/onboarding"
)

// A share that was agreed by the quarter is reported by the quarter, also in a
// district that likes to hear every month.
func TestAQuarterlyContractIsReportedByTheQuarter(t *testing.T) {
	w := newTenancy(t, func(s *engagement.Start) { s.Share.Period, s.Parameters.ReportMonths = onboarding.Quarterly, 1 })
	w.reported("2026-04-01 09:00", "2026-Q1", 1, 1_000_000, 50_000)
	w.at("2026-04-02 09:00", "op1", "case.1.operator", approval.Withdraw, engagement.Details{})
	w.reported("2026-04-02 10:00", "2026-Q2", 2, 0, 0)
	w.moves = w.moves[:len(w.moves)-2]
	w.handsBack("2026-04-02 15:00")

	require.Equal(t, approval.Withdrawn, w.play().Status)
	require.Len(t, w.view.Periods, 2)
	require.Equal(t, "2026-03-02", w.view.Periods[0].From)
}
