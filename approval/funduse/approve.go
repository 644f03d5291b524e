package funduse

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"linli/approval"
)

// Screened takes the evaluation of the screening stage. Passing cases go on to
// reserve the money; the others get one correction request that lists
// everything, and after that the verdict stands.
func (s *State) Screened(evidence approval.Evidence, now time.Time) {
	s.Keep(evidence)
	switch evidence.Outcome {
	case approval.OutcomePass, approval.OutcomeReview:
		s.Routes = routes(evidence)
	default:
		s.sendBack(evidence.Reasons(), now)
	}
}

// Covered takes the ledger's word that the money is put aside.
func (s *State) Covered(now time.Time) {
	s.Reserved = true
	s.enter(Roster, now)
}

// Released notes that nothing is held for the case any more.
func (s *State) Released() { s.Reserved = false }

// Uncovered takes the ledger's refusal to reserve.
func (s *State) Uncovered(refusal *approval.Error, now time.Time) {
	s.sendBack([]string{refusal.Message.ZH}, now)
}

// sendBack asks once for a correction of everything named; a second time the
// case is rejected with the same reasons.
func (s *State) sendBack(reasons []string, now time.Time) {
	if !s.MayCorrect() {
		s.End(approval.Rejected, strings.Join(reasons, ";"), now)
		return
	}
	s.askCorrection(reasons, now)
}

func (s *State) askCorrection(reasons []string, now time.Time) {
	s.AskCorrection(reasons, approval.Task{
		Seat: SeatApplicant, Persons: []string{s.Proposer}, Role: approval.Handler, Days: s.Parameters.Deadlines.Correction,
	}, now)
}

// CloseCorrection starts over with the corrected proposal, or lets the case
// lapse if nobody corrected it in time.
func (s *State) CloseCorrection(now time.Time) {
	if s.Uncorrected() {
		s.End(approval.Lapsed, "逾期未补正", now)
		return
	}
	s.Reason = ""
	s.enter(Screening, now)
}

// routes are the higher approvals asked for: by the routing rules, and the
// subdistrict's for every review criterion that failed.
func routes(evidence approval.Evidence) []approval.Route {
	asked := slices.Clone(evidence.Approvals)
	for _, finding := range evidence.Failed() {
		if finding.Severity == approval.SeverityReview {
			asked = append(asked, approval.Route{Level: levelSubdistrict, Rule: finding.ID, Reason: finding.Message})
		}
	}
	return asked
}

const (
	levelSubdistrict = "subdistrict"
	levelDistrict    = "district"
)

// levels are the approvals this case needs, lowest first, each once. A level
// nobody knows is the district's business, so that no route is ever dropped.
func (s *State) levels() []string {
	var needed []string
	for _, level := range []string{levelSubdistrict, levelDistrict} {
		if slices.ContainsFunc(s.Routes, func(r approval.Route) bool { return (r.Level == levelSubdistrict) == (level == levelSubdistrict) }) {
			needed = append(needed, level)
		}
	}
	return needed
}

func (s *State) enterHigher(now time.Time) {
	s.enter(Higher, now)
	s.openHigher(s.levels()[0], now)
}

func (s *State) openHigher(level string, now time.Time) {
	role, at := approval.SubdistrictApprover, s.Start.Scope.Up(approval.Subdistrict)
	if level == levelDistrict {
		role, at = approval.DistrictApprover, s.Start.Scope.Up(approval.District)
	}
	s.Ask(now, Higher, approval.Task{
		Seat: level, Kind: approval.Decision, Role: role, Scope: at, Excluded: append([]string{s.Proposer}, s.approvedBelow()...),
		Days: s.Parameters.Deadlines.Higher, Actions: deciding,
	})
}

// approvedBelow are the people who gave the lower higher approvals: nobody
// approves on two levels.
func (s *State) approvedBelow() []string { return s.DecidedBy(Higher, s.levels()) }

// deciding is what an approving office may do.
var deciding = []approval.Action{
	approval.Approve, approval.Reject, approval.Return, approval.AskCorrection,
	approval.Reassign, approval.Delegate, approval.AddReviewer, approval.Copy,
}

// HigherDecided reports whether the office on duty has decided.
func (s *State) HigherDecided() bool { return len(s.OpenAt(Higher)) == 0 }

// CloseHigher moves on after a higher approver's act: the next level, the
// charity, back, or out.
func (s *State) CloseHigher(now time.Time) {
	for _, level := range s.levels() {
		act := s.DecisionOf(Higher, level)
		if act == nil {
			s.openHigher(level, now)
			return
		}
		if act.Action != approval.Approve {
			s.turnBack(*act, now)
			return
		}
	}
	s.enter(CharityReview, now)
}

// turnBack carries out a negative decision of an approving office.
func (s *State) turnBack(act approval.Accepted, now time.Time) {
	switch act.Action {
	case approval.AskCorrection:
		s.askCorrection(act.Form.Items, now)
	case approval.Return:
		switch act.Form.Stage {
		case Correction:
			s.askCorrection([]string{act.Comment}, now)
		case Committee:
			s.enter(Roster, now)
		case Higher:
			s.enterHigher(now)
		default:
			s.enter(act.Form.Stage, now)
		}
	default:
		s.End(approval.Rejected, act.Comment, now)
	}
}

// AskCharity opens the first officer's task under the charity's own check. An
// officer cannot approve over a blocking finding, an error or missing evidence.
func (s *State) AskCharity(evidence approval.Evidence, now time.Time) {
	s.Keep(evidence)
	s.openOfficer(1, now)
}

func (s *State) openOfficer(n int, now time.Time) {
	actions := deciding
	if outcome := s.OutcomeOf(CharityReview); outcome != approval.OutcomePass && outcome != approval.OutcomeReview {
		actions = actions[1:] // without the approval
	}
	s.Ask(now, CharityReview, approval.Task{
		Seat: officerSeat(n), Kind: approval.Decision, Role: approval.CharityOfficer,
		Excluded: append([]string{s.Proposer}, s.officers()...),
		Days:     s.Parameters.Deadlines.Charity, Actions: actions,
	})
}

func officerSeat(n int) string { return fmt.Sprintf("officer-%d", n) }

// officersNeeded is two above the rule set's threshold, else one.
func (s *State) officersNeeded() int {
	if s.Proposal.Amount > s.Parameters.Charity.TwoOfficersAbove {
		return 2
	}
	return 1
}

// officers are the charity's people who approved in the running round.
func (s *State) officers() []string {
	var approved []string
	for n := 1; n <= s.officersNeeded(); n++ {
		if act := s.DecisionOf(CharityReview, officerSeat(n)); act != nil && act.Action == approval.Approve {
			approved = append(approved, act.Person)
			if act.For != "" {
				approved = append(approved, act.For)
			}
		}
	}
	return approved
}

// CharityDecided reports whether the officer on duty has decided.
func (s *State) CharityDecided() bool { return len(s.OpenAt(CharityReview)) == 0 }

// CloseCharity moves on after an officer's act: the second officer, the
// notice or payout, back, or out.
func (s *State) CloseCharity(now time.Time) {
	for n := 1; n <= s.officersNeeded(); n++ {
		act := s.DecisionOf(CharityReview, officerSeat(n))
		if act == nil {
			s.openOfficer(n, now)
			return
		}
		if act.Action != approval.Approve {
			s.turnBack(*act, now)
			return
		}
	}
	if s.Parameters.Notice.BeforePayout && !s.noticed() {
		s.enter(NoticeBefore, now)
		return
	}
	s.enter(Payout, now)
}
