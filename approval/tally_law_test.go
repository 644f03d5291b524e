package approval_test

import (
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"linli/approval"
)

var choices = []approval.Choice{approval.For, approval.Against, approval.Abstained}

func drawRatio(t *rapid.T, label string, options ...approval.Ratio) approval.Ratio {
	return rapid.SampledFrom(options).Draw(t, label)
}

func drawRules(t *rapid.T) approval.BallotRules {
	rules := approval.BallotRules{
		MinEligible: rapid.IntRange(3, 4).Draw(t, "min eligible"),
		Quorum:      drawRatio(t, "quorum", approval.Ratio{Num: 1, Den: 2}, approval.Ratio{Num: 2, Den: 3}, approval.Ratio{Num: 1, Den: 1}),
		QuorumBase:  rapid.SampledFrom([]approval.VoteBase{approval.OfEligible, approval.OfAll}).Draw(t, "quorum base"),
		Pass:        drawRatio(t, "pass", approval.Ratio{Num: 1, Den: 2}, approval.Ratio{Num: 2, Den: 3}, approval.Ratio{Num: 3, Den: 4}),
		PassStrict:  rapid.Bool().Draw(t, "strict"),
		PassBase:    rapid.SampledFrom([]approval.VoteBase{approval.OfPresent, approval.OfEligible}).Draw(t, "pass base"),
		MinValid:    rapid.IntRange(0, 4).Draw(t, "min valid"),
	}
	if rules.Pass.Den == 2 {
		rules.PassStrict = true
	}
	if rapid.Bool().Draw(t, "veto") {
		reject := drawRatio(t, "reject", approval.Ratio{Num: 1, Den: 3}, approval.Ratio{Num: 1, Den: 2}, approval.Ratio{Num: 1, Den: 1})
		rules.Reject = &reject
	}
	rules.RequiredSeats = rapid.SampledFrom([][]string{nil, {"chair"}, {"resident", "chair"}}).Draw(t, "required")
	return rules
}

// drawRoster draws up to size people, some of them recused, interested or in
// reserve, with reserves called in as far as they go.
func drawRoster(t *rapid.T, size int) []approval.Member {
	var roster []approval.Member
	for i := range rapid.IntRange(0, size).Draw(t, "people") {
		member := approval.Member{ID: fmt.Sprintf("p%d", i)}
		member.Seats = rapid.SampledFrom([][]string{nil, nil, {"chair"}, {"resident"}, {"chair", "resident"}}).Draw(t, "seats")
		switch rapid.IntRange(0, 11).Draw(t, "status") {
		case 0:
			member.Recused = true
		case 1:
			member.Interested = true
		case 2:
			member.Reserve = true
		}
		roster = append(roster, member)
	}
	for {
		var called string
		if roster, called = approval.CallReserve(roster); called == "" {
			return roster
		}
	}
}

func drawBallots(t *rapid.T, roster []approval.Member) []approval.Ballot {
	var ballots []approval.Ballot
	for _, member := range roster {
		if at := rapid.IntRange(0, 3).Draw(t, "choice of "+member.ID); at < len(choices) {
			ballots = append(ballots, approval.Ballot{Member: member.ID, Choice: choices[at]})
		}
	}
	return ballots
}

func mustTally(t *rapid.T, rules approval.BallotRules, roster []approval.Member, ballots []approval.Ballot, closed bool) approval.Verdict {
	verdict, err := approval.Tally(rules, roster, ballots, closed)
	if err != nil {
		t.Fatal(err)
	}
	return verdict
}

func TestOrderNeverMatters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules, roster := drawRules(t), drawRoster(t, 7)
		ballots, closed := drawBallots(t, roster), rapid.Bool().Draw(t, "closed")
		verdict := mustTally(t, rules, roster, ballots, closed)
		shuffled := mustTally(t, rules, rapid.Permutation(roster).Draw(t, "roster"), rapid.Permutation(ballots).Draw(t, "ballots"), closed)
		if !reflect.DeepEqual(verdict, shuffled) {
			t.Fatalf("%+v\nshuffled: %+v", verdict, shuffled)
		}
	})
}

func TestMoreSupportNeverLosesAVote(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules, roster := drawRules(t), drawRoster(t, 7)
		ballots := drawBallots(t, roster)
		if mustTally(t, rules, roster, ballots, true).Outcome != approval.VotePassed {
			return
		}
		member := rapid.SampledFrom(roster).Draw(t, "convinced").ID
		convinced := slices.DeleteFunc(slices.Clone(ballots), func(b approval.Ballot) bool { return b.Member == member })
		convinced = append(convinced, approval.Ballot{Member: member, Choice: approval.For})
		if after := mustTally(t, rules, roster, convinced, true); after.Outcome != approval.VotePassed {
			t.Fatalf("%s in favour turned a pass into %+v", member, after)
		}
	})
}

func TestFewerThanThreeNeverPass(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules, roster := drawRules(t), drawRoster(t, 5)
		eligible := slices.DeleteFunc(slices.Clone(roster), func(m approval.Member) bool { return !m.Eligible() })
		var ballots []approval.Ballot
		for _, member := range roster {
			ballots = append(ballots, approval.Ballot{Member: member.ID, Choice: approval.For})
		}
		verdict := mustTally(t, rules, roster, ballots, rapid.Bool().Draw(t, "closed"))
		if (len(eligible) < rules.MinEligible) != (verdict.Outcome == approval.VoteTooFew) {
			t.Fatalf("%d eligible of at least %d: %s", len(eligible), rules.MinEligible, verdict.Outcome)
		}
		if len(eligible) < 3 && verdict.Outcome == approval.VotePassed {
			t.Fatalf("%d eligible members passed it", len(eligible))
		}
	})
}

func TestForeignBallotsChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules, roster := drawRules(t), drawRoster(t, 7)
		ballots, closed := drawBallots(t, roster), rapid.Bool().Draw(t, "closed")
		verdict := mustTally(t, rules, roster, ballots, closed)
		foreign := []string{"outsider", ""}
		for _, member := range roster {
			if !member.Eligible() {
				foreign = append(foreign, member.ID)
			}
		}
		for range rapid.IntRange(1, 5).Draw(t, "foreign ballots") {
			ballots = append(ballots, approval.Ballot{
				Member: rapid.SampledFrom(foreign).Draw(t, "foreigner"),
				Choice: rapid.SampledFrom(append(slices.Clone(choices), "rubbish")).Draw(t, "foreign choice"),
			})
		}
		if after := mustTally(t, rules, roster, ballots, closed); !reflect.DeepEqual(verdict, after) {
			t.Fatalf("%+v\nwith foreign ballots: %+v", verdict, after)
		}
	})
}

// expected is a closed vote by the plain meaning of the rules, in fractions.
func expected(rules approval.BallotRules, roster []approval.Member, ballots []approval.Ballot) approval.VoteOutcome {
	var eligible, all, present, yes, no int64
	seated := map[string]bool{}
	for _, member := range roster {
		if !member.Reserve {
			all++
		}
		if (member.Reserve && member.CalledFor == "") || member.Recused || member.Interested {
			continue
		}
		eligible++
		for _, ballot := range ballots {
			if ballot.Member != member.ID {
				continue
			}
			present++
			for _, seat := range member.Seats {
				seated[seat] = true
			}
			switch ballot.Choice {
			case approval.For:
				yes++
			case approval.Against:
				no++
			}
		}
	}
	bases := map[approval.VoteBase]int64{approval.OfPresent: present, approval.OfEligible: eligible, approval.OfAll: all}
	compare := func(n int64, ratio approval.Ratio, base int64) int {
		return new(big.Rat).SetInt64(n).Cmp(new(big.Rat).Mul(big.NewRat(ratio.Num, ratio.Den), new(big.Rat).SetInt64(base)))
	}
	if eligible < int64(rules.MinEligible) {
		return approval.VoteTooFew
	}
	if compare(present, rules.Quorum, bases[rules.QuorumBase]) < 0 || yes+no < int64(rules.MinValid) {
		return approval.VoteNoQuorum
	}
	for _, seat := range rules.RequiredSeats {
		if !seated[seat] {
			return approval.VoteNoQuorum
		}
	}
	if rules.Reject != nil && compare(no, *rules.Reject, eligible) >= 0 {
		return approval.VoteRejected
	}
	if over := compare(yes, rules.Pass, bases[rules.PassBase]); over > 0 || over == 0 && !rules.PassStrict {
		return approval.VotePassed
	}
	return approval.VoteRejected
}

func TestClosedVoteMeansWhatTheRulesSay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules, roster := drawRules(t), drawRoster(t, 9)
		ballots := drawBallots(t, roster)
		verdict := mustTally(t, rules, roster, ballots, true)
		if want := expected(rules, roster, ballots); verdict.Outcome != want {
			t.Fatalf("got %+v, want %s", verdict, want)
		}
		if verdict.Outcome == approval.VotePassed && (verdict.For < verdict.PassNeeded || verdict.Cast < verdict.QuorumNeeded || len(verdict.MissingSeats) > 0) {
			t.Fatalf("passed against its own numbers: %+v", verdict)
		}
	})
}

// TestSettledExactlyWhenNothingCanChangeIt plays every vote of a committee of
// up to six through to every end: an open tally must be final exactly in those
// positions from which all ends agree – never sooner, never later.
func TestSettledExactlyWhenNothingCanChangeIt(t *testing.T) {
	for _, s := range stories() {
		if len(s.roster) <= 6 {
			rules := approval.CityFloor()
			s.rules(&rules)
			playOut(t.Fatalf, rules, s.roster)
		}
	}
	rapid.Check(t, func(t *rapid.T) { playOut(t.Fatalf, drawRules(t), drawRoster(t, 6)) })
}

// playOut numbers a position in base 4, one digit per member: 0 for no ballot,
// else the choice. A later ballot only raises the number, so going downwards
// every successor is known before its position.
func playOut(fatalf func(string, ...any), rules approval.BallotRules, roster []approval.Member) {
	var voters []string
	for _, member := range roster {
		if member.Eligible() {
			voters = append(voters, member.ID)
		}
	}
	ends := make([]map[approval.VoteOutcome]bool, 1<<(2*len(voters)))
	for position := len(ends) - 1; position >= 0; position-- {
		ends[position] = map[approval.VoteOutcome]bool{}
		var ballots []approval.Ballot
		for i, voter := range voters {
			if digit := position >> (2 * i) & 3; digit > 0 {
				ballots = append(ballots, approval.Ballot{Member: voter, Choice: choices[digit-1]})
				continue
			}
			for choice := 1; choice <= 3; choice++ {
				for end := range ends[position|choice<<(2*i)] {
					ends[position][end] = true
				}
			}
		}
		closed := expected(rules, roster, ballots)
		ends[position][closed] = true
		want := approval.VoteOpen
		if len(ends[position]) == 1 {
			want = closed
		}
		verdict, err := approval.Tally(rules, roster, ballots, false)
		if err != nil || verdict.Outcome != want || verdict.Settled != (want != approval.VoteOpen) {
			fatalf("after %v: got %+v, %v; all ends: %v", ballots, verdict, err, ends[position])
		}
	}
}
