package server_test

import (
	"context"
	"sync"
	"time"

	"linli/approval"
	"linli/examples"
	"linli/rules"
	"linli/store"
)

// What is compiled once serves every world.
var samples = sync.OnceValues(func() ([]rules.File, error) { return rules.LoadFiles(examples.RuleSets) })

// publishSamples stores the city's and Zhangdian's sample sets.
func publishSamples(ctx context.Context, db *store.Store, at time.Time) error {
	files, err := samples()
	if err != nil {
		return err
	}
	for _, file := range files {
		if code := file.Set.Scope(); code != "370300" && code != "370300/370303" {
			continue
		}
		if err := publish(ctx, db, file.Set, at); err != nil {
			return err
		}
	}
	return nil
}

func publish(ctx context.Context, db *store.Store, set *rules.Set, at time.Time) error {
	base := ""
	if set.Base() != nil {
		base = set.Base().Hash()
	}
	effective, err := time.ParseInLocation(time.DateOnly, set.EffectiveFrom(), approval.Shanghai)
	if err != nil {
		return err
	}
	_, err = db.PublishRuleSet(ctx, approval.RuleSet{
		RulePin: set.Pin(0), Scope: set.Scope(), Procedure: set.Procedure(), Source: string(set.Text()), BaseHash: base,
		EffectiveFrom: effective, PublishedBy: "test", PublishedAt: at,
	})
	return err
}
