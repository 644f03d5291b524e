package server

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"linli/approval"
	"linli/approval/funduse"
	"linli/approval/onboarding"
)

// RuleBook is the library of rule sets: versions in the database, compiled
// and run by package rules.
type RuleBook interface {
	// InForce is the set of the nearest scope upwards, for a case that opens.
	InForce(ctx context.Context, scope approval.Scope, at time.Time) (Rules[funduse.Parameters], error)
	OnboardingInForce(ctx context.Context, scope approval.Scope, at time.Time) (Rules[onboarding.Parameters], error)
	// Pinned is the set a case of fund use keeps.
	Pinned(ctx context.Context, pin approval.RulePin) (Rules[funduse.Parameters], error)
	Evaluate(ctx context.Context, pin approval.RulePin, stage string, facts funduse.Facts) (approval.Evidence, error)
	EvaluateOnboarding(ctx context.Context, pin approval.RulePin, stage string, facts onboarding.Facts) (approval.Evidence, error)
	// RuleSets lists the newest version of every set of a procedure, "" for all.
	RuleSets(ctx context.Context, procedure string) ([]RuleSet, error)
	// RuleSet is one version of a district's set, by the code of its scope;
	// version 0 is the newest.
	RuleSet(ctx context.Context, procedure, code string, version int) (RuleSetText, error)
	// Check compiles, lints and tests a text and changes nothing.
	Check(ctx context.Context, text RuleText) (RuleReport, error)
	// Publish stores a text as the next version of its set, or refuses what
	// does not compile, breaks the floor or fails a test (I12).
	Publish(ctx context.Context, text RuleText, by string, at time.Time) (RuleSet, error)
}

// Rules is a set in force: what a case pins.
type Rules[P any] struct {
	Pin        approval.RulePin
	Parameters P
}

// RuleText is a rule file and its test file, both YAML.
type RuleText struct {
	Source string `json:"source"`
	Tests  string `json:"tests"`
}

// RuleSet is one published version.
type RuleSet struct {
	Code          string           `json:"code"` // last code of the scope, e.g. 370303
	Procedure     string           `json:"procedure"`
	Pin           approval.RulePin `json:"pin"`
	Scope         approval.Scope   `json:"scope"`
	Title         approval.Text    `json:"title"`
	Sample        bool             `json:"sample"`           // the numbers are invented
	Notice        string           `json:"notice,omitempty"` // to be shown with the set
	EffectiveFrom string           `json:"effective_from"`   // civil date
	PublishedBy   string           `json:"published_by"`
	PublishedAt   time.Time        `json:"published_at"`
	Parameters    any              `json:"parameters"` // of the procedure
}

// RuleSetText is a version with its text and the numbers of all versions.
type RuleSetText struct {
	RuleSet
	Source   string `json:"source"`
	Versions []int  `json:"versions"` // newest first
}

// RuleReport is what checking a text came to. OK means it may be published.
type RuleReport struct {
	OK       bool           `json:"ok"`
	ID       string         `json:"id"` // e.g. "370303/funduse"; "" when the text cannot be read
	Scope    approval.Scope `json:"scope"`
	Hash     string         `json:"hash"`
	Problems []RuleProblem  `json:"problems"`
	Warnings []RuleProblem  `json:"warnings"` // lint
	Tests    []RuleTest     `json:"tests"`
}

// RuleProblem is one thing wrong with a text. Line and Column count from 1; 0
// where the whole text is to blame. File is "source" or "tests".
type RuleProblem struct {
	File    string        `json:"file"`
	Line    int           `json:"line"`
	Column  int           `json:"column"`
	Path    string        `json:"path"`
	Message approval.Text `json:"message"`
}

// RuleTest is one scenario run; no failure means it passed.
type RuleTest struct {
	Name     string          `json:"name"`
	Failures []approval.Text `json:"failures"`
}

func (s *Server) ruleRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "/v1/rules", Operation: "listRules", Allow: SignedIn(), Handle: read(s.listRules)},
		{Method: "GET", Path: "/v1/rules/{code}", Operation: "readRules", Allow: SignedIn(), Handle: read(s.readRules)},
		{Method: "POST", Path: "/v1/rules/check", Operation: "checkRules", Allow: Holding(approval.RuleKeeper), Handle: unkeyed(s.checkRules), Limit: ruleBody},
		{Method: "POST", Path: "/v1/rules", Operation: "publishRules", Allow: Holding(approval.RuleKeeper), Handle: write(s.publishRules), Limit: ruleBody},
	}
}

func (s *Server) listRules(ctx context.Context, c call) (list[RuleSet], error) {
	items, err := s.config.Rules.RuleSets(ctx, c.Query("procedure"))
	return listOf(items, ""), err
}

func (s *Server) readRules(ctx context.Context, c call) (RuleSetText, error) {
	version, err := versionOf(c.Query("version"))
	if err != nil {
		return RuleSetText{}, err
	}
	return s.config.Rules.RuleSet(ctx, cmp.Or(c.Query("procedure"), funduse.Procedure), c.Param("code"), version)
}

func (s *Server) checkRules(ctx context.Context, _ call, in RuleText) (RuleReport, error) {
	report, err := s.check(ctx, in)
	report.Problems, report.Warnings, report.Tests = orEmpty(report.Problems), orEmpty(report.Warnings), orEmpty(report.Tests)
	for i := range report.Tests {
		report.Tests[i].Failures = orEmpty(report.Tests[i].Failures)
	}
	return report, err
}

// check compiles and tests one of few texts at a time: it is the one thing a
// request may keep a processor busy with.
func (s *Server) check(ctx context.Context, in RuleText) (RuleReport, error) {
	select {
	case s.checking <- struct{}{}:
		defer func() { <-s.checking }()
	case <-ctx.Done():
		return RuleReport{}, ctx.Err()
	}
	return s.config.Rules.Check(ctx, in)
}

// publishRules checks the keeper's scope against the text's own before
// anything is stored; row security checks it again.
func (s *Server) publishRules(ctx context.Context, c call, in RuleText) (RuleSet, error) {
	report, err := s.check(ctx, in)
	if err != nil {
		return RuleSet{}, err
	}
	if report.Scope != "" {
		if err := approval.Permit(c.Person, report.Scope, approval.RuleKeeper); err != nil {
			return RuleSet{}, err
		}
	}
	return s.config.Rules.Publish(ctx, in, c.Person.ID, c.Now)
}

func versionOf(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	version, err := strconv.Atoi(text)
	if err != nil || version < 1 {
		return 0, approval.Errorf(approval.Invalid, "版本须为正整数。", "A version is a whole number from 1.").At("version")
	}
	return version, nil
}
