package workflows_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
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
	"linli/approval/funduse"
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

// enter begins an effect and answers with the fault that is due, if any; it
// leaves the world locked.
func (w *admission) enter(effect string) error {
	w.mu.Lock()
	w.orders = append(w.orders, effect)
	if len(w.faults[effect]) == 0 {
		return nil
	}
	fault := w.faults[effect][0]
	w.faults[effect] = w.faults[effect][1:]
	return fault
}

// leave loses the answer of an effect that has happened, if one is to be lost.
func (w *admission) leave(effect string) error {
	defer w.mu.Unlock()
	if w.lost[effect] > 0 {
		w.lost[effect]--
		return errLost
	}
	return nil
}

func (w *admission) Record(_ context.Context, r approval.Record) (approval.Recorded, error) {
	if err := w.enter("Record"); err != nil {
		w.mu.Unlock()
		return approval.Recorded{}, err
	}
	recorded, err := w.journal.write(r, w.calendar)
	return recorded, errors.Join(err, w.leave("Record "+r.Kind))
}

func (w *admission) OnboardingFacts(context.Context, onboarding.FactQuestion) (onboarding.RegisterFacts, error) {
	err := w.enter("OnboardingFacts")
	defer w.mu.Unlock()
	return w.register, err
}

func (w *admission) Evaluate(context.Context, approval.RulePin, string, funduse.Facts) (approval.Evidence, error) {
	return approval.Evidence{}, errors.New("another procedure's criteria")
}

func (w *admission) EvaluateOnboarding(_ context.Context, pin approval.RulePin, stage string, facts onboarding.Facts) (approval.Evidence, error) {
	err := w.enter("EvaluateOnboarding")
	defer w.mu.Unlock()
	w.facts = append(w.facts, facts)
	evidence := approval.Evidence{Outcome: approval.OutcomePass}
	if len(w.evidence) > 0 {
		evidence, w.evidence = w.evidence[0], w.evidence[1:]
	}
	evidence.Pin, evidence.Stage = pin, stage
	return evidence, err
}

func (w *admission) Scorers(context.Context, approval.Scope) ([]string, error) {
	err := w.enter("Scorers")
	defer w.mu.Unlock()
	return slices.Clone(w.scorers), err
}

func (w *admission) SigningFacts(context.Context, onboarding.SigningQuestion) (onboarding.SigningFacts, error) {
	err := w.enter("SigningFacts")
	defer w.mu.Unlock()
	return w.signing, err
}

func (w *admission) Inventory(_ context.Context, q onboarding.InventoryQuestion) (onboarding.Inventory, error) {
	err := w.enter("Inventory")
	defer w.mu.Unlock()
	return onboarding.Inventory{SpaceID: q.SpaceID, Name: "示范阵地", Rooms: []string{"大厅"}, OccupiedBy: w.occupied}, err
}

func (w *admission) HoldSpace(_ context.Context, o onboarding.HoldOrder) error {
	if err := w.enter("HoldSpace"); err != nil {
		w.mu.Unlock()
		return err
	}
	if _, again := w.holds[o.Key]; !again {
		if w.taken {
			w.mu.Unlock()
			return approval.Errorf(approval.SpaceTaken, "阵地在此期限内已由示例某店使用。", "Taken.")
		}
		for key, status := range w.holds {
			require.Equal(w.t, "free", status, "%s is held while %s is", o.Key, key)
		}
		w.holds[o.Key] = "held"
	}
	return w.leave("HoldSpace")
}

func (w *admission) AllotSpace(_ context.Context, o onboarding.AllotOrder) error {
	if err := w.enter("AllotSpace"); err != nil {
		w.mu.Unlock()
		return err
	}
	require.Contains(w.t, []string{"held", "allotted"}, w.holds[o.Key])
	w.holds[o.Key] = "allotted"
	return w.leave("AllotSpace")
}

func (w *admission) FreeSpace(_ context.Context, o onboarding.FreeOrder) error {
	if err := w.enter("FreeSpace"); err != nil {
		w.mu.Unlock()
		return err
	}
	if _, held := w.holds[o.Key]; held {
		w.holds[o.Key] = "free"
	}
	return w.leave("FreeSpace")
}

func (w *admission) CloseCall(context.Context, string, time.Time) ([]string, error) {
	err := w.enter("CloseCall")
	defer w.mu.Unlock()
	return w.applicants, err
}

func (w *admission) EndCall(context.Context, string, time.Time) error {
	err := w.enter("EndCall")
	defer w.mu.Unlock()
	return err
}

// Draw prints a paper as its canonical JSON.
func (w *admission) Draw(_ context.Context, paper approval.Paper) ([]byte, error) {
	err := w.enter("Draw")
	defer w.mu.Unlock()
	return approval.CanonicalJSON(paper), err
}

func (w *admission) KeepDocument(_ context.Context, sha256 string, content []byte) error {
	err := w.enter("KeepDocument")
	defer w.mu.Unlock()
	w.kept[sha256] = content
	return err
}

func (w *admission) Document(_ context.Context, sha256 string) ([]byte, error) {
	err := w.enter("Document")
	defer w.mu.Unlock()
	return w.kept[sha256], err
}

// cabinet keeps what was drawn and sealed, and seals with a key of its own.
type cabinet struct{ w *admission }

func (c cabinet) KeepDrawn(context.Context, contract.Drawn) error { return nil }

func (c cabinet) SealOf(_ context.Context, _, sha256, seat string) (*contract.Sealed, error) {
	err := c.w.enter("Seal")
	defer c.w.mu.Unlock()
	if sealed, known := c.w.sealed[sha256+" "+seat]; known {
		return &sealed, err
	}
	return nil, err
}

func (c cabinet) KeepSeal(_ context.Context, sealed contract.Sealed, _ contract.PublicKey) error {
	if err := c.w.enter("KeepSeal"); err != nil {
		c.w.mu.Unlock()
		return err
	}
	c.w.sealed[sealed.SHA256+" "+sealed.Seat] = sealed
	return c.w.leave("KeepSeal")
}

func (c cabinet) Signatory(context.Context, string, string) (name, absent string, err error) {
	return "示例签署人", "", nil
}

type seals struct{}

func (seals) Seal([]byte) (contract.Seal, error) {
	return contract.Seal{Algorithm: "test", Value: "AA=="}, nil
}
func (seals) Public() contract.PublicKey { return contract.PublicKey{} }

func (w *admission) Publish(_ context.Context, n approval.Notice) (approval.Notice, error) {
	if err := w.enter("Publish"); err != nil {
		w.mu.Unlock()
		return n, err
	}
	if i := slices.IndexFunc(w.notices, func(known approval.Notice) bool { return known.ID == n.ID }); i >= 0 {
		n = w.notices[i]
	} else {
		ends, err := w.calendar.Deadline(n.PublishedAt, n.Days, n.DayKind)
		require.NoError(w.t, err)
		n.EndsAt = ends
		w.notices = append(w.notices, n)
	}
	return n, w.leave("Publish")
}

func (w *admission) AddNote(context.Context, approval.NoticeNote) error { return nil }

func (w *admission) AnswerObjection(_ context.Context, o approval.Objection) error {
	err := w.enter("AnswerObjection")
	defer w.mu.Unlock()
	if err == nil {
		w.answers = append(w.answers, o)
	}
	return err
}

// --- the moves of an ordinary case ------------------------------------------------

func deskReview(round int) []admissionMove {
	task := func(level string) string { return fmt.Sprintf("desk_review.%d.%s", round, level) }
	return []admissionMove{
		{who: "sec", task: task("community"), action: approval.Approve}, {who: "sub", task: task("subdistrict"), action: approval.Approve},
	}
}

func signatures() []admissionMove {
	return []admissionMove{
		{who: "p1", task: "signing.1.operator", action: approval.Sign}, {who: "sec", task: "signing.1.community", action: approval.Sign},
		{who: "sub", task: "signing.1.subdistrict", action: approval.Sign},
	}
}

func sheets(round int, points int64) []admissionMove {
	var moves []admissionMove
	for _, scorer := range []string{"m1", "m2", "m3"} {
		moves = append(moves, admissionMove{who: scorer, task: fmt.Sprintf("scoring.%d.%s", round, scorer), action: approval.Submit,
			details: with(onboarding.Details{Scores: []onboarding.Score{{Item: "all", Points: points}}})})
	}
	return moves
}

func with(d onboarding.Details) func() onboarding.Details {
	return func() onboarding.Details { return d }
}

func handover(form onboarding.HandoverForm) func() onboarding.Details {
	return with(onboarding.Details{Handover: &form})
}

// takesOver draws the list up and lets both sides confirm it.
func takesOver() []admissionMove {
	var items []onboarding.Item
	for _, item := range handedOver.Items {
		if item.Kind != onboarding.ItemRoom {
			items = append(items, onboarding.Item{Kind: item.Kind, Name: item.Name, Quantity: item.Quantity})
		}
	}
	readings := handover(onboarding.HandoverForm{Readings: seen(handedOver)})
	return []admissionMove{
		{who: "h1", task: "handover.1.list", action: approval.Submit, details: handover(onboarding.HandoverForm{Items: items})},
		{who: "h1", task: "handover.1.giving", action: approval.Confirm, details: readings},
		{who: "p1", task: "handover.1.receiving", action: approval.Confirm, details: readings},
	}
}

// seatsOf names the open tasks a case waits for.
func seatsOf(waiting approval.Waiting) string { return strings.Join(seats(waiting), " ") }
