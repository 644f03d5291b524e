package funduse_test

import (
	"fmt"
	"slices"
	"strings"

	"linli/approval"
	"linli/approval/funduse"
)

// payable works out from the acts alone, and from the roster as it was given,
// whether money may leave now (I1, I4, I5). It shares no code with the domain
// and says what is wrong, or "".
func payable(p *play, s *funduse.State) string {
	if len(p.convened) == 0 {
		return "no committee was ever convened"
	}
	if s.ContentHash != s.Proposal.Hash() {
		return "the case names another content than it pays for"
	}
	last := p.convened[len(p.convened)-1]
	since := s.Acts[last.acts:]
	for _, check := range []func() string{
		func() string { return voted(s, last.roster, since) },
		func() string { return agreedAbove(s, since) },
		func() string { return separate(s, since) },
	} {
		if problem := check(); problem != "" {
			return problem
		}
	}
	if !s.Reserved {
		return "no money is put aside"
	}
	return ""
}

// voted holds the committee's ballots against the rules.
func voted(s *funduse.State, roster []approval.Member, since []approval.Accepted) string {
	rules := s.Parameters.Committee
	sitting, eligible := committee(s, roster)
	if eligible < 3 || eligible < rules.MinMembers {
		return fmt.Sprintf("%d are eligible", eligible)
	}
	regulars := 0
	for _, member := range roster {
		if !member.Reserve {
			regulars++
		}
	}
	if rules.Odd && regulars%2 == 0 {
		return "the committee is even"
	}
	yes, no, cast, seats := 0, 0, 0, map[string]bool{}
	seen := map[string]bool{}
	for _, act := range since {
		if act.Stage != funduse.Committee || !slices.Contains([]approval.Action{approval.Approve, approval.Reject, approval.Abstain}, act.Action) {
			continue
		}
		member, sits := sitting[act.Person]
		switch {
		case act.Person != act.Seat || act.For != "":
			return "somebody voted for " + act.Seat
		case !sits || seen[act.Person]:
			return act.Person + " has no vote, or voted twice"
		case act.ContentHash != s.Proposal.Hash():
			return act.Person + " voted on other content"
		case act.Action == approval.Approve:
			yes++
		case act.Action == approval.Reject:
			no++
		}
		cast++
		seen[act.Person] = true
		for _, seat := range member.Seats {
			seats[seat] = true
		}
	}
	quorumOf, passOf := eligible, cast
	if rules.QuorumBase == "all" {
		quorumOf = regulars
	}
	if rules.PassBase == "eligible" {
		passOf = eligible
	}
	enough := int64(yes)*rules.PassDen >= rules.PassNum*int64(passOf)
	if rules.PassDen == 2*rules.PassNum {
		enough = 2*yes > passOf
	}
	if int64(cast)*rules.QuorumDen < rules.QuorumNum*int64(quorumOf) || yes+no < rules.MinValid || !enough {
		return fmt.Sprintf("%d for, %d against, %d cast of %d eligible do not pass", yes, no, cast, eligible)
	}
	for _, seat := range rules.RequiredSeats {
		if !seats[seat] {
			return "nobody voted as " + seat
		}
	}
	return ""
}

// committee lists who may sit at all and how many do: nobody who has an
// interest or ever stepped aside, and never more than there are regular places.
func committee(s *funduse.State, roster []approval.Member) (sitting map[string]approval.Member, eligible int) {
	aside := map[string]bool{}
	for _, act := range s.Acts {
		if act.Action == approval.Recuse {
			aside[act.Person] = true
		}
	}
	sitting, places := map[string]approval.Member{}, 0
	for _, member := range roster {
		if !member.Reserve {
			places++
		}
		if !member.Interested && !aside[member.ID] {
			sitting[member.ID] = member
		}
	}
	return sitting, min(places, len(sitting))
}

// agreedAbove looks for the higher approvals the last screening asked for.
func agreedAbove(s *funduse.State, since []approval.Accepted) string {
	var asked []string
	for _, evidence := range s.Evidence {
		if evidence.Stage != string(funduse.Screening) {
			continue
		}
		for _, route := range evidence.Approvals {
			asked = append(asked, route.Level)
		}
		if evidence.Outcome == approval.OutcomeReview {
			asked = append(asked, "subdistrict")
		}
	}
	for _, level := range asked {
		approves := func(a approval.Accepted) bool {
			return a.Stage == funduse.Higher && a.Seat == level && a.Action == approval.Approve && a.ContentHash == s.ContentHash
		}
		if !slices.ContainsFunc(since, approves) {
			return "the " + level + " has not approved"
		}
	}
	return ""
}

// separate names everybody who proposed, approved for the charity, made and
// checked the payment, with whom they stood in for: all must differ, hold
// their roles, and have agreed to this content.
func separate(s *funduse.State, since []approval.Accepted) string {
	people := []string{s.Proposer}
	officers, makers, checkers := 0, 0, 0
	for _, act := range lastRounds(since) {
		role := approval.CharityOfficer
		switch {
		case act.Action != approval.Approve || act.Kind != approval.Decision:
			continue
		case act.Stage == funduse.CharityReview && strings.HasPrefix(act.Seat, "officer-"):
			officers++
		case act.Stage == funduse.Payout && act.Seat == "maker":
			makers++
			role = approval.Cashier
		case act.Stage == funduse.Payout && act.Seat == "checker":
			checkers++
			role = approval.PaymentChecker
		default:
			continue
		}
		acting := act.Person
		people = append(people, act.Person)
		if act.For != "" {
			acting = act.For
			people = append(people, act.For)
		}
		if !cast[acting].Holds(role, community) || act.ContentHash != s.ContentHash {
			return acting + " agreed without the role or to other content"
		}
	}
	needed := 1
	if s.Proposal.Amount > s.Parameters.Charity.TwoOfficersAbove {
		needed = 2
	}
	if officers != needed || makers != 1 || checkers != 1 {
		return fmt.Sprintf("%d officers, %d makers, %d checkers", officers, makers, checkers)
	}
	slices.Sort(people)
	if len(slices.Compact(slices.Clone(people))) != len(people) {
		return fmt.Sprintf("one person twice in %v", people)
	}
	return ""
}

// lastRounds keeps the acts of the last round of each stage.
func lastRounds(acts []approval.Accepted) []approval.Accepted {
	last := map[approval.Stage]int{}
	for _, act := range acts {
		last[act.Stage] = max(last[act.Stage], act.Round)
	}
	return slices.DeleteFunc(slices.Clone(acts), func(a approval.Accepted) bool { return a.Round != last[a.Stage] })
}
