package workflows_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"linli/approval"
	"linli/approval/engagement"
)

// Whoever reports, confirms and pays reads in the copy that it was done: it does
// not wait until the ledger has booked it.
func TestTheCopyOfAnEngagementFollowsEveryStep(t *testing.T) {
	w := newTenancy(t, nil)
	w.reported("2026-04-01 10:00", "2026-03", 1, 1_000_000, 50_000)
	w.at("2026-04-03 09:00", "op1", "case.1.operator", approval.Withdraw, engagement.Details{})
	w.handsBack("2026-04-03 10:00")
	w.reported("2026-04-03 11:00", "2026-04", 2, 1_000_000, 50_000)
	w.play()
	var march []engagement.PeriodStatus
	for _, view := range w.views {
		for _, period := range view.Periods {
			if period.Name == "2026-03" {
				march = append(march, period.Status)
			}
		}
	}
	require.Equal(t, []engagement.PeriodStatus{
		engagement.Running, engagement.Due, engagement.Reported, engagement.Confirmed, engagement.Paid, engagement.Settled,
	}, slices.Compact(march))
}
