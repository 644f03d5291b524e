package engagement

import (
	"slices"
	"time"

	"linli/approval"
	"linli/approval/contract"
)

// OperatorID is whose engagement it is.
func (s *State) OperatorID() string { return s.Operator.ID }

// Moved compares who acts for the operator here with whom the register names
// now. An operator nobody acts for any more moves nobody.
func (s *State) Moved(acting []contract.Signatory) (joined, gone []string) {
	if len(acting) == 0 {
		return nil, nil
	}
	return approval.Moved(s.People, contract.Persons(acting))
}

// Replace takes the people the register names now; the operator's open tasks
// are theirs. Who is gone decides nothing here, whatever office that person
// takes up.
func (s *State) Replace(acting []contract.Signatory, _ time.Time) {
	joined, gone := s.Moved(acting)
	if len(joined)+len(gone) == 0 {
		return
	}
	s.People = contract.Persons(acting)
	s.Former, _ = approval.Moved(s.People, append(s.Former, gone...))
	s.Readdress(func(task approval.Task) []string {
		if !task.OfPeople() {
			return nil
		}
		return s.People
	})
	s.Bar(joined)
}

// theirs are the people who act or acted for the operator.
func (s *State) theirs() []string { return append(slices.Clone(s.People), s.Former...) }

// owners hear how the engagement ends: who filed the application, unless that
// person has left the operator, and who acts for it.
func (s *State) owners() []string {
	if slices.Contains(s.Former, s.Opener) {
		return s.People
	}
	return append([]string{s.Opener}, s.People...)
}
