package onboarding

import (
	"time"

	"linli/approval"
)

// SeatReviewer answers an applicant's objection to a rejection.
const SeatReviewer = "reviewer"

// refuse rejects the case. Where the rules give the applicant a time to object,
// the rejection is final only once that time has passed unused, the applicant
// has waived it, or the objection is overruled; a second rejection is final.
func (s *State) refuse(reason string, now time.Time) {
	days := s.Parameters.Reconsideration.FilingDays
	if days == 0 || s.Round(Reconsideration) > 0 {
		s.End(approval.Rejected, reason, now)
		return
	}
	s.Enter(Reconsideration, now)
	s.Reason = reason
	s.Ask(now, Reconsideration, approval.Task{
		Seat: SeatApplicant, Kind: approval.Form, Persons: s.applicants(), Days: days,
		Actions: []approval.Action{approval.Object, approval.Abstain},
	})
}

// askReconsideration asks the objection office of the subdistrict, or whoever
// holds that office above it, to answer. Nobody who has decided in the case,
// applied, or is related to the operator does. Upholding decides nothing for the
// offices: they look at the case anew.
func (s *State) askReconsideration(now time.Time) {
	s.Ask(now, Reconsideration, approval.Task{
		Seat: SeatReviewer, Kind: approval.Decision, Role: approval.ObjectionHandler, Scope: s.Start.Scope.Up(approval.Subdistrict),
		Excluded: append(s.outsiders(), s.deciders(DeskReview, Scoring)...), Days: s.Parameters.Reconsideration.AnswerDays,
		Actions: []approval.Action{approval.Uphold, approval.Overrule, approval.Reassign, approval.Delegate},
	})
}

func (s *State) checkReconsidered(to approval.Stage) error {
	if to != "" && to != s.first() {
		return approval.Errorf(approval.Invalid, "异议成立后从头重新审查，不能转到其他环节。", "An upheld objection takes the case back to its first stage and nowhere else.").At("form/stage")
	}
	return nil
}

// Reconsidered reports whether the objection is answered, waived, or was not
// raised in time. Time alone answers none.
func (s *State) Reconsidered() bool {
	open := s.OpenAt(Reconsideration)
	return len(open) == 0 || open[0].Seat == SeatApplicant && open[0].Escalated
}

// CloseReconsideration takes an upheld objection to where the case began; else the
// rejection is final, for the reason it was given with.
func (s *State) CloseReconsideration(now time.Time) {
	answer := s.DecisionOf(Reconsideration, SeatReviewer)
	switch {
	case answer != nil && answer.Action == approval.Uphold:
		s.Reason = ""
		s.back(s.first(), now)
	case answer != nil:
		s.End(approval.Rejected, s.Reason+"；异议不成立："+answer.Comment, now)
	default:
		s.End(approval.Rejected, s.Reason, now)
	}
}
