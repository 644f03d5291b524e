package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/workflow"

	"linli/approval"
	"linli/approval/onboarding"
)

// newRejected is a case whose rules give the applicant a time to object, and
// which screening rejects after a correction.
func newRejected(t *testing.T) *admission {
	t.Helper()
	w := newAdmission(t, func(s *onboarding.Start) {
		s.Parameters.Reconsideration = onboarding.ReconsiderationParameters{FilingDays: 5, AnswerDays: 3}
	})
	w.evidence = []approval.Evidence{missing("缺少证照"), missing("仍缺少证照")}
	w.at("2026-03-02 11:00", admissionMove{who: "h1", task: "correction.1.applicant", action: approval.Correct, details: with(onboarding.Details{Application: &w.in.Application})})
	return w
}

func (w *admission) objects(at string) {
	papers := onboarding.Details{Attachments: []approval.Attached{{ID: "a1", Kind: "other", Name: "证明.pdf", SHA256: "00", Size: 1}}}
	w.at(at, admissionMove{who: "p1", task: "reconsideration.1.applicant", action: approval.Object, comment: "证照已于核查前补齐", details: with(papers)})
}

func TestAnUpheldObjectionOfTheApplicantIsScreenedAgain(t *testing.T) {
	w := newRejected(t)
	w.objects("2026-03-03 09:00")
	w.at("2026-03-05 09:00", admissionMove{who: "obj", task: "reconsideration.1.reviewer", action: approval.Uphold, comment: "材料属实"})
	w.inOrder("2026-03-06 09:00", deskReview(1)...)
	w.inOrder("2026-03-19 09:00", signatures()...)
	w.inOrder("2026-03-23 09:00", takesOver()...)

	require.Equal(t, approval.Completed, w.play().Status)
	require.Len(t, w.facts, 4, "screened, corrected, screened again after the objection, looked at again before signing")
	require.Contains(t, w.kinds(), "reconsidered")
	require.Empty(t, w.answers, "nothing of it is a resident's objection")
}

func TestAnOverruledObjectionMakesTheRejectionFinal(t *testing.T) {
	w := newRejected(t)
	w.objects("2026-03-03 09:00")
	w.at("2026-03-05 09:00", admissionMove{who: "obj", task: "reconsideration.1.reviewer", action: approval.Overrule, comment: "仍在名单"})

	result := w.play()

	require.Equal(t, approval.Rejected, result.Status)
	require.Contains(t, result.Reason, "仍缺少证照")
	require.Contains(t, result.Reason, "仍在名单")
	require.Empty(t, w.holds)
}

// Five working days from Monday, 2 March: the rejection is final a week later.
func TestARejectionNobodyObjectsToIsFinalWhenTheTimeIsOver(t *testing.T) {
	w := newRejected(t)
	w.ask("2026-03-09 08:00", func(waiting approval.Waiting) {
		require.Equal(t, "reconsideration.1.applicant", seatsOf(waiting))
		require.Equal(t, civil("2026-03-10 00:00").UTC(), waiting.For[0].Until.UTC())
	})

	result := w.play()

	require.Equal(t, approval.Rejected, result.Status)
	require.Contains(t, result.Reason, "仍缺少证照")
}

// A case begun by code that knew no reconsideration goes on without it, whatever
// its rules say.
func TestACaseBegunBeforeThereWasAReconsideration(t *testing.T) {
	w := newRejected(t)
	w.env.OnGetVersion("reconsideration", workflow.DefaultVersion, workflow.Version(1)).Return(workflow.DefaultVersion)

	require.Equal(t, approval.Rejected, w.play().Status)
	require.NotContains(t, w.kinds(), "reconsidered")
}
