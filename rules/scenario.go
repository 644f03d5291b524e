package rules

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"linli/approval"
)

// Scenarios is a rule set's test file: full facts once, then cases that each
// change some of them and say what must come out.
type Scenarios struct {
	Facts any        `json:"facts"` // a pointer to the procedure's facts
	Tests []Scenario `json:"tests"`
}

// Scenario is one case. Lists in Facts replace those of the shared facts.
type Scenario struct {
	Name   string      `json:"name"`
	Stage  string      `json:"stage"`
	Facts  any         `json:"facts,omitempty"` // a pointer to the procedure's facts
	Expect Expectation `json:"expect"`
}

// Expectation is what a case must come to. Approvals lists the levels asked
// for, in order; Findings may name only the criteria the case is about.
type Expectation struct {
	Outcome   approval.Outcome  `json:"outcome"`
	Findings  []ExpectedFinding `json:"findings,omitempty"`
	Approvals []string          `json:"approvals,omitempty"`
}

// ExpectedFinding is the verdict expected of one criterion.
type ExpectedFinding struct {
	ID      string                  `json:"id"`
	Verdict approval.FindingVerdict `json:"verdict"`
}

// TestResult is one case run. It passed if Failures is empty.
type TestResult struct {
	Name     string            `json:"name"`
	Stage    string            `json:"stage"`
	Failures []approval.Text   `json:"failures,omitempty"`
	Evidence approval.Evidence `json:"evidence"`
}

// RunTests runs every case of a test file against set. The error, Problems,
// says why the file itself cannot be used.
func RunTests(set *Set, testsSource []byte) ([]TestResult, error) {
	scenarios, err := parseScenarios(set.procedure, testsSource)
	if err != nil {
		return nil, err
	}
	results := make([]TestResult, 0, len(scenarios.Tests))
	for _, scenario := range scenarios.Tests {
		result := TestResult{Name: scenario.Name, Stage: scenario.Stage}
		evidence, err := set.Evaluate(context.Background(), scenario.Stage, scenario.Facts.(Facts))
		if err != nil {
			return nil, fmt.Errorf("running rule test %q: %w", scenario.Name, err)
		}
		result.Evidence = evidence
		result.Failures = scenario.Expect.compare(evidence)
		results = append(results, result)
	}
	return results, nil
}

// parseScenarios reads the file twice: once for the shared facts, then each
// case on a copy of them, so that a case states only what differs.
func parseScenarios(p *procedure, source []byte) (*Scenarios, error) {
	shared := struct {
		Facts any `json:"facts"`
		Tests []struct {
			Name   string      `json:"name"`
			Stage  string      `json:"stage"`
			Facts  unread      `json:"facts,omitempty"`
			Expect Expectation `json:"expect"`
		} `json:"tests"`
	}{Facts: reflect.New(p.facts).Interface()}
	var first decoder
	first.decode(source, &shared)
	if err := first.err(); err != nil {
		return nil, err
	}
	scenarios := Scenarios{Tests: make([]Scenario, len(shared.Tests))}
	for i := range scenarios.Tests {
		scenarios.Tests[i].Facts = cloneFacts(shared.Facts)
	}
	second := decoder{partial: true, filled: "tests"}
	second.decode(source, &scenarios)
	scenarios.check(p, &second.report)
	return &scenarios, second.err()
}

func cloneFacts(facts any) any {
	text, err := json.Marshal(facts)
	if err != nil {
		panic("rules: copying facts: " + err.Error())
	}
	copied := reflect.New(reflect.TypeOf(facts).Elem()).Interface()
	if err := json.Unmarshal(text, copied); err != nil {
		panic("rules: copying facts: " + err.Error())
	}
	return copied
}

func (s *Scenarios) check(p *procedure, r *report) {
	if len(s.Tests) == 0 {
		r.add("tests", "至少要有一个用例。", "There must be at least one case.")
	}
	for i, scenario := range s.Tests {
		path := fmt.Sprintf("tests[%d]", i)
		oneOf(r, path+".stage", scenario.Stage, append(p.stages, p.again...)...)
		oneOf(r, path+".expect.outcome", scenario.Expect.Outcome,
			approval.OutcomePass, approval.OutcomeReview, approval.OutcomeMissing, approval.OutcomeBlocked)
		if scenario.Facts.(Facts).Moment().IsZero() {
			r.add(path+".facts.now", "缺少评估时间。", "The facts carry no time.")
		}
	}
}

func (x Expectation) compare(evidence approval.Evidence) []approval.Text {
	var failures []approval.Text
	differ := func(zh, en string, args ...any) {
		failures = append(failures, approval.Errorf(approval.RuleInvalid, zh, en, args...).Message)
	}
	if evidence.Outcome != x.Outcome {
		differ("结果应为%[1]s，实为%[2]s。", "The outcome should be %[1]s and is %[2]s.", x.Outcome, evidence.Outcome)
	}
	for _, want := range x.Findings {
		at := slices.IndexFunc(evidence.Findings, func(f approval.Finding) bool { return f.ID == want.ID })
		if at < 0 {
			differ("没有评估准则“%[1]s”。", "The criterion %[1]q was not evaluated.", want.ID)
		} else if got := evidence.Findings[at].Verdict; got != want.Verdict {
			differ("准则“%[1]s”应为%[2]s，实为%[3]s。", "The criterion %[1]q should be %[2]s and is %[3]s.", want.ID, want.Verdict, got)
		}
	}
	var levels []string
	for _, each := range evidence.Approvals {
		if !slices.Contains(levels, each.Level) {
			levels = append(levels, each.Level)
		}
	}
	if !slices.Equal(levels, x.Approvals) {
		differ("提级审批应为[%[1]s]，实为[%[2]s]。", "The extra approvals should be [%[1]s] and are [%[2]s].", strings.Join(x.Approvals, " "), strings.Join(levels, " "))
	}
	return failures
}
