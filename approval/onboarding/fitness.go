package onboarding

import (
	"fmt"
	"strings"
	"time"

	"linli/approval"
)

// LookedAgain takes the evaluation of what may have changed since screening,
// made just before the documents are drawn (签约前复核): a licence that has run
// out, an entry in a credit list. Where it fails, the case stands still with the
// reasons until the operator has put things in order or the time is over; the
// space stays held.
func (s *State) LookedAgain(evidence approval.Evidence, now time.Time) {
	s.Keep(evidence)
	if s.Fit() {
		s.Reason = ""
		return
	}
	s.Reason = "签约前复核未通过：" + strings.Join(evidence.Reasons(), ";")
	task := approval.Task{
		Kind: approval.Form, Persons: s.applicants(), Days: s.Parameters.Deadlines.Correction,
		Actions: []approval.Action{approval.Submit, approval.Reassign},
	}
	asked := 0
	for _, earlier := range s.Tasks {
		if earlier.Stage == Signing {
			asked++
			task.CountFrom = approval.Sooner(task.CountFrom, earlier.OpenedAt) // asking again gives no more time
		}
	}
	task.Seat = fmt.Sprintf("%s-%d", SeatApplicant, asked+1)
	s.Ask(now, Signing, task)
}

// Fit reports whether the operator met the criteria when they were looked at
// again.
func (s *State) Fit() bool {
	outcome := s.OutcomeOf(Signing)
	return outcome == approval.OutcomePass || outcome == approval.OutcomeReview
}

// Refitted reports whether the operator says that things are in order, or the
// time for it is over.
func (s *State) Refitted() bool { return len(s.OpenAt(Signing)) == 0 || s.overdue(Signing) }

// CloseFitness lets the case lapse if nothing was put in order in time; else it
// is looked at again.
func (s *State) CloseFitness(now time.Time) {
	if s.overdue(Signing) {
		s.End(approval.Lapsed, s.Reason+"；逾期未补齐", now)
	}
}
