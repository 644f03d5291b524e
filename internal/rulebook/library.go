package rulebook

import (
	"context"
	"errors"
	"fmt"
	"path"
	"time"

	"linli/approval"
	"linli/rules"
	"linli/server"
)

// RuleSets lists the newest version of every set of a procedure, "" for all.
func (b *Book) RuleSets(ctx context.Context, procedure string) ([]server.RuleSet, error) {
	stored, err := b.store.RuleSets(ctx, "", procedure)
	if err != nil {
		return nil, err
	}
	newest := []server.RuleSet{}
	for _, version := range stored { // newest first within an id
		if len(newest) > 0 && newest[len(newest)-1].Pin.ID == version.ID {
			continue
		}
		described, err := b.describe(ctx, version)
		if err != nil {
			return nil, err
		}
		newest = append(newest, described)
	}
	return newest, nil
}

// RuleSet is one version of a procedure's set, by the last code of its scope; 0
// is the newest.
func (b *Book) RuleSet(ctx context.Context, procedure, code string, version int) (server.RuleSetText, error) {
	stored, err := b.store.RuleSets(ctx, "", procedure)
	if err != nil {
		return server.RuleSetText{}, err
	}
	var found *approval.RuleSet
	var versions []int
	for i, each := range stored {
		if each.ID != code+"/"+procedure {
			continue
		}
		versions = append(versions, each.Version)
		if found == nil && (version == 0 || version == each.Version) {
			found = &stored[i]
		}
	}
	if found == nil {
		return server.RuleSetText{}, approval.Errorf(approval.NotFound, "没有这一规则。", "There is no such rule set.")
	}
	described, err := b.describe(ctx, *found)
	return server.RuleSetText{RuleSet: described, Source: found.Source, Versions: versions}, err
}

func (b *Book) describe(ctx context.Context, stored approval.RuleSet) (server.RuleSet, error) {
	set, err := b.compile(ctx, stored)
	if err != nil {
		return server.RuleSet{}, fmt.Errorf("compiling rule set %s version %d: %w", stored.ID, stored.Version, err)
	}
	return server.RuleSet{
		Code: code(stored.Scope), Procedure: stored.Procedure, Pin: stored.RulePin, Scope: stored.Scope, Title: set.Title(), Sample: set.Sample(), Notice: set.Notice(),
		EffectiveFrom: set.EffectiveFrom(), PublishedBy: stored.PublishedBy, PublishedAt: stored.PublishedAt, Parameters: set.Numbers(),
	}, nil
}

// code is the last code of a scope, e.g. 370303.
func code(scope approval.Scope) string { return path.Base(string(scope)) }

// Check compiles, lints and tests a text and changes nothing.
func (b *Book) Check(ctx context.Context, text server.RuleText) (server.RuleReport, error) {
	report, _, err := b.check(ctx, text, time.Now())
	return report, err
}

func (b *Book) check(ctx context.Context, text server.RuleText, at time.Time) (server.RuleReport, *rules.Set, error) {
	report := server.RuleReport{Problems: []server.RuleProblem{}, Warnings: []server.RuleProblem{}, Tests: []server.RuleTest{}}
	base, err := b.baseOf(ctx, text.Source, at)
	if err != nil {
		return report, nil, err
	}
	set, err := rules.Compile([]byte(text.Source), base)
	if err != nil {
		report.Problems = problems("source", err)
		if len(report.Problems) == 0 {
			return report, nil, err
		}
		return report, nil, nil
	}
	report.ID, report.Scope, report.Hash = set.ID(), set.Scope(), set.Hash()
	report.Warnings = append(report.Warnings, listed("source", rules.Lint(set))...)
	results, err := rules.RunTests(set, []byte(text.Tests))
	if err != nil {
		report.Problems = problems("tests", err)
		if len(report.Problems) == 0 {
			return report, nil, err
		}
		return report, nil, nil
	}
	report.OK = len(results) > 0
	for _, result := range results {
		failures := append([]approval.Text{}, result.Failures...)
		report.Tests = append(report.Tests, server.RuleTest{Name: result.Name, Failures: failures})
		report.OK = report.OK && len(failures) == 0
	}
	return report, set, nil
}

// baseOf finds the baseline a text names: the newest version in force.
func (b *Book) baseOf(ctx context.Context, source string, at time.Time) (*rules.Set, error) {
	read, err := rules.Parse([]byte(source))
	if err != nil || read.Base == "" {
		return nil, nil // what cannot be read is reported by the compiler
	}
	stored, err := b.store.CurrentRuleSet(ctx, read.Scope.Up(approval.City), read.Procedure, at)
	if approval.CodeOf(err) == approval.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return b.compile(ctx, stored)
}

func problems(file string, err error) []server.RuleProblem {
	var found rules.Problems
	if !errors.As(err, &found) {
		return []server.RuleProblem{}
	}
	return listed(file, found)
}

func listed(file string, found []rules.Problem) []server.RuleProblem {
	list := make([]server.RuleProblem, 0, len(found))
	for _, p := range found {
		list = append(list, server.RuleProblem{File: file, Line: p.Line, Column: p.Column, Path: p.Path, Message: p.Message})
	}
	return list
}

// Publish stores a text as the next version of its set. What does not compile,
// breaks the floor or fails a test is refused (I12).
func (b *Book) Publish(ctx context.Context, text server.RuleText, by string, at time.Time) (server.RuleSet, error) {
	report, set, err := b.check(ctx, text, at)
	if err != nil {
		return server.RuleSet{}, err
	}
	if !report.OK {
		return server.RuleSet{}, unfit(report)
	}
	effective, err := time.ParseInLocation(time.DateOnly, set.EffectiveFrom(), approval.Shanghai)
	if err != nil {
		return server.RuleSet{}, fmt.Errorf("reading the effective date of %s: %w", set.ID(), err)
	}
	version := approval.RuleSet{
		RulePin: set.Pin(0), Scope: set.Scope(), Procedure: set.Procedure(), Source: text.Source,
		EffectiveFrom: effective, PublishedBy: by, PublishedAt: at,
	}
	if set.Base() != nil {
		version.BaseHash = set.Base().Hash()
	}
	stored, err := b.store.PublishRuleSet(ctx, version)
	if err != nil {
		return server.RuleSet{}, err
	}
	return b.describe(ctx, stored)
}

// unfit tells the first reason why a text may not be published.
func unfit(report server.RuleReport) error {
	if len(report.Problems) > 0 {
		p := report.Problems[0]
		return approval.Errorf(approval.RuleInvalid, "规则有%[1]d处问题。第%[2]d行第%[3]d列:%[4]s", "The rules have %[1]d problem(s). Line %[2]d, column %[3]d: %[5]s",
			len(report.Problems), p.Line, p.Column, p.Message.ZH, p.Message.EN).At(p.File)
	}
	for _, test := range report.Tests {
		if len(test.Failures) > 0 {
			return approval.Errorf(approval.RuleInvalid, "规则测试“%[1]s”未通过:%[2]s", "The rule test %[1]q failed: %[3]s", test.Name, test.Failures[0].ZH, test.Failures[0].EN).At("tests")
		}
	}
	return approval.Errorf(approval.RuleInvalid, "规则须附至少一个测试。", "A rule set comes with at least one test.").At("tests")
}
