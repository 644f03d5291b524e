package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"linli/approval"
	"linli/approval/engagement"
)

func TestAMissingReportIsRemindedAndEscalated(t *testing.T) {
	w := newTenancy(t, nil)
	w.at("2026-04-20 09:00", "op1", "case.1.operator", approval.Withdraw, engagement.Details{})
	w.handsBack("2026-04-22 09:00")
	w.at("2026-05-20 09:00", "sub", "reporting.1.arrears", approval.Approve, engagement.Details{})
	w.at("2026-05-20 09:00", "sub", "reporting.2.arrears", approval.Approve, engagement.Details{})

	require.Equal(t, approval.Withdrawn, w.play().Status)
	kinds := map[string]int{}
	for _, record := range w.journal.records {
		for _, message := range record.Notify {
			if message.TaskID == w.in.CaseID+".reporting.1.operator" {
				kinds[message.Kind]++
			}
		}
	}
	require.Equal(t, map[string]int{"task": 1, "reminder": 1, "overdue": 1, "escalation": 1}, kinds)
	require.Equal(t, 2, w.view.Overdue)
}
