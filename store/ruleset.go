package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"linli/approval"
	"linli/store/sqlgen"
)

// PublishRuleSet adds the next version of a rule set; version 0 takes whatever
// comes next. Publishing the same version with the same text again changes
// nothing. What the text says was checked before.
func (s *Store) PublishRuleSet(ctx context.Context, set approval.RuleSet) (published approval.RuleSet, err error) {
	if set.Hash != approval.RuleHash(set.Source, set.BaseHash) {
		return approval.RuleSet{}, approval.Errorf(approval.RuleInvalid, "规则文本与其哈希不符。", "The rule text does not match its hash.").At("hash")
	}
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		latest, err := q.LatestRuleSetVersion(ctx, set.ID)
		if err != nil {
			return err
		}
		published = set
		published.EffectiveFrom, published.PublishedAt = stored(set.EffectiveFrom), stored(set.PublishedAt)
		switch {
		case set.Version == 0:
			published.Version = int(latest) + 1
		case set.Version <= int(latest):
			published, err = sameRuleSet(ctx, q, set)
			return err
		case set.Version > int(latest)+1:
			return approval.Errorf(approval.Conflict, "下一个版本号应为%[1]d。", "The next version is %[1]d.", latest+1).At("version")
		}
		return q.InsertRuleSet(ctx, sqlgen.InsertRuleSetParams{
			ID: set.ID, Version: int32(published.Version), Hash: set.Hash, Scope: string(set.Scope), Procedure: set.Procedure,
			Source: set.Source, BaseHash: set.BaseHash, EffectiveFrom: published.EffectiveFrom,
			PublishedBy: set.PublishedBy, PublishedAt: published.PublishedAt,
		})
	})
	return published, err
}

func sameRuleSet(ctx context.Context, q *sqlgen.Queries, set approval.RuleSet) (approval.RuleSet, error) {
	row, err := q.RuleSetVersion(ctx, sqlgen.RuleSetVersionParams{ID: set.ID, Version: int32(set.Version)})
	if err != nil {
		return approval.RuleSet{}, err
	}
	if row.Hash != set.Hash || row.Scope != string(set.Scope) || row.Procedure != set.Procedure || row.BaseHash != set.BaseHash {
		return approval.RuleSet{}, approval.Errorf(approval.Conflict, "此版本已发布，不能改动。", "This version is published and does not change.").At("version")
	}
	return ruleSet(row), nil
}

// RuleSetByPin reads the version a case is pinned to; a stored text with
// another hash than the pin's is refused.
func (s *Store) RuleSetByPin(ctx context.Context, pin approval.RulePin) (approval.RuleSet, error) {
	set, err := s.ruleSet(ctx, func(q *sqlgen.Queries) (sqlgen.RuleSet, error) {
		return q.RuleSetVersion(ctx, sqlgen.RuleSetVersionParams{ID: pin.ID, Version: int32(pin.Version)})
	})
	if err == nil && set.Hash != pin.Hash {
		return approval.RuleSet{}, approval.Errorf(approval.RuleInvalid, "规则版本与案卷锁定的哈希不符。",
			"The stored rule set is not the one the case is pinned to.").At("hash")
	}
	return set, err
}

// RuleSetByHash reads a version by the hash of its text; of several with the
// same text the one published last.
func (s *Store) RuleSetByHash(ctx context.Context, hash string) (approval.RuleSet, error) {
	return s.ruleSet(ctx, func(q *sqlgen.Queries) (sqlgen.RuleSet, error) { return q.RuleSetByHash(ctx, hash) })
}

// CurrentRuleSet is the set in force at a scope and time: the scope's own, or
// that of the nearest scope above it; the version that took effect last.
func (s *Store) CurrentRuleSet(ctx context.Context, scope approval.Scope, procedure string, at time.Time) (approval.RuleSet, error) {
	return s.ruleSet(ctx, func(q *sqlgen.Queries) (sqlgen.RuleSet, error) {
		return q.CurrentRuleSet(ctx, sqlgen.CurrentRuleSetParams{Procedure: procedure, Scope: string(scope), At: at})
	})
}

// RuleSets lists all versions, newest first within an id. With a scope: those
// at, above and below it; with a procedure: only its own.
func (s *Store) RuleSets(ctx context.Context, scope approval.Scope, procedure string) (sets []approval.RuleSet, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.RuleSets(ctx, sqlgen.RuleSetsParams{Procedure: procedure, Scope: string(scope)})
		sets = make([]approval.RuleSet, 0, len(rows))
		for _, row := range rows {
			sets = append(sets, ruleSet(row))
		}
		return err
	})
	return sets, err
}

// ruleSet reads one set and refuses a text that is no longer what was
// published.
func (s *Store) ruleSet(ctx context.Context, read func(q *sqlgen.Queries) (sqlgen.RuleSet, error)) (set approval.RuleSet, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		row, err := read(q)
		if err != nil {
			return absent(err, "规则", "rule set")
		}
		set = ruleSet(row)
		if set.Hash != approval.RuleHash(set.Source, set.BaseHash) {
			return errors.New("rule set " + set.ID + ": the stored text does not match its hash")
		}
		return nil
	})
	if err != nil {
		return approval.RuleSet{}, err
	}
	return set, nil
}

func ruleSet(row sqlgen.RuleSet) approval.RuleSet {
	return approval.RuleSet{
		RulePin: approval.RulePin{ID: row.ID, Version: int(row.Version), Hash: row.Hash}, Scope: approval.Scope(row.Scope),
		Procedure: row.Procedure, Source: row.Source, BaseHash: row.BaseHash, EffectiveFrom: row.EffectiveFrom,
		PublishedBy: row.PublishedBy, PublishedAt: row.PublishedAt,
	}
}

// none tells an empty answer from a failed question.
func none(err error) bool { return errors.Is(err, pgx.ErrNoRows) }
