package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"linli/approval"
	"linli/approval/funduse"
)

func TestACaseGoesFromProposalToClosing(t *testing.T) {
	w := newWorld(t, nil)
	w.inOrder(hour, decided()...)
	w.closes(report("1", 130_000), accepted("1"), move{
		who: "off2", task: "acceptance.1.refund", action: approval.Submit, details: funduse.Details{BankReference: "R1", Amount: 130_000},
	})

	result := w.play()

	require.Equal(t, approval.Completed, result.Status)
	require.Len(t, w.orders, 1)
	require.EqualValues(t, 420_000, w.orders[0].Amount)
	require.Equal(t, []movement{{"settle", "c1/payment/1", 420_000}}, w.ledger.of("settle"))
	require.Equal(t, []movement{{"refund", "c1.acceptance.1.refund", 130_000}}, w.ledger.of("refund"))
	require.Len(t, w.notices, 1)
	require.Equal(t, w.in.Proposal.Hash(), w.notices[0].ContentHash)
	require.Equal(t, "B-c1/payment/1", w.notices[0].Payment.BankReference)
}

// What an ordinary case puts into its history is budgeted: on a real server
// these steps came to some hundred events. Every timer of a stage that is
// decided in time must be stopped, or it wakes the case for nothing.
func TestAnOrdinaryCaseStaysSmall(t *testing.T) {
	w := newWorld(t, nil)
	timers := map[string]int{}
	w.env.SetOnTimerScheduledListener(func(string, time.Duration) { timers["started"]++ })
	w.env.SetOnTimerFiredListener(func(string) { timers["fired"]++ })
	w.env.SetOnTimerCanceledListener(func(string) { timers["cancelled"]++ })
	w.inOrder(hour, decided()...)
	w.inOrder(w.after("2026-03-10 09:00"), report("1", 0), accepted("1"))

	result := w.play()

	require.Equal(t, 25, result.Steps)
	require.Equal(t, 2, w.calls["Evaluate"])
	require.Equal(t, map[string]int{"started": 7, "fired": 1, "cancelled": 6}, timers)
	total := 0
	for _, n := range w.calls {
		total += n
	}
	require.LessOrEqual(t, total, 36, "effects, each at least one event: %v", w.calls)
}
