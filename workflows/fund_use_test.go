package workflows_test

import (
	"testing"

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
	require.Equal(t, []movement{{"refund", "c1/refund", 130_000}}, w.ledger.of("refund"))
	require.Len(t, w.notices, 1)
	require.Equal(t, w.in.Proposal.Hash(), w.notices[0].ContentHash)
	require.Equal(t, "B-c1/payment/1", w.notices[0].Payment.BankReference)
}
