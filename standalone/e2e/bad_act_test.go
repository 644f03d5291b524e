package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"linli/approval"
	"linli/approval/funduse"
	"linli/examples"
	"linli/rules"
	"linli/standalone/e2e/stack"
)

// badActs are acts on an open vote by those who may not, or not so.
func (w *world) badActs(running, foreign string) []attempt {
	open := w.task("zd-m2", running, funduse.Committee, "@zd-m2")
	elsewhere := w.task("lz-m1", foreign, funduse.Committee, "@lz-m1")
	cast := approval.TaskID(running, funduse.Committee, 1, w.id("zd-m1"))
	stale := strings.Repeat("0", 64)
	vote := func(do approval.Action) map[string]any { return body(deed{do: do}, open.ContentHash) }
	tries := []attempt{
		{name: "task of another district", as: "zd-m1", path: elsewhere.ID, body: vote(approval.Approve), status: http.StatusNotFound, code: approval.NotFound},
		{name: "ballot of another member", as: "zd-m3", path: open.ID, body: vote(approval.Approve), status: http.StatusForbidden, code: approval.NotEligible},
		{name: "vote by an outsider", as: "zd-supervisor", path: open.ID, body: vote(approval.Approve), status: http.StatusForbidden, code: approval.NotEligible},
		{name: "vote by the proposer", as: "zd-handler", path: open.ID, body: vote(approval.Approve), status: http.StatusForbidden, code: approval.NotEligible},
		{name: "second vote", as: "zd-m1", path: cast, body: vote(approval.Reject), status: http.StatusConflict, code: approval.TaskClosed},
		{name: "stale content", as: "zd-m2", path: open.ID, body: body(deed{do: approval.Approve}, stale), status: http.StatusConflict, code: approval.StaleContent, field: "content_hash"},
		{name: "no without a reason", as: "zd-m2", path: open.ID, body: vote(approval.Reject), status: http.StatusUnprocessableEntity, code: approval.CommentRequired, field: "comment"},
		{name: "action not offered", as: "zd-m2", path: open.ID, body: vote(approval.Overrule), status: http.StatusUnprocessableEntity, code: approval.ActionNotAllowed, field: "action"},
		{name: "action unknown", as: "zd-m2", path: open.ID, body: vote("explode"), status: http.StatusUnprocessableEntity, code: approval.Invalid, field: "action"},
		{name: "vote for somebody else", as: "zd-m2", path: open.ID, body: map[string]any{"action": "approve", "content_hash": open.ContentHash, "on_behalf_of": w.id("zd-m3")}, status: http.StatusForbidden, code: approval.NotEligible, field: "on_behalf_of"},
		{name: "unknown field in an act", as: "zd-m2", path: open.ID, body: map[string]any{"action": "approve", "weight": 3}, status: http.StatusUnprocessableEntity, code: approval.Invalid, field: "weight"},
		{name: "task that never was", as: "zd-m2", path: running + ".committee.9.nobody", body: vote(approval.Approve), status: http.StatusNotFound, code: approval.NotFound, field: "task"},
	}
	for i := range tries {
		tries[i].method, tries[i].path = "POST", "/v1/tasks/"+tries[i].path+"/acts"
	}
	return tries
}

// closedActs come after the vote was settled without them, or by those who
// have had their say in another office.
func (w *world) closedActs() []attempt {
	caseID := w.propose("zd", w.draft("zd", 21_000, "application", "budget"))
	late := w.task("zd-m3", caseID, funduse.Committee, "@zd-m3")
	for _, member := range []string{"zd-m1", "zd-m2"} {
		w.act(caseID, deed{as: member, stage: funduse.Committee, seat: "@" + member, do: approval.Approve})
	}
	review := w.task("zb-officer1", caseID, funduse.CharityReview, "officer-1")
	return []attempt{
		{name: "vote after closing", as: "zd-m3", method: "POST", path: "/v1/tasks/" + late.ID + "/acts", body: body(deed{do: approval.Approve}, late.ContentHash), status: http.StatusConflict, code: approval.TaskClosed},
		{name: "return to where no case goes", as: "zb-officer1", method: "POST", path: "/v1/tasks/" + review.ID + "/acts",
			body: body(deed{do: approval.Return, comment: "退回", to: funduse.Payout}, review.ContentHash), status: http.StatusUnprocessableEntity, code: approval.Invalid, field: "form/stage"},
	}
}

func (w *world) badMoney() []attempt {
	income := func(amount string) []byte {
		return fmt.Appendf(nil, `{"kind":"resident_donation","amount":%s,"payer":"居民乐捐（示例）","received_on":"2026-03-02",`+
			`"receipt":{"code":"SAMPLE2026","number":"SL900001","item":"示例","issued_on":"2026-03-02"}}`, amount)
	}
	var tries []attempt
	for name, amount := range map[string]string{
		"income negative": "-1", "income zero": "0", "income above the limit": "9223372036854775807",
		"income beyond 64 bits": "9223372036854775808", "income with a fraction": "0.1",
	} {
		tries = append(tries, attempt{
			name: name, as: "zb-officer1", method: "POST", path: "/v1/funds/" + w.places["zd"].fund + "/incomes", body: income(amount),
			status: http.StatusUnprocessableEntity, code: approval.Invalid, field: "amount",
		})
	}
	return append(tries, attempt{
		name: "income of another district", as: "lz-handler", method: "POST", path: "/v1/funds/" + w.places["zd"].fund + "/incomes",
		body: income("100"), status: http.StatusForbidden, code: approval.Forbidden,
	})
}

// badRules tries to publish what must never be in force (I12).
func (w *world) badRules() []attempt {
	source, tests := w.rules("370303/funduse")
	other, otherTests := w.rules("370305/funduse")
	changed := func(old, replacement string) string {
		if !strings.Contains(source, old) {
			w.t.Fatalf("the rules of Zhangdian do not say %q", old)
		}
		return strings.Replace(source, old, replacement, 1)
	}
	tries := []attempt{
		{name: "broken YAML", body: text("parameters: [", tests), field: "source"},
		{name: "broken expression", body: text(changed("variables.paid_after <= 10000000", "variables.paid_after <="), tests), field: "source"},
		{name: "expression over an unknown fact", body: text(changed("variables.paid_after <= 10000000", "proposal.weather == 'sunny'"), tests), field: "source"},
		{name: "unknown field in rules", body: text(source+"\nsecret: 1\n", tests), field: "source"},
		{name: "below the floor", body: text(changed("min_members: 3", "min_members: 2"), tests), field: "source"},
		{name: "tests that fail", body: text(changed("subdistrict_above: 500_000", "subdistrict_above: 400_000"), tests), field: "tests"},
		{name: "no tests", body: text(source, ""), field: "tests"},
		{name: "rules of another district", body: text(other, otherTests), status: http.StatusForbidden, code: approval.Forbidden},
	}
	for i := range tries {
		tries[i].as, tries[i].method, tries[i].path = "zd-rules", "POST", "/v1/rules"
		if tries[i].status == 0 {
			tries[i].status, tries[i].code = http.StatusUnprocessableEntity, approval.RuleInvalid
		}
	}
	return tries
}

func text(source, tests string) map[string]string {
	return map[string]string{"source": source, "tests": tests}
}

func (w *world) rules(id string) (source, tests string) {
	w.t.Helper()
	files, err := rules.LoadFiles(examples.RuleSets)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, file := range files {
		if file.Set.ID() == id {
			return string(file.Set.Text()), string(file.Tests)
		}
	}
	w.t.Fatalf("there are no rules %s", id)
	return "", ""
}

// TestReplayedRequest: the same request under the same key is answered with
// the same words and has no second effect.
func TestReplayedRequest(t *testing.T) {
	t.Parallel()
	w := open(t, stack.Options{})
	p, key := w.draft("zd", 22_000, "application", "budget"), w.key()
	first := w.settled("zd-handler", w.write("zd-handler", "POST", "/v1/fund-uses", key, p))
	var opened struct {
		CaseID string `json:"case_id"`
	}
	first.into(t, &opened)
	w.reach(opened.CaseID, funduse.Committee) // and so is in the list
	before := len(all[approval.CaseView](w, "zb-auditor", "/v1/cases?"))
	second := w.write("zd-handler", "POST", "/v1/fund-uses", key, p)
	if second.status != http.StatusCreated || string(second.body) != string(first.body) || second.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("first %s, then %s (replayed: %q)", first, second, second.header.Get("Idempotency-Replayed"))
	}
	if after := len(all[approval.CaseView](w, "zb-auditor", "/v1/cases?")); after != before {
		t.Errorf("%d cases, then %d", before, after)
	}
}

// TestFiftyBallots: one person presses the button fifty times at the same
// instant, each time as a new request. One counts.
func TestFiftyBallots(t *testing.T) {
	t.Parallel()
	w := open(t, stack.Options{})
	caseID := w.propose("zd", w.draft("zd", 23_000, "application", "budget"))
	task := w.task("zd-m2", caseID, funduse.Committee, "@zd-m2")
	member, stated := w.as("zd-m2"), body(deed{do: approval.Approve}, task.ContentHash)
	const presses = 50
	var answers [presses]answer
	var faults [presses]error
	var pressed sync.WaitGroup
	start := make(chan struct{})
	for i := range presses {
		key := w.key()
		pressed.Go(func() {
			<-start
			answers[i], faults[i] = member.send(t.Context(), "POST", "/v1/tasks/"+task.ID+"/acts", key, stated)
		})
	}
	close(start)
	pressed.Wait()
	accepted := 0
	for i := range presses {
		if faults[i] != nil {
			t.Fatal(faults[i])
		}
		got := w.settled("zd-m2", answers[i])
		if got.status == http.StatusOK {
			accepted++
		} else if got.status != http.StatusConflict {
			t.Errorf("a superfluous ballot was answered with %s", got)
		}
	}
	if cast := w.ballots(caseID, "zd-m2"); accepted != 1 || cast != 1 {
		t.Errorf("%d ballots were accepted and %d are on record, want 1", accepted, cast)
	}
}
