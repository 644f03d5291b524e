package rules

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// Everything below the city's floor is refused, in the baseline and in a
// district alike (I12).
func TestFloor(t *testing.T) {
	cases := []struct{ old, with, path string }{
		{"min_members: 3", "min_members: 2", "parameters.committee.min_members"},
		{"min_members: 3", "min_members: 100", "parameters.committee.min_members"},
		{"min_members: 3, odd: false", "min_members: 4, odd: true", "parameters.committee.min_members"},
		{"quorum_den: 2", "quorum_den: 3", "parameters.committee.quorum_num"},
		{"quorum_den: 2", "quorum_den: 0", "parameters.committee.quorum_num"},
		{"quorum_num: 1", "quorum_num: 3", "parameters.committee.quorum_num"},
		{"quorum_num: 1", "quorum_num: -1", "parameters.committee.quorum_num"},
		{"quorum_base: eligible", "quorum_base: present", "parameters.committee.quorum_base"},
		{"pass_den: 2", "pass_den: 3", "parameters.committee.pass_num"},
		{"pass_den: 2", "pass_den: -2", "parameters.committee.pass_num"},
		{"pass_base: present", "pass_base: all", "parameters.committee.pass_base"},
		{"min_valid: 2", "min_valid: 1", "parameters.committee.min_valid"},
		{"min_valid: 2", "min_valid: 4", "parameters.committee.min_valid"},
		{"required_seats: []", "required_seats: [resident, resident]", "parameters.committee.required_seats"},
		{"rounds: 3", "rounds: 0", "parameters.committee.rounds"},
		{"rounds: 3", "rounds: 6", "parameters.committee.rounds"},
		{"publish: counts", "publish: none", "parameters.committee.publish"},
		{"{days: 3", "{days: 2", "parameters.notice.days"},
		{"{days: 3", "{days: 31", "parameters.notice.days"},
		{"day_kind: calendar", "day_kind: weekdays", "parameters.notice.day_kind"},
		{"answer_days: 10", "answer_days: 0", "parameters.notice.answer_days"},
		{"correction: 5", "correction: 0", "parameters.deadlines.correction"},
		{"review: 10", "review: 61", "parameters.deadlines.review"},
		{"higher: 10", "higher: -1", "parameters.deadlines.higher"},
		{"charity: 10,", "charity: 0,", "parameters.deadlines.charity"},
		{"payout: 10", "payout: 61", "parameters.deadlines.payout"},
		{"acceptance: 20", "acceptance: 0", "parameters.deadlines.acceptance"},
		{"two_officers_above: 10_000_000", "two_officers_above: -1", "parameters.charity.two_officers_above"},
		{"subdistrict_above: 1_000_000", "subdistrict_above: 20_000_000", "parameters.limits.district_above"},
		{"quotes_above: 2_000_000", "quotes_above: 10_000_000_000_001", "parameters.limits.quotes_above"},
		{"fund_share_percent: 60", "fund_share_percent: 0", "parameters.limits.fund_share_percent"},
		{"fund_share_percent: 60", "fund_share_percent: 101", "parameters.limits.fund_share_percent"},
		{"max_amount: 0", "max_amount: -5", "parameters.limits.max_amount"},
		{"categories: [repair, visit, event]", "categories: []", "parameters.limits.categories"},
		{"categories: [repair, visit, event]", "categories: [repair, bribe]", "parameters.limits.categories"},
		{"categories: [repair, visit, event]", "categories: [repair, repair]", "parameters.limits.categories"},
	}
	for _, c := range cases {
		t.Run(c.with, func(t *testing.T) {
			_, err := Compile([]byte(replace(t, smallSet, c.old, c.with)), nil)
			blames(t, err, c.path)
		})
	}
}

func blames(t *testing.T, err error, path string) {
	t.Helper()
	var problems Problems
	if !errors.As(err, &problems) {
		t.Fatalf("the error is %v, want Problems", err)
	}
	if len(problems) != 1 || problems[0].Path != path || problems[0].Line < 1 {
		t.Errorf("want one problem with %s, got\n%v", path, err)
	}
}

// smallDistrict lies exactly on the baseline; every case moves one thing the
// lax way.
func smallDistrict(t *testing.T) string {
	head, _, _ := strings.Cut(smallSet, "variables:\n")
	head = replace(t, head, "id: 370300/funduse", "id: 370303/funduse")
	return replace(t, head, `scope: "370300"`, "scope: 370300/370303\nbase: 370300/funduse")
}

func TestNoDistrictIsLaxerThanTheCity(t *testing.T) {
	strict := replace(t, smallSet, "min_members: 3, odd: false", "min_members: 5, odd: true")
	for _, edit := range [][2]string{
		{"quorum_num: 1, quorum_den: 2, quorum_base: eligible", "quorum_num: 2, quorum_den: 3, quorum_base: all"},
		{"pass_num: 1, pass_den: 2, pass_base: present", "pass_num: 3, pass_den: 5, pass_base: eligible"},
		{"required_seats: []", "required_seats: [resident]"}, {"min_valid: 2", "min_valid: 3"},
		{"day_kind: calendar, before_payout: false", "day_kind: working, before_payout: true"},
		{"max_amount: 0", "max_amount: 50_000_000"},
	} {
		strict = replace(t, strict, edit[0], edit[1])
	}
	city, err := Compile([]byte(strict), nil)
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(strict, "variables:\n")
	district := replace(t, replace(t, head, "id: 370300/funduse", "id: 370303/funduse"), `scope: "370300"`, "scope: 370300/370303\nbase: 370300/funduse")
	if _, err := Compile([]byte(district), city); err != nil {
		t.Fatalf("a district on the baseline is refused:\n%v", err)
	}
	cases := []struct{ old, with, path string }{
		{"min_members: 5", "min_members: 3", "committee.min_members"},
		{"odd: true", "odd: false", "committee.odd"},
		{"quorum_num: 2, quorum_den: 3", "quorum_num: 3, quorum_den: 5", "committee.quorum_num"},
		{"quorum_base: all", "quorum_base: eligible", "committee.quorum_base"},
		{"pass_num: 3, pass_den: 5", "pass_num: 1, pass_den: 2", "committee.pass_num"},
		{"pass_base: eligible", "pass_base: present", "committee.pass_base"},
		{"required_seats: [resident]", "required_seats: [donor]", "committee.required_seats"},
		{"min_valid: 3", "min_valid: 2", "committee.min_valid"},
		{"rounds: 3", "rounds: 4", "committee.rounds"},
		{"two_officers_above: 10_000_000", "two_officers_above: 10_000_001", "charity.two_officers_above"},
		{"day_kind: working", "day_kind: calendar", "notice.day_kind"},
		{"before_payout: true", "before_payout: false", "notice.before_payout"},
		{"answer_days: 10", "answer_days: 11", "notice.answer_days"},
		{"categories: [repair, visit, event]", "categories: [repair, visit, micro]", "limits.categories"},
		{"subdistrict_above: 1_000_000", "subdistrict_above: 1_000_001", "limits.subdistrict_above"},
		{"district_above: 10_000_000", "district_above: 10_000_001", "limits.district_above"},
		{"quotes_above: 2_000_000", "quotes_above: 2_000_001", "limits.quotes_above"},
		{"fund_share_percent: 60", "fund_share_percent: 61", "limits.fund_share_percent"},
		{"max_amount: 50_000_000", "max_amount: 50_000_001", "limits.max_amount"},
		{"max_amount: 50_000_000", "max_amount: 0", "limits.max_amount"},
	}
	tried := map[string]bool{"notice.days": true} // its floor is the baseline's three: see below
	for _, c := range cases {
		tried[c.path] = true
		t.Run(c.with, func(t *testing.T) {
			_, err := Compile([]byte(replace(t, district, c.old, c.with)), city)
			blames(t, err, "parameters."+c.path)
		})
	}
	for _, direction := range fundUse.directions {
		if (direction.laxer != nil) != tried[direction.path] {
			t.Errorf("%s: has a direction %v, is tried %v", direction.path, direction.laxer != nil, tried[direction.path])
		}
	}
	t.Run("notice days", func(t *testing.T) {
		longer, err := Compile([]byte(replace(t, strict, "{days: 3", "{days: 5")), nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Compile([]byte(replace(t, district, "{days: 3", "{days: 4")), longer)
		blames(t, err, "parameters.notice.days")
	})
}

// A parameter somebody adds must get a direction.
func TestEveryParameterHasADirection(t *testing.T) {
	for _, p := range procedures {
		var stated, want []string
		for _, direction := range p.directions {
			stated = append(stated, direction.path)
		}
		for _, word := range p.wordsOf(p.parameters, "") {
			want = append(want, word.Path)
		}
		if !slices.Equal(stated, want) {
			t.Errorf("%s: directions are stated for\n%v, want\n%v", p.name, stated, want)
		}
	}
}

func TestDistrictFitsUnderItsBaseline(t *testing.T) {
	city, err := Compile([]byte(smallSet), nil)
	if err != nil {
		t.Fatal(err)
	}
	district := smallDistrict(t)
	tail := func(text string) string { return district + text }
	cases := []struct{ name, source, path string }{
		{"another base", replace(t, district, "base: 370300/funduse", "base: 370400/funduse"), "base"},
		{"no base", replace(t, district, "base: 370300/funduse\n", ""), "base"},
		{"another city", replace(t, replace(t, district, "370300/370303", "370400/370403"), "id: 370303", "id: 370403"), "scope"},
		{"a criterion of the city rewritten", tail("criteria:\n  - {id: available, title: x, stage: screening, severity: block, require: fund.available > 0}\n"), "criteria[0].id"},
		{"a route of the city rewritten", tail("routing:\n  - {id: big, level: district, when: fund.available > 0, reason: x}\n"), "routing[0].id"},
		{"a variable of the city rewritten", tail("variables:\n  - {name: share, expression: fund.available}\n"), "variables[0].name"},
		{"a severity lowered", tail("raise:\n  - {criterion: available, severity: warn}\n"), "raise[0].severity"},
		{"raising what is not there", tail("raise:\n  - {criterion: nothing, severity: block}\n"), "raise[0].criterion"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Compile([]byte(c.source), city)
			blames(t, err, c.path)
		})
	}
	t.Run("compiled without a baseline", func(t *testing.T) {
		_, err := Compile([]byte(district+"criteria:\n  - {id: a, title: x, stage: screening, severity: block, require: payee.known}\n"), nil)
		blames(t, err, "base")
	})
	t.Run("a baseline with a baseline", func(t *testing.T) {
		middle, err := Compile([]byte(district), city)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = Compile([]byte(replace(t, district, "base: 370300", "base: 370303")), middle); err == nil {
			t.Error("a district is taken as a baseline")
		}
	})
	t.Run("a severity raised", func(t *testing.T) {
		set, err := Compile([]byte(tail("raise:\n  - {criterion: share, severity: block}\n")), city)
		if err != nil || set.Criteria()[1].Severity != "block" {
			t.Errorf("the set is %+v, the error %v", set, err)
		}
	})
}
