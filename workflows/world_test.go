package workflows_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"
	sdkworker "go.temporal.io/sdk/worker"

	"linli/activities"
	"linli/approval"
	"linli/approval/funduse"
	"linli/bank"
	"linli/internal/envelope"
	"linli/worker"
	"linli/workflows"
)

const (
	community   = approval.Scope("370300/370303/370303001/370303001901")
	subdistrict = approval.Scope("370300/370303/370303001")
	district    = approval.Scope("370300/370303")

	hour = time.Hour
	day  = 24 * time.Hour
)

var opened = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC) // a Monday morning in Shanghai

// world is everything around one case in a time-skipping test: the database,
// the ledger and the bank as small, faithful fakes, and people who act at
// given moments.
type world struct {
	t   *testing.T
	env *testsuite.TestWorkflowEnvironment
	in  funduse.Start

	outcomes []*outcome // of every act, checked when the case has ended
	calls    map[string]int
	faults   map[string][]error // what the next calls of an effect answer instead; nil = nothing special
	meddling map[string]func()  // happens once while the effect runs

	mu       sync.Mutex
	journal  journal
	ledger   ledger
	roster   []approval.Member
	evidence map[string][]approval.Evidence // per stage; the last one stays
	facts    []funduse.Facts                // what the criteria saw
	notices  []approval.Notice
	notes    []approval.NoticeNote
	answers  []approval.Objection
	receipts []bank.Receipt // what the bank answers next; then it pays
	orders   []bank.Order
	calendar *approval.Calendar

	*envelope.Verifier
	signer *envelope.Signer
}

func newWorld(t *testing.T, shape func(*funduse.Start)) *world {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	w := &world{
		t: t, env: suite.NewTestWorkflowEnvironment(), in: start(), calendar: years(t),
		calls: map[string]int{}, faults: map[string][]error{}, meddling: map[string]func(){}, evidence: map[string][]approval.Evidence{},
		ledger: ledger{available: 10_000_000, booked: map[string]string{}},
		roster: []approval.Member{{ID: "m1"}, {ID: "m2"}, {ID: "m3"}, {ID: "m4", Reserve: true}},
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
		Journal: w, Members: w, Ledger: w, FactSource: w, Rules: w, Board: w, Accounts: w, Bank: w, Envelopes: w,
	})
	return w
}

// years is the shipped calendar with the given years without any holiday.
func years(t *testing.T, further ...int) *approval.Calendar {
	t.Helper()
	known := approval.ShippedCalendars()
	for _, year := range further {
		known = append(known, approval.CalendarYear{Year: year, Source: "test"})
	}
	calendar, err := approval.NewCalendar(known)
	require.NoError(t, err)
	return calendar
}

func start() funduse.Start {
	proposal := funduse.Proposal{
		Title: "示范活动", Category: funduse.Event, Purpose: "重阳节活动", Amount: 420_000,
		Lines:  []funduse.Line{{Item: "场地布置", Amount: 120_000}, {Item: "餐饮", Amount: 300_000}},
		FundID: "f1", Payee: funduse.Payee{ID: "pay1", Name: "示范商行", Bank: "示范银行", AccountMasked: "**** 1234", AccountDigest: "ab"},
		Beneficiaries: 60, StartsOn: "2026-03-10", EndsOn: "2026-03-20",
	}
	return funduse.Start{
		CaseID: "c1", Scope: community, Proposer: "h1", Proposal: proposal, OpenedAt: opened, Gateway: funduse.HTTP,
		Pin: approval.RulePin{ID: "370303/funduse", Version: 1, Hash: "00"},
		Parameters: funduse.Parameters{
			Committee: funduse.CommitteeParameters{
				MinMembers: 3, QuorumNum: 2, QuorumDen: 3, QuorumBase: "eligible", PassNum: 1, PassDen: 2, PassBase: "eligible",
				MinValid: 2, Rounds: 2, Publish: funduse.PublishNames,
			},
			Charity:   funduse.CharityParameters{TwoOfficersAbove: 5_000_000},
			Notice:    funduse.NoticeParameters{Days: 5, DayKind: approval.WorkingDays, AnswerDays: 3},
			Deadlines: funduse.DeadlineParameters{Correction: 5, Review: 5, Higher: 5, Charity: 5, Payout: 3, Acceptance: 10},
		},
	}
}

// costing changes what the proposal asks for.
func costing(amount approval.Fen) func(*funduse.Start) {
	return func(s *funduse.Start) { s.Proposal = priced(s.Proposal, amount) }
}

func priced(p funduse.Proposal, amount approval.Fen) funduse.Proposal {
	p.Amount, p.Lines = amount, []funduse.Line{{Item: "全部", Amount: amount}}
	return p
}

// after is how long after the opening a civil time in Shanghai comes.
func (w *world) after(civil string) time.Duration {
	at, err := time.ParseInLocation("2006-01-02 15:04", civil, approval.Shanghai)
	require.NoError(w.t, err)
	return at.Sub(w.in.OpenedAt)
}

// ask looks at whom the case waits for at some moment.
func (w *world) ask(after time.Duration, look func(approval.Waiting)) {
	asked := false
	w.env.RegisterDelayedCallback(func() {
		value, err := w.env.QueryWorkflow(workflows.MessageWaiting)
		require.NoError(w.t, err)
		var waiting approval.Waiting
		require.NoError(w.t, value.Get(&waiting))
		asked = true
		look(waiting)
	}, after)
	w.t.Cleanup(func() { require.True(w.t, asked, "the case ended before it was asked, %s after the opening", after) })
}

// seats names the open tasks a case waits for.
func seats(waiting approval.Waiting) []string {
	var seats []string
	for _, seat := range waiting.For {
		seats = append(seats, strings.TrimPrefix(seat.TaskID, waiting.CaseID+"."))
	}
	return seats
}

// play runs the case to its end and checks what must hold however it went.
func (w *world) play() workflows.FundUseResult {
	w.t.Helper()
	w.env.ExecuteWorkflow(workflows.NameFundUse, w.in)
	require.True(w.t, w.env.IsWorkflowCompleted())
	require.NoError(w.t, w.env.GetWorkflowError())
	var result workflows.FundUseResult
	require.NoError(w.t, w.env.GetWorkflowResult(&result))
	w.checkActs()
	w.checkRecord(result)
	w.checkMoney(result)
	w.checkNotifications()
	return result
}

func (w *world) checkActs() {
	w.t.Helper()
	for _, o := range w.outcomes {
		if got := o.code(); got != o.wants {
			w.t.Errorf("%s: got refusal %q (%v), want %q", o.label, got, o.err, o.wants)
		}
	}
}

// checkRecord: steps without gaps, the final one tells the result, and the
// readable copy holds no task that is still open.
func (w *world) checkRecord(result workflows.FundUseResult) {
	w.t.Helper()
	records := w.journal.records
	require.Len(w.t, records, result.Steps)
	for i, record := range records {
		require.Equal(w.t, i+1, record.Seq)
	}
	last := records[len(records)-1]
	require.Equal(w.t, result.Status, last.Case.Status, "the last step is %s", last.Kind)
	require.Equal(w.t, result.Reason, last.Case.Reason)
	for id, task := range w.journal.tasks {
		require.NotEqual(w.t, approval.TaskOpen, task.Status, "%s is still open", id)
	}
}

// checkMoney: nothing is held any more; what was reserved was paid or released;
// one payment at most, and none unless the case was completed.
func (w *world) checkMoney(result workflows.FundUseResult) {
	w.t.Helper()
	l := w.ledger
	require.Zero(w.t, l.held+l.sent, "the closed case still holds money")
	require.Equal(w.t, l.total("reserve"), l.total("release")+l.total("settle"))
	paid := 0
	if result.Status == approval.Completed {
		paid = 1
	}
	require.Len(w.t, l.of("settle"), paid)
	if w.in.Gateway == funduse.Manual {
		require.Empty(w.t, w.orders)
	}
}

// checkNotifications: nobody is asked to act on what they are excluded from,
// and the proposer hears how the case ended.
func (w *world) checkNotifications() {
	w.t.Helper()
	tasks := map[string]approval.Task{}
	for _, record := range w.journal.records {
		for _, task := range record.Tasks {
			tasks[task.ID] = task
		}
		for _, message := range record.Notify {
			for _, person := range message.To {
				require.NotContains(w.t, tasks[message.TaskID].Excluded, person, "step %d, %s", record.Seq, message.Kind)
			}
		}
	}
	outcomes := slices.DeleteFunc(w.messages(), func(m approval.Message) bool { return m.Kind != "outcome" })
	require.Len(w.t, outcomes, 1)
	require.Equal(w.t, []string{w.in.Proposer}, outcomes[0].To)
}

// messages is everything anybody was told, in order.
func (w *world) messages() []approval.Message {
	var all []approval.Message
	for _, record := range w.journal.records {
		all = append(all, record.Notify...)
	}
	return all
}

// kinds names the recorded steps in order.
func (w *world) kinds() []string {
	var kinds []string
	for _, record := range w.journal.records {
		kinds = append(kinds, record.Kind)
	}
	return kinds
}

// steps are the recorded steps of a kind.
func (w *world) steps(kind string) []approval.Record {
	return slices.DeleteFunc(slices.Clone(w.journal.records), func(r approval.Record) bool { return r.Kind != kind })
}

// task is the task as the readable copy has it.
func (w *world) task(id string) approval.Task {
	w.mu.Lock()
	defer w.mu.Unlock()
	task, known := w.journal.tasks["c1."+id]
	require.True(w.t, known, "no task %s", id)
	return task
}
