package chaos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"linli/approval"
	"linli/workflows"
)

// allocation is one row of what spaces are promised to.
type allocation struct {
	Key, CaseID, SpaceID, OperatorID string
	Status                           string
	Starts, Ends                     string // civil days, both included
}

func (s *system) allocations(ctx context.Context) ([]allocation, error) {
	return query[allocation](ctx, s, `
		SELECT key, case_id, space_id, operator_id, status, lower(term)::text AS starts, (upper(term) - 1)::text AS ends
		FROM space_allocations ORDER BY key`)
}

// order is what the orders about spaces have in common, as the history has them.
type order struct {
	Key        string `json:"key"`
	CaseID     string `json:"case_id"`
	SpaceID    string `json:"space_id"`
	OperatorID string `json:"operator_id"`
	StartsOn   string `json:"starts_on"`
	EndsOn     string `json:"ends_on"`
}

// asked is an application as the history has it.
type asked struct {
	Operator struct{ ID string } `json:"operator"`
	Space    struct{ ID string } `json:"space"`
	CallID   string              `json:"call_id"`
	StartsOn string              `json:"starts_on"`
	EndsOn   string              `json:"ends_on"`
	Takeover *struct{}           `json:"takeover"` // of a contract signed on paper
}

// application is the one an onboarding case was last about.
func (h told) application() (last asked, err error) {
	var start struct{ Application asked }
	if err := json.Unmarshal(h.input, &start); err != nil {
		return last, err
	}
	last = start.Application
	taken := h.taken()
	for _, seq := range slices.Sorted(maps.Keys(taken)) {
		o := taken[seq]
		if o.act.Action != approval.Correct {
			continue
		}
		var form struct{ Application asked }
		if err := json.Unmarshal(o.act.Form.Details, &form); err != nil {
			return last, err
		}
		last = form.Application
	}
	return last, nil
}

// spaces: one space, one operator at a time (I8), and every allocation is what
// the histories say, no more and no less.
func (g *game) spaces(ctx context.Context, cases map[string]told) []string {
	rows, err := g.s.allocations(ctx)
	if err != nil {
		return []string{"reading allocations: " + err.Error()}
	}
	return slices.Concat(overlapping(rows), explained(rows, cases), over(rows, cases))
}

// overlapping are allocations that hold one space on the same day.
func overlapping(rows []allocation) (problems []string) {
	for i, one := range rows {
		for _, other := range rows[:i] {
			if one.SpaceID == other.SpaceID && one.Status != "released" && other.Status != "released" && one.Starts <= other.Ends && other.Starts <= one.Ends {
				problems = append(problems, fmt.Sprintf("space %s is %s under %s and %s under %s at the same time", one.SpaceID, one.Status, one.Key, other.Status, other.Key))
			}
		}
	}
	return problems
}

// explained: what was held, allotted and given back in the histories stands in
// the database, and nothing else does.
func explained(rows []allocation, cases map[string]told) (problems []string) {
	held, status := map[string]order{}, map[string]string{}
	var refused []string
	for caseID, h := range cases {
		for _, e := range h.effects {
			var o order
			if problem := e.about(caseID, &o); problem != "" {
				problems = append(problems, problem)
				continue
			}
			switch {
			case e.name == "HoldSpace" && e.done:
				held[o.Key] = o
			case e.name == "HoldSpace" && e.failed == string(approval.SpaceTaken):
				refused = append(refused, o.Key)
			}
		}
	}
	for _, caseID := range followed(cases) {
		for _, e := range cases[caseID].effects {
			var o order
			if problem := e.about(caseID, &o); problem != "" || held[o.Key].Key == "" || e.name == "HoldSpace" {
				continue
			}
			if status[o.Key] == "released" {
				problems = append(problems, fmt.Sprintf("%s was given back before %s in %s", o.Key, e.name, caseID))
			}
			status[o.Key] = map[string]string{"AllotSpace": "allotted", "FreeSpace": "released"}[e.name]
		}
	}
	return append(problems, written(rows, held, status, refused)...)
}

// followed are the cases' ids, engagements after the cases they follow from.
func followed(cases map[string]told) []string {
	ids := slices.Sorted(maps.Keys(cases))
	follows := func(id string) bool { return cases[id].procedure == workflows.NameEngagement }
	return slices.Concat(slices.DeleteFunc(slices.Clone(ids), follows), slices.DeleteFunc(ids, func(id string) bool { return !follows(id) }))
}

// about reads an effect on a space; a problem is one nobody knows the end of.
func (e *effect) about(caseID string, o *order) (problem string) {
	if e.name != "HoldSpace" && e.name != "AllotSpace" && e.name != "FreeSpace" {
		*o = order{}
		return ""
	}
	if err := json.Unmarshal(e.input, o); err != nil {
		return fmt.Sprintf("%s of %s: %v", e.name, caseID, err)
	}
	if !e.done && (e.name != "HoldSpace" || e.failed == "") {
		return fmt.Sprintf("%s of %s under %s has no outcome (%s)", e.name, caseID, o.Key, e.failed)
	}
	return ""
}

// written holds the rows against what the histories make of them.
func written(rows []allocation, held map[string]order, status map[string]string, refused []string) (problems []string) {
	there := map[string]bool{}
	for _, row := range rows {
		there[row.Key] = true
		o, known := held[row.Key]
		want := status[row.Key]
		if want == "" {
			want = "held"
		}
		switch {
		case !known:
			problems = append(problems, fmt.Sprintf("%s holds space %s and no history says so", row.Key, row.SpaceID))
		case row.CaseID != o.CaseID || row.SpaceID != o.SpaceID || row.OperatorID != o.OperatorID || row.Starts != o.StartsOn || row.Ends != o.EndsOn:
			problems = append(problems, fmt.Sprintf("%s holds %+v, the history asked for %+v", row.Key, row, o))
		case row.Status != want:
			problems = append(problems, fmt.Sprintf("%s is %s, by the histories it is %s", row.Key, row.Status, want))
		}
	}
	for key := range held {
		if !there[key] {
			problems = append(problems, key+" was held and is not in the database")
		}
	}
	for _, key := range refused {
		if there[key] && held[key].Key == "" {
			problems = append(problems, key+" was refused and is in the database all the same")
		}
	}
	return problems
}

// over: a case that ended without its operator being admitted holds nothing; one
// that completed has the one space it asked for, until its engagement gives it
// back.
func over(rows []allocation, cases map[string]told) (problems []string) {
	for caseID, h := range cases {
		if h.procedure != workflows.NameOnboarding || !h.closed {
			continue
		}
		var live []allocation
		allotted := 0
		for _, row := range rows {
			if row.CaseID != caseID {
				continue
			}
			if row.Status != "released" {
				live = append(live, row)
			}
			if len(h.of("AllotSpace")) == 1 && row.Key == h.allotted() {
				allotted++
			}
		}
		wanted, err := h.application()
		switch {
		case err != nil:
			problems = append(problems, err.Error())
		case h.result.Status != approval.Completed && len(live) > 0:
			problems = append(problems, fmt.Sprintf("%s ended %s and holds %v", caseID, h.result.Status, live))
		case h.result.Status == approval.Completed && (allotted != 1 || len(live) > 1):
			problems = append(problems, fmt.Sprintf("%s completed with %d allotments and holds %v", caseID, allotted, live))
		}
		for _, row := range live {
			if row.SpaceID != wanted.Space.ID || row.OperatorID != wanted.Operator.ID || row.Starts != wanted.StartsOn || row.Ends != wanted.EndsOn || row.Status != "allotted" {
				problems = append(problems, fmt.Sprintf("%s holds %+v, it applied for %+v", caseID, row, wanted))
			}
		}
	}
	return problems
}

// allotted is the key under which the case's operator took the space over.
func (h told) allotted() string {
	for _, e := range h.of("AllotSpace") {
		var o order
		if e.done && json.Unmarshal(e.input, &o) == nil {
			return o.Key
		}
	}
	return ""
}
