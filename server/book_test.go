package server_test

import (
	"context"
	"errors"
	"io/fs"
	"sync"
	"time"

	"linli/approval"
	"linli/approval/funduse"
	"linli/examples"
	"linli/rules"
	"linli/server"
	"linli/store"
)

// book is the sample rule sets of Zibo, compiled, over the store's versions.
type book struct {
	store *store.Store
}

// What is compiled once serves every world.
var (
	compiled rules.Cache
	samples  = sync.OnceValues(func() ([]rules.File, error) { return rules.LoadFiles(examples.RuleSets) })
)

// publish stores the city's and Zhangdian's sample sets.
func (b *book) publish(ctx context.Context, at time.Time) error {
	files, err := samples()
	if err != nil {
		return err
	}
	for _, file := range files {
		if code := file.Set.Scope(); code != "370300" && code != "370300/370303" {
			continue
		}
		if _, err := b.stored(ctx, file.Set, "test", at); err != nil {
			return err
		}
	}
	return nil
}

func (b *book) stored(ctx context.Context, set *rules.Set, by string, at time.Time) (approval.RuleSet, error) {
	base := ""
	if set.Base() != nil {
		base = set.Base().Hash()
	}
	effective, err := time.ParseInLocation(time.DateOnly, set.EffectiveFrom(), approval.Shanghai)
	if err != nil {
		return approval.RuleSet{}, err
	}
	return b.store.PublishRuleSet(ctx, approval.RuleSet{
		RulePin: set.Pin(0), Scope: set.Scope(), Procedure: funduse.Procedure, Source: string(set.Text()), BaseHash: base,
		EffectiveFrom: effective, PublishedBy: by, PublishedAt: at,
	})
}

func (b *book) compiled(ctx context.Context, source, baseHash string) (*rules.Set, error) {
	var base *rules.Set
	if baseHash != "" {
		stored, err := b.store.RuleSetByHash(ctx, baseHash)
		if err != nil {
			return nil, err
		}
		if base, err = compiled.Compile([]byte(stored.Source), nil); err != nil {
			return nil, err
		}
	}
	return compiled.Compile([]byte(source), base)
}

func (b *book) InForce(ctx context.Context, scope approval.Scope, at time.Time) (server.Rules, error) {
	stored, err := b.store.CurrentRuleSet(ctx, scope, funduse.Procedure, at)
	if err != nil {
		return server.Rules{}, err
	}
	set, err := b.compiled(ctx, stored.Source, stored.BaseHash)
	if err != nil {
		return server.Rules{}, err
	}
	return server.Rules{Pin: stored.RulePin, Parameters: set.Parameters()}, nil
}

func (b *book) Evaluate(ctx context.Context, pin approval.RulePin, stage string, facts funduse.Facts) (approval.Evidence, error) {
	stored, err := b.store.RuleSetByPin(ctx, pin)
	if err != nil {
		return approval.Evidence{}, err
	}
	set, err := b.compiled(ctx, stored.Source, stored.BaseHash)
	if err != nil {
		return approval.Evidence{}, err
	}
	evidence, err := set.Evaluate(ctx, stage, facts)
	evidence.Pin = pin
	return evidence, err
}

func (b *book) RuleSets(ctx context.Context) ([]server.RuleSet, error) {
	stored, err := b.store.RuleSets(ctx, "", funduse.Procedure)
	var sets []server.RuleSet
	for _, each := range stored {
		shown, err := b.shown(ctx, each)
		if err != nil {
			return nil, err
		}
		sets = append(sets, shown)
	}
	return sets, err
}

func (b *book) shown(ctx context.Context, stored approval.RuleSet) (server.RuleSet, error) {
	set, err := b.compiled(ctx, stored.Source, stored.BaseHash)
	if err != nil {
		return server.RuleSet{}, err
	}
	return server.RuleSet{
		Code: stored.ID[:6], Pin: stored.RulePin, Scope: stored.Scope, Title: set.Title(), Sample: set.Sample(), Notice: set.Notice(),
		EffectiveFrom: set.EffectiveFrom(), PublishedBy: stored.PublishedBy, PublishedAt: stored.PublishedAt, Parameters: set.Parameters(),
	}, nil
}

func (b *book) RuleSet(ctx context.Context, code string, version int) (server.RuleSetText, error) {
	stored, err := b.store.RuleSets(ctx, "", funduse.Procedure)
	if err != nil {
		return server.RuleSetText{}, err
	}
	var found server.RuleSetText
	for _, each := range stored {
		if each.ID[:6] != code {
			continue
		}
		found.Versions = append(found.Versions, each.Version)
		if found.Source == "" && (version == 0 || version == each.Version) {
			if found.RuleSet, err = b.shown(ctx, each); err != nil {
				return found, err
			}
			found.Source = each.Source
		}
	}
	if found.Source == "" {
		return found, approval.Errorf(approval.NotFound, "没有这一规则。", "There is no such rule set.")
	}
	return found, nil
}

// Check holds a text against Zibo's baseline.
func (b *book) Check(_ context.Context, text server.RuleText) (server.RuleReport, error) {
	set, err := b.district(text.Source)
	var problems rules.Problems
	if errors.As(err, &problems) {
		report := server.RuleReport{}
		for _, p := range problems {
			report.Problems = append(report.Problems, server.RuleProblem{File: "source", Line: p.Line, Column: p.Column, Path: p.Path, Message: p.Message})
		}
		return report, nil
	}
	if err != nil {
		return server.RuleReport{}, err
	}
	report := server.RuleReport{ID: set.ID(), Scope: set.Scope(), Hash: set.Hash(), OK: true}
	results, err := rules.RunTests(set, []byte(text.Tests))
	for _, result := range results {
		report.Tests = append(report.Tests, server.RuleTest{Name: result.Name, Failures: result.Failures})
		report.OK = report.OK && len(result.Failures) == 0
	}
	return report, err
}

func (b *book) district(source string) (*rules.Set, error) {
	baseline, err := fs.ReadFile(examples.RuleSets, "370300-zibo/funduse.yaml")
	if err != nil {
		return nil, err
	}
	base, err := compiled.Compile(baseline, nil)
	if err != nil {
		return nil, err
	}
	return compiled.Compile([]byte(source), base)
}

func (b *book) Publish(ctx context.Context, text server.RuleText, by string, at time.Time) (server.RuleSet, error) {
	set, err := b.district(text.Source)
	if err != nil {
		return server.RuleSet{}, err
	}
	stored, err := b.stored(ctx, set, by, at)
	if err != nil {
		return server.RuleSet{}, err
	}
	return b.shown(ctx, stored)
}
