package chaos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"linli/approval"
	"linli/workflows"
)

// engaged is an engagement as the copy has it.
type engaged struct {
	CaseID, OperatorID, SpaceID, Status string
	Given                               int64
}

// tenancy is what an engagement was begun with, as its history has it.
type tenancy struct {
	Onboarding string              `json:"onboarding"`
	Operator   struct{ ID string } `json:"operator"`
	Space      struct{ ID string } `json:"space"`
	HoldKey    string              `json:"hold_key"`
	FundID     string              `json:"fund_id"`
	StartsOn   string              `json:"starts_on"`
	EndsOn     string              `json:"ends_on"`
	Share      struct {
		Percent int64 `json:"percent"`
	} `json:"share"`
}

func (h told) tenancy() (start tenancy, err error) {
	var run struct{ Start tenancy }
	err = json.Unmarshal(h.input, &run)
	return run.Start, err
}

// engagements: every operator that was admitted has exactly one, on what it was
// admitted to, and nobody else has any.
func (g *game) engagements(ctx context.Context, cases map[string]told) []string {
	rows, err := query[engaged](ctx, g.s, `SELECT case_id, operator_id, space_id, status, given FROM engagements ORDER BY case_id`)
	if err != nil {
		return []string{"reading engagements: " + err.Error()}
	}
	problems := slices.Concat(admitted(cases), shown(rows, cases))
	n, err := g.s.number(ctx, `SELECT count(*) AS n FROM engagements AS e JOIN cases AS c ON c.id = e.case_id WHERE e.seq > c.seq OR e.stage <> c.stage`)
	if err != nil || n != 0 {
		problems = append(problems, fmt.Sprintf("engagements shown as they never stood: %d, %v", n, err))
	}
	return problems
}

// admitted holds engagements against the cases they follow from.
func admitted(cases map[string]told) (problems []string) {
	follows := map[string]string{}
	for caseID, h := range cases {
		if h.procedure != workflows.NameOnboarding {
			continue
		}
		wanted := 0
		if h.closed && h.result.Status == approval.Completed {
			wanted = 1
		}
		if len(h.children) != wanted {
			problems = append(problems, fmt.Sprintf("%s is %q and has started the engagements %v", caseID, h.result.Status, h.children))
		}
		for _, child := range h.children {
			if follows[child] != "" {
				problems = append(problems, fmt.Sprintf("engagement %s follows from %s and from %s", child, follows[child], caseID))
			}
			follows[child] = caseID
		}
	}
	for caseID, h := range cases {
		if h.procedure == workflows.NameEngagement {
			problems = append(problems, agreed(caseID, h, follows[caseID], cases)...)
			delete(follows, caseID)
		}
	}
	for child, caseID := range follows {
		problems = append(problems, fmt.Sprintf("engagement %s of %s does not exist", child, caseID))
	}
	return problems
}

// agreed: an engagement is on what its case came to.
func agreed(id string, h told, from string, cases map[string]told) (problems []string) {
	start, err := h.tenancy()
	if err != nil {
		return []string{err.Error()}
	}
	wanted, err := cases[from].application()
	if from == "" || err != nil {
		return []string{fmt.Sprintf("engagement %s follows from no case (%q), %v", id, start.Onboarding, err)}
	}
	if start.Onboarding != from || start.HoldKey != cases[from].allotted() || start.Operator.ID != wanted.Operator.ID || start.Space.ID != wanted.Space.ID ||
		start.StartsOn != wanted.StartsOn || start.EndsOn != wanted.EndsOn {
		problems = append(problems, fmt.Sprintf("engagement %s runs on %+v, %s was admitted to %+v under %s", id, start, from, wanted, cases[from].allotted()))
	}
	return problems
}

// shown: the copy shows the engagements there are.
func shown(rows []engaged, cases map[string]told) (problems []string) {
	there := map[string]bool{}
	for _, row := range rows {
		there[row.CaseID] = true
		h, known := cases[row.CaseID]
		start, err := h.tenancy()
		status := approval.Running
		if h.closed {
			status = h.result.Status
		}
		if !known || h.procedure != workflows.NameEngagement || err != nil || row.OperatorID != start.Operator.ID || row.SpaceID != start.Space.ID || row.Status != string(status) {
			problems = append(problems, fmt.Sprintf("the copy shows the engagement %+v, its history %s %+v, %v", row, status, start, err))
		}
	}
	for caseID, h := range cases {
		if h.procedure == workflows.NameEngagement && !there[caseID] {
			problems = append(problems, fmt.Sprintf("engagement %s is not in the copy", caseID))
		}
	}
	return problems
}
