package server_test

import (
	"maps"
	"net/url"

	"linli/store/storetest"
)

// seedOperators registers an operator in community 1 and one in another district.
func (w *matrixWorld) seedOperators() {
	w.t.Helper()
	w.operator = w.write(w.handler, "POST", "/v1/operators", newOperator(storetest.Community1, "91370303QW00000147", "示例银龄餐饮服务有限公司")).ID
	w.farOperator = w.write(w.who["linzi"], "POST", "/v1/operators", newOperator(storetest.LinziOne, "91370305QW0000030R", "示例晨曦托育服务有限公司")).ID
	w.disputed = w.write(w.handler, "POST", "/v1/payees", newPayee("622202000000009999")).ID
	w.space = w.write(w.handler, "POST", "/v1/spaces", newSpace(storetest.Community1, "Z-1")).ID
	w.farSpace = w.write(w.who["linzi"], "POST", "/v1/spaces", newSpace(storetest.LinziOne, "Z-1")).ID
	for place, scope := range map[string]string{"near": string(storetest.Community1), "far": string(storetest.LinziOne)} {
		w.sql(`INSERT INTO attachments VALUES ('at_'||$1, repeat('0', 64), 1, 'x', 'x', $2, NULL, 'p_target', now())`, place, scope)
		w.sql(`INSERT INTO imports (id, scope, kind, attachment_id, status, started_at, started_by) VALUES ('im_'||$1, $2, 'spaces', 'at_'||$1, 'running', now(), 'test')`, place, scope)
	}
	tie := map[string]any{"person_id": "p_x.interested", "relation": "spouse"}
	w.write(w.who["x.interested"], "POST", "/v1/operators/"+w.operator+"/ties", tie).want(w.t, 200, "")
}

// seedRegister adds what no request of the matrix leaves behind.
func (w *matrixWorld) seedRegister() {
	w.t.Helper()
	for place, operator := range map[string]string{"near": w.operator, "far": w.farOperator} {
		scope, payee := storetest.Community1, w.payee
		if place == "far" {
			scope, payee = storetest.LinziOne, w.farPayee
		}
		actor := storetest.Person(w.t, w.store, "actor."+place, scope)
		w.sql(`INSERT INTO operator_licences VALUES ('li_'||$1, $2, 'registration', '1', NULL, NULL, true, now(), 'test')`, place, operator)
		w.sql(`INSERT INTO operator_credit_checks VALUES ('cc_'||$1, $2, '示例', now(), '[]', NULL, now(), 'test')`, place, operator)
		w.sql(`INSERT INTO operator_parties VALUES ('pt_'||$1, $2, '甲', 'shareholder', 0, NULL, now(), 'test')`, place, operator)
		w.sql(`INSERT INTO operator_people VALUES ('oa_'||$1, $2, $3, '', now(), 'test')`, place, operator, actor.ID)
		w.sql(`INSERT INTO payee_links (payee_id, operator_id, same, reason, declared_at, declared_by) VALUES ($1, $2, false, '同名', now(), 'test')`, payee, operator)
		w.sql(`INSERT INTO need_lists VALUES ($1, 900, '[]', now(), 'test')`, scope)
		w.seedLetting(place, map[string]string{"near": w.space, "far": w.farSpace}[place], operator)
	}
	w.sql(`INSERT INTO operator_ties VALUES ('ti_far', $1, NULL, 'p_fartarget', 'other', '邻居', now(), 'test')`, w.farOperator)
}

func init() {
	changed := newOperator("", "91370303QW00000147", "示例银龄餐饮服务有限公司")
	delete(changed, "scope")
	changed["version"], changed["reason"] = 99, "更名"
	maps.Copy(requests, map[string]func(w *matrixWorld, who someone, may bool) asked{
		"listOperators":        at("/v1/operators?search=" + url.QueryEscape("示例")),
		"readOperator":         ofOperator("", nil),
		"listOperatorVersions": ofOperator("/versions", nil),
		"registerOperator":     send("/v1/operators", newOperator(storetest.Community1, "91370303QW00000147", "另一家")),
		"changeOperator":       ofOperator("", changed),
		"recordLicence":        ofOperator("/licences", map[string]any{"kind": "passport", "number": "1"}),
		"revokeLicence":        ofOperator("/licences/li_none/revocation", map[string]any{"revoked_on": "2026-01-05", "reason": "吊销"}),
		"recordCreditCheck":    ofOperator("/credit-checks", map[string]any{"source": " ", "checked_on": "2026-01-05", "entries": []any{}}),
		"listActors":           ofOperator("/people", nil),
		"linkActor":            ofOperator("/people", map[string]any{"person_id": ""}),
		"endActor":             ofOperator("/people/p_nobody/end", map[string]any{"reason": "离职"}),
		"listRelated":          ofOperator("/related", nil),
		"addParty":             ofOperator("/parties", map[string]any{"name": " ", "capacity": "manager"}),
		"endParty":             ofOperator("/parties/pt_none/end", map[string]any{"ended_on": "2026-01-05", "reason": "退股"}),
		"declareTie":           ofOperator("/ties", map[string]any{"person_id": "p_x.interested", "relation": "spouse"}),
		"declareTie/own":       ofOperator("/ties", map[string]any{"relation": "other", "note": "邻居"}),
		"endTie":               ofOperator("/ties/ti_none/end", map[string]any{"ended_on": "2026-01-05", "reason": "离婚"}),
		"readCatalogue":        at("/v1/catalogue"),
		"listSpaces":           at("/v1/spaces?limit=100"),
		"readSpace":            ofSpace("", nil), "listSpaceVersions": ofSpace("/versions", nil), "tryLetting": ofSpace("/letting", map[string]any{}),
		"registerSpace": send("/v1/spaces", newSpace(storetest.Community1, "Z-1")),
		"changeSpace":   ofSpace("", changedSpace("Z-1", 99)),
		"readNeeds":     at("/v1/needs/370303001901"), "listNeedVersions": at("/v1/needs/370303001901/versions"),
		"setNeeds": send("/v1/needs/370303001901", map[string]any{"version": 77, "needs": []any{}}),
		"startImport": func(w *matrixWorld, _ someone, _ bool) asked {
			return asked{path: "/v1/imports", body: map[string]any{"scope": storetest.Community1, "kind": "spaces", "attachment_id": w.upload}}
		},
		"readImport":   func(w *matrixWorld, _ someone, _ bool) asked { return asked{path: "/v1/imports/im_near"} },
		"exportSpaces": at("/v1/exports/spaces/370303001901"), "exportNeeds": at("/v1/exports/needs/370303001901"),
		"linkPayee": func(w *matrixWorld, _ someone, _ bool) asked {
			return asked{path: "/v1/payees/" + w.payee + "/operators", body: map[string]any{"operator_id": w.operator, "same": true, "reason": "  "}}
		},
	})
}

func ofSpace(rest string, body any) func(*matrixWorld, someone, bool) asked {
	return func(w *matrixWorld, _ someone, _ bool) asked {
		return asked{path: "/v1/spaces/" + w.space + rest, body: body}
	}
}

func ofOperator(rest string, body any) func(*matrixWorld, someone, bool) asked {
	return func(w *matrixWorld, _ someone, _ bool) asked {
		return asked{path: "/v1/operators/" + w.operator + rest, body: body}
	}
}
