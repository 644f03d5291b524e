package rules

import (
	"strings"
	"testing"
)

func TestLint(t *testing.T) {
	probe := func(require string) string { return criterionText("warn", require) }
	cases := []struct{ name, old, with, path, message string }{
		{"always true", "criteria:\n", "criteria:\n" + probe("proposal.amount > 0 || true"), "criteria[0].require", "always true"},
		{"always false", "criteria:\n", "criteria:\n" + probe("payee.known && 1 > 2"), "criteria[0].require", "always false"},
		{"only parameters", "criteria:\n", "criteria:\n" + probe("params.limits.fund_share_percent > 5"), "criteria[0].require", "always true"},
		{"unreachable", "criteria:\n", "criteria:\n" + probe("payee.known || donor") + "    when: payee.known && false\n", "criteria[0].when", "never applies"},
		{"always applies", "criteria:\n", "criteria:\n" + probe("payee.known || donor") + "    when: payee.known || true\n", "criteria[0].when", "can go"},
		{"always routed", "when: proposal.amount > params.limits.subdistrict_above", "when: proposal.amount > params.limits.subdistrict_above || true", "routing[0].when", "always true"},
		{"unused variable", "criteria:\n", "  - {name: idle, expression: proposal.amount}\ncriteria:\n", "variables[1].name", "never used"},
		{"unused limit", "proposal.amount > params.limits.subdistrict_above", "proposal.amount > 5", "parameters.limits.subdistrict_above", "No expression"},
		{"misspelt category", "criteria:\n", "criteria:\n" + probe(`proposal.category != "repairs"`), "criteria[0].require", `no category "repairs"`},
		{"category not allowed", "criteria:\n", "criteria:\n" + probe(`proposal.category in ["visit", "micro"]`), "criteria[0].require", `"micro" is not allowed`},
		{"stated twice", "criteria:\n", "criteria:\n" + strings.Replace(probe("proposal.amount<=fund.available"), "warn", "block", 1), "criteria[1].require", "same condition"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			source := replace(t, strings.Replace(lintClean, "|| donor", "|| proposal.donor_consent", 1), c.old, strings.ReplaceAll(c.with, "|| donor", "|| proposal.donor_consent"))
			set, err := Compile([]byte(source), nil)
			if err != nil {
				t.Fatal(err)
			}
			problems := Lint(set)
			if len(problems) != 1 || problems[0].Path != c.path || !strings.Contains(problems[0].Message.EN, c.message) || problems[0].Line < 2 {
				t.Errorf("want one problem with %s about %q, got %v", c.path, c.message, problems)
			}
		})
	}
	set, err := Compile([]byte(lintClean), nil)
	if err != nil {
		t.Fatal(err)
	}
	if problems := Lint(set); problems != nil {
		t.Errorf("a clean set has problems: %v", problems)
	}
}

// lintClean is the small set with every limit in use.
var lintClean = strings.Replace(smallSet, "routing:\n", `  - id: limits
    title: 限额
    stage: screening
    severity: warn
    require: |
      proposal.category in params.limits.categories
        && proposal.amount <= params.limits.quotes_above
        && proposal.amount <= params.limits.district_above
        && (params.limits.max_amount == 0 || proposal.amount <= params.limits.max_amount)
routing:
`, 1)
