package workflows_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"linli/approval"
	"linli/approval/engagement"
)

// paysNeither leaves with a report that is late, and then does not pay.
func (w *tenancy) paysNeither() {
	w.at("2026-04-02 09:00", "op1", "case.1.operator", approval.Withdraw, engagement.Details{})
	w.handsBack("2026-04-02 10:00")
	w.reported("2026-04-03 09:00", "2026-04", 2, 0, 0)
	w.moves = w.moves[:len(w.moves)-2]
	w.reported("2026-04-20 09:00", "2026-03", 1, 1_000_000, 50_000)
	w.moves = w.moves[:len(w.moves)-2]
}

func TestAnEngagementIsNotHeldForEverByAnOperatorThatDoesNotPay(t *testing.T) {
	w := newTenancy(t, nil)
	w.paysNeither()
	w.at("2026-05-21 09:00", "sub", "reporting.1.arrears-payment", approval.Approve, engagement.Details{})

	require.Equal(t, approval.Withdrawn, w.play().Status)
	require.Equal(t, engagement.Unsettled, w.view.Periods[0].Status)
	require.Zero(t, w.bookings)
}

// A run of before that waits for such a payment is freed with the next thing
// anybody does in the case: what was recorded until then stays as it was.
func TestAForgottenEngagementIsFreedByItsNextStep(t *testing.T) {
	w := newTenancy(t, nil)
	asked := 0
	w.knew = func(env *testsuite.TestWorkflowEnvironment) {
		env.OnGetVersion("edition-1", workflow.DefaultVersion, workflow.Version(engagement.Edition)).Return(workflow.Version(1))
		env.OnGetVersion(mock.Anything, workflow.DefaultVersion, workflow.Version(1)).
			Return(func(change string, _, latest workflow.Version) workflow.Version {
				if strings.HasPrefix(change, "forgotten-") {
					if asked++; asked == 1 { // it was forgotten before this was known
						return workflow.DefaultVersion
					}
				}
				return latest
			})
	}
	w.paysNeither()
	w.at("2026-05-20 09:00", "sub", "reporting.1.arrears-payment", approval.Approve, engagement.Details{}).wants = approval.NotFound
	w.at("2026-05-20 10:00", "sub", "case.1.ending", approval.Remind, engagement.Details{})
	w.at("2026-05-21 09:00", "sub", "reporting.1.arrears-payment", approval.Approve, engagement.Details{})

	require.Equal(t, approval.Withdrawn, w.play().Status)
	require.Equal(t, 2, asked)
}
