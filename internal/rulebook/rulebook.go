// Package rulebook runs the stored rule sets of every procedure: versions come
// from the database, are compiled once and found again by hash, checked before
// they are published and evaluated under their pin.
//
// It refuses a text that is not the one a case is pinned to, facts or
// parameters of another procedure, and publishing what does not compile,
// breaks the city's floor or fails one of its own tests (I12).
package rulebook

import (
	"context"
	"fmt"
	"time"

	"linli/approval"
	"linli/approval/funduse"
	"linli/approval/onboarding"
	"linli/rules"
	"linli/server"
	"linli/store"
)

// Book is the library of rule sets. Any number of goroutines may use it.
type Book struct {
	store *store.Store
	cache *rules.Cache

	// Evaluated hears of every evaluation; it may be nil.
	Evaluated func(stage, outcome string, took time.Duration)
}

// New opens the rule sets stored in db.
func New(db *store.Store) *Book { return &Book{store: db, cache: &rules.Cache{}} }

// Evaluate runs one stage of a pinned set of fund use.
func (b *Book) Evaluate(ctx context.Context, pin approval.RulePin, stage string, facts funduse.Facts) (approval.Evidence, error) {
	return b.evaluate(ctx, pin, stage, facts)
}

// EvaluateOnboarding runs one stage of a pinned set of operator onboarding.
func (b *Book) EvaluateOnboarding(ctx context.Context, pin approval.RulePin, stage string, facts onboarding.Facts) (approval.Evidence, error) {
	return b.evaluate(ctx, pin, stage, facts)
}

func (b *Book) evaluate(ctx context.Context, pin approval.RulePin, stage string, facts rules.Facts) (approval.Evidence, error) {
	set, err := b.pinned(ctx, pin)
	if err != nil {
		return approval.Evidence{}, err
	}
	began := time.Now()
	evidence, err := set.Evaluate(ctx, stage, facts)
	if outcome := string(evidence.Outcome); b.Evaluated != nil {
		if err != nil {
			outcome = "error"
		}
		b.Evaluated(stage, outcome, time.Since(began))
	}
	evidence.Pin = pin
	return evidence, err
}

// pinned is the compiled set a pin names.
func (b *Book) pinned(ctx context.Context, pin approval.RulePin) (*rules.Set, error) {
	set, ok := b.cache.Lookup(pin.Hash)
	if !ok {
		stored, err := b.store.RuleSetByPin(ctx, pin)
		if err != nil {
			return nil, err
		}
		if set, err = b.compile(ctx, stored); err != nil {
			return nil, err
		}
	}
	if set.Hash() != pin.Hash {
		return nil, approval.Errorf(approval.RuleInvalid, "规则文本与案卷锁定的不一致。", "The rule text is not the one the case is pinned to.")
	}
	return set, nil
}

func (b *Book) compile(ctx context.Context, stored approval.RuleSet) (*rules.Set, error) {
	base, err := b.base(ctx, stored.BaseHash)
	if err != nil {
		return nil, err
	}
	return b.cache.Compile([]byte(stored.Source), base)
}

func (b *Book) base(ctx context.Context, hash string) (*rules.Set, error) {
	if hash == "" {
		return nil, nil
	}
	if set, ok := b.cache.Lookup(hash); ok {
		return set, nil
	}
	stored, err := b.store.RuleSetByHash(ctx, hash)
	if err != nil {
		return nil, err
	}
	return b.cache.Compile([]byte(stored.Source), nil)
}

// InForce is the set of fund use a case opened at scope now is pinned to.
func (b *Book) InForce(ctx context.Context, scope approval.Scope, at time.Time) (server.Rules[funduse.Parameters], error) {
	return inForce[funduse.Parameters](ctx, b, funduse.Procedure, scope, at)
}

// OnboardingInForce is InForce for operator onboarding.
func (b *Book) OnboardingInForce(ctx context.Context, scope approval.Scope, at time.Time) (server.Rules[onboarding.Parameters], error) {
	return inForce[onboarding.Parameters](ctx, b, onboarding.Procedure, scope, at)
}

func inForce[P rules.Numbers[P]](ctx context.Context, b *Book, procedure string, scope approval.Scope, at time.Time) (server.Rules[P], error) {
	stored, err := b.store.CurrentRuleSet(ctx, scope, procedure, at)
	if err != nil {
		return server.Rules[P]{}, err
	}
	set, err := b.compile(ctx, stored)
	if err != nil {
		return server.Rules[P]{}, fmt.Errorf("compiling the rule set in force at %s: %w", scope, err)
	}
	parameters, err := rules.Parameters[P](set)
	return server.Rules[P]{Pin: stored.RulePin, Parameters: parameters}, err
}

// Pinned is the set of fund use a case is pinned to.
func (b *Book) Pinned(ctx context.Context, pin approval.RulePin) (server.Rules[funduse.Parameters], error) {
	set, err := b.pinned(ctx, pin)
	if err != nil {
		return server.Rules[funduse.Parameters]{}, err
	}
	parameters, err := rules.Parameters[funduse.Parameters](set)
	return server.Rules[funduse.Parameters]{Pin: pin, Parameters: parameters}, err
}
