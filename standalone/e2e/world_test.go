package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"linli/approval"
	"linli/approval/funduse"
	"linli/internal/demo"
	"linli/standalone/e2e/stack"
)

// world is a stack with the people, funds and payees of the demonstration, as
// one test or subtest sees it.
type world struct {
	*stack.Stack
	*memory
	t testing.TB
}

// memory is what the subtests of one stack share.
type memory struct {
	mu       sync.Mutex
	sessions map[string]*person
	places   map[string]place
	keys     atomic.Int64
	// newcomers are people the test itself has added, by username.
	newcomers map[string]string
}

// in is the same world for a subtest.
func (w *world) in(t testing.TB) *world { return &world{Stack: w.Stack, memory: w.memory, t: t} }

// place is a community with what a proposal needs to name.
type place struct {
	scope  approval.Scope
	fund   string
	payees map[string]string // by key of the demonstration
}

func open(t testing.TB, options stack.Options) *world {
	t.Helper()
	w := &world{Stack: stack.Start(t, options), memory: &memory{sessions: map[string]*person{}, places: map[string]place{}, newcomers: map[string]string{}}, t: t}
	if options.Empty {
		return w
	}
	data, err := demo.Read()
	if err != nil {
		t.Fatal(err)
	}
	funds, payees := map[string]string{}, map[string]string{}
	for _, fund := range all[fundRow](w, "zb-officer1", "/v1/funds?") {
		funds[fund.Name] = fund.ID
	}
	for _, payee := range all[funduse.RegisteredPayee](w, "zb-officer1", "/v1/payees?") {
		payees[payee.Name] = payee.ID
	}
	for _, fund := range data.Funds {
		known := place{scope: fund.Scope, fund: funds[fund.Name], payees: map[string]string{}}
		for _, payee := range fund.Payees {
			known.payees[payee.Key] = payees[payee.Name]
		}
		w.places[fund.Key] = known
	}
	return w
}

// key is an idempotency key nobody has used.
func (w *world) key() string { return fmt.Sprintf("e2e-key-%d", w.keys.Add(1)) }

// proposal is a fund use as a handler states it.
type proposal struct {
	Title         string       `json:"title"`
	Category      string       `json:"category"`
	Purpose       string       `json:"purpose"`
	Amount        approval.Fen `json:"amount"`
	Lines         []demo.Line  `json:"lines"`
	FundID        string       `json:"fund_id"`
	PayeeID       string       `json:"payee_id"`
	Needs         []string     `json:"needs"`
	Beneficiaries int          `json:"beneficiaries"`
	StartsOn      string       `json:"starts_on"`
	EndsOn        string       `json:"ends_on"`
	Attachments   []paper      `json:"attachments"`
}

type paper struct {
	ID   string `json:"id"`
	Kind string `json:"kind"`
}

// draft is a proposal the rules of every district let pass, with the papers
// named; it is not filed yet.
func (w *world) draft(at string, amount approval.Fen, kinds ...string) proposal {
	w.t.Helper()
	where := w.places[at]
	return proposal{
		Title: "公共座椅更新（示例）", Category: "event", Purpose: "示例事项，仅供测试。", Amount: amount,
		Lines:  []demo.Line{{Item: "示例支出", Amount: amount}},
		FundID: where.fund, PayeeID: where.payees[at+"-shop"], Needs: []string{"休息座椅"}, Beneficiaries: 80,
		StartsOn: day(0, 5), EndsOn: day(0, 30), Attachments: w.papers(at, kinds...),
	}
}

// day is a civil date some months and days from now.
func day(months, days int) string {
	return time.Now().In(approval.Shanghai).AddDate(0, months, days).Format(time.DateOnly)
}

// papers uploads one sample paper of each kind.
func (w *world) papers(at string, kinds ...string) []paper {
	w.t.Helper()
	papers := []paper{}
	for _, kind := range kinds {
		got, err := w.as(at+"-handler").upload(w.t.Context(), w.places[at].scope, w.key(), kind, "示例材料 "+kind+"\n")
		if err != nil {
			w.t.Fatal(err)
		}
		var stored approval.Attachment
		got.into(w.t, &stored)
		papers = append(papers, paper{ID: stored.ID, Kind: kind})
	}
	return papers
}

// propose files a proposal and returns its case, which may still be starting.
func (w *world) propose(at string, p proposal) string {
	w.t.Helper()
	return w.begin(at+"-handler", "/v1/fund-uses", p)
}

// answering is how long a new case is waited for before its link is given out.
const answering = 5 * time.Second

// begin starts a case, whose link leads to it at once.
func (w *world) begin(as, path string, body any) string {
	w.t.Helper()
	var opened struct {
		CaseID string `json:"case_id"`
	}
	asked := time.Now()
	got := w.write(as, "POST", path, w.key(), body)
	took := time.Since(asked)
	w.settled(as, got).into(w.t, &opened)
	if got.status == http.StatusCreated && took < answering {
		if found := w.write(as, "GET", got.header.Get("Location"), "", nil); found.status != http.StatusOK {
			w.t.Errorf("the link of a case begun at %s leads to %s", path, found)
		}
	}
	return opened.CaseID
}

// settled follows a write whose outcome was not known in time to its end.
func (w *world) settled(username string, got answer) answer {
	w.t.Helper()
	if got.status != http.StatusAccepted {
		return got
	}
	return w.operation(username, got.header.Get("Location"))
}

// operation waits until a write that was put off has its one answer.
func (w *world) operation(username, link string) answer {
	w.t.Helper()
	var done answer
	stack.Until(w.t, "the operation at "+link+" is done", func() (bool, string) {
		got := w.write(username, "GET", link, "", nil)
		var op struct {
			Status     approval.OperationStatus `json:"status"`
			HTTPStatus int                      `json:"http_status"`
			Answer     json.RawMessage          `json:"answer"`
		}
		got.into(w.t, &op)
		done = answer{status: op.HTTPStatus, header: http.Header{}, body: op.Answer}
		return op.Status != approval.OperationPending, got.String()
	})
	return done
}

// deed is what one person does at one seat.
type deed struct {
	as      string
	stage   approval.Stage
	seat    string // "@" + username is that person's own seat
	do      approval.Action
	comment string
	to      approval.Stage
	details any
}

// act waits for the seat's task and acts on it.
func (w *world) act(caseID string, d deed) approval.Receipt {
	w.t.Helper()
	var receipt approval.Receipt
	w.settled(d.as, w.try(caseID, d, w.key())).into(w.t, &receipt)
	return receipt
}

// try is act without insisting that it is accepted.
func (w *world) try(caseID string, d deed, key string) answer {
	w.t.Helper()
	task := w.task(d.as, caseID, d.stage, d.seat)
	return w.write(d.as, "POST", "/v1/tasks/"+task.ID+"/acts", key, body(d, task.ContentHash))
}

func body(d deed, contentHash string) map[string]any {
	form := map[string]any{}
	if d.to != "" {
		form["stage"] = d.to
	}
	if d.details != nil {
		form["details"] = d.details
	}
	stated := map[string]any{"action": d.do, "comment": d.comment, "content_hash": contentHash}
	if len(form) > 0 {
		stated["form"] = form
	}
	return stated
}

// id is a person's id.
func (w *world) id(username string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if id, added := w.newcomers[username]; added {
		return id
	}
	return w.People[username]
}

// task waits until the seat's task is open.
func (w *world) task(username, caseID string, stage approval.Stage, seat string) (found approval.TaskView) {
	w.t.Helper()
	if name, own := strings.CutPrefix(seat, "@"); own {
		seat = w.id(name)
	}
	stack.Until(w.t, fmt.Sprintf("a task for %s at %s is open", seat, stage), func() (bool, string) {
		got := w.write(username, "GET", "/v1/cases/"+caseID+"/tasks", "", nil)
		var page struct {
			Items []approval.TaskView `json:"items"`
		}
		if got.status == http.StatusNotFound {
			return false, got.String()
		}
		got.into(w.t, &page)
		saw := ""
		for _, task := range page.Items {
			if task.Stage == stage && task.Seat == seat && task.Status == approval.TaskOpen {
				found = task
				return true, ""
			}
			saw += fmt.Sprintf("%s/%d/%s %s; ", task.Stage, task.Round, task.Seat, task.Status)
		}
		return false, saw
	})
	return found
}

// reach waits until the case stands at a stage.
func (w *world) reach(caseID string, stage approval.Stage) approval.CaseView {
	w.t.Helper()
	return w.standing(caseID, "stands at "+string(stage), func(view approval.CaseView) bool { return view.Stage == stage })
}

// ends waits until the case has ended, and that it ended so.
func (w *world) ends(caseID string, status approval.CaseStatus) approval.CaseView {
	w.t.Helper()
	view := w.standing(caseID, "has ended", func(view approval.CaseView) bool { return view.Status != approval.Running })
	if view.Status != status {
		w.t.Fatalf("the case ended as %s (%s), want %s", view.Status, view.Reason, status)
	}
	return view
}

func (w *world) standing(caseID, what string, holds func(approval.CaseView) bool) (view approval.CaseView) {
	w.t.Helper()
	stack.Until(w.t, "case "+caseID+" "+what, func() (bool, string) {
		got := w.write("zb-auditor", "GET", "/v1/cases/"+caseID, "", nil)
		if got.status == http.StatusNotFound || got.status == http.StatusTooManyRequests { // not there yet; asked too often
			return false, got.String()
		}
		got.into(w.t, &view)
		return holds(view), got.String()
	})
	return view
}

func (w *world) view(caseID string) approval.CaseView {
	w.t.Helper()
	return read[approval.CaseView](w, "zb-auditor", "/v1/cases/"+caseID)
}

func (w *world) steps(caseID string) []approval.StepView {
	w.t.Helper()
	return read[struct {
		Items []approval.StepView `json:"items"`
	}](w, "zb-auditor", "/v1/cases/"+caseID+"/steps").Items
}
