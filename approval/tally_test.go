package approval_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"linli/approval"
)

// cast reads "m1+ m2- m3o": for, against, abstain.
func cast(text string) []approval.Ballot {
	choices := map[byte]approval.Choice{'+': approval.For, '-': approval.Against, 'o': approval.Abstained}
	var ballots []approval.Ballot
	for _, word := range strings.Fields(text) {
		last := len(word) - 1
		ballots = append(ballots, approval.Ballot{Member: word[:last], Choice: choices[word[last]], Act: "act-" + word})
	}
	return ballots
}

// zibo is the rule of Zibo's owners' committees: two thirds vote, more than
// half of all eligible members in favour.
func zibo() approval.BallotRules {
	rules := approval.CityFloor()
	rules.Quorum, rules.PassBase, rules.MinValid = approval.Ratio{Num: 2, Den: 3}, approval.OfEligible, 3
	return rules
}

func ExampleTally() {
	roster := committee(5)
	for _, ballots := range []string{"m1+ m2+", "m1+ m2+ m5o", "m1+ m2+ m5o m4+"} {
		verdict, _ := approval.Tally(zibo(), roster, cast(ballots), false)
		fmt.Println(verdict.Outcome, verdict.Why.ZH)
	}
	// Output:
	// open 已投票 2 人，应到 5 人，至少需 4 人投票；结果未定。
	// open 已投票 3 人，应到 5 人，至少需 4 人投票；结果未定。
	// passed 赞成 3 票，达到通过所需的 3 票（应到 5 人，实到 4 人，反对 0 票，弃权 1 票）。
}

// story is one vote: who sits, what they said, what it comes to.
type story struct {
	name    string
	rules   func(*approval.BallotRules)
	roster  []approval.Member
	ballots string
	closed  bool
	want    approval.VoteOutcome
	why     string // part of the English reason
}

func stories() []story {
	floor := func(*approval.BallotRules) {}
	recused := func(roster []approval.Member, ids ...string) []approval.Member {
		for _, id := range ids {
			roster, _ = approval.RecuseMember(roster, id, "x")
		}
		return roster
	}
	called := func(roster []approval.Member) []approval.Member {
		roster, _ = approval.CallReserve(roster)
		return roster
	}
	eligibleBase := func(r *approval.BallotRules) { r.PassBase = approval.OfEligible }
	twoThirdsOfAll := func(r *approval.BallotRules) {
		r.Quorum, r.QuorumBase = approval.Ratio{Num: 2, Den: 3}, approval.OfAll
	}
	veto := func(r *approval.BallotRules) { r.Reject = &approval.Ratio{Num: 1, Den: 3} }
	resident := func(r *approval.BallotRules) { r.RequiredSeats = []string{"resident"} }
	valid := func(r *approval.BallotRules) { r.MinValid = 3 }
	unanimous := func(r *approval.BallotRules) { r.Pass, r.PassStrict = approval.Ratio{Num: 1, Den: 1}, false }
	five := func(r *approval.BallotRules) { r.MinEligible = 5 }

	return []story{
		{"nobody has voted", floor, committee(3), "", false, approval.VoteOpen, "0 of 3"},
		{"a deadline never approves", floor, committee(3), "", true, approval.VoteNoQuorum, "0 members voted, fewer than the 2"},
		{"an empty roster", floor, nil, "", false, approval.VoteTooFew, "0 members are eligible"},
		{"two members agree", floor, committee(2), "m1+ m2+", true, approval.VoteTooFew, "fewer than the 3"},
		{"the district wants five", five, committee(4), "m1+ m2+ m3+ m4+", true, approval.VoteTooFew, "fewer than the 5"},
		{"two of three for", floor, committee(3), "m1+ m2+", false, approval.VotePassed, "2 in favour reach the 2"},
		{"half of the present is not enough", floor, committee(4), "m1+ m2-", true, approval.VoteRejected, "1 in favour do not reach the 2"},
		{"abstaining counts as present", floor, committee(4), "m1+ m2o", true, approval.VoteRejected, "1 abstaining"},
		{"three of five present", floor, committee(5), "m1+ m2+ m3-", true, approval.VotePassed, "3 voting"},
		{"but not yet settled", floor, committee(5), "m1+ m2+ m3-", false, approval.VoteOpen, "3 of 5"},
		{"of eligible three are needed", eligibleBase, committee(5), "m1+ m2+ m3-", true, approval.VoteRejected, "reach the 3"},
		{"lost early", eligibleBase, committee(5), "m1- m2- m3o", false, approval.VoteRejected, "0 in favour"},
		{"won early", eligibleBase, committee(5), "m1+ m2+ m3+", false, approval.VotePassed, "3 in favour"},
		{"two thirds of all seats", twoThirdsOfAll, recused(committee(6), "m6"), "m1+ m2+ m3+", true, approval.VoteNoQuorum, "fewer than the 4"},
		{"two thirds of all cannot be reached", twoThirdsOfAll, recused(committee(7), "m5", "m6", "m7"), "", false, approval.VoteNoQuorum, "fewer than the 5"},
		{"two thirds of the eligible can", func(r *approval.BallotRules) { r.Quorum = approval.Ratio{Num: 2, Den: 3} },
			recused(committee(6), "m6"), "m1+ m2+ m3+ m4+", true, approval.VotePassed, "5 eligible"},
		{"a recused member's ballot is void", floor, recused(committee(4), "m4"), "m1+ m2- m4+", true, approval.VoteRejected, "2 voting"},
		{"recusal leaves two", floor, recused(committee(3), "m3"), "m1+ m2+", true, approval.VoteTooFew, "2 members are eligible"},
		{"a reserve fills the place", floor, called(recused(append(committee(3), reserve("r1")), "m3")), "m1+ r1+", false, approval.VotePassed, "3 eligible"},
		{"an uncalled reserve does not vote", floor, append(committee(3), reserve("r1")), "m1+ r1+", true, approval.VoteNoQuorum, "1 members voted"},
		{"an outsider does not vote", floor, committee(3), "m1+ x+ y+", true, approval.VoteNoQuorum, "1 members voted"},
		{"a third against is a veto", veto, committee(6), "m1+ m2+ m3+ m4+ m5- m6-", true, approval.VoteRejected, "2 against reach the 2"},
		{"a veto settles once the quorum stands", veto, committee(6), "m1- m2- m3+", false, approval.VoteRejected, "2 that reject"},
		{"a veto needs the quorum too", veto, committee(6), "m1- m2-", true, approval.VoteNoQuorum, "fewer than the 3"},
		{"below the veto", veto, committee(6), "m1+ m2+ m3+ m4+ m5+ m6-", true, approval.VotePassed, "5 in favour"},
		{"the resident must vote", resident, committee(3), "m1+ m3+", true, approval.VoteNoQuorum, "required seats: resident"},
		{"and is waited for", resident, committee(3), "m1+ m3+", false, approval.VoteOpen, "2 of 3"},
		{"a resident against may be outvoted", resident, committee(3), "m1+ m2- m3+", false, approval.VotePassed, "1 against"},
		{"nobody eligible is the resident", resident, recused(committee(4), "m2"), "m1+", false, approval.VoteNoQuorum, ""},
		{"the reserve resident counts", resident, called(recused(append(committee(3), reserve("r1", "resident")), "m2")), "m1+ r1+", false, approval.VotePassed, ""},
		{"abstentions are not valid ballots", valid, committee(5), "m1+ m2+ m3o m4o m5o", true, approval.VoteNoQuorum, "2 ballots are for or against, fewer than the 3"},
		{"three valid ballots suffice", valid, committee(5), "m1+ m2+ m3+ m4o m5o", true, approval.VotePassed, ""},
		{"too few can become valid", valid, committee(5), "m1o m2o m3o", false, approval.VoteNoQuorum, "0 ballots"},
		{"unanimous", unanimous, committee(3), "m1+ m2+ m3+", false, approval.VotePassed, "reach the 3"},
		{"one abstains from unanimity", unanimous, committee(3), "m1+ m2+ m3o", false, approval.VoteRejected, "reach the 3"},
	}
}

func TestTally(t *testing.T) {
	for _, s := range stories() {
		rules := approval.CityFloor()
		s.rules(&rules)
		verdict, err := approval.Tally(rules, s.roster, cast(s.ballots), s.closed)
		if err != nil {
			t.Errorf("%s: %v", s.name, err)
			continue
		}
		if verdict.Outcome != s.want || verdict.Settled != (s.want != approval.VoteOpen) {
			t.Errorf("%s: got %s, settled %v; want %s", s.name, verdict.Outcome, verdict.Settled, s.want)
		}
		if !strings.Contains(verdict.Why.EN, s.why) {
			t.Errorf("%s: %q does not say %q", s.name, verdict.Why.EN, s.why)
		}
		if verdict.Why.ZH == "" || strings.Contains(verdict.Why.ZH+verdict.Why.EN, "%!") {
			t.Errorf("%s: broken reason %v", s.name, verdict.Why)
		}
	}
}

func TestTallyCounts(t *testing.T) {
	rules := zibo()
	rules.RequiredSeats = []string{"resident", "chair", "donor"}
	roster, _ := approval.RecuseMember(committee(7), "m7", "x")
	got, err := approval.Tally(rules, roster, cast("m1+ m3- m4o m5+ m7+"), false)
	got.Why = approval.Text{}
	want := approval.Verdict{
		Outcome: approval.VoteNoQuorum, Settled: true, For: 2, Against: 1, Abstained: 1, Cast: 4, Eligible: 6,
		QuorumNeeded: 4, PassNeeded: 4, MissingSeats: []string{"resident", "donor"},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
}

func TestTallyRefusesWhatCannotBeCounted(t *testing.T) {
	for name, c := range map[string]struct {
		ballots []approval.Ballot
		code    approval.Code
	}{
		"two ballots":           {cast("m1+ m2+ m1+"), approval.AlreadyActed},
		"two different ballots": {cast("m1+ m2+ m1-"), approval.AlreadyActed},
		"unknown choice":        {[]approval.Ballot{{Member: "m1", Choice: "maybe"}}, approval.Invalid},
		"no choice":             {[]approval.Ballot{{Member: "m1"}}, approval.Invalid},
	} {
		if _, err := approval.Tally(zibo(), committee(5), c.ballots, true); approval.CodeOf(err) != c.code {
			t.Errorf("%s: got %v, want %s", name, err, c.code)
		}
	}
}

func TestSealedVoteShowsNoSplitWhileOpen(t *testing.T) {
	rules := zibo()
	rules.Sealed = true
	var open []approval.Verdict
	for _, ballots := range []string{"m1+ m2+", "m1- m2+", "m1o m2-"} {
		verdict, err := approval.Tally(rules, committee(7), cast(ballots), false)
		if err != nil || verdict.Outcome != approval.VoteOpen {
			t.Fatalf("%s: %+v, %v", ballots, verdict, err)
		}
		open = append(open, verdict)
	}
	if !reflect.DeepEqual(open[0], open[1]) || !reflect.DeepEqual(open[1], open[2]) || open[0].Cast != 2 {
		t.Errorf("the split can be told apart: %+v", open)
	}
	final, err := approval.Tally(rules, committee(7), cast("m1+ m2+ m3+ m4+ m5-"), false)
	if err != nil || final.Outcome != approval.VotePassed || final.For != 4 || final.Against != 1 {
		t.Errorf("the split is still withheld: %+v, %v", final, err)
	}
}

func TestLargestCommitteeSettles(t *testing.T) {
	var ballots strings.Builder
	for i := 1; i <= 49; i++ {
		fmt.Fprintf(&ballots, "m%d+ ", i)
	}
	for further, want := range map[string]approval.VoteOutcome{
		"": approval.VoteOpen, "m50+": approval.VoteOpen, "m50+ m51- m52- m53- m54- m55- m56- m57- m58- m59- m60- m61- m62- m63- m64- m65- m66-": approval.VotePassed,
	} {
		verdict, err := approval.Tally(zibo(), committee(approval.MaxRoster), cast(ballots.String()+further), false)
		if err != nil || verdict.Outcome != want {
			t.Errorf("with %q: %s, %v; want %s", further, verdict.Outcome, err, want)
		}
	}
}
