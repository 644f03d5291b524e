package workflows_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"linli/approval"
	"linli/approval/engagement"
)

// notified lists what people were told about a task: when, and in what order.
func (w *tenancy) notified(task string) (kinds []string, first map[string]time.Time) {
	first = map[string]time.Time{}
	for _, record := range w.journal.records {
		for _, message := range record.Notify {
			if message.TaskID != w.in.CaseID+"."+task {
				continue
			}
			to := message.Kind + " " + strings.Join(append(message.To, string(message.Role)), "")
			kinds = append(kinds, to)
			if first[to].IsZero() {
				first[to] = record.At
			}
		}
	}
	return kinds, first
}

// A report that stays out: the operator is reminded, then it is overdue; the
// secretary is asked and told, and when that helps nothing the subdistrict.
// The late report closes what they were asked.
func TestALateReportGoesUpToTheSecretaryAndTheSubdistrict(t *testing.T) {
	w := newTenancy(t, nil)
	w.reported("2026-04-28 09:00", "2026-03", 1, 100_000, 5_000)
	w.at("2026-04-29 09:00", "op1", "case.1.operator", approval.Withdraw, engagement.Details{})
	w.reported("2026-04-29 10:00", "2026-04", 2, 0, 0)
	w.moves = w.moves[:len(w.moves)-2]
	w.handsBack("2026-04-30 09:00")

	require.Equal(t, approval.Withdrawn, w.play().Status)
	late, lateAt := w.notified("reporting.1.operator")
	require.Equal(t, []string{"task op1", "reminder op1", "overdue op1", "escalation administrator"}, late)
	urged, urgedAt := w.notified("reporting.1.urging-operator")
	require.Equal(t, []string{"escalation secretary", "task secretary", "reminder secretary", "overdue secretary", "escalation administrator"}, urged)
	street, streetAt := w.notified("reporting.1.oversight-operator")
	require.Equal(t, []string{"escalation subdistrict_approver", "task subdistrict_approver"}, street[:2])
	require.Equal(t, lateAt["overdue op1"], urgedAt["task secretary"], "the secretary hears when the report is overdue")
	require.Equal(t, urgedAt["overdue secretary"], streetAt["task subdistrict_approver"], "the subdistrict hears when the secretary's time is over")
	require.Equal(t, civil("2026-04-10 00:00").UTC().Format(time.DateOnly), lateAt["overdue op1"].Format(time.DateOnly))
	for _, seat := range []string{"urging-operator", "oversight-operator"} {
		require.Equal(t, approval.TaskCancelled, w.journal.tasks[w.in.CaseID+".reporting.1."+seat].Status, "%s after the late report", seat)
	}
	require.Equal(t, approval.Fen(5_000), w.view.Given, "a late report is taken all the same")
}

// The secretary need not wait: with a word on what was done it goes up at once.
func TestTheSecretaryHandsALateReportUp(t *testing.T) {
	w := newTenancy(t, nil)
	w.at("2026-04-13 09:00", "sec", "reporting.1.urging-operator", approval.Submit, engagement.Details{})
	w.at("2026-04-13 10:00", "sub", "reporting.1.oversight-operator", approval.Submit, engagement.Details{})
	w.at("2026-04-20 09:00", "op1", "case.1.operator", approval.Withdraw, engagement.Details{})
	w.handsBack("2026-04-22 09:00")
	w.at("2026-05-20 09:00", "sub", "reporting.1.arrears", approval.Approve, engagement.Details{})
	w.at("2026-05-20 09:00", "sub", "reporting.2.arrears", approval.Approve, engagement.Details{})

	require.Equal(t, approval.Withdrawn, w.play().Status)
	street, at := w.notified("reporting.1.oversight-operator")
	require.Equal(t, []string{"escalation subdistrict_approver", "task subdistrict_approver"}, street)
	require.Equal(t, civil("2026-04-13 09:00").UTC(), at["task subdistrict_approver"])
	require.Equal(t, 2, w.view.Overdue)
	require.Equal(t, engagement.Unsettled, w.view.Periods[0].Status)
}
