package statistics

import (
	"testing"
	"time"

	"linli/approval"
)

var now = time.Date(2026, 5, 14, 9, 30, 0, 0, approval.Shanghai)

func TestPeriodsEndWhereTheDayAskedForEnds(t *testing.T) {
	for _, c := range []struct {
		name     string
		question Question
		spans    []string // name from to
		final    bool
	}{
		{"a year so far, by month", Question{}, []string{"2026-01 2026-01-01 2026-01-31", "2026-02 2026-02-01 2026-02-28", "2026-03 2026-03-01 2026-03-31",
			"2026-04 2026-04-01 2026-04-30", "2026-05 2026-05-01 2026-05-14"}, false},
		{"a quarter is shown whole", Question{From: "2025-11-20", AsOf: "2026-03-31", By: Quarter},
			[]string{"2025-Q4 2025-10-01 2025-12-31", "2026-Q1 2026-01-01 2026-03-31"}, true},
		{"years", Question{From: "2024-02-29", AsOf: "2026-01-01", By: Year},
			[]string{"2024 2024-01-01 2024-12-31", "2025 2025-01-01 2025-12-31", "2026 2026-01-01 2026-01-01"}, true},
	} {
		plan, err := c.question.Plan(now)
		if err != nil || plan.Final != c.final || len(plan.Spans) != len(c.spans) {
			t.Fatalf("%s: %+v %v", c.name, plan, err)
		}
		for i, span := range plan.Spans {
			if got := span.Name + " " + span.From + " " + span.To; got != c.spans[i] {
				t.Errorf("%s: %s, want %s", c.name, got, c.spans[i])
			}
			if i > 0 && !span.Begins.Equal(plan.Spans[i-1].Ends) {
				t.Errorf("%s: a gap before %s", c.name, span.Name)
			}
		}
		if bounds := plan.Bounds(); len(bounds) != len(plan.Spans)+1 || !bounds[len(bounds)-1].Equal(plan.Ends()) {
			t.Errorf("%s: bounds %v", c.name, bounds)
		}
	}
}

func TestQuestionsThatHaveNoAnswer(t *testing.T) {
	for _, c := range []struct {
		question Question
		field    string
	}{
		{Question{AsOf: "2026-05-15"}, "as_of"},
		{Question{AsOf: "2026-02-30"}, "as_of"},
		{Question{From: "2026-3-1"}, "from"},
		{Question{From: "2026-05-01", AsOf: "2026-04-30"}, "from"},
		{Question{From: "2010-01-01", By: Month}, "from"},
		{Question{By: "week"}, "by"},
	} {
		if _, err := c.question.Plan(now); approval.CodeOf(err) != approval.Invalid || approval.Refusal(err).Field != c.field {
			t.Errorf("%+v: %v", c.question, err)
		}
	}
	// Shortly after midnight in Shanghai it is still yesterday in UTC.
	if plan, err := (Question{AsOf: "2026-05-14"}).Plan(time.Date(2026, 5, 13, 16, 0, 0, 0, time.UTC)); err != nil || plan.Final {
		t.Errorf("the day that has just begun: %+v %v", plan, err)
	}
}
