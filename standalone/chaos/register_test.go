package chaos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"time"

	"linli/approval/space"
	"linli/internal/demo"
)

// firm is an operator and the person who acts for it.
type firm struct{ id, agent string }

// register enters the sample operators with the papers every district asks for
// mending, and prepares the places they compete for.
func (g *game) register(ctx context.Context, operators []demo.Operator) {
	g.s.t.Helper()
	for _, place := range []string{"zd", "bs"} {
		t := g.towns[place]
		g.write(ctx, place+"-handler", "PUT", "/v1/needs/"+path.Base(t.scope), "chaos-needs-"+place, map[string]any{
			"version": 0, "needs": []map[string]any{{"category": "care", "code": "elderly_canteen", "name": "老年食堂", "count": 120, "priority": "high"}},
		}, nil)
		g.write(ctx, place+"-handler", "POST", "/v1/spaces", "chaos-hall-"+place, t.room("A-01", 9_000_000, space.Required()), nil)
	}
	for _, operator := range operators {
		g.operators = append(g.operators, g.firm(ctx, operator))
	}
}

// room is a space as its community registers it; areas are dm².
func (t *town) room(code string, usable int, functions []string) map[string]any {
	return map[string]any{
		"scope": t.scope, "code": code, "name": "演练阵地" + code + "(示例)", "ownership": "public", "holder": "示例街道办事处", "proof": "示例产权证",
		"use": "闲置", "surveyed": true, "flue": false, "fire_exits": 2,
		"rooms": []map[string]any{{"code": "1", "name": "大厅", "built_area": usable + 700, "usable_area": usable, "functions": slices.Clip(functions)}},
	}
}

func (g *game) firm(ctx context.Context, o demo.Operator) firm {
	g.s.t.Helper()
	var entry struct{ ID string }
	key := func(what string) string { return "chaos-" + what + "-" + o.Key }
	g.write(ctx, "zd-handler", "POST", "/v1/operators", key("operator"), map[string]any{
		"scope": g.towns["zd"].scope, "name": o.Name, "credit_code": o.CreditCode, "kind": o.Kind, "legal_representative": o.Legal, "founded_on": o.FoundedOn,
	}, &entry)
	place := "/v1/operators/" + entry.ID
	for _, kind := range []string{"registration", "public_liability"} {
		g.write(ctx, "zd-handler", "POST", place+"/licences", key(kind), map[string]any{"kind": kind, "number": "SL-" + o.Key + "-" + kind, "verified": true}, nil)
	}
	g.write(ctx, "zd-handler", "POST", place+"/credit-checks", key("check"), map[string]any{
		"source": "示例信用平台", "checked_on": time.Now().In(time.FixedZone("", 8*3600)).Format(time.DateOnly), "entries": []any{},
	}, nil)
	g.write(ctx, "zd-handler", "POST", place+"/parties", key("party"), map[string]any{"name": o.Legal, "capacity": "legal_representative"}, nil)
	g.write(ctx, "zd-secretary", "POST", place+"/people", key("agent"), map[string]any{"person_id": g.people[o.Person].id, "position": "示例经办人"}, nil)
	return firm{id: entry.ID, agent: o.Person}
}

// write is a write before anybody is killed: it must be accepted.
func (g *game) write(ctx context.Context, who, method, place, key string, body, out any) {
	g.s.t.Helper()
	got, err := g.people[who].insist(ctx, method, place, key, body)
	if err == nil && !got.accepted() {
		err = fmt.Errorf("%s", got)
	}
	if err == nil && out != nil {
		err = json.Unmarshal(got.body, out)
	}
	g.s.must(method+" "+place, err)
}
