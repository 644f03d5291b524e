package approval

import (
	"slices"
	"strings"
)

// VoteOutcome is where a vote stands.
type VoteOutcome string

// The outcomes of a vote. Only VotePassed lets a case go on.
const (
	VoteOpen     VoteOutcome = "open"             // ballots still missing could change it
	VotePassed   VoteOutcome = "passed"           // 通过
	VoteRejected VoteOutcome = "rejected"         // 不予通过
	VoteNoQuorum VoteOutcome = "no_quorum"        // too few ballots, too few valid ones, or a required seat missing: nothing was decided
	VoteTooFew   VoteOutcome = "too_few_eligible" // the committee is too small to decide at all (I10)
)

// Verdict is the result of counting, with everything needed to explain it.
type Verdict struct {
	Outcome      VoteOutcome `json:"outcome"`
	Settled      bool        `json:"settled"` // final: nothing still missing counts any more
	For          int         `json:"for"`     // For, Against and Abstained stay 0 while a sealed vote is open
	Against      int         `json:"against"`
	Abstained    int         `json:"abstain"`
	Cast         int         `json:"cast"` // ballots that count, abstentions included
	Eligible     int         `json:"eligible"`
	QuorumNeeded int         `json:"quorum_needed"`           // ballots needed
	PassNeeded   int         `json:"pass_needed"`             // for-votes needed; of the ballots cast so far where the base is OfPresent
	MissingSeats []Seat      `json:"missing_seats,omitempty"` // required seats nobody has voted for yet
	Why          Text        `json:"why"`
}

// Tally counts a round. The order of roster and ballots never matters.
// Ballots of outsiders, uncalled reserves, recused and interested people are
// ignored (I4); two that count by one member, or an unknown choice, are refused.
//
// While the vote is not closed the verdict is VoteOpen unless every way the
// missing ballots could still turn out – for, against, abstain or never cast –
// leads to one outcome; then that outcome stands at once. Recusals yet to come
// are not foreseen: tally again with the new roster. Closed, the ballots cast
// decide. A decision to reject needs the quorum as much as one to pass.
func Tally(rules BallotRules, roster []Member, ballots []Ballot, closed bool) (Verdict, error) {
	if err := rules.Validate(); err != nil {
		return Verdict{}, err
	}
	if err := ValidateRoster(roster); err != nil {
		return Verdict{}, err
	}
	c, err := countBallots(rules, roster, ballots)
	if err != nil {
		return Verdict{}, err
	}
	outcome := c.settled()
	if closed {
		outcome = c.outcome(c.votes, len(c.missing) == 0)
	}
	return c.verdict(outcome), nil
}

// votes is a split of ballots.
type votes struct{ yes, no, abstain int }

func (v votes) cast() int { return v.yes + v.no + v.abstain }

// count is a round reduced to what the outcome depends on.
type count struct {
	rules         BallotRules
	eligible, all int
	votes         votes
	missing       []Seat   // required seats without a ballot
	waiting       []Member // eligible members without a ballot
}

func countBallots(rules BallotRules, roster []Member, ballots []Ballot) (count, error) {
	c := count{rules: rules}
	byMember, err := countedBallots(roster, ballots)
	if err != nil {
		return count{}, err
	}
	seated := map[Seat]bool{}
	for _, member := range roster {
		if !member.Reserve {
			c.all++
		}
		if !member.Eligible() {
			continue
		}
		c.eligible++
		switch byMember[member.ID] {
		case For:
			c.votes.yes++
		case Against:
			c.votes.no++
		case Abstained:
			c.votes.abstain++
		default:
			c.waiting = append(c.waiting, member)
			continue
		}
		for _, seat := range member.Seats {
			seated[seat] = true
		}
	}
	for _, seat := range rules.RequiredSeats {
		if !seated[seat] {
			c.missing = append(c.missing, seat)
		}
	}
	return c, nil
}

func countedBallots(roster []Member, ballots []Ballot) (map[string]Choice, error) {
	eligible := map[string]bool{}
	for _, member := range roster {
		eligible[member.ID] = member.Eligible()
	}
	choices := map[string]Choice{}
	for _, ballot := range ballots {
		if !eligible[ballot.Member] {
			continue
		}
		if _, twice := choices[ballot.Member]; twice {
			return nil, Errorf(AlreadyActed, "“%s”在本轮已投过票。", "%q has already voted in this round.", ballot.Member)
		}
		if !slices.Contains([]Choice{For, Against, Abstained}, ballot.Choice) {
			return nil, Errorf(Invalid, "表决意见“%s”应为 for、against 或 abstain。",
				"The choice %q must be for, against or abstain.", ballot.Choice).At("choice")
		}
		choices[ballot.Member] = ballot.Choice
	}
	return choices, nil
}

// outcome is the result if exactly these votes were cast.
func (c count) outcome(v votes, seated bool) VoteOutcome {
	switch {
	case c.eligible < c.rules.MinEligible:
		return VoteTooFew
	case v.cast() < c.rules.quorumNeeded(c.eligible, c.all) || v.yes+v.no < c.rules.MinValid || !seated:
		return VoteNoQuorum
	case c.rules.Reject != nil && v.no >= c.rules.Reject.atLeast(c.eligible):
		return VoteRejected
	case v.yes >= c.rules.passNeeded(v.cast(), c.eligible):
		return VotePassed
	}
	return VoteRejected
}

// settled is the one outcome every completion leads to, or VoteOpen. It tries
// every split of every number of further ballots rather than reasoning about
// extremes: rosters are small, and this is plainly right for any rules. Further
// ballots that leave a required seat empty change nothing and are not tried.
func (c count) settled() VoteOutcome {
	asIs := c.outcome(c.votes, len(c.missing) == 0)
	for further := fewestToSeat(c.missing, c.waiting); further <= len(c.waiting); further++ {
		if !c.always(asIs, further) {
			return VoteOpen
		}
	}
	return asIs
}

// always reports whether every split of so many further ballots leads to
// outcome, all required seats being filled.
func (c count) always(outcome VoteOutcome, further int) bool {
	for yes := 0; yes <= further; yes++ {
		for no := 0; yes+no <= further; no++ {
			v := votes{c.votes.yes + yes, c.votes.no + no, c.votes.abstain + further - yes - no}
			if c.outcome(v, true) != outcome {
				return false
			}
		}
	}
	return true
}

// fewestToSeat is the least number of waiting members who together hold every
// missing seat; more than there are waiting if they do not hold them all.
func fewestToSeat(missing []Seat, waiting []Member) int {
	fewest := make([]int, 1<<len(missing)) // per set of seats, a bit each
	for set := 1; set < len(fewest); set++ {
		fewest[set] = len(waiting) + 1
	}
	for _, member := range waiting {
		fills := 0
		for i, seat := range missing {
			if member.holds(seat) {
				fills |= 1 << i
			}
		}
		for set := range fewest {
			fewest[set|fills] = min(fewest[set|fills], fewest[set]+1)
		}
	}
	return fewest[len(fewest)-1]
}

func (c count) verdict(outcome VoteOutcome) Verdict {
	v := Verdict{
		Outcome: outcome, Settled: outcome != VoteOpen,
		For: c.votes.yes, Against: c.votes.no, Abstained: c.votes.abstain,
		Cast: c.votes.cast(), Eligible: c.eligible,
		QuorumNeeded: c.rules.quorumNeeded(c.eligible, c.all),
		PassNeeded:   c.rules.passNeeded(c.votes.cast(), c.eligible),
		MissingSeats: c.missing,
	}
	if c.rules.Sealed && outcome == VoteOpen {
		v.For, v.Against, v.Abstained = 0, 0, 0
	}
	v.Why = v.explain(c.rules)
	return v
}

func (v Verdict) explain(rules BallotRules) Text {
	switch v.Outcome {
	case VoteTooFew:
		return sentence("有表决资格的委员 %[1]d 人，少于 %[2]d 人，不能表决。",
			"%[1]d members are eligible, fewer than the %[2]d needed: no vote can be held.", v.Eligible, rules.MinEligible)
	case VoteNoQuorum:
		return v.explainNoQuorum(rules)
	case VotePassed:
		return sentence("赞成 %[1]d 票，达到通过所需的 %[2]d 票（应到 %[3]d 人，实到 %[4]d 人，反对 %[5]d 票，弃权 %[6]d 票）。",
			"%[1]d in favour reach the %[2]d needed (%[3]d eligible, %[4]d voting, %[5]d against, %[6]d abstaining).",
			v.For, v.PassNeeded, v.Eligible, v.Cast, v.Against, v.Abstained)
	case VoteRejected:
		return v.explainRejected(rules)
	}
	return sentence("已投票 %[1]d 人，应到 %[2]d 人，至少需 %[3]d 人投票；结果未定。",
		"%[1]d of %[2]d eligible members have voted, at least %[3]d must; the outcome is open.",
		v.Cast, v.Eligible, v.QuorumNeeded)
}

func (v Verdict) explainRejected(rules BallotRules) Text {
	if rules.Reject != nil && v.Against >= rules.Reject.atLeast(v.Eligible) {
		return sentence("反对 %[1]d 票，达到否决所需的 %[2]d 票（应到 %[3]d 人，实到 %[4]d 人，赞成 %[5]d 票，弃权 %[6]d 票）。",
			"%[1]d against reach the %[2]d that reject (%[3]d eligible, %[4]d voting, %[5]d in favour, %[6]d abstaining).",
			v.Against, rules.Reject.atLeast(v.Eligible), v.Eligible, v.Cast, v.For, v.Abstained)
	}
	return sentence("赞成 %[1]d 票，未达到通过所需的 %[2]d 票（应到 %[3]d 人，实到 %[4]d 人，反对 %[5]d 票，弃权 %[6]d 票）。",
		"%[1]d in favour do not reach the %[2]d needed (%[3]d eligible, %[4]d voting, %[5]d against, %[6]d abstaining).",
		v.For, v.PassNeeded, v.Eligible, v.Cast, v.Against, v.Abstained)
}

func (v Verdict) explainNoQuorum(rules BallotRules) Text {
	switch {
	case v.Cast < v.QuorumNeeded:
		return sentence("投票 %[1]d 人，少于所需的 %[2]d 人，未形成决议。",
			"%[1]d members voted, fewer than the %[2]d needed: nothing was decided.", v.Cast, v.QuorumNeeded)
	case len(v.MissingSeats) > 0:
		return sentence("必须到会的席位无人投票：%[1]s，未形成决议。",
			"Nobody voted in these required seats: %[1]s; nothing was decided.", strings.Join(v.MissingSeats, ", "))
	}
	return sentence("赞成与反对共 %[1]d 票，少于有效票下限 %[2]d 票，未形成决议。",
		"%[1]d ballots are for or against, fewer than the %[2]d valid ones needed: nothing was decided.",
		v.For+v.Against, rules.MinValid)
}

func sentence(zh, en string, args ...any) Text { return Errorf("", zh, en, args...).Message }
