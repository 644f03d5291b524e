package workflows_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"linli/approval"
	"linli/approval/engagement"
)

func TestAnEngagementRunsToItsEnd(t *testing.T) {
	w := newTenancy(t, nil)
	w.reported("2026-04-02 09:00", "2026-03", 1, 1_000_050, 50_002)
	w.reported("2026-05-06 09:00", "2026-04", 2, 1_000_030, 50_002)
	w.reported("2026-06-02 09:00", "2026-05", 3, 10, 0)
	w.moves = w.moves[:len(w.moves)-2] // nothing to pay
	w.reported("2026-07-02 09:00", "2026-06", 4, 0, 0)
	w.moves = w.moves[:len(w.moves)-2]
	w.handsBack("2026-07-03 09:00")

	result := w.play()
	require.Equal(t, approval.Completed, result.Status)
	require.Equal(t, approval.Fen(100_004), w.view.Given)
	require.Equal(t, engagement.ShareOrder{
		Key: w.in.CaseID + "/share/2026-03", CaseID: w.in.CaseID, FundID: "f1", Period: "2026-03", By: "off1", At: civil("2026-04-02 12:00").UTC(),
		Income: w.booked[w.in.CaseID+"/share/2026-03"].Income,
	}, w.booked[w.in.CaseID+"/share/2026-03"])
}

// A repeated act has one effect even if the run that took it has ended.
func TestAnActRepeatedAfterContinuingAsNewHasOneEffect(t *testing.T) {
	const copies = 250
	w := newTenancy(t, nil)
	w.reported("2026-04-02 09:00", "2026-03", 1, 1_000_050, 50_002)
	for i := range w.moves {
		w.moves[i].id = fmt.Sprintf("first/%d", i)
	}
	first := append([]tenancyMove{}, w.moves...)
	for n := range copies { // copies fill run after run
		w.moves = append(w.moves, tenancyMove{
			at: civil("2026-04-03 09:00").Add(time.Duration(n) * time.Minute), who: "op1", task: "case.1.operator", action: approval.Copy, to: []string{"h1"},
		})
	}
	for _, again := range first {
		again.at = again.at.AddDate(0, 0, 5)
		w.moves = append(w.moves, again)
	}
	other := first[1]
	other.at, other.comment, other.wants = other.at.AddDate(0, 0, 6), "另一意见", approval.KeyReused
	late := first[0]
	late.at, late.id, late.wants = late.at.AddDate(0, 0, 6), "late", approval.Conflict // a report for a closed period
	w.moves = append(w.moves, other, late)
	w.at("2026-04-20 09:00", "op1", "case.1.operator", approval.Withdraw, engagement.Details{})
	w.reported("2026-04-21 09:00", "2026-04", 2, 0, 0)
	w.moves = w.moves[:len(w.moves)-2]
	w.handsBack("2026-04-22 09:00")

	result := w.play()
	require.Equal(t, approval.Withdrawn, result.Status)
	require.GreaterOrEqual(t, result.Runs, 3)
	require.Len(t, w.booked, 1)
	require.Equal(t, []string{".1", ".2"}, w.sealed[:2])
	for i := range first {
		require.Equal(t, w.told[i].receipt, w.told[len(first)+copies+i].receipt, "the repeated act has its first receipt")
	}
}

func TestTheLedgersRefusalGoesBackToTheCharity(t *testing.T) {
	w := newTenancy(t, nil)
	w.refusals = []*approval.Error{approval.Errorf(approval.Conflict, "票据号码已使用。", "The receipt number was used before.")}
	w.reported("2026-04-02 09:00", "2026-03", 1, 100_000, 5_000)
	again := w.moves[3]
	again.task, again.at = "reporting.2.charity", civil("2026-04-03 09:00")
	w.moves = append(w.moves, again)
	w.at("2026-04-20 09:00", "op1", "case.1.operator", approval.Withdraw, engagement.Details{})
	w.reported("2026-04-21 09:00", "2026-04", 3, 0, 0)
	w.moves = w.moves[:len(w.moves)-2]
	w.handsBack("2026-04-22 09:00")

	require.Equal(t, approval.Withdrawn, w.play().Status)
	require.Equal(t, approval.Fen(5_000), w.view.Given)
}
