package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"linli/approval"
	"linli/approval/engagement"
	"linli/approval/onboarding"
)

func prices(from string, services ...onboarding.Service) engagement.Details {
	return engagement.Details{Prices: &engagement.PriceChange{From: from, Services: services, Reason: "食材涨价"}}
}

// leaves lets the operator go once nothing is left to play.
func (w *tenancy) leaves(day string, turn int) {
	w.at(day+" 09:00", "op1", "case.1.operator", approval.Withdraw, engagement.Details{})
	w.reported(day+" 10:00", "2026-05", turn, 0, 0)
	w.moves = w.moves[:len(w.moves)-2]
	w.handsBack(day + " 15:00")
}

// A list the criteria forbid comes back by itself; the next one is confirmed and
// begins on its day, neither before nor after.
func TestPricesChangeFromADayOn(t *testing.T) {
	w := newTenancy(t, nil)
	w.reported("2026-04-02 09:00", "2026-03", 1, 0, 0)
	w.moves = w.moves[:len(w.moves)-2]
	w.at("2026-04-07 09:00", "op1", "pricing.1.operator", approval.Submit, prices("2026-05-01", lunch(1_800, 5)))
	w.at("2026-04-07 10:00", "h1", "pricing.2.community", approval.Approve, engagement.Details{}).wants = approval.NotFound
	w.at("2026-04-07 11:00", "op1", "pricing.3.operator", approval.Submit, prices("2026-05-01", lunch(1_800, 10)))
	w.at("2026-04-08 09:00", "h1", "pricing.4.community", approval.Approve, engagement.Details{})
	w.reported("2026-05-06 09:00", "2026-04", 2, 0, 0)
	w.moves = w.moves[:len(w.moves)-2]
	w.leaves("2026-05-12", 3)

	require.Equal(t, approval.Withdrawn, w.play().Status)
	var announced, changed int
	for _, view := range w.views {
		bulletin := view.Bulletin()
		if bulletin.Next != nil {
			announced++
			require.Equal(t, "2026-05-01", bulletin.Next.From)
			require.Equal(t, approval.Fen(1_500), bulletin.Services[0].Price, "an announced list is not valid yet")
		}
		if bulletin.ValidFrom == "2026-05-01" {
			changed++
			require.Equal(t, approval.Fen(1_620), bulletin.Services[0].Price60)
			require.Equal(t, "2026-04-30", bulletin.Past[0].To)
		}
	}
	require.NotZero(t, announced)
	require.NotZero(t, changed)
	require.Equal(t, civil("2026-05-01 00:00").UTC(), w.shownAt["2026-05-01"], "the public reads the list when its first day begins")
	require.Len(t, w.view.PriceLists, 2)
	require.Equal(t, []string{"h1"}, w.view.PriceLists[1].ConfirmedBy)
}

// A run that began before prices could change goes on as it was; the next run
// adopts the change without losing anything.
func TestARunningEngagementAdoptsTheEditionWithItsNextRun(t *testing.T) {
	w := newTenancy(t, nil)
	w.old = 1
	w.at("2026-04-07 09:00", "op1", "pricing.1.operator", approval.Submit, prices("2026-05-01", lunch(1_800, 10))).wants = approval.NotFound
	for n := range 110 { // fill the run
		w.moves = append(w.moves, tenancyMove{
			at: civil("2026-04-08 09:00").Add(time.Duration(n) * time.Minute), who: "op1", task: "case.1.operator", action: approval.Copy, to: []string{"h1"},
		})
	}
	w.reported("2026-04-14 09:00", "2026-03", 1, 0, 0)
	w.moves = w.moves[:len(w.moves)-2]
	w.at("2026-04-16 09:00", "op1", "pricing.1.operator", approval.Submit, prices("2026-05-01", lunch(1_800, 10)))
	w.at("2026-04-16 10:00", "h1", "pricing.2.community", approval.Approve, engagement.Details{})
	w.reported("2026-05-06 09:00", "2026-04", 2, 0, 0)
	w.moves = w.moves[:len(w.moves)-2]
	w.leaves("2026-05-12", 3)

	result := w.play()
	require.Equal(t, approval.Withdrawn, result.Status)
	require.Equal(t, 2, result.Runs)
	require.Equal(t, "2026-05-01", w.view.PriceLists[1].From)
	require.True(t, w.view.PriceLists[1].Begun)
}
