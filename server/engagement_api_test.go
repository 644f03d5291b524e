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
	"linli/store/storetest"
)

// tenancy is a world with one running engagement, since 1 January; it is 4
// March, so that two reports are due.
type tenancy struct {
	*caseWorld
	id    string
	paper map[string]string
}

func newTenancy(t *testing.T) *tenancy {
	t.Helper()
	w := &tenancy{caseWorld: newCaseWorld(t), id: engagement.ID("c_onboarding")}
	w.enter("operator", storetest.Community1) // no grant at all
	w.enter("sub", storetest.Chezhan, grant(approval.SubdistrictApprover, storetest.Chezhan))
	w.who["secretary"] = w.secretary
	start := engagementStart("c_onboarding", w.fund, storetest.Community1, w.now())
	fatal(t, start.Validate())
	fatal(t, w.engine.engage(t.Context(), start))
	fatal(t, w.engine.ring(context.Background()))
	body, media := form(t, storetest.Community1, "利润表.pdf", []byte(pdf))
	uploaded := w.ask(asked{method: "POST", path: "/v1/attachments", bearer: w.who["operator"], key: w.key(), body: body, media: media})
	uploaded.want(t, 200, "")
	w.paper = map[string]string{"id": uploaded.ID, "kind": "accounts"}
	return w
}

func details(of map[string]any) map[string]any {
	return map[string]any{"form": map[string]any{"details": of}, "comment": "意见"}
}

func (w *tenancy) report(period string, profit, share int64) map[string]any {
	return details(map[string]any{"report": map[string]any{
		"period": period, "revenue": profit + 100_000, "profit": profit, "share": share, "papers": []map[string]string{w.paper},
	}})
}

// task is the one open task of a person at a seat.
func (w *tenancy) task(name, seat string) taskSeen {
	w.t.Helper()
	for _, task := range w.inbox(name) {
		if task.CaseID == w.id && task.Seat == seat {
			return task
		}
	}
	w.t.Fatalf("%s has no task at %s", name, seat)
	return taskSeen{}
}

func (w *tenancy) on(name, seat, action string, more map[string]any) answered {
	w.t.Helper()
	return w.actOn(w.task(name, seat), name, action, more)
}

func (w *tenancy) view() (view engagement.View) {
	w.t.Helper()
	answer := w.read(w.who["operator"], "/v1/engagements/"+w.id)
	answer.want(w.t, 200, "")
	decode(w.t, answer, &view)
	return view
}

func (w *tenancy) received(number string) map[string]any {
	return details(map[string]any{"received": map[string]any{
		"received_on": "2026-03-04", "receipt": map[string]any{"code": "37010126", "number": number, "item": "运营主体反哺", "issued_on": "2026-03-04"},
	}})
}

// The operator reports, the community confirms, the operator pays, the charity
// issues a receipt: the fund has it, to the fen.
func TestAShareReportBecomesADonation(t *testing.T) {
	w := newTenancy(t)
	before := w.balanceOf()
	first := w.task("operator", "operator")
	w.actOn(first, "operator", "submit", w.report("2026-01", 1_000_001, 300_000)).want(t, 200, "")
	w.on("handler", "community", "approve", nil).want(t, 200, "")
	w.on("operator", "payment", "submit", details(map[string]any{"payment": map[string]any{"bank_reference": "20260304-77", "paid_on": "2026-03-04"}})).want(t, 200, "")
	w.on("officer", "charity", "approve", w.received("0000000009")).want(t, 200, "")

	if after := w.balanceOf(); after-before != 300_000 {
		t.Errorf("the fund has %d fen more, want 300000", after-before)
	}
	view := w.view()
	period := view.Periods[0]
	if view.Given != 300_000 || period.Status != engagement.Settled || period.Receipt.IncomeID == "" {
		t.Errorf("given %d, period %+v", view.Given, period)
	}
	var incomes struct {
		Items []struct{ ID, Kind, Payer string }
	}
	decode(t, w.read(w.officer, "/v1/funds/"+w.fund+"/incomes"), &incomes)
	if incomes.Items[0].Kind != "operator_share" || incomes.Items[0].ID != period.Receipt.IncomeID || incomes.Items[0].Payer != "示例助餐服务部" {
		t.Errorf("the latest income is %+v", incomes.Items[0])
	}
	w.actOn(first, "operator", "submit", w.report("2026-01", 5, 2)).want(t, 409, approval.Conflict) // a closed period
	if got := w.view(); got.Given != view.Given || got.Seq != view.Seq {
		t.Error("a refused report changed something")
	}
}

func (w *tenancy) balanceOf() int64 {
	w.t.Helper()
	var fund struct {
		Balance struct{ Available struct{ Amount int64 } }
	}
	decode(w.t, w.read(w.officer, "/v1/funds/"+w.fund), &fund)
	return fund.Balance.Available.Amount
}

func TestShareReportsRefused(t *testing.T) {
	w := newTenancy(t)
	task := w.task("operator", "operator")
	for name, play := range map[string]struct {
		report map[string]any
		status int
		code   approval.Code
		field  string
	}{
		"another amount":     {w.report("2026-01", 1_000_000, 300_001), 422, approval.Invalid, "form/details/report/share"},
		"a period that runs": {w.report("2026-03", 100, 30), 409, approval.Conflict, "form/details/report/period"},
		"no such period":     {w.report("2030-01", 100, 30), 422, approval.Invalid, "form/details/report/period"},
		"no papers": {details(map[string]any{"report": map[string]any{
			"period": "2026-01", "revenue": 1, "profit": 0, "share": 0, "papers": []any{}}}), 422, approval.Invalid, "form/details/report/papers"},
		"a stranger's paper": {details(map[string]any{"report": map[string]any{
			"period": "2026-01", "revenue": 1, "profit": 0, "share": 0, "papers": []any{map[string]any{"id": "at_none", "kind": "accounts"}}}}), 404, approval.NotFound, "form/details/report/papers/0/id"},
		"nothing": {nil, 422, approval.Invalid, "form/details/report"},
	} {
		answer := w.actOn(task, "operator", "submit", play.report)
		answer.want(t, play.status, play.code)
		if answer.Field != play.field {
			t.Errorf("%s: blames %q, want %q", name, answer.Field, play.field)
		}
	}
	w.actOn(task, "handler", "submit", w.report("2026-01", 0, 0)).want(t, 403, approval.NotEligible)
	if view := w.view(); view.Periods[0].Status != engagement.Due {
		t.Errorf("a refused report left %s", view.Periods[0].Status)
	}
}

func TestWhoConfirmedAShareDoesNotBookIt(t *testing.T) {
	w := newTenancy(t)
	w.enter("both", storetest.Community1, grant(approval.Handler, storetest.Community1), grant(approval.CharityOfficer, storetest.Zhangdian))
	w.on("operator", "operator", "submit", w.report("2026-01", 1_000, 300)).want(t, 200, "")
	w.on("both", "community", "approve", nil).want(t, 200, "")
	w.on("operator", "payment", "submit", details(map[string]any{"payment": map[string]any{"bank_reference": "1", "paid_on": "2026-03-04"}})).want(t, 200, "")
	task := w.task("officer", "charity")
	w.actOn(task, "both", "approve", w.received("0000000010")).want(t, 403, approval.SamePerson)
	w.actOn(task, "officer", "approve", w.received("0000000010")).want(t, 200, "")
}

// The exit: an order with its ground, the hand-back with a defect, settlement;
// the certificate and the bulletin follow.
func TestAnExitHandsBackAndSettles(t *testing.T) {
	w := newTenancy(t)
	w.read("", "/v1/public/bulletins").want(t, 200, "")
	page := w.ask(asked{method: "GET", path: "/bulletin?q=" + "%E5%8D%88%E9%A4%90"})
	if page.status != 200 || !bytes.Contains(page.raw, []byte("13.50元/份")) || !bytes.Contains(page.raw, []byte("示例助餐服务部")) {
		t.Errorf("the bulletin page: %d", page.status)
	}
	for _, period := range []string{"2026-01", "2026-02"} {
		w.on("operator", "operator", "submit", w.report(period, 0, 0)).want(t, 200, "")
		w.on("handler", "community", "approve", nil).want(t, 200, "")
	}
	ending := taskSeen{ID: approval.TaskID(w.id, approval.CaseDesk, 1, engagement.SeatEnding)} // standing tasks are in no inbox
	w.actOn(ending, "sub", "terminate", map[string]any{"comment": "后厨起火"}).want(t, 422, approval.Invalid)
	w.actOn(ending, "sub", "terminate", details(map[string]any{"ground": "safety_accident"})).want(t, 200, "")
	w.read(w.who["operator"], "/v1/engagements/"+w.id+"/hand-back.pdf").want(t, 409, approval.Conflict)

	readings := func(change func(map[string]any)) map[string]any {
		var all []map[string]any
		for _, item := range w.view().HandBack.Items {
			reading := map[string]any{"item_id": item.ID, "quantity": item.Quantity, "state": "intact"}
			if item.Kind == onboarding.ItemPhoto {
				reading["photos"] = []string{strings.Repeat("1", 64), strings.Repeat("2", 64), strings.Repeat("3", 64), strings.Repeat("4", 64)}
			}
			if item.ID == "asset-1" && change != nil {
				change(reading)
			}
			all = append(all, reading)
		}
		return details(map[string]any{"handover": map[string]any{"readings": all}})
	}
	w.on("operator", "giving", "confirm", readings(nil)).want(t, 200, "")
	w.on("handler", "receiving", "confirm", readings(func(r map[string]any) {
		r["state"], r["note"], r["photos"] = "defective", "门封损坏", []string{w.paper["id"]}
	})).want(t, 200, "")
	w.on("operator", "repair-1", "submit", details(map[string]any{"handover": map[string]any{"repaired": map[string]any{"report": "已更换门封"}}})).want(t, 200, "")
	again := details(map[string]any{"handover": map[string]any{"readings": []map[string]any{{"item_id": "asset-1", "quantity": 1, "state": "worn"}}}})
	w.on("operator", "giving", "confirm", again).want(t, 200, "")
	w.on("handler", "receiving", "confirm", again).want(t, 200, "")
	if view := w.view(); view.Status != approval.Running {
		t.Fatal("the engagement ended before its last period was settled")
	}
	certificate := w.read(w.who["operator"], "/v1/engagements/"+w.id+"/hand-back.pdf")
	if certificate.status != 200 || !bytes.HasPrefix(certificate.raw, []byte("%PDF")) {
		t.Errorf("the certificate: %d", certificate.status)
	}
	w.on("operator", "operator", "submit", w.report("2026-03", 0, 0)).want(t, 200, "")
	w.on("handler", "community", "approve", nil).want(t, 200, "")
	if view := w.view(); view.Status != approval.Terminated || view.Leaving.Ground != engagement.SafetyAccident {
		t.Errorf("ended as %s", view.Status)
	}
	if page := w.ask(asked{method: "GET", path: "/bulletin/" + w.id}); page.status != 404 {
		t.Errorf("an ended engagement is still on the bulletin: %d", page.status)
	}
	w.pass(time.Hour)
}
