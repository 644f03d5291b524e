package approval_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"linli/approval"
)

// committee is n regular members m1..mn; m1 is the chair, m2 the resident.
func committee(n int) []approval.Member {
	var roster []approval.Member
	for i := 1; i <= n; i++ {
		roster = append(roster, approval.Member{ID: fmt.Sprintf("m%d", i)})
	}
	if n >= 2 {
		roster[0].Seats, roster[1].Seats = []string{"chair"}, []string{"resident"}
	}
	return roster
}

func reserve(id string, seats ...string) approval.Member {
	return approval.Member{ID: id, Seats: seats, Reserve: true}
}

func ExampleCallReserve() {
	roster := append(committee(3), reserve("r1"), reserve("r2", "resident"))
	roster, _ = approval.RecuseMember(roster, "m2", "申请人是其配偶")
	roster, called := approval.CallReserve(roster)
	fmt.Println(called, "for", roster[4].CalledFor)
	_, called = approval.CallReserve(roster)
	fmt.Printf("%q\n", called)
	// Output:
	// r2 for m2
	// ""
}

func TestRecuseMember(t *testing.T) {
	roster := committee(3)
	changed, err := approval.RecuseMember(roster, "m2", "利害关系")
	if err != nil || !changed[1].Recused || changed[1].Reason != "利害关系" || changed[1].Eligible() {
		t.Errorf("got %+v, %v", changed, err)
	}
	if roster[1].Recused {
		t.Error("the caller's roster was changed")
	}
	interested := committee(3)
	interested[2].Interested = true
	for _, c := range []struct {
		roster     []approval.Member
		id, reason string
		code       approval.Code
	}{
		{roster, "outsider", "x", approval.NotFound},
		{roster, "m2", " ", approval.CommentRequired},
		{changed, "m2", "again", approval.Conflict},
		{interested, "m3", "again", approval.Conflict},
	} {
		if _, err := approval.RecuseMember(c.roster, c.id, c.reason); approval.CodeOf(err) != c.code {
			t.Errorf("%s for %q: got %v, want %s", c.id, c.reason, err, c.code)
		}
	}
}

func TestCallReserve(t *testing.T) {
	out := func(roster []approval.Member, ids ...string) []approval.Member {
		for i := range roster {
			roster[i].Recused = roster[i].Recused || slices.Contains(ids, roster[i].ID)
		}
		return roster
	}
	called := func(member approval.Member, absent string) approval.Member {
		member.CalledFor = absent
		return member
	}
	for name, c := range map[string]struct {
		roster []approval.Member
		want   string
	}{
		"nobody is out":               {append(committee(3), reserve("r1")), ""},
		"no reserve":                  {out(committee(3), "m1"), ""},
		"next in order":               {out(append(committee(3), reserve("r1"), reserve("r2")), "m3"), "r1"},
		"seat kept by another member": {out(append(committee(3), approval.Member{ID: "m4", Seats: []string{"resident"}}, reserve("r1"), reserve("r2", "resident")), "m2"), "r1"},
		"orphaned seat preferred":     {out(append(committee(3), reserve("r1"), reserve("r2", "chair"), reserve("r3", "resident")), "m2"), "r3"},
		"recused reserve skipped":     {out(append(committee(3), reserve("r1"), reserve("r2")), "m3", "r1"), "r2"},
		"uncalled reserve recused":    {out(append(committee(3), reserve("r1"), reserve("r2")), "r1"), ""},
		"place already taken":         {out(append(committee(3), called(reserve("r1"), "m3"), reserve("r2")), "m3"), ""},
		"second place":                {out(append(committee(3), called(reserve("r1"), "m3"), reserve("r2")), "m2", "m3"), "r2"},
		"called reserve recused too":  {out(append(committee(3), called(reserve("r1"), "m3"), reserve("r2")), "m3", "r1"), "r2"},
	} {
		before := slices.Clone(c.roster)
		after, id := approval.CallReserve(c.roster)
		if id != c.want {
			t.Errorf("%s: called %q, want %q", name, id, c.want)
		}
		if err := approval.ValidateRoster(after); err != nil {
			t.Errorf("%s: leaves an invalid roster: %v", name, err)
		}
		for i := range before {
			if before[i].CalledFor != c.roster[i].CalledFor {
				t.Errorf("%s: the caller's roster was changed", name)
			}
		}
	}
}

func TestRosterRefused(t *testing.T) {
	for name, roster := range map[string][]approval.Member{
		"twice":               {{ID: "m1"}, {ID: "m2"}, {ID: "m1"}},
		"unnamed":             {{ID: "m1"}, {ID: ""}},
		"too many":            committee(approval.MaxRoster + 1),
		"regular called":      {{ID: "m1", Recused: true}, {ID: "m2", CalledFor: "m1"}},
		"for nobody":          {{ID: "m1"}, {ID: "r1", Reserve: true, CalledFor: "ghost"}},
		"for one who is in":   {{ID: "m1"}, {ID: "r1", Reserve: true, CalledFor: "m1"}},
		"two for one":         {{ID: "m1", Recused: true}, {ID: "r1", Reserve: true, CalledFor: "m1"}, {ID: "r2", Reserve: true, CalledFor: "m1"}},
		"for an idle reserve": {{ID: "r1", Reserve: true, Recused: true}, {ID: "r2", Reserve: true, CalledFor: "r1"}},
	} {
		if err := approval.ValidateRoster(roster); approval.CodeOf(err) != approval.Invalid {
			t.Errorf("%s: got %v", name, err)
		}
		if _, err := approval.Tally(approval.CityFloor(), roster, nil, true); approval.CodeOf(err) != approval.Invalid {
			t.Errorf("%s: Tally counted it: %v", name, err)
		}
	}
}

func TestReservesNeverGrowACommittee(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		regular := rapid.IntRange(0, 7).Draw(t, "regular")
		roster := committee(regular)
		for i := range rapid.IntRange(0, 4).Draw(t, "reserves") {
			roster = append(roster, reserve(fmt.Sprintf("r%d", i)))
		}
		for range rapid.IntRange(0, 8).Draw(t, "steps") {
			if id := rapid.StringMatching(`[mr][0-7]`).Draw(t, "recused"); id != "" {
				if changed, err := approval.RecuseMember(roster, id, "x"); err == nil {
					roster = changed
				}
			}
			if rapid.Bool().Draw(t, "call") {
				roster, _ = approval.CallReserve(roster)
			}
		}
		if err := approval.ValidateRoster(roster); err != nil {
			t.Fatal(err)
		}
		eligible := 0
		for _, member := range roster {
			if member.Eligible() {
				eligible++
			}
		}
		if eligible > regular {
			t.Fatalf("%d eligible on a committee of %d", eligible, regular)
		}
	})
}
