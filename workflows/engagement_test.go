package workflows_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
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
	moves []tenancyMove
	told  []*outcome

	mu       sync.Mutex
	journal  journal
	calendar *approval.Calendar
	booked   map[string]engagement.ShareOrder
	bookings int
	refusals []*approval.Error // what the ledger answers first
	taken    bool              // somebody else holds the space after the term
	extended []string
	freed    map[string]int
	view     engagement.View
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
}

func newTenancy(t *testing.T, shape func(*engagement.Start)) *tenancy {
	t.Helper()
	w := &tenancy{t: t, in: engagementStart(), calendar: years(t, 2027, 2028), booked: map[string]engagement.ShareOrder{}, freed: map[string]int{}}
	key, err := envelope.Generate()
	require.NoError(t, err)
	w.signer, err = envelope.NewSigner(key)
	require.NoError(t, err)
	w.Verifier, err = envelope.NewVerifier(w.signer.Public())
	require.NoError(t, err)
	if shape != nil {
		shape(&w.in)
	}
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
	list.Confirm(onboarding.Giving, seen(list), "h1", opened)
	list.Confirm(onboarding.Receiving, seen(list), "op1", opened)
	return list
}()

func seen(list onboarding.Checklist) []onboarding.Reading {
	var readings []onboarding.Reading
	for _, item := range list.Items {
		reading := onboarding.Reading{ItemID: item.ID, Quantity: item.Quantity, State: onboarding.Intact}
		for n := int64(0); item.Kind == onboarding.ItemPhoto && n < item.Quantity; n++ {
			reading.Photos = append(reading.Photos, fmt.Sprintf("%064x", n))
		}
		readings = append(readings, reading)
	}
	return readings
}

func engagementStart() engagement.Start {
	return engagement.Start{
		CaseID: engagement.ID("c1"), Onboarding: "c1", Scope: community, Opener: "h1", People: []string{"op1"},
		Operator: onboarding.Operator{ID: "o1", Name: "示例运营公司", CreditCode: "91370303QW00000147", Kind: "company"},
		Space:    onboarding.Space{ID: "sp-1", Number: 1, Name: "示范阵地", Area: 3800}, HoldKey: "c1/space/1", FundID: "f1",
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
	form := engagement.Details{Handover: &onboarding.HandoverForm{Readings: seen(handedOver)}}
	w.at(at, "op1", "exit.1.giving", approval.Confirm, form)
	w.at(at, "h1", "exit.1.receiving", approval.Confirm, form)
}

func (w *tenancy) act(n int, m tenancyMove) {
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
		worker.Register(w.env, &activities.Activities{Journal: w, Engagements: w, Spaces: w, Envelopes: w, Archive: w, Histories: w})
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

func (w *tenancy) Record(_ context.Context, r approval.Record) (approval.Recorded, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.journal.write(r, w.calendar)
}

func (w *tenancy) BookShare(_ context.Context, o engagement.ShareOrder) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.refusals) > 0 {
		refusal := w.refusals[0]
		w.refusals = w.refusals[1:]
		return "", refusal
	}
	if _, again := w.booked[o.Key]; !again {
		w.bookings++
		w.booked[o.Key] = o
	}
	return "in-" + o.Key, nil
}

func (w *tenancy) ExtendSpace(_ context.Context, o engagement.ExtendOrder) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.taken {
		return approval.Errorf(approval.Conflict, "该期间阵地已有安排。", "The space is taken in that time.")
	}
	w.extended = append(w.extended, o.EndsOn)
	return nil
}

func (w *tenancy) HoldSpace(context.Context, onboarding.HoldOrder) error   { return nil }
func (w *tenancy) AllotSpace(context.Context, onboarding.AllotOrder) error { return nil }

func (w *tenancy) FreeSpace(_ context.Context, o engagement.FreeOrder) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.freed[o.Key]++
	return nil
}

func (w *tenancy) KeepEngagement(_ context.Context, view engagement.View) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.view = view
	return nil
}

func (w *tenancy) Moments(_ context.Context, q engagement.DateQuestion) ([]time.Time, error) {
	var moments []time.Time
	for _, date := range q.Dates {
		moments = append(moments, civil(date+" 00:00"))
	}
	return moments, nil
}

func (w *tenancy) Export(context.Context, string) ([]byte, error) {
	return nil, activities.ErrStillOpen
}

func (w *tenancy) ExportRun(_ context.Context, _, run string) ([]byte, error) {
	return []byte(run), nil
}

func (w *tenancy) Unarchived(context.Context, int) ([]string, error) { return nil, nil }

func (w *tenancy) Seal(_ context.Context, caseID string, _ []byte, _ time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sealed = append(w.sealed, strings.TrimPrefix(caseID, w.in.CaseID))
	return nil
}

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

func TestARenewalProlongsTheAllocationOrIsRefused(t *testing.T) {
	for _, taken := range []bool{false, true} {
		w := newTenancy(t, nil)
		w.taken = taken
		w.reported("2026-04-02 09:00", "2026-03", 1, 0, 0)
		w.moves = w.moves[:2]
		w.reported("2026-05-06 09:00", "2026-04", 2, 0, 0)
		w.moves = w.moves[:4]
		var sheet []engagement.Score
		for _, item := range engagement.Sheet {
			sheet = append(sheet, engagement.Score{Item: item.ID, Points: item.Most})
		}
		w.at("2026-06-02 09:00", "sec", "evaluation.1.community", approval.Submit, engagement.Details{Scores: sheet})
		w.at("2026-06-02 10:00", "sub", "evaluation.1.subdistrict", approval.Approve, engagement.Details{})
		w.at("2026-06-02 11:00", "op1", "renewal.1.operator", approval.Submit, engagement.Details{Renewal: &engagement.Extension{
			EndsOn: "2026-09-30", Papers: []approval.Attached{{ID: "a2", Kind: "contract", Name: "补充协议.pdf", SHA256: "bb", Size: 1}}}})
		w.at("2026-06-02 12:00", "sec", "renewal.1.community", approval.Approve, engagement.Details{})
		w.at("2026-06-02 13:00", "sub", "renewal.1.subdistrict", approval.Approve, engagement.Details{})
		w.at("2026-08-03 09:00", "op1", "case.1.operator", approval.Withdraw, engagement.Details{})
		if taken {
			w.moves[len(w.moves)-1].wants = approval.Conflict // the term is over and the exit under way
		}
		w.handsBack("2026-08-04 09:00")
		for turn := 3; turn <= 6; turn++ {
			m := w.at("2026-10-09 09:00", "sub", fmt.Sprintf("reporting.%d.arrears", turn), approval.Approve, engagement.Details{})
			if taken && turn > 4 {
				m.wants = approval.NotFound
			}
		}
		result := w.play()
		if taken {
			require.Equal(t, approval.Completed, result.Status)
			require.Equal(t, engagement.RequestRefused, w.view.Renewal.Status)
			require.Empty(t, w.extended)
		} else {
			require.Equal(t, approval.Withdrawn, result.Status)
			require.Equal(t, []string{"2026-09-30"}, w.extended)
		}
	}
}
