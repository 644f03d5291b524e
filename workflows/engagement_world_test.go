package workflows_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"linli/activities"
	"linli/approval"
	"linli/approval/approvaltest"
	"linli/approval/engagement"
	"linli/approval/funduse"
	"linli/approval/onboarding"
	"linli/internal/envelope"
	"linli/worker"
	"linli/workflows"
)

// tenancy is everything around one engagement: its database outlives every run,
// however often the engagement is continued as new.
type tenancy struct {
	t     *testing.T
	in    engagement.Start
	env   *testsuite.TestWorkflowEnvironment
	runs  int
	old   int                                      // runs that began before the edition
	knew  func(*testsuite.TestWorkflowEnvironment) // versions a run began with
	moves []tenancyMove
	told  []*outcome

	mu       sync.Mutex
	journal  journal
	calendar *approval.Calendar
	booked   map[string]engagement.ShareOrder
	bookings int
	refusals []*approval.Error // what the ledger answers first
	taken    bool              // somebody else holds the space after the term
	acting   []string          // for the operator by the register
	extended []string
	freed    map[string]int
	view     engagement.View
	views    []engagement.View    // as they were kept, one after the other
	shownAt  map[string]time.Time // since when the public reads a list of prices, by its first day
	sealed   []string
	*envelope.Verifier
	signer *envelope.Signer
}

// tenancyMove is an act at a civil time in Shanghai.
type tenancyMove struct {
	at      time.Time
	who     string
	task    string // stage.round.seat
	action  approval.Action
	comment string
	details engagement.Details
	to      []string
	id      string
	wants   approval.Code
	people  []string // no act: the register names others now, and the case is told
}

func newTenancy(t *testing.T, shape func(*engagement.Start)) *tenancy {
	t.Helper()
	w := &tenancy{t: t, in: engagementStart(), calendar: years(t, 2027, 2028), booked: map[string]engagement.ShareOrder{}, freed: map[string]int{}, shownAt: map[string]time.Time{}}
	key, err := envelope.Generate()
	require.NoError(t, err)
	w.signer, err = envelope.NewSigner(key)
	require.NoError(t, err)
	w.Verifier, err = envelope.NewVerifier(w.signer.Public())
	require.NoError(t, err)
	if shape != nil {
		shape(&w.in)
	}
	w.acting = w.in.People
	require.NoError(t, w.in.Validate())
	return w
}

var handedOver = func() onboarding.Checklist {
	list, err := onboarding.Draw(onboarding.Inventory{SpaceID: "sp-1", Name: "示范阵地", Rooms: []string{"大厅"}}, []onboarding.Item{
		{Kind: onboarding.ItemMeter, Name: "电表", Quantity: 1}, {Kind: onboarding.ItemKeys, Name: "钥匙", Quantity: 2},
		{Kind: onboarding.ItemFire, Name: "灭火器", Quantity: 2}, {Kind: onboarding.ItemPhoto, Name: "照片", Quantity: 4},
	}, "h1", opened)
	if err != nil {
		panic(err)
	}
	list.Confirm(onboarding.Giving, approvaltest.AsListed(list), "h1", opened)
	list.Confirm(onboarding.Receiving, approvaltest.AsListed(list), "op1", opened)
	return list
}()

func lunch(price approval.Fen, over60 int64) onboarding.Service {
	return onboarding.Service{Name: "老年午餐", Kind: onboarding.Meals, Class: onboarding.LowCharge, Price: price, Unit: "份", Over60: over60, Over80: 15}
}

func engagementStart() engagement.Start {
	return engagement.Start{
		CaseID: engagement.ID("c1"), Onboarding: "c1", Scope: community, Opener: "h1", People: []string{"op1"},
		Operator: onboarding.Operator{ID: "o1", Name: "示例运营公司", CreditCode: "91370303QW00000147", Kind: "company"},
		Space:    onboarding.Space{ID: "sp-1", Number: 1, Name: "示范阵地", Area: 3800}, HoldKey: "c1/space/1", FundID: "f1",
		Services: []onboarding.Service{lunch(1_500, 10)},
		Share:    onboarding.Share{Kind: onboarding.RevenuePercent, Percent: 5, Period: onboarding.Monthly},
		StartsOn: "2026-03-02", EndsOn: "2026-06-30", Handover: handedOver, RepairDays: 30, MaxMonths: 36,
		Parameters: onboarding.EngagementParameters{
			ReportMonths: 3, ReportDays: 5, ConfirmDays: 5, DonationDays: 5, Excellent: 90, Good: 75, Pass: 60, EvaluationDays: 10,
			RectificationDays: 30, FailuresToExit: 2, RenewalNoticeDays: 30, HandbackDays: 5,
		},
		OpenedAt: opened,
	}
}

func civil(at string) time.Time {
	moment, err := time.ParseInLocation("2006-01-02 15:04", at, approval.Shanghai)
	if err != nil {
		panic(err)
	}
	return moment
}

func (w *tenancy) at(at, who, task string, action approval.Action, details engagement.Details) *tenancyMove {
	w.moves = append(w.moves, tenancyMove{at: civil(at), who: who, task: task, action: action, comment: "意见", details: details})
	return &w.moves[len(w.moves)-1]
}

// reported plays the report of a period from turn on, an hour between the acts.
func (w *tenancy) reported(at, period string, turn int, revenue, share approval.Fen) {
	round := func(seat string) string { return fmt.Sprintf("reporting.%d.%s", turn, seat) }
	from := civil(at)
	date := from.Format(time.DateOnly)
	for i, m := range []tenancyMove{
		{who: "op1", task: round("operator"), action: approval.Submit, details: engagement.Details{Report: &engagement.Report{
			Period: period, Figures: engagement.Figures{Revenue: &revenue}, Share: share,
			Papers: []approval.Attached{{ID: "a1", Kind: "statement", Name: "流水.pdf", SHA256: "aa", Size: 1}}}}},
		{who: "h1", task: round("community"), action: approval.Approve},
		{who: "op1", task: round("payment"), action: approval.Submit, details: engagement.Details{Payment: &engagement.Payment{BankReference: "B" + period, PaidOn: date}}},
		{who: "off1", task: round("charity"), action: approval.Approve, details: engagement.Details{Received: &engagement.Received{
			ReceivedOn: date, Receipt: funduse.Receipt{Code: "37010126", Number: "00" + fmt.Sprint(turn), Item: "反哺", IssuedOn: date}}}},
	} {
		m.at = from.Add(time.Duration(i) * hour)
		w.moves = append(w.moves, m)
	}
}

// handsBack plays the hand-back without a difference.
func (w *tenancy) handsBack(at string) {
	form := engagement.Details{Handover: &onboarding.HandoverForm{Readings: approvaltest.AsListed(handedOver)}}
	w.at(at, "op1", "exit.1.giving", approval.Confirm, form)
	w.at(at, "h1", "exit.1.receiving", approval.Confirm, form)
}

func (w *tenancy) act(n int, m tenancyMove) {
	if m.people != nil {
		w.mu.Lock()
		w.acting = m.people
		w.mu.Unlock()
		w.env.SignalWorkflow(workflows.MessagePeople, w.in.Operator.ID)
		return
	}
	act := approval.Act{
		ID: m.id, CaseID: w.in.CaseID, TaskID: w.in.CaseID + "." + m.task, Action: m.action,
		Person: approval.Person{ID: m.who, Grants: grants[m.who]}, Comment: m.comment,
		Form: approval.Entry{To: m.to},
	}
	if act.ID == "" {
		act.ID = fmt.Sprintf("%s/%d", m.who, n)
	}
	w.mu.Lock()
	act.ContentHash = w.journal.tasks[act.TaskID].ContentHash
	w.mu.Unlock()
	if raw, _ := json.Marshal(m.details); string(raw) != "{}" {
		act.Form.Details = raw
	}
	claims := approval.Claims{
		ID: act.ID, Person: act.Person, CaseID: act.CaseID, TaskID: act.TaskID, Action: act.Action, ContentHash: act.ContentHash,
		BodyHash: act.BodyHash(), IssuedAt: m.at, Authenticated: "password",
	}
	signed, err := w.signer.Sign(claims)
	require.NoError(w.t, err)
	act.Envelope = signed
	o := &outcome{label: fmt.Sprintf("act %d: %s does %s on %s", n, m.who, m.action, m.task), wants: m.wants}
	w.told = append(w.told, o)
	w.env.UpdateWorkflow(workflows.MessageAct, fmt.Sprintf("update/%d", n), o, act)
}

// play runs the engagement to its end, run after run.
func (w *tenancy) play() workflows.EngagementResult {
	w.t.Helper()
	in, from := workflows.EngagementRun{Start: w.in}, w.in.OpenedAt
	for {
		w.runs++
		var suite testsuite.WorkflowTestSuite
		w.env = suite.NewTestWorkflowEnvironment()
		w.env.SetStartTime(from)
		w.env.SetTestTimeout(60 * time.Second)
		w.env.SetWorkerOptions(sdkworker.Options{Interceptors: worker.Interceptors()})
		worker.Register(w.env, &activities.Activities{Journal: w, Engagements: w, Spaces: w, Register: w, Rules: w, Envelopes: w, Archive: w, Histories: w})
		if w.runs <= w.old {
			w.env.OnGetVersion("edition-1", workflow.DefaultVersion, workflow.Version(engagement.Edition)).Return(workflow.DefaultVersion)
		}
		if w.knew != nil {
			w.knew(w.env)
		}
		for n, m := range w.moves {
			if m.at.After(from) {
				w.env.RegisterDelayedCallback(func() { w.act(n, m) }, m.at.Sub(from))
			}
		}
		w.env.ExecuteWorkflow(workflows.NameEngagement, in)
		require.True(w.t, w.env.IsWorkflowCompleted())
		var again *workflow.ContinueAsNewError
		if err := w.env.GetWorkflowError(); !errors.As(err, &again) {
			require.NoError(w.t, err)
			break
		}
		in = workflows.EngagementRun{}
		require.NoError(w.t, converter.GetDefaultDataConverter().FromPayloads(again.Input, &in))
		from = w.env.Now()
	}
	var result workflows.EngagementResult
	require.NoError(w.t, w.env.GetWorkflowResult(&result))
	w.check(result)
	return result
}

// check is what must hold however an engagement went.
func (w *tenancy) check(result workflows.EngagementResult) {
	w.t.Helper()
	for _, o := range w.told {
		if got := o.code(); got != o.wants {
			w.t.Errorf("%s: got refusal %q (%v), want %q", o.label, got, o.err, o.wants)
		}
	}
	require.Len(w.t, w.journal.records, result.Steps)
	for i, record := range w.journal.records {
		require.Equal(w.t, i+1, record.Seq, "the steps go on over the runs without a gap")
	}
	for id, task := range w.journal.tasks {
		require.NotEqual(w.t, approval.TaskOpen, task.Status, "%s is still open", id)
	}
	require.Equal(w.t, map[string]int{w.in.HoldKey: 1}, w.freed, "the space is given back once")
	require.Equal(w.t, w.runs, result.Runs)
	require.Len(w.t, w.sealed, w.runs-1, "every run that was continued lies in the archive")
	sum := approval.Fen(0)
	for _, order := range w.booked {
		sum += order.Income.Amount
	}
	require.Equal(w.t, sum, w.view.Given, "the engagement and the ledger agree to the fen")
	require.Equal(w.t, len(w.booked), w.bookings, "every period is booked once")
	require.Equal(w.t, result.Status, w.view.Status)
}
