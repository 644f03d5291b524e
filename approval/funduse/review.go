package funduse

import (
	"fmt"
	"slices"
	"time"

	"linli/approval"
)

// BallotRules are the voting rules of the pinned rule set.
func (p CommitteeParameters) BallotRules() approval.BallotRules {
	return approval.BallotRules{
		MinEligible: p.MinMembers,
		Quorum:      approval.Ratio{Num: p.QuorumNum, Den: p.QuorumDen}, QuorumBase: approval.VoteBase(p.QuorumBase),
		Pass: approval.Ratio{Num: p.PassNum, Den: p.PassDen}, PassStrict: 2*p.PassNum == p.PassDen, PassBase: approval.VoteBase(p.PassBase),
		RequiredSeats: p.RequiredSeats, MinValid: p.MinValid, Sealed: p.Sealed,
	}
}

// Convene freezes the roster and opens a ballot task for every eligible
// member. Too few eligible members stop the case: it waits for the committee
// to be completed and never passes (I10).
func (s *State) Convene(roster []approval.Member, now time.Time) error {
	s.freeze(roster)
	verdict, err := approval.Tally(s.Parameters.Committee.BallotRules(), s.Roster, nil, false)
	if err != nil {
		return fmt.Errorf("convening the committee of %s: %w", s.Start.CaseID, err)
	}
	if verdict.Outcome != approval.VoteTooFew && s.Parameters.Committee.Odd && s.regulars()%2 == 0 {
		verdict.Why = approval.Errorf("", "正式委员%[1]d人,规则要求为单数。", "There are %[1]d regular members; the rules ask for an odd number.", s.regulars()).Message
		s.standStill(verdict, now)
		return nil
	}
	if verdict.Outcome == approval.VoteTooFew {
		s.standStill(verdict, now)
		return nil
	}
	s.enter(Committee, now)
	for _, member := range s.Roster {
		if member.Eligible() {
			s.openBallot(member.ID, now)
		}
	}
	return nil
}

// freeze takes the roster as it is now; whoever stepped aside before in this
// case stays aside, whatever committees came between, and nobody votes on what
// they proposed themselves (I4).
func (s *State) freeze(roster []approval.Member) {
	s.Roster, s.Verdict = slices.Clone(roster), approval.Verdict{Outcome: approval.VoteOpen}
	for i := range s.Roster {
		if s.Roster[i].ID == s.Proposer {
			s.Roster[i].Interested, s.Roster[i].Reason = true, "本事项申请人"
		}
	}
	for _, act := range s.Acts {
		if act.Action == approval.Recuse {
			s.stepAside(act.Seat, act.Comment)
		}
	}
	for called := "called"; called != ""; {
		s.Roster, called = approval.CallReserve(s.Roster)
	}
}

// stepAside recuses a member and calls the next reserve in; it returns whom
// it called, if anybody.
func (s *State) stepAside(member, reason string) (called string) {
	roster, err := approval.RecuseMember(s.Roster, member, reason)
	if err != nil {
		return "" // not on the roster any more, so there is no ballot to take away
	}
	s.Roster, called = approval.CallReserve(roster)
	return called
}

// regulars counts the members who are not reserves.
func (s *State) regulars() int {
	n := 0
	for _, member := range s.Roster {
		if !member.Reserve {
			n++
		}
	}
	return n
}

func (s *State) standStill(verdict approval.Verdict, now time.Time) {
	s.Verdict = verdict
	s.enter(Roster, now)
	s.Ask(now, Roster, approval.Task{
		Seat: SeatSecretary, Kind: approval.Form, Role: approval.Secretary, Days: s.Parameters.Deadlines.Review,
		Actions: []approval.Action{approval.Submit, approval.Reassign},
	})
}

func (s *State) openBallot(member string, now time.Time) {
	s.Ask(now, Committee, approval.Task{
		Seat: member, Kind: approval.Vote, Persons: []string{member}, Role: approval.CommitteeMember,
		Days:    s.Parameters.Deadlines.Review,
		Actions: []approval.Action{approval.Approve, approval.Reject, approval.Abstain, approval.Recuse},
	})
}

// recuse takes a member out of the denominator during the vote.
func (s *State) recuse(member, reason string, now time.Time) {
	if called := s.stepAside(member, reason); called != "" {
		s.openBallot(called, now)
	}
}

// ballots are the votes of the running round, one per member by construction:
// a ballot task takes one act (I4).
func (s *State) ballots() []approval.Ballot {
	var ballots []approval.Ballot
	for _, act := range s.Acts {
		if act.Stage != Committee || act.Kind != approval.Vote || act.Round != s.Round(Committee) {
			continue
		}
		if choice, ok := choices[act.Action]; ok {
			ballots = append(ballots, approval.Ballot{Member: act.Seat, Choice: choice, CastAt: act.At, Act: act.ID})
		}
	}
	return ballots
}

var choices = map[approval.Action]approval.Choice{
	approval.Approve: approval.For, approval.Reject: approval.Against, approval.Abstain: approval.Abstained,
}

func (s *State) tally(closed bool) (approval.Verdict, error) {
	verdict, err := approval.Tally(s.Parameters.Committee.BallotRules(), s.Roster, s.ballots(), closed)
	if err != nil {
		return verdict, fmt.Errorf("counting the ballots of %s: %w", s.Start.CaseID, err)
	}
	return verdict, nil
}

// voteOver reports whether the voting period has ended: every ballot still
// open is overdue.
func (s *State) voteOver() bool {
	open := s.OpenAt(Committee)
	for _, task := range open {
		if !task.Escalated {
			return false
		}
	}
	return true
}

// Reviewed reports whether the vote needs no more ballots: settled by the
// arithmetic, or the period is over.
func (s *State) Reviewed() bool {
	verdict, err := s.tally(s.voteOver())
	return err != nil || verdict.Outcome != approval.VoteOpen
}

// CloseReview takes the verdict: on to the higher approval or the charity,
// out, or into another round for want of a quorum.
func (s *State) CloseReview(now time.Time) error {
	verdict, err := s.tally(s.voteOver())
	if err != nil {
		return err
	}
	s.Verdict = verdict
	switch verdict.Outcome {
	case approval.VotePassed:
		s.Unsettled = 0
		if len(s.Routes) > 0 {
			s.enterHigher(now)
		} else {
			s.enter(CharityReview, now)
		}
	case approval.VoteRejected:
		s.End(approval.Rejected, verdict.Why.ZH, now)
	case approval.VoteTooFew:
		s.standStill(verdict, now)
	case approval.VoteOpen:
		// a reserve was called in just before the count: the vote goes on
	default:
		if s.Unsettled++; s.Unsettled >= s.Parameters.Committee.Rounds {
			s.End(approval.Lapsed, verdict.Why.ZH, now)
			return nil
		}
		s.enter(Roster, now) // convened again, with the committee as it is then
	}
	return nil
}

// RosterComplete reports whether the secretary says the committee is complete;
// Convene then decides whether that is so.
func (s *State) RosterComplete() bool { return len(s.OpenAt(Roster)) == 0 }
