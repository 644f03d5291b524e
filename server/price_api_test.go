package server_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"linli/approval"
	"linli/approval/engagement"
	"linli/approval/onboarding"
	"linli/store"
	"linli/store/storetest"
)

// priced is a running engagement of a registered operator, under the real rules
// of its district; it is 4 March.
type priced struct {
	*admissionWorld
	id string
}

func newPriced(t *testing.T) *priced {
	t.Helper()
	w := &priced{admissionWorld: newAdmissionWorld(t), id: engagement.ID("c_onboarding")}
	start := engagementStart("c_onboarding", w.fund, storetest.Community1, w.now())
	rules, err := w.store.CurrentRuleSet(store.WithPerson(t.Context(), approval.Person{ID: "p_owner"}), storetest.Community1, onboarding.Procedure, w.now())
	fatal(t, err)
	number, err := w.store.SpaceNumber(w.clerk(), w.spaces[0])
	fatal(t, err)
	start.People, start.Pin = []string{"p_owner"}, rules.RulePin
	start.Operator.ID, start.Space.ID, start.Space.Number = w.operator, w.spaces[0], number
	fatal(t, start.Validate())
	fatal(t, w.engine.engage(t.Context(), start))
	fatal(t, w.engagement().ring(context.Background()))
	return w
}

func (w *priced) engagement() *engaged { return w.engine.engagements[w.id] }

// standing is a standing task, which is in no inbox.
func (w *priced) standing(stage approval.Stage, round int, seat string) taskSeen {
	return taskSeen{ID: approval.TaskID(w.id, stage, round, seat), CaseID: w.id}
}

func (w *priced) task(name string, stage approval.Stage) taskSeen {
	w.t.Helper()
	for _, task := range w.inbox(name) {
		if task.CaseID == w.id && task.Stage == string(stage) {
			return task
		}
	}
	w.t.Fatalf("%s has no task at %s", name, stage)
	return taskSeen{}
}

func lunchAt(price, over60 int64) map[string]any {
	return map[string]any{"name": "老年午餐", "kind": "meals", "class": "low_charge", "price": price, "unit": "份", "over60": over60, "over80": 15}
}

func newPrices(from string, services ...any) map[string]any {
	return map[string]any{"form": map[string]any{"details": map[string]any{"prices": map[string]any{"from": from, "services": append([]any{}, services...), "reason": "食材涨价"}}}}
}

func (w *priced) view() (view engagement.View) {
	w.t.Helper()
	decode(w.t, w.read(w.who["owner"], "/v1/engagements/"+w.id), &view)
	return view
}

func (w *priced) bulletin() (bulletin approval.Bulletin) {
	w.t.Helper()
	answer := w.read("", "/v1/public/bulletins/"+w.id)
	answer.want(w.t, 200, "")
	decode(w.t, answer, &bulletin)
	return bulletin
}

// The operator proposes, the rules of Zhangdian send a discount that is too
// small back, the community confirms the next list, and the public reads it
// from its first day on, with the list before it.
func TestPricesAreProposedConfirmedAndPublished(t *testing.T) {
	w := newPriced(t)
	w.actOn(w.standing(engagement.Pricing, 1, "operator"), "owner", "submit", newPrices("2026-03-10", lunchAt(1_800, 5))).want(t, 200, "")
	returned := w.view().Proposal
	if returned.Status != engagement.ProposalReturned || len(returned.Findings) != 1 || returned.Findings[0].ID != "meals_discount" {
		t.Fatalf("the rules say %+v", returned)
	}
	again := w.task("owner", engagement.Pricing)
	key := w.key()
	for range 2 { // the same request twice is one proposal
		body := newPrices("2026-03-10", lunchAt(1_800, 10))
		body["action"] = "submit"
		w.ask(asked{method: "POST", path: "/v1/tasks/" + again.ID + "/acts", bearer: w.who["owner"], key: key, body: body}).want(t, 200, "")
	}
	decide := w.task("clerk", engagement.Pricing)
	w.actOn(decide, "owner", "approve", nil).want(t, 403, approval.SamePerson)
	w.actOn(decide, "outsider", "approve", nil).want(t, 404, approval.NotFound)
	w.actOn(decide, "clerk", "return", nil).want(t, 422, approval.CommentRequired)
	w.actOn(decide, "clerk", "approve", nil).want(t, 200, "")

	announced := w.bulletin()
	if announced.Services[0].Price != 1_500 || announced.Next == nil || announced.Next.From != "2026-03-10" || announced.Next.Services[0].Price60 != 1_620 {
		t.Fatalf("announced: %+v", announced)
	}
	w.pass(7 * 24 * time.Hour)
	fatal(t, w.engagement().ring(context.Background()))
	valid := w.bulletin()
	if valid.Services[0].Price != 1_800 || valid.ValidFrom != "2026-03-10" || valid.Next != nil || len(valid.Past) != 1 || valid.Past[0].To != "2026-03-09" || valid.ScopeNames == nil {
		t.Fatalf("valid: %+v", valid)
	}
	var all struct{ Items []approval.Bulletin }
	decode(t, w.read("", "/v1/public/bulletins"), &all)
	if len(all.Items) != 1 || all.Items[0].Services[0].Price != 1_800 || all.Items[0].Past != nil {
		t.Errorf("the list shows %+v", all.Items)
	}
	page := w.ask(asked{method: "GET", path: "/bulletin/" + w.id})
	for _, shows := range []string{"18.00元/份", "16.20元/份", "15.00元/份", "2026-03-09"} {
		if !bytes.Contains(page.raw, []byte(shows)) {
			t.Errorf("the page does not show %s", shows)
		}
	}
	if lists := w.view().PriceLists; len(lists) != 2 || lists[1].ConfirmedBy[0] != "p_clerk" || lists[1].ProposedBy[0] != "p_owner" {
		t.Errorf("on record: %+v", lists)
	}
	w.read("", "/v1/public/bulletins/e_none").want(t, 404, approval.NotFound)
}

// A new kind of service needs its papers like one that is applied for: what the
// register lacks sends the list back.
func TestANewServiceNeedsItsPapers(t *testing.T) {
	w := newPriced(t)
	childcare := map[string]any{"name": "临时托管", "kind": "childcare", "class": "low_charge", "price": 2_000, "unit": "小时", "over60": 0, "over80": 0}
	w.actOn(w.standing(engagement.Pricing, 1, "operator"), "owner", "submit", newPrices("2026-03-10", lunchAt(1_500, 10), childcare)).want(t, 200, "")
	returned := w.view().Proposal
	if returned.Status != engagement.ProposalReturned || len(returned.Findings) == 0 || !strings.Contains(returned.Note, "托育") {
		t.Fatalf("the rules say %+v", returned)
	}
}

func TestPricesRefusedNameTheField(t *testing.T) {
	w := newPriced(t)
	task := w.standing(engagement.Pricing, 1, "operator")
	second := lunchAt(1_800, 10)
	second["over80"] = 5
	for field, body := range map[string]map[string]any{
		"from":              newPrices("2026-03-04", lunchAt(1_800, 10)),
		"from/":             newPrices("2028-01-01", lunchAt(1_800, 10)),
		"services":          newPrices("2026-03-10"),
		"services/":         newPrices("2026-03-10", lunchAt(1_500, 10)),
		"services/0/over60": newPrices("2026-03-10", lunchAt(1_800, 101)),
		"services/0/price":  newPrices("2026-03-10", lunchAt(-1, 10)),
		"services/1/name":   newPrices("2026-03-10", lunchAt(1_800, 10), lunchAt(1_700, 10)),
		"services/0/over80": newPrices("2026-03-10", second),
	} {
		answer := w.actOn(task, "owner", "submit", body)
		answer.want(t, 422, approval.Invalid)
		if want := "form/details/prices/" + string(bytes.TrimRight([]byte(field), "/")); answer.Field != want {
			t.Errorf("blames %q, want %q", answer.Field, want)
		}
	}
	w.actOn(task, "outsider", "submit", newPrices("2026-03-10", lunchAt(1_800, 10))).want(t, 404, approval.NotFound)
	w.actOn(task, "clerk", "submit", newPrices("2026-03-10", lunchAt(1_800, 10))).want(t, 403, approval.NotEligible)
	if view := w.view(); view.Proposal != nil || len(view.PriceLists) != 1 {
		t.Errorf("a refused proposal left %+v", view.Proposal)
	}
}

// Whoever asks for a renewal before its time is told from when on it can be.
func TestARenewalOutsideItsWindowIsRefusedWithTheDate(t *testing.T) {
	w := newPriced(t)
	body := map[string]any{"form": map[string]any{"details": map[string]any{"renewal": map[string]any{
		"ends_on": "2028-12-31", "papers": w.papers("owner", "contract"),
	}}}}
	answer := w.actOn(w.standing(engagement.Renewal, 1, "operator"), "owner", "submit", body)
	answer.want(t, 409, approval.Conflict)
	if !bytes.Contains(answer.raw, []byte("2027-11-02")) {
		t.Errorf("the refusal does not name the date: %s", answer.raw)
	}
}

// A report that stays out is in the secretary's inbox once it is overdue, and
// in the subdistrict's once the secretary hands it up.
func TestALateReportIsInTheSecretarysInbox(t *testing.T) {
	w := newPriced(t)
	for range 40 { // days
		w.pass(24 * time.Hour)
		fatal(t, w.engagement().ring(context.Background()))
	}
	urging := w.task("sec", engagement.Reporting)
	w.actOn(urging, "sec", "submit", nil).want(t, 422, approval.CommentRequired)
	w.actOn(urging, "owner", "submit", nil).want(t, 403, approval.SamePerson)
	w.actOn(urging, "sec", "submit", map[string]any{"comment": "已电话督促"}).want(t, 200, "")
	w.task("sub", engagement.Reporting)
}
