package workflows_test

import (
	"context"
	"encoding/json"
	"fmt"
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
	community = approval.Scope("370300/370303/370303001/370303001901")
	district  = approval.Scope("370300/370303")
)

var opened = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC) // a Monday morning in Shanghai

// world is everything around one case in a time-skipping test: the database,
// the ledger and the bank as small, faithful fakes, and people who act at
// given moments.
type world struct {
	t   *testing.T
	env *testsuite.TestWorkflowEnvironment
	in  funduse.Start

	mu       sync.Mutex
	records  []approval.Record
	roster   []approval.Member
	evidence map[string]approval.Evidence
	fund     funduse.FundFacts
	held     map[string]approval.Fen
	paid     []funduse.SettleOrder
	refunds  []funduse.RefundOrder
	recovers []funduse.RefundOrder
	notices  []approval.Notice
	notes    []approval.NoticeNote
	answers  []approval.Objection
	receipts []bank.Receipt // what the bank answers next; empty = success
	orders   []bank.Order
	calendar *approval.Calendar
	acts     int

	*envelope.Verifier
	signer *envelope.Signer
}

func newWorld(t *testing.T, shape func(*funduse.Start)) *world {
	t.Helper()
	calendar, err := approval.NewCalendar(approval.ShippedCalendars())
	require.NoError(t, err)
	var suite testsuite.WorkflowTestSuite
	w := &world{
		t: t, env: suite.NewTestWorkflowEnvironment(), in: start(), calendar: calendar,
		held: map[string]approval.Fen{}, evidence: map[string]approval.Evidence{},
		roster: []approval.Member{{ID: "m1"}, {ID: "m2"}, {ID: "m3"}, {ID: "m4", Reserve: true}},
		fund:   funduse.FundFacts{Available: 10_000_000, CommitteeMembers: 3},
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
	w.env.SetStartTime(opened)
	w.env.SetTestTimeout(20 * time.Second)
	w.env.SetWorkerOptions(sdkworker.Options{Interceptors: worker.Interceptors()})
	worker.Register(w.env, &activities.Activities{
		Journal: w, Members: w, Ledger: w, FactSource: w, Rules: w, Board: w, Accounts: w, Bank: w, Envelopes: w,
	})
	return w
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

// people and what they hold.
var grants = map[string][]approval.Grant{
	"h1":       {{Role: approval.Handler, Scope: community}},
	"m1":       {{Role: approval.CommitteeMember, Scope: community}},
	"m2":       {{Role: approval.CommitteeMember, Scope: community}},
	"m3":       {{Role: approval.CommitteeMember, Scope: community}},
	"m4":       {{Role: approval.CommitteeMember, Scope: community}},
	"sec":      {{Role: approval.Secretary, Scope: community}},
	"sub":      {{Role: approval.SubdistrictApprover, Scope: community.Up(approval.Subdistrict)}},
	"sub2":     {{Role: approval.SubdistrictApprover, Scope: community.Up(approval.Subdistrict)}},
	"dis":      {{Role: approval.DistrictApprover, Scope: district}},
	"off1":     {{Role: approval.CharityOfficer, Scope: "370300"}},
	"off2":     {{Role: approval.CharityOfficer, Scope: "370300"}},
	"cash":     {{Role: approval.Cashier, Scope: "370300"}},
	"check":    {{Role: approval.PaymentChecker, Scope: "370300"}},
	"super":    {{Role: approval.Supervisor, Scope: community}},
	"obj":      {{Role: approval.ObjectionHandler, Scope: community.Up(approval.Subdistrict)}},
	"admin":    {{Role: approval.Administrator, Scope: "370300"}},
	"resident": {{Role: approval.Resident, Scope: community}},
}

// move is one act a person takes in a story.
type move struct {
	who     string
	task    string // stage.round.seat
	action  approval.Action
	comment string
	form    approval.Entry
	details funduse.Details
	hash    string        // "" = the hash on the task
	wants   approval.Code // refusal expected, "" = accepted
	forged  bool          // the envelope was made for another act
}

// at lets a person act some time after the case was opened.
func (w *world) at(after time.Duration, m move) {
	w.env.RegisterDelayedCallback(func() { w.act(m) }, after)
}

// inOrder lets people act one after the other, an hour apart, from a moment on.
func (w *world) inOrder(from time.Duration, moves ...move) {
	for i, m := range moves {
		w.at(from+time.Duration(i)*time.Hour, m)
	}
}

func (w *world) act(m move) {
	w.acts++
	act := approval.Act{
		ID: fmt.Sprintf("%s/%d", m.who, w.acts), CaseID: "c1", TaskID: "c1." + m.task, Action: m.action,
		Person: approval.Person{ID: m.who, Grants: grants[m.who]}, Comment: m.comment, Form: m.form, ContentHash: m.hash,
	}
	if act.ContentHash == "" {
		act.ContentHash = w.hashOf(act.TaskID)
	}
	if raw, _ := json.Marshal(m.details); string(raw) != "{}" {
		act.Form.Details = raw
	}
	act.Envelope = w.sign(act, m.forged)
	answer := &answer{}
	w.env.UpdateWorkflow(workflows.MessageAct, act.ID, answer, act)
	label := fmt.Sprintf("act %d: %s does %s on %s", w.acts, m.who, m.action, m.task)
	w.t.Cleanup(func() {
		if got := answer.code(); got != m.wants {
			w.t.Errorf("%s: got refusal %q (%v), want %q", label, got, answer.err, m.wants)
		}
	})
}

func (w *world) sign(act approval.Act, forged bool) string {
	claims := approval.Claims{
		ID: act.ID, Person: act.Person, CaseID: act.CaseID, TaskID: act.TaskID, Action: act.Action,
		ContentHash: act.ContentHash, BodyHash: act.BodyHash(), IssuedAt: opened, Authenticated: "password",
	}
	if forged {
		claims.BodyHash = "00"
	}
	text, err := w.signer.Sign(claims)
	require.NoError(w.t, err)
	return text
}

func (w *world) hashOf(task string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := len(w.records) - 1; i >= 0; i-- {
		for _, t := range w.records[i].Tasks {
			if t.ID == task {
				return t.ContentHash
			}
		}
	}
	return ""
}

type answer struct {
	err  error
	done bool
}

func (a *answer) Reject(err error)          { a.err, a.done = err, true }
func (a *answer) Accept()                   {}
func (a *answer) Complete(_ any, err error) { a.err, a.done = err, true }
func (a *answer) code() approval.Code {
	if !a.done {
		return "never answered"
	}
	return approval.CodeOf(workflows.FromWire(a.err))
}

// play runs the case to its end.
func (w *world) play() workflows.FundUseResult {
	w.t.Helper()
	w.env.ExecuteWorkflow(workflows.NameFundUse, w.in)
	require.True(w.t, w.env.IsWorkflowCompleted())
	require.NoError(w.t, w.env.GetWorkflowError())
	var result workflows.FundUseResult
	require.NoError(w.t, w.env.GetWorkflowResult(&result))
	return result
}

func (w *world) Record(_ context.Context, r approval.Record) (approval.Recorded, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r.Seq != len(w.records)+1 {
		return approval.Recorded{}, fmt.Errorf("step %d follows step %d", r.Seq, len(w.records))
	}
	var recorded approval.Recorded
	for _, task := range r.Tasks {
		if task.Days == 0 || !task.DueAt.IsZero() {
			continue
		}
		due, err := w.calendar.Deadline(task.OpenedAt, task.Days, approval.WorkingDays)
		if err != nil {
			return recorded, err
		}
		recorded.Deadlines = append(recorded.Deadlines, approval.TaskDeadline{TaskID: task.ID, RemindAt: due.Add(-24 * time.Hour), DueAt: due})
	}
	w.records = append(w.records, r)
	return recorded, nil
}

func (w *world) Committee(context.Context, approval.Scope, string) ([]approval.Member, error) {
	return w.roster, nil
}

func (w *world) FundFacts(context.Context, funduse.FactQuestion) (funduse.MoneyFacts, error) {
	return funduse.MoneyFacts{Fund: w.fund}, nil
}

func (w *world) Evaluate(_ context.Context, pin approval.RulePin, stage string, _ funduse.Facts) (approval.Evidence, error) {
	if evidence, ok := w.evidence[stage]; ok {
		return evidence, nil
	}
	return approval.Evidence{Pin: pin, Stage: stage, Outcome: approval.OutcomePass}, nil
}

func (w *world) Reserve(_ context.Context, o funduse.ReserveOrder) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if int64(o.Amount) > w.fund.Available {
		return approval.Errorf(approval.InsufficientFund, "余额不足", "too little money")
	}
	w.held[o.CaseID] += o.Amount
	w.fund.Available -= int64(o.Amount)
	return nil
}

func (w *world) Release(_ context.Context, o funduse.ReleaseOrder) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fund.Available += int64(w.held[o.CaseID])
	w.held[o.CaseID] = 0
	return nil
}

func (w *world) SendPayment(context.Context, funduse.SendOrder) error     { return nil }
func (w *world) ReturnPayment(context.Context, funduse.ReturnOrder) error { return nil }

func (w *world) SettlePayment(_ context.Context, o funduse.SettleOrder) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.paid = append(w.paid, o)
	w.held[o.CaseID] = 0
	return nil
}

func (w *world) RefundUnused(_ context.Context, o funduse.RefundOrder) error {
	w.refunds = append(w.refunds, o)
	return nil
}

func (w *world) Recover(_ context.Context, o funduse.RefundOrder) error {
	w.recovers = append(w.recovers, o)
	return nil
}

func (w *world) Publish(_ context.Context, n approval.Notice) (approval.Notice, error) {
	var err error
	n.EndsAt, err = w.calendar.Deadline(n.PublishedAt, n.Days, n.DayKind)
	w.notices = append(w.notices, n)
	return n, err
}

func (w *world) AddNote(_ context.Context, n approval.NoticeNote) error {
	w.notes = append(w.notes, n)
	return nil
}

func (w *world) AnswerObjection(_ context.Context, a approval.Objection) error {
	w.answers = append(w.answers, a)
	return nil
}

func (w *world) PayeeAccount(context.Context, string) (funduse.PayeeAccount, error) {
	account, err := funduse.ParseAccount("6222020000001234")
	return funduse.PayeeAccount{Name: "示范商行", Bank: "示范银行", Account: account}, err
}

func (w *world) PayerAccount(context.Context, string) (string, error) { return "37030000000001", nil }

func (w *world) Pay(_ context.Context, o bank.Order) (bank.Receipt, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.orders = append(w.orders, o)
	return w.receipt(o.Key), nil
}

func (w *world) Query(_ context.Context, key string) (bank.Receipt, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.receipt(key), nil
}

func (w *world) receipt(key string) bank.Receipt {
	if len(w.receipts) > 0 {
		receipt := w.receipts[0]
		w.receipts = w.receipts[1:]
		receipt.Key = key
		return receipt
	}
	return bank.Receipt{Key: key, Status: bank.Succeeded, BankReference: "B-" + key}
}
