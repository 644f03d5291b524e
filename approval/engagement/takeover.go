package engagement

import (
	"slices"
	"strings"
	"time"

	"linli/approval"
)

// takeUp begins an engagement where the paper left it: what was settled is
// closed and what fell due since falls due at once. Of the years that are over,
// only the latest can still be evaluated, unless it was.
func (s *State) takeUp() {
	if s.TakenOver == nil {
		return
	}
	for i := range s.Periods {
		if p := &s.Periods[i]; p.To <= s.TakenOver.SettledTo {
			p.Status, p.Reason = Settled, "接续前已结清"
		}
	}
	done := max(s.TakenOver.EvaluatedTo, s.yearBeforeLast())
	s.Agenda = slices.DeleteFunc(s.Agenda, func(o Occasion) bool {
		switch o.Kind {
		case PeriodOver:
			return s.period(o.Name).Status == Settled
		case EvaluationOpen:
			return yearEnd(o) <= done
		}
		return false
	})
}

// yearBeforeLast is the last day of the contract year before the latest one
// that is over; "" if there is none.
func (s *State) yearBeforeLast() (end string) {
	last := ""
	for _, occasion := range s.Agenda {
		if occasion.Kind == EvaluationOpen && yearEnd(occasion) < s.openedOn() {
			end, last = last, yearEnd(occasion)
		}
	}
	return end
}

// yearEnd is the last day of the contract year an evaluation is of.
func yearEnd(evaluation Occasion) string {
	_, end, _ := strings.Cut(evaluation.Name, "/")
	return end
}

// openedOn is the civil date the engagement was opened on.
func (s *State) openedOn() string { return s.OpenedAt.In(approval.Shanghai).Format(time.DateOnly) }
