package workflows_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"linli/approval"
	"linli/approval/onboarding"
	"linli/workflows"
)

// callWorld is everything around one call: the list of applications and the
// cases that report and are told.
type callWorld struct {
	*admission
	in   onboarding.CallStart
	told []string
	gone map[string]bool     // cases that have ended and hear nothing
	late map[string]bool     // cases that begin when the call has ended
	upon func(caseID string) // happens while a case is told
}

func newCallWorld(t *testing.T, applicants ...string) *callWorld {
	t.Helper()
	w := &callWorld{admission: newAdmission(t, nil), gone: map[string]bool{}, late: map[string]bool{}}
	w.applicants = applicants
	a := admissionStart()
	w.in = onboarding.CallStart{
		CaseID: "c1", Scope: community, Opener: "sec", Parameters: a.Parameters, Pin: a.Pin, OpenedAt: opened,
		Call: onboarding.Call{
			Title: "示范阵地招引", Summary: "助餐", Space: a.Application.Space, StartsOn: a.Application.StartsOn, EndsOn: a.Application.EndsOn,
			DeadlineAt: civil("2026-03-20 18:00"),
		},
	}
	w.env.OnSignalExternalWorkflow(mock.Anything, mock.Anything, "", workflows.MessageCallSays, mock.Anything).Return(
		func(_, workflowID, _, _ string, arg any) error {
			if w.gone[workflowID] || w.late[workflowID] && !w.done("EndCall") {
				return &temporal.UnknownExternalWorkflowExecutionError{}
			}
			if w.upon != nil {
				w.upon(workflowID)
			}
			word := arg.(onboarding.Word)
			w.told = append(w.told, fmt.Sprintf("%s %d/%d turn=%v over=%v", workflowID, word.Place.Rank, word.Place.Of, word.Place.Turn, word.Over))
			return nil
		}).Maybe()
	return w
}

func (w *callWorld) reports(at, caseID string, sum int64, status onboarding.ReportStatus) {
	report := onboarding.Report{Status: status, Candidate: onboarding.Candidate{CaseID: caseID, Result: onboarding.Result{Counted: 3, Sum: sum, All: 3, Total: sum}, AppliedAt: opened}}
	w.env.RegisterDelayedCallback(func() { w.env.SignalWorkflow(workflows.MessageCandidate, report) }, civil(at).Sub(opened))
}

func (w *callWorld) play() workflows.CallResult {
	w.t.Helper()
	w.env.ExecuteWorkflow(workflows.NameCall, w.in)
	require.True(w.t, w.env.IsWorkflowCompleted())
	require.NoError(w.t, w.env.GetWorkflowError())
	var result workflows.CallResult
	require.NoError(w.t, w.env.GetWorkflowResult(&result))
	for _, o := range w.outcomes {
		require.Equal(w.t, o.wants, o.code(), o.label)
	}
	require.Len(w.t, w.journal.records, result.Steps)
	require.Equal(w.t, 1, countKind(w.orders, "EndCall"))
	for id, task := range w.journal.tasks {
		require.NotEqual(w.t, approval.TaskOpen, task.Status, "%s is still open", id)
	}
	return result
}

func TestACallRanksWhenAllAreScoredAndTheReserveMovesUp(t *testing.T) {
	w := newCallWorld(t, "a", "b", "c")
	w.reports("2026-03-10 09:00", "b", 21_000, onboarding.Scored) // before the deadline
	w.reports("2026-03-21 09:00", "a", 24_000, onboarding.Scored)
	w.reports("2026-03-21 09:30", "a", 24_000, onboarding.Scored) // delivered twice
	w.ask("2026-03-22 09:00", func(waiting approval.Waiting) { require.Equal(t, onboarding.Judging, waiting.Stage) })
	w.reports("2026-03-23 09:00", "c", 27_000, onboarding.Scored)
	w.reports("2026-04-20 09:00", "c", 27_000, onboarding.Left) // does not sign
	w.reports("2026-05-20 09:00", "a", 24_000, onboarding.TakenOver)

	result := w.play()

	require.Equal(t, approval.Completed, result.Status)
	require.Equal(t, 1, countKind(w.orders, "CloseCall"))
	require.Equal(t, []string{
		"c 1/3 turn=true over=false", "a 2/3 turn=false over=false", "b 3/3 turn=false over=false",
		"a 2/3 turn=true over=false", "b 3/3 turn=false over=true",
	}, w.told)
	require.Equal(t, 3, w.outcome.Applied)
	require.Equal(t, []int{1, 2, 3}, []int{w.outcome.Ranked[0].Rank, w.outcome.Ranked[1].Rank, w.outcome.Ranked[2].Rank})
	require.True(t, w.outcome.Ranked[1].TookOver && !w.outcome.Ranked[0].TookOver)
}

func TestACallNobodyAnswers(t *testing.T) {
	w := newCallWorld(t)

	result := w.play()

	require.Equal(t, approval.Lapsed, result.Status)
	require.Empty(t, w.told)
}

func TestEveryCandidateLeaves(t *testing.T) {
	w := newCallWorld(t, "a", "b")
	w.gone["b"] = true // ended before it could be told
	w.reports("2026-03-10 09:00", "a", 21_000, onboarding.Scored)
	w.reports("2026-03-10 10:00", "b", 20_000, onboarding.Scored)
	w.reports("2026-03-22 09:00", "a", 21_000, onboarding.Left)
	w.reports("2026-03-22 10:00", "b", 20_000, onboarding.Left)

	result := w.play()

	require.Equal(t, approval.Lapsed, result.Status)
	require.Equal(t, []string{"a 1/2 turn=true over=false"}, w.told)
}

func TestAWithdrawnCallTellsEverybodyWhoHasApplied(t *testing.T) {
	w := newCallWorld(t, "a", "b")
	w.at("2026-03-10 09:00", admissionMove{who: "h1", task: "case.1.applicant", action: approval.Withdraw, wants: approval.NotEligible})
	w.at("2026-03-10 10:00", admissionMove{who: "sec", task: "case.1.applicant", action: approval.Withdraw, comment: "阵地另有安排"})

	result := w.play()

	require.Equal(t, approval.Withdrawn, result.Status)
	require.Equal(t, 1, countKind(w.orders, "CloseCall"), "no more applications are taken")
	require.Equal(t, []string{"a 0/0 turn=false over=true", "b 0/0 turn=false over=true"}, w.told)
}

// The start of a case was put off while the call was withdrawn: it is told once
// it is there. Found by the crash proof, seed 603281 with 200 kills.
func TestACandidateThatBeginsWhileTheCallEnds(t *testing.T) {
	w := newCallWorld(t, "a", "b")
	w.late["b"] = true
	w.at("2026-03-10 10:00", admissionMove{who: "sec", task: "case.1.applicant", action: approval.Withdraw, comment: "阵地另有安排"})

	require.Equal(t, approval.Withdrawn, w.play().Status)
	require.Equal(t, []string{"a 0/0 turn=false over=true", "b 0/0 turn=false over=true"}, w.told)
}

// A case that begins after the end of its call goes no further than to read so.
func TestACandidateThatBeginsAfterTheCall(t *testing.T) {
	w := newAdmission(t, answersCall)
	w.register.CallOver = true

	result := w.play()

	require.Equal(t, approval.Rejected, result.Status)
	require.Equal(t, "招引已结束", result.Reason)
	require.Equal(t, []string{"opened", "call_over"}, w.kinds())
}

// The winner leaves at the very moment it is told: the next is told all the same.
func TestACandidateThatLeavesWhileTheOthersAreTold(t *testing.T) {
	w := newCallWorld(t, "a", "b")
	w.reports("2026-03-10 09:00", "a", 21_000, onboarding.Scored)
	w.reports("2026-03-21 10:00", "b", 20_000, onboarding.Scored)
	w.upon = func(caseID string) {
		if caseID == "a" {
			w.env.SignalWorkflow(workflows.MessageCandidate, onboarding.Report{Status: onboarding.Left, Candidate: onboarding.Candidate{CaseID: "a"}})
		}
	}
	w.reports("2026-04-21 10:00", "b", 20_000, onboarding.TakenOver)

	require.Equal(t, approval.Completed, w.play().Status)
	require.Equal(t, []string{"a 1/2 turn=true over=false", "b 2/2 turn=false over=false", "b 2/2 turn=true over=false"}, w.told)
}

// A call that began to end before its outcome was kept ends without one.
func TestACallThatEndedBeforeOutcomesWereKept(t *testing.T) {
	w := newCallWorld(t)
	w.env.OnGetVersion("call_outcome", workflow.DefaultVersion, workflow.Version(2)).Return(workflow.DefaultVersion)

	require.Equal(t, approval.Lapsed, w.play().Status)
	require.Nil(t, w.outcome)
}
