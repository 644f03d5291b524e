package rules

import (
	"strings"
	"testing"

	"linli/approval"
)

const smallTests = `facts:
  proposal: {category: event, amount: 5, lines: [], needs: [], beneficiaries: 0, months: 1, attachment_kinds: [a], donor_consent: false, answered_reviews: []}
  fund: {available: 100, reserved: 0, spent_this_year: 0, open_cases: 0, committee_members: 3}
  earmark: {present: false, available: 0, categories: []}
  payee: {known: true, paid_this_year: 0, interested_members: 0}
  community: {scope: a, households: 1, households_known: true}
  now: 2026-03-10T09:00:00+08:00
tests:
  - name: 通过
    stage: screening
    expect: {outcome: pass, findings: [{id: available, verdict: ok}]}
  - name: 余额不足
    stage: screening
    facts: {proposal: {amount: 500}}
    expect: {outcome: blocked, findings: [{id: available, verdict: fail}]}
  - name: 不受前一用例影响
    stage: screening
    expect: {outcome: pass}
`

func smallResults(t *testing.T, tests string) ([]TestResult, error) {
	t.Helper()
	set, err := Compile([]byte(smallSet), nil)
	if err != nil {
		t.Fatal(err)
	}
	return RunTests(set, []byte(tests))
}

func TestRunTests(t *testing.T) {
	results, err := smallResults(t, smallTests)
	if err != nil || len(results) != 3 {
		t.Fatalf("%d results, error %v", len(results), err)
	}
	for _, result := range results {
		if len(result.Failures) != 0 || result.Evidence.Stage != StageScreening {
			t.Errorf("%s: %v", result.Name, result.Failures)
		}
	}
}

func TestRunTestsSeesWhatDiffers(t *testing.T) {
	for with, want := range map[string]string{
		"{outcome: review, findings: [{id: available, verdict: ok}]}": "The outcome should be review and is pass.",
		"{outcome: pass, findings: [{id: available, verdict: fail}]}": `The criterion "available" should be fail and is ok.`,
		"{outcome: pass, findings: [{id: payee, verdict: ok}]}":       `The criterion "payee" was not evaluated.`,
		"{outcome: pass, approvals: [district]}":                      "The extra approvals should be [district] and are [].",
	} {
		results, err := smallResults(t, replace(t, smallTests, "{outcome: pass, findings: [{id: available, verdict: ok}]}", with))
		if err != nil {
			t.Fatal(err)
		}
		if failures := results[0].Failures; len(failures) != 1 || failures[0].EN != want {
			t.Errorf("%s: %v, want %q", with, failures, want)
		}
	}
}

func TestTestFilesAreReadStrictly(t *testing.T) {
	cases := []struct{ name, old, with, message string }{
		{"unknown fact", "facts: {proposal: {amount: 500}}", "facts: {proposal: {‸amuont: 500}}", "no field"},
		{"wrong type", "facts: {proposal: {amount: 500}}", "facts: {proposal: {amount: ‸lots}}", "whole number"},
		{"missing fact", "earmark: {present: false, available", "earmark: ‸{available", "is missing"},
		{"bad time", "now: 2026-03-10T09:00:00+08:00", "now: ‸2026-03-10", "a time like"},
		{"unknown stage", "    stage: screening\n    facts", "    stage: ‸payout\n    facts", "must be one of"},
		{"unknown outcome", "outcome: blocked", "outcome: ‸refused", "must be one of"},
		{"missing expectation", "    expect: {outcome: pass}\n", "", "is missing"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			source := replace(t, smallTests, c.old, c.with)
			if !strings.Contains(source, mark) {
				source = replace(t, source, "name: 不受", mark+"name: 不受")
			}
			plain, line, column := unmark(t, source)
			_, err := smallResults(t, plain)
			problems, ok := err.(Problems)
			if !ok || len(problems) != 1 || approval.CodeOf(err) != approval.RuleInvalid {
				t.Fatalf("the error is %v", err)
			}
			if p := problems[0]; p.Line != line || p.Column != column || !strings.Contains(p.Message.EN, c.message) {
				t.Errorf("reported %s, want %d:%d about %q", p, line, column, c.message)
			}
		})
	}
	head, _, _ := strings.Cut(smallTests, "tests:\n")
	if _, err := smallResults(t, head+"tests: []\n"); approval.CodeOf(err) != approval.RuleInvalid {
		t.Errorf("no cases at all: %v", err)
	}
}
