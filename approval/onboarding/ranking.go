package onboarding

import (
	"time"

	"linli/approval"
)

// Place is where an application stands under its call.
type Place struct {
	Rank int  `json:"rank,omitempty"` // counts from 1; 0 = not ranked yet
	Of   int  `json:"of,omitempty"`
	Turn bool `json:"turn,omitempty"` // it is this candidate's turn
}

// Word is what a call tells one of its candidates.
type Word struct {
	Place  Place  `json:"place"`
	Over   bool   `json:"over,omitempty"` // the space went to somebody else, or the call failed
	Reason string `json:"reason,omitempty"`
}

// Heard reports whether a word changes anything for the case now. Until it is
// the candidate's turn the call may end the case at any stage; afterwards it
// has nothing more to say.
func (s *State) Heard(word Word) bool {
	return !s.Ended() && !s.Place.Turn && (word.Over || word.Place != s.Place)
}

// Hear takes the call's word.
func (s *State) Hear(word Word, now time.Time) {
	if !s.Heard(word) {
		return
	}
	s.Place = word.Place
	switch {
	case word.Over:
		s.End(approval.Rejected, word.Reason, now)
	case word.Place.Turn && s.Stage == Ranking:
		s.Enter(Notice, now)
	}
}

// Report is what the call is to know of the case: that it waits for the
// ranking, has ended, or has taken the space over.
func (s *State) Report() Report {
	report := Report{
		Status:    Scored,
		Candidate: Candidate{CaseID: s.Start.CaseID, Operator: s.Application.Operator.Name, Result: s.Result, AppliedAt: s.OpenedAt},
	}
	switch {
	case s.Status == approval.Completed:
		report.Status = TakenOver
	case s.Ended():
		report.Status = Left
	}
	return report
}
