package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/workflow"

	"linli/approval"
)

func pass() approval.Evidence { return approval.Evidence{Outcome: approval.OutcomePass} }

func TestALicenceThatRanOutStopsTheSigningUntilItIsRenewed(t *testing.T) {
	w := newAdmission(t, nil)
	w.evidence = []approval.Evidence{pass(), missing("小餐饮登记证已到期"), pass()}
	w.inOrder("2026-03-03 09:00", deskReview(1)...)
	w.ask("2026-03-16 09:00", func(waiting approval.Waiting) { require.Equal(t, "signing.1.applicant-1", seatsOf(waiting)) })
	w.at("2026-03-16 09:30", admissionMove{who: "p1", task: "signing.1.operator", action: approval.Sign, wants: approval.NotFound})
	w.at("2026-03-16 10:00", admissionMove{who: "p1", task: "signing.1.applicant-1", action: approval.Submit, comment: "已换发新证"})
	w.inOrder("2026-03-17 09:00", signatures()...)
	w.inOrder("2026-03-18 09:00", takesOver()...)

	require.Equal(t, approval.Completed, w.play().Status)
	require.Equal(t, 2, countKind(w.kinds(), "looked_again"))
	require.Equal(t, map[string]string{"c1/space/1": "allotted"}, w.holds, "the space was held all the time")
}

func TestAnOperatorThatIsNotFitInTimeGivesTheSpaceBack(t *testing.T) {
	w := newAdmission(t, nil)
	w.evidence = []approval.Evidence{pass(), missing("法定代表人列入失信被执行人")}
	w.inOrder("2026-03-03 09:00", deskReview(1)...)

	result := w.play()

	require.Equal(t, approval.Lapsed, result.Status)
	require.Contains(t, result.Reason, "法定代表人列入失信被执行人")
	require.Equal(t, map[string]string{"c1/space/1": "free"}, w.holds)
	require.Empty(t, w.sealed)
}

// A case that came to signing before there was a second look signs without it.
func TestACaseAtSigningBeforeThereWasASecondLook(t *testing.T) {
	w := newAdmission(t, nil)
	w.evidence = []approval.Evidence{pass(), missing("小餐饮登记证已到期")}
	w.env.OnGetVersion("fitness", workflow.DefaultVersion, workflow.Version(1)).Return(workflow.DefaultVersion)
	w.runsThrough()

	require.Equal(t, approval.Completed, w.play().Status)
	require.NotContains(t, w.kinds(), "looked_again")
}
