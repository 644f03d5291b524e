package server_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"linli/approval"
	"linli/approval/funduse"
	"linli/store"
	"linli/store/storetest"
)

func TestACaseFromProposalToNotice(t *testing.T) {
	c := newCaseWorld(t)
	caseID, noticeID := c.published()
	var row struct {
		Stage, Status string
		Seq           int
	}
	decode(t, c.read(c.handler, "/v1/cases/"+caseID), &row)
	if row.Stage != "notice" || row.Status != "running" {
		t.Errorf("the case stands at %s, %s", row.Stage, row.Status)
	}
	var steps struct {
		Items []struct{ Kind, Action, Person, Envelope string }
	}
	decode(t, c.read(c.handler, "/v1/cases/"+caseID+"/steps"), &steps)
	acts := 0
	for _, step := range steps.Items {
		if step.Kind == "acted" {
			acts++
			if step.Envelope == "" || step.Action != "approve" {
				t.Errorf("an act on record without envelope or action: %+v", step)
			}
		}
	}
	if acts != 5 || len(steps.Items) != row.Seq {
		t.Errorf("%d acts in %d steps, the case counts %d", acts, len(steps.Items), row.Seq)
	}
	var proposal struct {
		ContentHash string `json:"content_hash"`
		Proposal    funduse.Proposal
	}
	decode(t, c.read(c.handler, "/v1/cases/"+caseID+"/proposal"), &proposal)
	if proposal.Proposal.Payee.AccountMasked != "**** 7890" || len(proposal.Proposal.Attachments) != 2 || proposal.ContentHash != proposal.Proposal.Hash() {
		t.Errorf("proposal: %+v", proposal)
	}
	var evidence struct{ Items []approval.Evidence }
	decode(t, c.read(c.handler, "/v1/cases/"+caseID+"/evidence"), &evidence)
	if len(evidence.Items) != 2 || evidence.Items[0].Outcome != approval.OutcomePass {
		t.Errorf("evidence: %+v", evidence.Items)
	}
	if !strings.HasPrefix(noticeID, caseID) {
		t.Errorf("notice %s does not belong to case %s", noticeID, caseID)
	}
	var tasks struct{ Items []taskSeen }
	decode(t, c.read(c.handler, "/v1/cases/"+caseID+"/tasks"), &tasks)
	if len(tasks.Items) < 6 {
		t.Errorf("%d tasks", len(tasks.Items))
	}
}

func TestAStartRepeatedIsOneCase(t *testing.T) {
	c := newCaseWorld(t)
	request := asked{method: "POST", path: "/v1/fund-uses", body: c.proposal(), bearer: c.handler, key: "start-key-1"}
	c.engine.unreachable.Store(true)
	pending := c.ask(request)
	pending.want(t, 202, "")
	c.engine.unreachable.Store(false)
	c.pass(approval.OperationLease + time.Second)
	if done, err := c.server.Redeliver(t.Context()); done != 1 || err != nil {
		t.Fatalf("the sweeper delivered %d, %v", done, err)
	}
	again := c.ask(request)
	again.want(t, 201, "")
	if again.header.Get("Idempotency-Replayed") != "true" || len(c.engine.cases) != 1 {
		t.Errorf("replayed %q, %d cases", again.header.Get("Idempotency-Replayed"), len(c.engine.cases))
	}
	request.body = func() any { p := c.proposal(); p["title"] = "另一个标题"; return p }()
	c.ask(request).want(t, 422, approval.KeyReused)
	if len(c.engine.cases) != 1 {
		t.Errorf("%d cases", len(c.engine.cases))
	}
}

func TestProposalsThatDoNotFit(t *testing.T) {
	c := newCaseWorld(t)
	elsewhere, twice := c.paper(storetest.Community2, "budget"), c.paper(storetest.Community1, "budget")
	for name, bad := range map[string]struct {
		change map[string]any
		status int
		code   approval.Code
		field  string
	}{
		"lines do not add up":    {map[string]any{"amount": 430_000}, 422, approval.Invalid, "lines"},
		"no title":               {map[string]any{"title": ""}, 422, approval.Invalid, "title"},
		"ends before it starts":  {map[string]any{"ends_on": "2026-05-01"}, 422, approval.Invalid, "ends_on"},
		"no such date":           {map[string]any{"starts_on": "2026-02-30"}, 422, approval.Invalid, "starts_on"},
		"unknown fund":           {map[string]any{"fund_id": "f_none"}, 404, approval.NotFound, "fund_id"},
		"unknown payee":          {map[string]any{"payee_id": "y_none"}, 404, approval.NotFound, "payee_id"},
		"unknown paper":          {map[string]any{"attachments": []map[string]string{{"id": "att_none", "kind": "budget"}}}, 404, approval.NotFound, "attachments/0/id"},
		"another scope's paper":  {map[string]any{"attachments": []map[string]string{elsewhere}}, 422, approval.Invalid, "attachments/0/id"},
		"the same paper twice":   {map[string]any{"attachments": []map[string]string{twice, twice}}, 422, approval.Invalid, "attachments/1/id"},
		"a kind nobody knows":    {map[string]any{"category": "lottery"}, 422, approval.Invalid, "category"},
		"an amount with a point": {map[string]any{"amount": 420_000.5}, 422, approval.Invalid, "amount"},
		"a field nobody knows":   {map[string]any{"payee": map[string]any{"name": "我"}}, 422, approval.Invalid, "payee"},
	} {
		t.Run(name, func(t *testing.T) {
			body := c.proposal()
			for field, value := range bad.change {
				body[field] = value
			}
			answer := c.ask(asked{method: "POST", path: "/v1/fund-uses", body: body, bearer: c.handler, key: c.key()})
			answer.want(t, bad.status, bad.code)
			if answer.Field != bad.field {
				t.Errorf("blames %q, want %q", answer.Field, bad.field)
			}
		})
	}
	c.ask(asked{method: "POST", path: "/v1/fund-uses", body: c.proposal(), bearer: c.who["linzi"], key: c.key()}).want(t, 404, approval.NotFound)
	c.ask(asked{method: "POST", path: "/v1/fund-uses", body: c.proposal(), bearer: c.who["mem1"], key: c.key()}).want(t, 403, approval.Forbidden)
	if len(c.engine.cases) != 0 {
		t.Errorf("%d cases were started", len(c.engine.cases))
	}
}

func TestAPaperServesOneCase(t *testing.T) {
	c := newCaseWorld(t)
	body := c.proposal()
	request := asked{method: "POST", path: "/v1/fund-uses", body: body, bearer: c.handler, key: "paper-key-1"}
	c.ask(request).want(t, 201, "")
	c.ask(request).want(t, 201, "") // the same case
	request.key = "paper-key-2"
	refused := c.ask(request)
	if refused.want(t, 422, approval.Invalid); refused.Field != "attachments/0/id" {
		t.Errorf("blames %q", refused.Field)
	}
	for _, member := range []string{"mem1", "mem2"} {
		c.do(member, "approve", nil).want(t, 200, "")
	}
	c.do("officer", "return", map[string]any{"comment": "预算须细化", "form": map[string]any{"stage": "correction"}}).want(t, 200, "")
	added := c.paper(storetest.Community1, "quotes")
	body["attachments"] = append(body["attachments"].([]map[string]string), added)
	c.do("handler", "correct", map[string]any{"form": map[string]any{"details": body}}).want(t, 200, "")
	other := c.proposal()
	other["attachments"] = []map[string]string{added}
	c.ask(asked{method: "POST", path: "/v1/fund-uses", body: other, bearer: c.handler, key: "paper-key-3"}).want(t, 422, approval.Invalid)
	if len(c.engine.cases) != 1 {
		t.Errorf("%d cases", len(c.engine.cases))
	}
}

func TestPreviewExplainsAndStartsNothing(t *testing.T) {
	c := newCaseWorld(t)
	body := c.proposal()
	body["amount"], body["lines"] = 90_000_000, []map[string]any{{"item": "全部", "amount": 90_000_000}}
	var shown struct {
		ContentHash string            `json:"content_hash"`
		Evidence    approval.Evidence `json:"evidence"`
	}
	answer := c.ask(asked{method: "POST", path: "/v1/fund-uses/preview", body: body, bearer: c.handler})
	answer.want(t, 200, "")
	decode(t, answer, &shown)
	failed := map[string]bool{}
	for _, finding := range shown.Evidence.Failed() {
		failed[finding.ID] = true
	}
	if shown.Evidence.Outcome != approval.OutcomeBlocked || !failed["amount_available"] || !failed["quotes"] || len(shown.Evidence.Approvals) != 2 {
		t.Errorf("preview: %s, failed %v, routes %v", shown.Evidence.Outcome, failed, shown.Evidence.Approvals)
	}
	if len(c.engine.cases) != 0 {
		t.Error("a preview started a case")
	}
}

func TestCasesOfAnotherDistrictAreAbsent(t *testing.T) {
	c := newCaseWorld(t)
	caseID := c.opened()
	for _, path := range []string{"", "/steps", "/tasks", "/waiting", "/evidence", "/proposal", "/objections"} {
		c.read(c.who["linzi"], "/v1/cases/"+caseID+path).want(t, 404, approval.NotFound)
		c.read(c.handler, "/v1/cases/"+caseID+path).want(t, 200, "")
	}
	for name, want := range map[string]int{"linzi": 0, "handler": 1, "keeper": 1} {
		if found := c.read(c.who[name], "/v1/cases"); strings.Count(string(found.raw), caseID) != want {
			t.Errorf("%s sees %s", name, found.raw)
		}
	}
	if found := c.read(c.handler, "/v1/cases?status=completed"); strings.Contains(string(found.raw), caseID) {
		t.Errorf("a running case is listed as completed: %s", found.raw)
	}
	c.read(c.handler, "/v1/cases?state=running").want(t, 422, approval.Invalid)
	task := c.inbox("mem1")[0]
	c.read(c.who["linzi"], "/v1/tasks/"+task.ID).want(t, 404, approval.NotFound)
	c.actOn(task, "linzi", "approve", nil).want(t, 404, approval.NotFound)
}

func TestWaitingFallsBackToTheCopy(t *testing.T) {
	c := newCaseWorld(t)
	caseID := c.opened()
	type waiting struct {
		Stage, Source string
		For           []struct {
			TaskID string `json:"task_id"`
		}
	}
	var direct, copied waiting
	decode(t, c.read(c.handler, "/v1/cases/"+caseID+"/waiting"), &direct)
	c.engine.mute.Store(true)
	decode(t, c.read(c.handler, "/v1/cases/"+caseID+"/waiting"), &copied)
	if direct.Source != "case" || copied.Source != "copy" || len(direct.For) != 3 || len(copied.For) != 3 || direct.Stage != copied.Stage {
		t.Errorf("direct %+v, copy %+v", direct, copied)
	}
}

func TestAnActWhoseAnswerWasLostIsOneAct(t *testing.T) {
	c := newCaseWorld(t)
	c.opened()
	task := c.inbox("mem1")[0]
	request := asked{method: "POST", path: "/v1/tasks/" + task.ID + "/acts", bearer: c.who["mem1"], key: "ballot-key-1",
		body: map[string]any{"action": "approve", "content_hash": task.ContentHash}}
	c.engine.forgetful.Store(true)
	pending := c.ask(request)
	pending.want(t, 202, "")
	var href struct{ Href string }
	decode(t, pending, &href)
	if pending.header.Get("Location") != href.Href {
		t.Errorf("pending at %q, not %q", pending.header.Get("Location"), href.Href)
	}
	c.engine.forgetful.Store(false)
	c.pass(approval.OperationLease + time.Second)
	if done, err := c.server.Redeliver(t.Context()); done != 1 || err != nil {
		t.Fatalf("the sweeper delivered %d, %v", done, err)
	}
	c.read(c.who["mem1"], href.Href).want(t, 200, "")
	c.read(c.who["mem2"], href.Href).want(t, 404, approval.NotFound)
	c.ask(request).want(t, 200, "")
	if tasks := c.inbox("mem1"); len(tasks) != 0 {
		t.Errorf("m1 is still asked: %+v", tasks)
	}
	request.body = map[string]any{"action": "reject", "comment": "改主意了", "content_hash": task.ContentHash}
	c.ask(request).want(t, 422, approval.KeyReused)
}

// The last act of a case closes it; whoever delivers that act again finds no
// case to take it, and must still hear that it was accepted.
func TestTheActThatClosedItsCaseIsNotRefusedLater(t *testing.T) {
	c := newCaseWorld(t)
	caseID := c.opened()
	withdraw := c.standing(caseID, "applicant")
	c.engine.forgetful.Store(true)
	request := asked{method: "POST", path: "/v1/tasks/" + withdraw.ID + "/acts", bearer: c.handler, key: "withdraw-1",
		body: map[string]any{"action": "withdraw", "comment": "不办了"}}
	c.ask(request).want(t, 202, "")
	c.engine.forgetful.Store(false)
	c.pass(approval.OperationLease + time.Second)
	c.ask(request).want(t, 200, "")
	var row struct{ Status string }
	decode(t, c.read(c.handler, "/v1/cases/"+caseID), &row)
	if row.Status != "withdrawn" {
		t.Errorf("the case is %s", row.Status)
	}
}

func (c *caseWorld) standing(caseID, seat string) taskSeen {
	c.t.Helper()
	var tasks struct{ Items []taskSeen }
	decode(c.t, c.read(c.handler, "/v1/cases/"+caseID+"/tasks"), &tasks)
	for _, task := range tasks.Items {
		if task.Seat == seat && task.Stage == "case" {
			return task
		}
	}
	c.t.Fatalf("no standing task for %s", seat)
	return taskSeen{}
}

func TestRefusedActsAreOnRecordAndTakeNoEffect(t *testing.T) {
	c := newCaseWorld(t)
	caseID := c.opened()
	task := c.inbox("mem1")[0]
	c.actOn(task, "mem1", "reject", nil).want(t, 422, approval.CommentRequired)
	c.actOn(task, "mem2", "approve", nil).want(t, 403, approval.NotEligible)
	c.actOn(task, "mem1", "terminate", map[string]any{"comment": "不"}).want(t, 422, approval.ActionNotAllowed)
	c.actOn(task, "mem1", "approve", map[string]any{"content_hash": strings.Repeat("0", 64)}).want(t, 409, approval.StaleContent)
	c.actOn(task, "mem1", "shout", nil).want(t, 422, approval.Invalid)
	c.actOn(task, "mem1", "approve", map[string]any{"on_behalf_of": "p_mem2"}).want(t, 403, approval.NotEligible)
	c.actOn(task, "mem1", "approve", map[string]any{"form": map[string]any{"details": map[string]any{"amount": "1"}}}).want(t, 422, approval.Invalid)
	if tasks := c.inbox("mem1"); len(tasks) != 1 {
		t.Errorf("m1 has %d tasks", len(tasks))
	}
	c.enter("audit", storetest.Zhangdian, grant(approval.Auditor, storetest.Zhangdian))
	kept := string(c.read(c.who["audit"], "/v1/refusals?limit=100").raw)
	for _, code := range []approval.Code{approval.CommentRequired, approval.NotEligible, approval.ActionNotAllowed, approval.StaleContent} {
		if !strings.Contains(kept, string(code)) {
			t.Errorf("no refused attempt with %s on record", code)
		}
	}
	var steps struct{ Items []struct{ Kind string } }
	decode(t, c.read(c.handler, "/v1/cases/"+caseID+"/steps"), &steps)
	for _, step := range steps.Items {
		if step.Kind == "acted" {
			t.Error("a refused act is in the record")
		}
	}
}

func TestACorrectionIsANewVersionOfTheProposal(t *testing.T) {
	c := newCaseWorld(t)
	caseID := c.opened()
	for _, member := range []string{"mem1", "mem2"} {
		c.do(member, "approve", nil).want(t, 200, "")
	}
	c.do("officer", "return", map[string]any{"comment": "预算须细化", "form": map[string]any{"stage": "correction"}}).want(t, 200, "")
	corrected := c.proposal()
	corrected["lines"] = []map[string]any{{"item": "糯米、粽叶", "amount": 420_000}}
	c.do("handler", "correct", map[string]any{"form": map[string]any{"details": map[string]any{"text": "不是申请"}}}).want(t, 422, approval.Invalid)
	c.do("handler", "correct", map[string]any{"form": map[string]any{"details": corrected}}).want(t, 200, "")
	var now, before struct {
		ContentHash string `json:"content_hash"`
		Proposal    funduse.Proposal
	}
	decode(t, c.read(c.handler, "/v1/cases/"+caseID+"/proposal"), &now)
	if now.Proposal.Lines[0].Item != "糯米、粽叶" {
		t.Errorf("the case decides on %+v", now.Proposal)
	}
	var row struct {
		ContentHash string `json:"content_hash"`
		Stage       string
	}
	decode(t, c.read(c.handler, "/v1/cases/"+caseID), &row)
	if row.ContentHash != now.ContentHash || row.Stage != "committee" {
		t.Errorf("the case stands at %s with %s, not %s", row.Stage, row.ContentHash, now.ContentHash)
	}
	first := c.engine.cases[caseID].state.Acts[0].ContentHash
	decode(t, c.read(c.handler, "/v1/cases/"+caseID+"/proposal?content_hash="+first), &before)
	if before.ContentHash != first || first == now.ContentHash {
		t.Errorf("the version voted on first is %s, asked for %s", before.ContentHash, first)
	}
}

func TestASubstituteActsForTheAbsentOfficer(t *testing.T) {
	c := newCaseWorld(t)
	c.enter("standin", storetest.Zhangdian, grant(approval.Auditor, storetest.Linzi))
	c.opened()
	for _, member := range []string{"mem1", "mem2"} {
		c.do(member, "approve", nil).want(t, 200, "")
	}
	task := c.inbox("officer")[0]
	_, err := c.store.NameSubstitute(store.WithPerson(t.Context(), approval.Person{ID: "p_officer", Grants: []approval.Grant{{Role: approval.CharityOfficer, Scope: storetest.Zhangdian}}}),
		approval.Substitution{Absent: "p_officer", Substitute: "p_standin", FirstOn: "2026-03-04", LastOn: "2026-03-06", Reason: "出差", Scope: storetest.Zhangdian},
		approval.Person{ID: "p_officer"}, c.now())
	fatal(t, err)
	if tasks := c.inbox("standin"); len(tasks) != 1 || tasks[0].ID != task.ID {
		t.Fatalf("the substitute's inbox: %+v", tasks)
	}
	c.actOn(task, "standin", "approve", nil).want(t, 404, approval.NotFound)
	c.actOn(task, "standin", "approve", map[string]any{"on_behalf_of": "p_officer"}).want(t, 200, "")
	done := c.engine.cases[task.CaseID].state.Decided(funduse.CharityReview, 1, task.Seat)
	if done == nil || done.Person != "p_standin" || done.For != "p_officer" {
		raw, _ := json.Marshal(done)
		t.Errorf("on record: %s", raw)
	}
}
