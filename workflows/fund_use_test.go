package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"linli/approval"
	"linli/approval/funduse"
)

const hour = time.Hour

func ballots(round string) []move {
	return []move{
		{who: "m1", task: "committee." + round + ".m1", action: approval.Approve},
		{who: "m2", task: "committee." + round + ".m2", action: approval.Approve},
	}
}

var payment = []move{
	{who: "cash", task: "payout.1.maker", action: approval.Approve},
	{who: "check", task: "payout.1.checker", action: approval.Approve},
}

var charity = []move{{who: "off1", task: "charity.1.officer-1", action: approval.Approve}}

var closing = []move{
	{who: "h1", task: "acceptance.1.applicant", action: approval.Submit, details: funduse.Details{
		Attachments: []funduse.Attachment{{ID: "a1", Kind: "acceptance", Name: "验收单.pdf", SHA256: "aa", Size: 1}}, Unused: 130_000}},
	{who: "super", task: "acceptance.1.supervisor", action: approval.Approve},
	{who: "off2", task: "acceptance.1.refund", action: approval.Submit, details: funduse.Details{BankReference: "R1", Amount: 130_000}},
}

func TestACaseGoesFromProposalToClosing(t *testing.T) {
	w := newWorld(t, nil)
	w.inOrder(hour, ballots("1")...)
	w.inOrder(5*hour, charity...)
	w.inOrder(8*hour, payment...)
	w.inOrder(11*24*hour, closing...)

	result := w.play()

	require.Equal(t, approval.Completed, result.Status)
	require.Len(t, w.orders, 1)
	require.Len(t, w.paid, 1)
	require.EqualValues(t, 420_000, w.orders[0].Amount)
	require.Equal(t, "c1/payment/1", w.paid[0].Key)
	require.Len(t, w.notices, 1)
	require.Equal(t, w.in.Proposal.Hash(), w.notices[0].ContentHash)
	require.Equal(t, []funduse.RefundOrder{{Key: "c1/refund", CaseID: "c1", Amount: 130_000, BankReference: "R1", At: w.refunds[0].At}}, w.refunds)
	require.Zero(t, w.held["c1"])
	require.Equal(t, approval.Completed, w.records[len(w.records)-1].Case.Status)
}
