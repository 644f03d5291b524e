package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	historypb "go.temporal.io/api/history/v1"

	"linli/approval"
	"linli/approval/approvaltest"
	"linli/approval/engagement"
	"linli/approval/onboarding"
	"linli/audit"
	"linli/internal/demo"
	"linli/internal/replay"
	"linli/standalone/e2e/stack"
	"linli/workflows"
)

// tenancy is one running engagement as its people see it.
type tenancy struct {
	*world
	id, at, operator string
	start            engagement.Start
}

// operatorAccount opens an account that holds nothing anywhere.
func (w *world) operatorAccount(at, username string) {
	w.t.Helper()
	var account approval.Account
	w.write("admin", "POST", "/v1/accounts", w.key(), approval.NewAccount{
		Username: username, Name: "示例·运营主体经办", Scope: w.places[at].scope, Password: demo.Password,
	}).into(w.t, &account)
	w.mu.Lock()
	w.newcomers[username] = account.ID
	w.mu.Unlock()
}

// engage begins an engagement as an onboarding case does at its end; shapes
// change what was agreed.
func (w *world) engage(at, onboardingCase string, months int, shapes ...func(*engagement.Start)) *tenancy {
	w.t.Helper()
	operator := "op-" + strings.ToLower(onboardingCase)
	w.operatorAccount(at, operator)
	where := w.places[at]
	today := time.Now().In(approval.Shanghai)
	list, err := onboarding.Draw(onboarding.Inventory{SpaceID: "sp-" + onboardingCase, Name: "示例阵地", Rooms: []string{"大厅"}}, []onboarding.Item{
		{Kind: onboarding.ItemMeter, Name: "电表", Unit: "kWh", Quantity: 1}, {Kind: onboarding.ItemKeys, Name: "钥匙", Unit: "把", Quantity: 2},
		{Kind: onboarding.ItemFire, Name: "灭火器", Unit: "具", Quantity: 2}, {Kind: onboarding.ItemPhoto, Name: "照片", Quantity: 4},
	}, w.id(at+"-handler"), today)
	if err != nil {
		w.t.Fatal(err)
	}
	list.Confirm(onboarding.Giving, approvaltest.AsListed(list), w.id(at+"-handler"), today)
	list.Confirm(onboarding.Receiving, approvaltest.AsListed(list), w.id(operator), today)
	e := &tenancy{world: w, id: engagement.ID(onboardingCase), at: at, operator: operator, start: engagement.Start{
		CaseID: engagement.ID(onboardingCase), Onboarding: onboardingCase, Scope: where.scope, Opener: w.id(at + "-handler"), People: []string{w.id(operator)},
		Operator: onboarding.Operator{ID: "op-1", Name: "示例助餐服务部", CreditCode: "92370303QW0000129A", Kind: "sole_trader"},
		Space:    onboarding.Space{ID: "sp-" + onboardingCase, Number: 1, Name: "示例阵地", Area: 3800}, HoldKey: onboardingCase + "/space/1", FundID: where.fund,
		Services: []onboarding.Service{{Name: "老年午餐", Kind: onboarding.Meals, Class: onboarding.LowCharge, Price: 1_500, Unit: "份", Over60: 10, Over80: 15}},
		Share:    onboarding.Share{Kind: onboarding.ProfitPercent, Percent: 30, Period: onboarding.Monthly},
		StartsOn: time.Date(today.Year(), today.Month(), 1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), EndsOn: day(months, 0), Handover: list, RepairDays: 500, MaxMonths: 36,
		Parameters: onboarding.EngagementParameters{
			ReportMonths: 3, ReportDays: 600, ConfirmDays: 600, DonationDays: 600, Excellent: 90, Good: 75, Pass: 60, EvaluationDays: 600,
			RectificationDays: 600, FailuresToExit: 2, RenewalNoticeDays: 60, HandbackDays: 600,
		},
		OpenedAt: today,
	}}
	for _, shape := range shapes {
		shape(&e.start)
	}
	if err := e.start.Validate(); err != nil {
		w.t.Fatal(err)
	}
	if err := w.Engine.StartEngagement(w.t.Context(), e.start); err != nil {
		w.t.Fatal(err)
	}
	e.shown("that it runs", func(engagement.View) bool { return true }) // before that its people have no place to upload papers to
	return e
}

// accounts uploads a paper of the operator's.
func (e *tenancy) accounts() []paper {
	e.t.Helper()
	got, err := e.as(e.operator).upload(e.t.Context(), e.start.Scope, e.key(), "利润表", "示例材料\n")
	if err != nil {
		e.t.Fatal(err)
	}
	var stored approval.Attachment
	got.into(e.t, &stored)
	return []paper{{ID: stored.ID, Kind: "accounts"}}
}

func (e *tenancy) report(period string, profit, share approval.Fen) map[string]any {
	e.t.Helper()
	return map[string]any{"report": map[string]any{"period": period, "revenue": profit + 100, "profit": profit, "share": share, "papers": e.accounts()}}
}

// pays carries a reported share to the ledger.
func (e *tenancy) pays(number string) {
	e.t.Helper()
	today := day(0, 0)
	e.act(e.id, deed{as: e.at + "-handler", stage: engagement.Reporting, seat: engagement.SeatCommunity, do: approval.Approve})
	e.act(e.id, deed{as: e.operator, stage: engagement.Reporting, seat: engagement.SeatPayment, do: approval.Submit,
		details: map[string]any{"payment": map[string]any{"bank_reference": "B-" + number, "paid_on": today}}})
	e.act(e.id, deed{as: "zb-officer1", stage: engagement.Reporting, seat: engagement.SeatCharity, do: approval.Approve, details: map[string]any{
		"received": map[string]any{"received_on": today, "receipt": map[string]any{"code": "37010126", "number": number, "item": "反哺", "issued_on": today}}}})
}

// shown waits until the readable copy shows what is asked for.
func (e *tenancy) shown(what string, holds func(engagement.View) bool) (view engagement.View) {
	e.t.Helper()
	stack.Until(e.t, "the engagement shows "+what, func() (bool, string) {
		got := e.write(e.operator, "GET", "/v1/engagements/"+e.id, "", nil)
		if got.status == http.StatusNotFound {
			return false, got.String()
		}
		got.into(e.t, &view)
		return holds(view), got.String()
	})
	return view
}

func (e *tenancy) withdraws() {
	e.t.Helper()
	e.act(e.id, deed{as: e.operator, stage: approval.CaseDesk, seat: engagement.SeatOperator, do: approval.Withdraw, comment: "经营调整"})
}

// period is the name of the month the engagement began in, or of a later one.
func (e *tenancy) period(n int) string {
	return approval.AddMonths(e.start.OpenedAt, n).Format("2006-01")
}

// A report on the real stack becomes a donation; the run is continued as new in
// between, twice, and an act taken long before has one effect and one receipt.
func TestAnEngagementOutlivesItsRuns(t *testing.T) {
	t.Parallel()
	w := open(t, stack.Options{DayLength: 100 * time.Millisecond})
	e := w.engage("zd", "c_e2e_engagement", 24)
	before := e.available()
	report := deed{as: e.operator, stage: engagement.Reporting, seat: engagement.SeatOperator, do: approval.Submit}
	report.details = e.report(e.period(0), 1_000_001, 300_000)
	task := w.task(e.operator, e.id, report.stage, report.seat)
	key := w.key()
	first := w.settled(e.operator, w.write(e.operator, "POST", "/v1/tasks/"+task.ID+"/acts", key, body(report, task.ContentHash)))
	var receipt approval.Receipt
	first.into(t, &receipt)
	e.pays("0000000001")
	e.shown("the donation", func(v engagement.View) bool { return v.Given == 300_000 })
	if after := e.available(); after-before != 300_000 {
		t.Errorf("the fund has %d fen more, want 300000", after-before)
	}

	e.copies(220)
	runs := e.runs()
	if len(runs) < 3 {
		t.Fatalf("%d runs after 220 acts", len(runs))
	}
	act := e.taken(receipt)
	other := act
	other.Comment = "另一请求"
	if _, err := w.Engine.Act(t.Context(), other); approval.CodeOf(err) != approval.KeyReused {
		t.Errorf("another act under the same key: %v", err)
	}
	again, err := w.Engine.Act(t.Context(), act)
	if err != nil || again != receipt {
		t.Errorf("the act repeated in a later run: %+v, %v; want %+v", again, err, receipt)
	}
	late := w.write(e.operator, "POST", "/v1/tasks/"+task.ID+"/acts", w.key(), body(report, task.ContentHash))
	if got := late.problem(t); got.Code == "" || late.status < 400 {
		t.Errorf("a report for a closed period: %s", late)
	}
	e.withdraws()
	e.settles(approval.Withdrawn)
	histories := e.checkRuns()
	if *record {
		w.keep("engagement_first_run", histories[0])
		w.keep("engagement_last_run", histories[len(histories)-1])
	}
}

// Fifty-six points, a rectification, fifty-two points: the operator leaves and
// hands the space back.
func TestAnOperatorThatFailsTwiceLeaves(t *testing.T) {
	t.Parallel()
	w := open(t, stack.Options{DayLength: 100 * time.Millisecond})
	e := w.engage("zd", "c_e2e_failing", 3)
	e.scored(56)
	e.act(e.id, deed{as: e.operator, stage: engagement.Rectification, seat: engagement.SeatOperator, do: approval.Submit,
		details: map[string]any{"statement": map[string]any{"text": "已补足公益服务", "papers": e.accounts()}}})
	e.scored(52)
	e.settles(approval.Terminated)
	view := e.shown("how it ended", func(v engagement.View) bool { return v.Status != approval.Running })
	if view.Leaving.Ground != engagement.FailedEvaluation || len(view.Evaluations) != 2 || view.Evaluations[1].Band != engagement.Fail {
		t.Errorf("left for %s after %+v", view.Leaving.Ground, view.Evaluations)
	}
	if histories := e.checkRuns(); *record {
		w.keep("engagement_failed", histories[0])
	}
}

// scored plays an evaluation with this total.
func (e *tenancy) scored(total int64) {
	e.t.Helper()
	scores := []map[string]any{}
	for _, item := range engagement.Sheet {
		points := min(total, item.Most)
		total -= points
		scores = append(scores, map[string]any{"item": item.ID, "points": points})
	}
	e.act(e.id, deed{as: e.at + "-secretary", stage: engagement.Evaluation, seat: engagement.SeatCommunity, do: approval.Submit, details: map[string]any{"scores": scores}})
	e.act(e.id, deed{as: e.at + "-street", stage: engagement.Evaluation, seat: engagement.SeatSubdistrict, do: approval.Approve})
}

func (e *tenancy) available() approval.Fen {
	e.t.Helper()
	fund := read[struct {
		Balance struct {
			Available struct{ Amount approval.Fen }
		}
	}](e.world, "zb-officer1", "/v1/funds/"+e.start.FundID)
	return fund.Balance.Available.Amount
}

// copies fills runs with acts that change nothing.
func (e *tenancy) copies(n int) {
	e.t.Helper()
	task := e.task(e.operator, e.id, approval.CaseDesk, engagement.SeatOperator)
	stated := map[string]any{"action": approval.Copy, "form": map[string]any{"to": []string{e.world.id(e.at + "-handler")}}}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range n / 4 {
				e.copy(task.ID, stated)
			}
		})
	}
	wg.Wait()
}

// copy insists: a caller in a hurry is told to wait.
func (e *tenancy) copy(task string, stated map[string]any) {
	key := e.key()
	for {
		got, err := e.as(e.operator).send(e.t.Context(), "POST", "/v1/tasks/"+task+"/acts", key, stated)
		if err != nil {
			e.t.Errorf("copying: %v", err)
			return
		}
		switch got.status {
		case http.StatusOK:
			return
		case http.StatusTooManyRequests, http.StatusAccepted, http.StatusConflict, http.StatusServiceUnavailable:
			time.Sleep(200 * time.Millisecond)
		default:
			e.t.Errorf("copying: %s", got)
			return
		}
	}
}

// taken is an act as the record has it, to be sent again.
func (e *tenancy) taken(receipt approval.Receipt) (act approval.Act) {
	e.t.Helper()
	steps, err := e.Store.Steps(e.t.Context(), e.id)
	if err != nil {
		e.t.Fatal(err)
	}
	for _, step := range steps {
		if step.Seq == receipt.Seq {
			var record approval.Record
			if err := json.Unmarshal(step.Record, &record); err != nil || record.Act == nil {
				e.t.Fatalf("step %d is no act: %v", step.Seq, err)
			}
			return *record.Act
		}
	}
	e.t.Fatalf("no step %d", receipt.Seq)
	return act
}

// handsBack plays the hand-back without a difference.
func (e *tenancy) handsBack() {
	e.t.Helper()
	readings := []map[string]any{}
	for _, r := range approvaltest.AsListed(e.start.Handover) {
		readings = append(readings, map[string]any{"item_id": r.ItemID, "quantity": r.Quantity, "state": r.State, "photos": append([]string{}, r.Photos...)})
	}
	form := map[string]any{"handover": map[string]any{"readings": readings}}
	e.act(e.id, deed{as: e.operator, stage: engagement.Exit, seat: string(onboarding.Giving), do: approval.Confirm, details: form})
	e.act(e.id, deed{as: e.at + "-handler", stage: engagement.Exit, seat: string(onboarding.Receiving), do: approval.Confirm, details: form})
}

// settles hands the space back and reports whatever is due, without a profit.
func (e *tenancy) settles(as approval.CaseStatus) {
	e.t.Helper()
	e.handsBack()
	for _, p := range e.shown("the exit", func(v engagement.View) bool { return v.Stage == engagement.Exit }).Periods {
		if p.Status != engagement.Due {
			continue
		}
		e.on(e.operator, approval.TaskID(e.id, engagement.Reporting, p.Turn, engagement.SeatOperator), deed{do: approval.Submit, details: e.report(p.Name, 0, 0)})
		e.on(e.at+"-handler", approval.TaskID(e.id, engagement.Reporting, p.Turn, engagement.SeatCommunity), deed{do: approval.Approve})
	}
	e.ends(e.id, as)
}

// on acts on a task known by its id.
func (e *tenancy) on(username, task string, d deed) {
	e.t.Helper()
	open := read[approval.TaskView](e.world, username, "/v1/tasks/"+task)
	e.settled(username, e.write(username, "POST", "/v1/tasks/"+task+"/acts", e.key(), body(d, open.ContentHash))).into(e.t, &approval.Receipt{})
}

// runs are the run ids of the engagement, the first one first.
func (e *tenancy) runs() []string {
	e.t.Helper()
	var runs []string
	for run := ""; ; {
		described, err := e.Temporal.DescribeWorkflowExecution(e.t.Context(), e.id, run)
		if err != nil {
			e.t.Fatal(err)
		}
		id := described.GetWorkflowExecutionInfo().GetExecution().GetRunId()
		events := e.Temporal.GetWorkflowHistory(e.t.Context(), e.id, id, false, 1)
		started, err := events.Next()
		if err != nil {
			e.t.Fatal(err)
		}
		runs = append([]string{id}, runs...)
		if run = started.GetWorkflowExecutionStartedEventAttributes().GetContinuedExecutionRunId(); run == "" {
			return runs
		}
	}
}

// checkRuns: every run lies sealed in the one chain, replays deeply, and what
// one carried over is what the next began with.
func (e *tenancy) checkRuns() (histories []*historypb.History) {
	e.t.Helper()
	ids := []string{}
	for n := range e.runs()[1:] {
		ids = append(ids, fmt.Sprintf("%s.%d", e.id, n+1))
	}
	for _, id := range append(ids, e.id) {
		var sealed []byte
		stack.Until(e.t, "the history "+id+" is sealed", func() (bool, string) {
			var err error
			if sealed, err = e.Store.ArchivedHistory(e.t.Context(), id); err != nil {
				return false, err.Error()
			}
			return true, ""
		})
		history, err := workflows.ReadHistory(bytes.NewReader(sealed))
		if err != nil {
			e.t.Fatal(err)
		}
		if err := replay.Deep(history, e.Keys.Verifier); err != nil {
			e.t.Errorf("the history %s does not replay: %v", id, err)
		}
		histories = append(histories, history)
	}
	log, err := e.Store.ArchiveLog(e.t.Context())
	if err != nil {
		e.t.Fatal(err)
	}
	if err := audit.VerifyLog(log); err != nil {
		e.t.Errorf("the archive log: %v", err)
	}
	steps, err := e.Store.Steps(e.t.Context(), e.id)
	if err != nil {
		e.t.Fatal(err)
	}
	if err := audit.VerifySteps(steps); err != nil {
		e.t.Errorf("the steps: %v", err)
	}
	for i, step := range steps {
		if step.Seq != i+1 {
			e.t.Fatalf("step %d stands at place %d: the numbers go on over the runs", step.Seq, i+1)
		}
	}
	return histories
}
