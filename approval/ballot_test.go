package approval_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"linli/approval"
)

func ExampleBallotRules_Validate() {
	rules := approval.CityFloor()
	fmt.Println(rules.Validate())
	rules.PassStrict = false
	fmt.Println(rules.Validate())
	// Output:
	// <nil>
	// rule_invalid: pass: The pass ratio 1/2 is below the city's floor: more than half must be in favour.
}

func TestBallotRulesRefused(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*approval.BallotRules)
		field string
	}{
		"two eligible":          {func(r *approval.BallotRules) { r.MinEligible = 2 }, "min_eligible"},
		"no minimum":            {func(r *approval.BallotRules) { r.MinEligible = 0 }, "min_eligible"},
		"more than a roster":    {func(r *approval.BallotRules) { r.MinEligible = approval.MaxRoster + 1 }, "min_eligible"},
		"quorum below half":     {func(r *approval.BallotRules) { r.Quorum = approval.Ratio{Num: 49, Den: 100} }, "quorum"},
		"quorum above one":      {func(r *approval.BallotRules) { r.Quorum = approval.Ratio{Num: 3, Den: 2} }, "quorum"},
		"quorum of nothing":     {func(r *approval.BallotRules) { r.Quorum = approval.Ratio{} }, "quorum"},
		"quorum negative":       {func(r *approval.BallotRules) { r.Quorum = approval.Ratio{Num: -1, Den: -2} }, "quorum"},
		"quorum overflows":      {func(r *approval.BallotRules) { r.Quorum = approval.Ratio{Num: 1 << 62, Den: 1 << 62} }, "quorum"},
		"quorum base missing":   {func(r *approval.BallotRules) { r.QuorumBase = "" }, "quorum_base"},
		"quorum of the present": {func(r *approval.BallotRules) { r.QuorumBase = approval.OfPresent }, "quorum_base"},
		"pass at half":          {func(r *approval.BallotRules) { r.PassStrict = false }, "pass"},
		"pass below half":       {func(r *approval.BallotRules) { r.Pass = approval.Ratio{Num: 2, Den: 5} }, "pass"},
		"pass above all":        {func(r *approval.BallotRules) { r.Pass = approval.Ratio{Num: 1, Den: 1} }, "pass"},
		"pass of all":           {func(r *approval.BallotRules) { r.PassBase = approval.OfAll }, "pass_base"},
		"reject of zero":        {func(r *approval.BallotRules) { r.Reject = &approval.Ratio{Num: 0, Den: 3} }, "reject"},
		"seat unnamed":          {func(r *approval.BallotRules) { r.RequiredSeats = []string{""} }, "required_seats"},
		"seat twice":            {func(r *approval.BallotRules) { r.RequiredSeats = []string{"chair", "chair"} }, "required_seats"},
		"too many seats":        {func(r *approval.BallotRules) { r.RequiredSeats = []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"} }, "required_seats"},
		"valid negative":        {func(r *approval.BallotRules) { r.MinValid = -1 }, "min_valid"},
		"valid too many":        {func(r *approval.BallotRules) { r.MinValid = approval.MaxRoster + 1 }, "min_valid"},
	} {
		rules := approval.CityFloor()
		c.spoil(&rules)
		refusal := approval.Refusal(rules.Validate())
		if refusal == nil || refusal.Code != approval.RuleInvalid || refusal.Field != c.field {
			t.Errorf("%s: got %v, want %s refused", name, refusal, c.field)
		}
		if _, err := approval.Tally(rules, committee(5), nil, true); approval.CodeOf(err) != approval.RuleInvalid {
			t.Errorf("%s: Tally counted under these rules: %v", name, err)
		}
	}
}

func TestStricterRulesAdmitted(t *testing.T) {
	for name, tighten := range map[string]func(*approval.BallotRules){
		"unanimous":      func(r *approval.BallotRules) { r.Pass, r.PassStrict = approval.Ratio{Num: 1, Den: 1}, false },
		"two thirds":     func(r *approval.BallotRules) { r.Pass, r.PassStrict = approval.Ratio{Num: 2, Den: 3}, false },
		"just over half": func(r *approval.BallotRules) { r.Pass, r.PassStrict = approval.Ratio{Num: 501, Den: 1000}, false },
		"all present":    func(r *approval.BallotRules) { r.Quorum, r.QuorumBase = approval.Ratio{Num: 1, Den: 1}, approval.OfAll },
		"five eligible":  func(r *approval.BallotRules) { r.MinEligible = 5 },
		"veto":           func(r *approval.BallotRules) { r.Reject = &approval.Ratio{Num: 1, Den: 1000} },
		"seats":          func(r *approval.BallotRules) { r.RequiredSeats = []string{"chair", "resident"} },
	} {
		rules := approval.CityFloor()
		tighten(&rules)
		if err := rules.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBallotRulesKeepTheirJSON(t *testing.T) {
	rules := approval.CityFloor()
	rules.Reject = &approval.Ratio{Num: 1, Den: 3}
	rules.RequiredSeats = []string{"resident"}
	raw, err := json.Marshal(rules)
	const want = `{"min_eligible":3,"quorum":{"num":1,"den":2},"quorum_base":"eligible","pass":{"num":1,"den":2},` +
		`"pass_strict":true,"pass_base":"present","reject":{"num":1,"den":3},"required_seats":["resident"],"min_valid":0,"sealed":false}`
	if err != nil || string(raw) != want {
		t.Errorf("recorded histories read this form:\n got %s, %v\nwant %s", raw, err, want)
	}
}
