package server_test

import (
	"fmt"
	"maps"
	"time"

	"linli/approval"
	"linli/approval/operator"
	"linli/store"
	"linli/store/storetest"
)

func init() {
	unkeyedWrites["previewApplication"] = "changes nothing"
	maps.Copy(keyedWrites, map[string]repeated{
		"openApplication": {as("handler"), func(w *duplicates) asked {
			return asked{path: "/v1/applications", body: w.application()}
		}, map[string]int{"cases": 1, "proposals": 1}},
		"openTakeover": {as("handler"), func(w *duplicates) asked {
			return asked{path: "/v1/takeovers", body: w.takeover()}
		}, map[string]int{"cases": 1, "proposals": 1}},
		"openCall": {as("secretary"), func(w *duplicates) asked {
			return asked{path: "/v1/calls", body: map[string]any{
				"title": fmt.Sprint("招引", w.fresh()), "summary": "招引助餐主体", "space_id": w.freeSpace(), "starts_on": "2026-07-01",
				"ends_on": "2028-06-30", "deadline_at": w.now().Add(240 * time.Hour), "service_kinds": []string{"meals"},
			}}
		}, map[string]int{"cases": 1, "calls": 1}},
	})
}

func (w *duplicates) freeSpace() string {
	w.t.Helper()
	return w.write(w.handler, "POST", "/v1/spaces", newSpace(storetest.Community1, fmt.Sprint("A-", w.fresh()))).ID
}

// application is of an operator and for a space of its own; what it lacks is
// asked for once the case is open.
func (w *duplicates) application() map[string]any {
	w.t.Helper()
	return map[string]any{
		"title": fmt.Sprint("助餐点", w.fresh()), "operator_id": w.write(w.handler, "POST", "/v1/operators", w.operator()).ID,
		"space_id": w.freeSpace(), "summary": "助餐服务",
		"services":  []map[string]any{{"name": "老年午餐", "kind": "meals", "class": "low_charge", "price": 1200, "unit": "份", "over60": 10, "over80": 15}},
		"share":     map[string]any{"kind": "profit_percent", "percent": 30, "period": "monthly"},
		"starts_on": "2026-07-01", "ends_on": "2028-06-30", "undertakings": []string{"use"},
	}
}

// takeover is of an operator somebody acts for.
func (w *duplicates) takeover() map[string]any {
	w.t.Helper()
	body := w.application()
	ctx := store.WithPerson(w.t.Context(), approval.Person{ID: "p_sec", Grants: []approval.Grant{{Role: approval.Secretary, Scope: storetest.Community1}}})
	fatal(w.t, w.store.LinkActor(ctx, body["operator_id"].(string), operator.Actor{PersonID: w.account(), Position: "负责人", LinkedBy: "p_sec", LinkedAt: w.now()}))
	body["starts_on"] = "2025-07-01"
	body["takeover"] = map[string]any{
		"signed_on": "2025-06-20", "signed_by": []map[string]any{{"seat": "operator", "name": "示例负责人"}, {"seat": "community", "name": "示例书记"}},
	}
	body["attachments"] = []any{w.paper(storetest.Community1, "contract")}
	return body
}
