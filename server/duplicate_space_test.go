package server_test

import (
	"bytes"
	"fmt"
	"maps"
	"strings"

	"linli/approval"
	"linli/approval/space"
	"linli/store/storetest"
	"linli/workbook"
)

func init() {
	unkeyedWrites["tryLetting"] = "changes nothing"
	maps.Copy(keyedWrites, map[string]repeated{
		"registerOperator": {as("handler"), func(w *duplicates) asked { return asked{path: "/v1/operators", body: w.operator()} },
			map[string]int{"operators": 1, "operator_versions": 1, "operator_contacts": 1}},
		"changeOperator": {as("handler"), func(w *duplicates) asked {
			changed := w.operator()
			id := w.write(w.handler, "POST", "/v1/operators", changed).ID
			delete(changed, "scope")
			changed["version"], changed["reason"], changed["address"] = 1, "迁址", "示例路1号"
			return asked{path: "/v1/operators/" + id, body: changed}
		}, map[string]int{"operator_versions": 1}},
		"recordLicence": {as("handler"), func(w *duplicates) asked {
			return asked{path: w.operatorPath("/licences"), body: map[string]any{"kind": "registration", "number": fmt.Sprint(w.fresh())}}
		}, map[string]int{"operator_licences": 1}},
		"revokeLicence": {as("handler"), func(w *duplicates) asked {
			path := w.operatorPath("/licences")
			answer := w.write(w.handler, "POST", path, map[string]any{"kind": "registration", "number": "1"})
			var entry struct{ Licences []struct{ ID string } }
			decode(w.t, answer, &entry)
			return asked{path: path + "/" + entry.Licences[0].ID + "/revocation", body: map[string]any{"revoked_on": "2026-01-05", "reason": "吊销"}}
		}, nil},
		"recordCreditCheck": {as("handler"), func(w *duplicates) asked {
			return asked{path: w.operatorPath("/credit-checks"), body: map[string]any{"source": "示例公示系统", "checked_on": "2026-03-01", "entries": []any{}}}
		}, map[string]int{"operator_credit_checks": 1}},
		"linkActor": {as("admin"), func(w *duplicates) asked {
			return asked{path: w.operatorPath("/people"), body: map[string]any{"person_id": w.account()}}
		}, map[string]int{"operator_people": 1}},
		"endActor": {as("admin"), func(w *duplicates) asked {
			path, person := w.operatorPath("/people"), w.account()
			w.write(w.who["admin"], "POST", path, map[string]any{"person_id": person}).want(w.t, 200, "")
			return asked{path: path + "/" + person + "/end", body: map[string]any{"reason": "离职"}}
		}, nil},
		"addParty": {as("handler"), func(w *duplicates) asked {
			return asked{path: w.operatorPath("/parties"), body: map[string]any{"name": "甲", "capacity": "shareholder"}}
		}, map[string]int{"operator_parties": 1}},
		"endParty": {as("handler"), func(w *duplicates) asked {
			return w.ending("/parties", map[string]any{"name": "甲", "capacity": "shareholder"})
		}, nil},
		"declareTie": {as("handler"), func(w *duplicates) asked {
			return asked{path: w.operatorPath("/ties"), body: map[string]any{"person_id": w.account(), "relation": "spouse"}}
		}, map[string]int{"operator_ties": 1}},
		"endTie": {as("handler"), func(w *duplicates) asked {
			return w.ending("/ties", map[string]any{"person_id": w.account(), "relation": "spouse"})
		}, nil},
		"linkPayee": {as("handler"), func(w *duplicates) asked {
			operator := strings.TrimPrefix(w.operatorPath(""), "/v1/operators/")
			return asked{path: "/v1/payees/" + w.payee + "/operators", body: map[string]any{"operator_id": operator, "same": false, "reason": "仅同名"}}
		}, map[string]int{"payee_links": 1}},
		"registerSpace": {as("handler"), func(w *duplicates) asked {
			return asked{path: "/v1/spaces", body: newSpace(storetest.Community1, fmt.Sprint("D-", w.fresh()))}
		}, map[string]int{"spaces": 1, "space_versions": 1}},
		"changeSpace": {as("handler"), func(w *duplicates) asked {
			code := fmt.Sprint("D-", w.fresh())
			id := w.write(w.handler, "POST", "/v1/spaces", newSpace(storetest.Community1, code)).ID
			changed := changedSpace(code, 1)
			changed["use"] = "食堂"
			return asked{path: "/v1/spaces/" + id, body: changed}
		}, map[string]int{"space_versions": 1}},
		"setNeeds": {as("admin"), func(w *duplicates) asked {
			community := string(w.community())
			return asked{path: "/v1/needs/" + community[strings.LastIndex(community, "/")+1:], body: map[string]any{"version": 0, "needs": []any{}}}
		}, map[string]int{"need_lists": 1}},
		"startImport": {as("handler"), func(w *duplicates) asked {
			var book bytes.Buffer
			fatal(w.t, workbook.WriteSpaces(&book, []space.Space{{Details: space.Details{
				Code: fmt.Sprint("I-", w.fresh()), Name: "示例", Ownership: space.Rented, Holder: "示例", Use: "闲置",
				Rooms: []space.Room{{Code: "1", Name: "厅", Built: 200, Usable: 100}},
			}}}))
			return asked{path: "/v1/imports", body: map[string]any{"scope": storetest.Community1, "kind": "spaces", "attachment_id": w.workbook(book.Bytes())}}
		}, map[string]int{"imports": 1, "spaces": 1, "space_versions": 1}},
	})
}

// operator has a credit code and a name of its own.
func (w *duplicates) operator() map[string]any {
	n := w.fresh()
	body := newOperator(storetest.Community1, fmt.Sprintf("91370303MA%08d", n), fmt.Sprintf("示例第%d号服务有限公司", n))
	body["code_reason"], body["name_reason"] = "示例代码", "示例名称"
	return body
}

func (w *duplicates) operatorPath(rest string) string {
	w.t.Helper()
	return "/v1/operators/" + w.write(w.handler, "POST", "/v1/operators", w.operator()).ID + rest
}

// ending makes an entry of the register and the request that ends it.
func (w *duplicates) ending(kind string, entry any) asked {
	path := w.operatorPath(kind)
	var related struct{ Parties, Ties []struct{ ID string } }
	decode(w.t, w.write(w.handler, "POST", path, entry), &related)
	id := append(related.Parties, related.Ties...)[0].ID
	return asked{path: path + "/" + id + "/end", body: map[string]any{"ended_on": "2026-01-05", "reason": "不再持股"}}
}

// workbook uploads one to community 1.
func (w *caseWorld) workbook(content []byte) string {
	w.t.Helper()
	body, media := form(w.t, storetest.Community1, "表格.xlsx", content)
	return w.ask(asked{method: "POST", path: "/v1/attachments", bearer: w.handler, key: "book-" + approval.ContentHash(content)[:32], body: body, media: media}).ID
}
