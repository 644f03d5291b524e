package server_test

import "maps"

// seedLetting adds an allocation and a call with an application to a place.
func (w *matrixWorld) seedLetting(place, space, operator string) {
	w.t.Helper()
	w.sql(`INSERT INTO space_allocations (key, case_id, space_id, space_no, operator_id, scope, term, status, held_at)
		SELECT 'al_'||$1, 'c_'||$1, s.id, s.space_no, $3, s.scope, '[2026-01-01,2027-01-01)', 'held', now() FROM spaces AS s WHERE s.id = $2`, place, space, operator)
	w.sql(`INSERT INTO calls (id, scope, space_id, space_no, term, deadline_at, content, parameters, rule_id, rule_version, rule_hash, opened_at, opened_by)
		SELECT 'call_'||$1, s.scope, s.id, s.space_no, '[2028-01-01,2029-01-01)', now(), '{}', '{}', 'r', 1, 'h', now(), 'test' FROM spaces AS s WHERE s.id = $2`, place, space)
	w.sql(`INSERT INTO call_applications VALUES ('call_'||$1, 'c_'||$1, $2, now(), 'test')`, place, operator)
}

func init() {
	maps.Copy(requests, map[string]func(w *matrixWorld, who someone, may bool) asked{
		"openApplication":    applying("/v1/applications"),
		"previewApplication": applying("/v1/applications/preview"),
		"readApplication":    ofCase("/application"),
		"openTakeover": func(w *matrixWorld, who someone, may bool) asked {
			taken := applying("/v1/takeovers")(w, who, may)
			taken.body.(map[string]any)["takeover"] = map[string]any{"signed_on": "2025-01-01", "signed_by": []map[string]any{{"seat": "operator", "name": "甲"}}}
			return taken
		},
		"listCalls": at("/v1/calls?scope=370300/370304"), // where none is
		"readCall":  at("/v1/calls/c_none"),
		"openCall": func(w *matrixWorld, _ someone, _ bool) asked {
			return asked{path: "/v1/calls", body: map[string]any{
				"title": "招引", "summary": "助餐", "space_id": w.space, "starts_on": "2030-01-01", "ends_on": "2030-12-31", "deadline_at": "2020-01-01T00:00:00Z",
			}}
		},
	})
}

// applying hands in an application that names a licence nobody has.
func applying(path string) func(*matrixWorld, someone, bool) asked {
	return func(w *matrixWorld, _ someone, _ bool) asked {
		return asked{path: path, body: map[string]any{
			"title": "申请", "operator_id": w.operator, "space_id": w.space, "summary": "助餐", "licences": []string{"li_none"},
			"services": []map[string]any{{"name": "午餐", "kind": "meals", "class": "low_charge", "price": 1200, "unit": "份", "over60": 10, "over80": 15}},
			"share":    map[string]any{"kind": "profit_percent", "percent": 30, "period": "monthly"}, "starts_on": "2030-01-01", "ends_on": "2030-12-31",
		}}
	}
}
