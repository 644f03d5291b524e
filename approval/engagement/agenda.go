package engagement

import (
	"fmt"
	"time"

	"linli/approval"
)

// OccasionKind is what falls due by the calendar of the contract.
type OccasionKind string

// The occasions.
const (
	PeriodOver     OccasionKind = "period_over" // a report falls due
	EvaluationOpen OccasionKind = "evaluation"  // of a contract year, before it ends
	TermOver       OccasionKind = "term_over"
	PricesChange   OccasionKind = "prices_change" // a confirmed list begins
)

// Occasion is something that falls due on a civil date. At is the moment the
// clock takes it for, see DateQuestion; zero until it was asked.
type Occasion struct {
	Kind OccasionKind `json:"kind"`
	Name string       `json:"name"` // of the period or contract year
	On   string       `json:"on"`   // civil date; the occasion is the first instant of that day
	At   time.Time    `json:"at,omitzero"`
}

// DateQuestion asks at which moments civil dates begin. The answer follows the
// calendar; a deployment for training may let its days last seconds, counted
// from the opening of the case.
type DateQuestion struct {
	OpenedAt time.Time `json:"opened_at"`
	StartsOn string    `json:"starts_on"` // the date the opening stands for
	Dates    []string  `json:"dates"`
}

// plan puts a term on the agenda: its periods, its yearly evaluations, its end.
func (s *State) plan(termStart, termEnd string) {
	for _, period := range periods(termStart, termEnd, s.months()) {
		name := period.Name
		for n := 2; s.period(period.Name) != nil; n++ {
			period.Name = fmt.Sprintf("%s-%d", name, n) // a term that began within a month
		}
		s.Periods = append(s.Periods, period)
		s.Agenda = append(s.Agenda, Occasion{Kind: PeriodOver, Name: period.Name, On: after(period.To)})
	}
	starts, over := day(termStart), day(termEnd).AddDate(0, 0, 1)
	for year := 0; approval.AddMonths(starts, 12*year).Before(over); year++ {
		begins, ends := approval.AddMonths(starts, 12*year), earlier(approval.AddMonths(starts, 12*(year+1)), over)
		opens := ends.AddDate(0, 0, -max(1, s.Parameters.RenewalNoticeDays))
		if opens.Before(begins) {
			opens = begins
		}
		s.Agenda = append(s.Agenda, Occasion{
			Kind: EvaluationOpen, Name: begins.Format(time.DateOnly) + "/" + ends.AddDate(0, 0, -1).Format(time.DateOnly), On: opens.Format(time.DateOnly),
		})
	}
	s.Agenda = append(s.Agenda, Occasion{Kind: TermOver, Name: termEnd, On: after(termEnd)})
}

func after(date string) string { return day(date).AddDate(0, 0, 1).Format(time.DateOnly) }

// Unscheduled asks for the moments of what was put on the agenda and has none
// yet; nil if there is nothing to ask.
func (s *State) Unscheduled() *DateQuestion {
	question := DateQuestion{OpenedAt: s.OpenedAt, StartsOn: s.StartsOn}
	if s.TakenOver != nil { // opened within its term
		question.StartsOn = s.openedOn()
	}
	for _, occasion := range s.Agenda {
		if occasion.At.IsZero() {
			question.Dates = append(question.Dates, occasion.On)
		}
	}
	if len(question.Dates) == 0 || s.Ended() {
		return nil
	}
	return &question
}

// Schedule takes the moments in the order they were asked for. Fewer moments
// than dates are a fault.
func (s *State) Schedule(moments []time.Time) error {
	for i := range s.Agenda {
		if !s.Agenda[i].At.IsZero() {
			continue
		}
		if len(moments) == 0 {
			return fmt.Errorf("scheduling %s: no moment was given for %s", s.CaseID, s.Agenda[i].On)
		}
		s.Agenda[i].At, moments = moments[0], moments[1:]
		if period := s.period(s.Agenda[i].Name); period != nil && s.Agenda[i].Kind == PeriodOver {
			period.EndsAt = s.Agenda[i].At
		}
	}
	return nil
}

// NextAlarm is when the clock next has something to say: a reminder, a due
// time or an occasion.
func (s *State) NextAlarm() time.Time {
	next := s.Course.NextAlarm()
	for _, occasion := range s.Agenda {
		if !occasion.At.IsZero() {
			next = approval.Sooner(next, occasion.At)
		}
	}
	return next
}

// Ring takes the clock's word: it reminds and escalates, and opens what has
// fallen due. It decides nothing but that a term without a renewal is over.
func (s *State) Ring(now time.Time) []approval.Task {
	rung := s.Course.Ring(now)
	for _, task := range rung {
		if task.Escalated {
			s.overdue(task, now)
		}
	}
	for i := 0; i < len(s.Agenda); {
		occasion := s.Agenda[i]
		if occasion.At.IsZero() || occasion.At.After(now) {
			i++
			continue
		}
		s.Agenda = append(s.Agenda[:i:i], s.Agenda[i+1:]...)
		s.fallDue(occasion, now)
	}
	s.settle(now)
	return rung
}

func (s *State) fallDue(occasion Occasion, now time.Time) {
	switch occasion.Kind {
	case PeriodOver:
		if period := s.period(occasion.Name); period.Status == Running {
			s.askReport(period, now)
		}
	case EvaluationOpen:
		s.Owed = append(s.Owed, occasion.Name)
		s.openEvaluation(now)
	case PricesChange:
		s.beginPrices(occasion.Name)
	case TermOver:
		s.leave(Leaving{Ground: TermEnded, Reason: "运营期限届满", At: now}, now)
	}
}

// overdue is what follows when a task was not done in time.
func (s *State) overdue(task approval.Task, now time.Time) {
	switch {
	case task.Stage == Reporting && (task.Seat == SeatOperator || task.Seat == SeatPayment):
		s.Overdue++
		s.askArrears(now)
		if s.Edition > 0 && s.Stage != Exit {
			s.urge(task, now)
		}
	case task.Stage == Reporting && urging(task.Seat):
		s.oversee(task, now)
	case task.Stage == Rectification:
		s.concludeRectification(now)
	case s.Stage == Exit && task.Stage == Exit:
		s.callWitness(task, now)
	}
}
