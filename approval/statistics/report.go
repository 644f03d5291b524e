package statistics

import (
	"slices"
	"strings"

	"linli/approval"
)

// Report is the answer: the scope, and each part directly below it.
type Report struct {
	AsOf  string `json:"as_of"` // civil date, included
	Final bool   `json:"final"` // the day is over
	By    Step   `json:"by"`
	Total Part   `json:"total"`
	Parts []Part `json:"parts"`
}

// Part is one scope: how it stands at the end of the day asked for, and how it
// came there.
type Part struct {
	Scope   approval.Scope `json:"scope"`
	Name    approval.Text  `json:"name"`
	Figures Figures        `json:"figures"`
	Periods []Period       `json:"periods"`
}

// Period is one period of a part.
type Period struct {
	Name    string  `json:"name"`
	From    string  `json:"from"`
	To      string  `json:"to"`
	Within  Flow    `json:"within"`  // what happened in it
	Figures Figures `json:"figures"` // how it stood when it ended
}

// Reckon makes the report of a plan from the facts; a scope that is not on the
// tree has none.
func Reckon(plan Plan, facts Facts) (Report, error) {
	report := Report{AsOf: plan.AsOf, Final: plan.Final, By: plan.By, Parts: []Part{}}
	slices.SortFunc(facts.Divisions, func(a, b Division) int { return strings.Compare(string(a.Scope), string(b.Scope)) })
	for _, division := range facts.Divisions {
		if division.Scope == plan.Scope {
			report.Total = part(plan, division, facts.of(division.Scope))
		}
		if division.Scope.Up(plan.Scope.Level()) == plan.Scope && division.Scope.Level() == plan.Scope.Level()+1 && division.At.Before(plan.Ends()) {
			report.Parts = append(report.Parts, part(plan, division, facts.of(division.Scope)))
		}
	}
	if report.Total.Scope == "" {
		return report, approval.Errorf(approval.NotFound, "没有这个行政区划。", "There is no such scope.").At("scope")
	}
	return report, nil
}

func part(plan Plan, division Division, facts Facts) Part {
	reckoned := Part{Scope: division.Scope, Name: division.Name, Periods: make([]Period, 0, len(plan.Spans))}
	before := facts.figures(0, plan.Spans[0].Begins)
	for i, span := range plan.Spans {
		figures := facts.figures(i+1, span.Ends)
		reckoned.Periods = append(reckoned.Periods, Period{Name: span.Name, From: span.From, To: span.To, Within: figures.since(before), Figures: figures})
		before = figures
	}
	reckoned.Figures = before
	return reckoned
}
