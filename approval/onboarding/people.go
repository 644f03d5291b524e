package onboarding

import (
	"slices"
	"strings"
	"time"

	"linli/approval"
	"linli/approval/contract"
)

// OperatorID is whose case it is.
func (s *State) OperatorID() string { return s.Application.Operator.ID }

// Moved compares who acts for the operator in this case, by the register as it
// last told and by a contract that was drawn since, with whom the register names
// now. An operator nobody acts for any more moves nobody: the case keeps
// its people until somebody is named, and they are refused where they act.
func (s *State) Moved(acting []contract.Signatory) (joined, gone []string) {
	if len(acting) == 0 {
		return nil, nil
	}
	return approval.Moved(append(slices.Clone(s.People), s.Agents()...), contract.Persons(acting))
}

// Replace takes the people the register names now: the operator's open tasks
// are theirs, and so is its signature where it is still to come. Who is gone
// decides nothing in this case, whatever office that person takes up.
func (s *State) Replace(acting []contract.Signatory, now time.Time) {
	joined, gone := s.Moved(acting)
	if len(joined)+len(gone) == 0 {
		return
	}
	s.People, s.PeopleAt = contract.Persons(acting), now
	s.Former, _ = approval.Moved(s.People, append(s.Former, gone...))
	s.Contract.Replace(contract.SeatOperator, signatories(acting))
	s.Readdress(func(task approval.Task) []string {
		switch {
		case !task.OfPeople():
			return nil
		case strings.HasPrefix(task.Seat, SeatApplicant):
			return s.applicants()
		}
		return s.People
	})
	s.Bar(joined)
}
