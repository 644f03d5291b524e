package statistics

import (
	"fmt"
	"time"

	"linli/approval"
)

// Step is the length of the periods a report is cut into.
type Step string

// The steps.
const (
	Month   Step = "month"
	Quarter Step = "quarter"
	Year    Step = "year"
)

// Steps lists every step with its display name and its months.
var Steps = []struct {
	Step   Step
	Name   approval.Text
	months int
}{
	{Month, approval.Text{ZH: "按月", EN: "monthly"}, 1},
	{Quarter, approval.Text{ZH: "按季度", EN: "quarterly"}, 3},
	{Year, approval.Text{ZH: "按年", EN: "yearly"}, 12},
}

// maxPeriods is ten years of months.
const maxPeriods = 120

// Question is what a reader asks for. Empty fields have defaults: AsOf today,
// From the first day of that year, By month.
type Question struct {
	Scope approval.Scope
	AsOf  string // civil date, included
	From  string // civil date; its whole period is shown
	By    Step   // "" is Month
}

// Plan is a question made definite.
type Plan struct {
	Scope approval.Scope
	AsOf  string // civil date, included
	By    Step
	Spans []Span // without gaps, oldest first; the last ends with AsOf
	Final bool   // the day AsOf is over: the figures will not change any more
}

// Span is one period: from the beginning of a day up to the end of another.
type Span struct {
	Name     string    // "2026-03", "2026-Q1", "2026"
	From, To string    // civil dates, both included
	Begins   time.Time // included
	Ends     time.Time // not included
}

// Plan refuses days that are none, a day that has not begun, a beginning after
// the end and too many periods.
func (q Question) Plan(now time.Time) (Plan, error) {
	today := civil(now)
	asOf, err := dayOr(q.AsOf, today, now, "as_of")
	if err != nil {
		return Plan{}, err
	}
	from, err := dayOr(q.From, time.Date(asOf.Year(), 1, 1, 0, 0, 0, 0, approval.Shanghai), now, "from")
	if err != nil {
		return Plan{}, err
	}
	if from.After(asOf) {
		return Plan{}, approval.Errorf(approval.Invalid, "起始日期不能晚于统计日期。", "The first day cannot lie after the day of the figures.").At("from")
	}
	plan := Plan{Scope: q.Scope, AsOf: asOf.Format(time.DateOnly), By: q.By, Final: asOf.Before(today)}
	if plan.By == "" {
		plan.By = Month
	}
	plan.Spans, err = spans(from, asOf, plan.By)
	return plan, err
}

// dayOr reads a day that has begun, or takes the usual one.
func dayOr(date string, usual, now time.Time, field string) (time.Time, error) {
	if date == "" {
		return usual, nil
	}
	if err := approval.PastDate(date, now, field); err != nil {
		return time.Time{}, err
	}
	return approval.CivilDate(date, field)
}

// civil is the beginning of the day in Shanghai.
func civil(at time.Time) time.Time {
	year, month, day := at.In(approval.Shanghai).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, approval.Shanghai)
}

func spans(from, asOf time.Time, by Step) (cut []Span, err error) {
	months := 0
	for _, known := range Steps {
		if known.Step == by {
			months = known.months
		}
	}
	if months == 0 {
		return nil, approval.Errorf(approval.Invalid, "统计周期为月（month）、季度（quarter）或年（year）。", "A period is a month, a quarter or a year.").At("by")
	}
	first := int(from.Month()) - 1
	begins := time.Date(from.Year(), time.Month(first-first%months+1), 1, 0, 0, 0, 0, approval.Shanghai)
	after := asOf.AddDate(0, 0, 1)
	for ; begins.Before(after); begins = begins.AddDate(0, months, 0) {
		if len(cut) == maxPeriods {
			return nil, approval.Errorf(approval.Invalid, "一次最多统计%[1]d期，请缩短时段或改用更长的周期。",
				"At most %[1]d periods are shown at once; shorten the range or take longer periods.", maxPeriods).At("from")
		}
		ends := begins.AddDate(0, months, 0)
		if ends.After(after) {
			ends = after
		}
		cut = append(cut, Span{
			Name: spanName(begins, by), From: begins.Format(time.DateOnly), To: ends.AddDate(0, 0, -1).Format(time.DateOnly), Begins: begins, Ends: ends,
		})
	}
	return cut, nil
}

func spanName(begins time.Time, by Step) string {
	switch by {
	case Year:
		return begins.Format("2006")
	case Quarter:
		return fmt.Sprintf("%d-Q%d", begins.Year(), (int(begins.Month())+2)/3)
	}
	return begins.Format("2006-01")
}

// Bounds are the moments between periods: something recorded at t belongs to
// the period whose number is how many bounds are not after t. 0 is before the
// first; what is recorded at the last bound or later belongs to no period.
func (p Plan) Bounds() []time.Time {
	bounds := []time.Time{p.Spans[0].Begins}
	for _, span := range p.Spans {
		bounds = append(bounds, span.Ends)
	}
	return bounds
}

// Ends is the first moment the figures no longer know of.
func (p Plan) Ends() time.Time { return p.Spans[len(p.Spans)-1].Ends }
