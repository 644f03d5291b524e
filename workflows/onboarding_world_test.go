package workflows_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"linli/activities"
	"linli/approval"
	"linli/approval/contract"
	"linli/approval/onboarding"
	"linli/internal/envelope"
	"linli/worker"
	"linli/workflows"
)

// admission is everything around one onboarding case: the register, the
// spaces, the call and people who act at given moments.
type admission struct {
	t        *testing.T
	env      *testsuite.TestWorkflowEnvironment
	in       onboarding.Start
	outcomes []*outcome
	engaged  []workflows.EngagementRun
	reports  []onboarding.Report
	callGone bool // the call has ended

	applicants []string // of a call, as the register has them

	outcome  *approval.CallOutcome // of a call, as everybody may know it
	mu       sync.Mutex
	journal  journal
	calendar *approval.Calendar
	evidence []approval.Evidence // what the criteria say next; then they pass
	facts    []onboarding.Facts
	register onboarding.RegisterFacts
	scorers  []string
	signing  onboarding.SigningFacts
	occupied string // who still sits in the space
	taken    bool   // somebody else holds it
	existing bool   // what the last hold said of its contract
	holds    map[string]string
	orders   []string
	kept     map[string][]byte // documents by their SHA-256
	sealed   map[string]contract.Sealed
	notices  []approval.Notice
	answers  []approval.Objection
	faults   map[string][]error // what the next calls of an effect answer instead
	lost     map[string]int     // effects that happen and whose answer is lost

	*envelope.Verifier
	signer *envelope.Signer
}

func newAdmission(t *testing.T, shape func(*onboarding.Start)) *admission {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	w := &admission{
		t: t, env: suite.NewTestWorkflowEnvironment(), in: admissionStart(), calendar: years(t),
		holds: map[string]string{}, kept: map[string][]byte{}, sealed: map[string]contract.Sealed{}, faults: map[string][]error{}, lost: map[string]int{}, scorers: []string{"m1", "m2", "m3"},
		signing: onboarding.SigningFacts{
			Representative: "示例负责人", People: []contract.Signatory{{Person: "p1", Capacity: "负责人"}}, Community: "示范一社区居民委员会",
			Subdistrict: "示例街道办事处", FundID: "f1", Fund: "示范一社区发展基金", Charity: "示例慈善总会",
		},
	}
	key, err := envelope.Generate()
	require.NoError(t, err)
	w.signer, err = envelope.NewSigner(key)
	require.NoError(t, err)
	w.Verifier, err = envelope.NewVerifier(w.signer.Public())
	require.NoError(t, err)
	if shape != nil {
		shape(&w.in)
	}
	w.env.SetStartTime(w.in.OpenedAt)
	w.env.SetTestTimeout(20 * time.Second)
	w.env.SetWorkerOptions(sdkworker.Options{Interceptors: worker.Interceptors()})
	worker.Register(w.env, &activities.Activities{
		Journal: w, Rules: w, Board: w, Envelopes: w, Register: w, Spaces: w, Calls: w,
		Press: w, Documents: w, Contracts: cabinet{w}, Seals: seals{},
	})
	w.env.OnWorkflow(workflows.NameEngagement, mock.Anything, mock.Anything).Return(
		func(_ workflow.Context, run workflows.EngagementRun) (workflows.EngagementResult, error) {
			w.engaged = append(w.engaged, run)
			return workflows.EngagementResult{}, nil
		}).Maybe()
	w.env.OnSignalExternalWorkflow(mock.Anything, "call1", "", workflows.MessageCandidate, mock.Anything).Return(
		func(_, _, _, _ string, arg any) error {
			if w.callGone {
				return &temporal.UnknownExternalWorkflowExecutionError{}
			}
			w.reports = append(w.reports, arg.(onboarding.Report))
			return nil
		}).Maybe()
	return w
}

func admissionStart() onboarding.Start {
	return onboarding.Start{
		CaseID: "c1", Scope: community, Applicant: "h1", People: []string{"p1"}, OpenedAt: opened,
		Pin: approval.RulePin{ID: "370303/onboarding", Version: 1, Hash: "00"},
		Application: onboarding.Application{
			Title: "示范助餐点", Operator: onboarding.Operator{ID: "o1", Name: "示例餐饮服务部", CreditCode: "92370303QW0000129A", Kind: "sole_trader"},
			Space: onboarding.Space{ID: "sp-1", Number: 1, Name: "示范阵地", Area: 3800}, Summary: "助餐",
			Services: []onboarding.Service{{Name: "午餐", Kind: onboarding.Meals, Class: onboarding.LowCharge, Price: 1200, Unit: "份", Over60: 10, Over80: 15}},
			Share:    onboarding.Share{Kind: onboarding.ProfitPercent, Percent: 30, Period: onboarding.Quarterly},
			StartsOn: "2026-07-01", EndsOn: "2028-06-30",
		},
		Parameters: onboarding.Parameters{
			Review: onboarding.ReviewParameters{Levels: []string{"community", "subdistrict"}},
			Panel: onboarding.PanelParameters{Use: onboarding.PanelCalls, Scorers: 3, PassMark: 60,
				Items: []onboarding.ScoreItem{{ID: "all", Title: "总体", Weight: 100}}},
			Notice:    onboarding.NoticeParameters{Days: 5, DayKind: approval.WorkingDays, AnswerDays: 3},
			Deadlines: onboarding.DeadlineParameters{Correction: 5, DeskReview: 5, Scoring: 5, Signing: 20, Handover: 10, Repair: 20},
			Engagement: onboarding.EngagementParameters{
				ReportMonths: 3, ReportDays: 10, ConfirmDays: 5, DonationDays: 10, Excellent: 90, Good: 75, Pass: 60, EvaluationDays: 10,
				RectificationDays: 20, FailuresToExit: 2, RenewalNoticeDays: 60, HandbackDays: 10,
			},
		},
	}
}

// admissionMove is one act of a story.
type admissionMove struct {
	who, task string
	action    approval.Action
	comment   string
	form      approval.Entry
	details   func() onboarding.Details // looked up at the moment of the act
	id        string
	hash      string
	wants     approval.Code
}

func (w *admission) at(civilTime string, m admissionMove) {
	w.env.RegisterDelayedCallback(func() { w.act(m) }, civil(civilTime).Sub(w.in.OpenedAt))
}

// inOrder lets people act one after the other, an hour apart.
func (w *admission) inOrder(from string, moves ...admissionMove) {
	for i, m := range moves {
		w.env.RegisterDelayedCallback(func() { w.act(m) }, civil(from).Sub(w.in.OpenedAt)+time.Duration(i)*hour)
	}
}

func (w *admission) act(m admissionMove) {
	n := len(w.outcomes) + 1
	act := approval.Act{
		ID: m.id, CaseID: "c1", TaskID: "c1." + m.task, Action: m.action, Person: approval.Person{ID: m.who, Grants: admissionGrants(m.who)},
		Comment: m.comment, Form: m.form, ContentHash: m.hash,
	}
	if act.ID == "" {
		act.ID = fmt.Sprintf("%s/%d", m.who, n)
	}
	if act.Comment == "" {
		act.Comment = "意见"
	}
	w.mu.Lock()
	if act.ContentHash == "" {
		act.ContentHash = w.journal.tasks[act.TaskID].ContentHash
	}
	w.mu.Unlock()
	if m.action == approval.Sign {
		act.Reauthenticated = approval.ByTOTP
	}
	if m.details != nil {
		raw, err := json.Marshal(m.details())
		require.NoError(w.t, err)
		act.Form.Details = raw
	}
	signed, err := w.signer.Sign(approval.Claims{
		ID: act.ID, Person: act.Person, CaseID: act.CaseID, TaskID: act.TaskID, Action: act.Action, ContentHash: act.ContentHash,
		BodyHash: act.BodyHash(), IssuedAt: w.env.Now(), Authenticated: "password", Reauthenticated: act.Reauthenticated,
	})
	require.NoError(w.t, err)
	act.Envelope = signed
	o := &outcome{label: fmt.Sprintf("act %d: %s does %s on %s", n, m.who, m.action, m.task), wants: m.wants}
	w.outcomes = append(w.outcomes, o)
	w.env.UpdateWorkflow(workflows.MessageAct, act.ID+fmt.Sprint("#", n), o, act)
}

// admissionGrants: m1 to m3 score, p1 acts for the operator and holds nothing.
func admissionGrants(who string) []approval.Grant {
	switch who {
	case "m1", "m2", "m3", "m4":
		return []approval.Grant{{Role: approval.Scorer, Scope: district}}
	}
	return grants[who]
}

// says is what the call tells the case at some moment.
func (w *admission) says(civilTime string, word onboarding.Word) {
	w.env.RegisterDelayedCallback(func() { w.env.SignalWorkflow(workflows.MessageCallSays, word) }, civil(civilTime).Sub(w.in.OpenedAt))
}

// ask looks at whom the case waits for at some moment.
func (w *admission) ask(civilTime string, look func(approval.Waiting)) {
	asked := false
	w.env.RegisterDelayedCallback(func() {
		value, err := w.env.QueryWorkflow(workflows.MessageWaiting)
		require.NoError(w.t, err)
		var waiting approval.Waiting
		require.NoError(w.t, value.Get(&waiting))
		asked = true
		look(waiting)
	}, civil(civilTime).Sub(w.in.OpenedAt))
	w.t.Cleanup(func() { require.True(w.t, asked, "the case ended before it was asked at %s", civilTime) })
}

// play runs the case to its end and checks what must hold however it went.
func (w *admission) play() workflows.OnboardingResult {
	w.t.Helper()
	w.env.ExecuteWorkflow(workflows.NameOnboarding, w.in)
	require.True(w.t, w.env.IsWorkflowCompleted())
	require.NoError(w.t, w.env.GetWorkflowError())
	var result workflows.OnboardingResult
	require.NoError(w.t, w.env.GetWorkflowResult(&result))
	for _, o := range w.outcomes {
		if got := o.code(); got != o.wants {
			w.t.Errorf("%s: got refusal %q (%v), want %q", o.label, got, o.err, o.wants)
		}
	}
	require.Len(w.t, w.journal.records, result.Steps)
	for i, record := range w.journal.records {
		require.Equal(w.t, i+1, record.Seq)
	}
	last := w.journal.records[len(w.journal.records)-1]
	require.Equal(w.t, result.Status, last.Case.Status, "the last step is %s", last.Kind)
	for id, task := range w.journal.tasks {
		require.NotEqual(w.t, approval.TaskOpen, task.Status, "%s is still open", id)
	}
	w.checkSpace(result)
	return result
}

// checkSpace: whatever was held was given back exactly once, or allotted once
// to an operator whose engagement runs.
func (w *admission) checkSpace(result workflows.OnboardingResult) {
	w.t.Helper()
	allotted := 0
	for key, status := range w.holds {
		switch status {
		case "allotted":
			allotted++
		case "free":
		default:
			w.t.Errorf("%s is still %s", key, status)
		}
	}
	completed := 0
	if result.Status == approval.Completed {
		completed = 1
	}
	require.Equal(w.t, completed, allotted)
	require.Len(w.t, w.engaged, completed)
	if w.in.Application.CallID != "" && !w.callGone {
		require.NotEmpty(w.t, w.reports)
		require.Equal(w.t, result.Status == approval.Completed, w.reports[len(w.reports)-1].Status == onboarding.TakenOver)
	}
}

func (w *admission) kinds() []string {
	var kinds []string
	for _, record := range w.journal.records {
		kinds = append(kinds, record.Kind)
	}
	return kinds
}
