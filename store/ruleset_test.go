package store_test

import (
	"testing"
	"time"

	"linli/approval"
	"linli/audit"
	"linli/store/storetest"
)

func ruleSet(scope approval.Scope, source string, from time.Time) approval.RuleSet {
	return approval.RuleSet{
		RulePin: approval.RulePin{ID: string(scope) + "/funduse", Hash: audit.HashBytes([]byte(source))}, Scope: scope, Procedure: "funduse",
		Source: source, EffectiveFrom: from, PublishedBy: "p_keeper", PublishedAt: storetest.Now,
	}
}

func TestTheNearestRuleSetInForce(t *testing.T) {
	c := openCopies(t)
	keeper := c.as("p_keeper", approval.RuleKeeper, storetest.City)
	tomorrow := storetest.Now.AddDate(0, 0, 1)
	city := must(c.api.PublishRuleSet(keeper, ruleSet(storetest.City, "city", storetest.Now)))(t)
	first := must(c.api.PublishRuleSet(keeper, ruleSet(storetest.Zhangdian, "district 1", storetest.Now)))(t)
	second := must(c.worker.PublishRuleSet(t.Context(), ruleSet(storetest.Zhangdian, "district 2", tomorrow)))(t)
	if city.Version != 1 || first.Version != 1 || second.Version != 2 {
		t.Errorf("versions %d, %d, %d", city.Version, first.Version, second.Version)
	}
	for _, test := range []struct {
		scope approval.Scope
		at    time.Time
		want  string
	}{
		{storetest.Community1, storetest.Now, "district 1"},
		{storetest.Community1, tomorrow.Add(-time.Microsecond), "district 1"},
		{storetest.Community1, tomorrow, "district 2"},
		{storetest.LinziOne, tomorrow, "city"},
		{storetest.City, tomorrow, "city"},
	} {
		if got := must(c.api.CurrentRuleSet(t.Context(), test.scope, "funduse", test.at))(t); got.Source != test.want {
			t.Errorf("at %s, %s: %q, want %q", test.scope, test.at, got.Source, test.want)
		}
	}
	_, err := c.api.CurrentRuleSet(t.Context(), storetest.City, "funduse", storetest.Now.Add(-time.Hour))
	refusedAs(t, err, approval.NotFound)
	_, err = c.api.CurrentRuleSet(t.Context(), storetest.City, "onboarding", tomorrow)
	refusedAs(t, err, approval.NotFound)
	if sets := must(c.api.RuleSets(t.Context(), storetest.Linzi, "funduse"))(t); len(sets) != 1 || sets[0].Source != "city" {
		t.Errorf("sets that concern Linzi: %+v", sets)
	}
	if sets := must(c.api.RuleSets(t.Context(), "", ""))(t); len(sets) != 3 || sets[1].Source != "district 2" {
		t.Errorf("all sets: %+v", sets)
	}
}

func TestAPublishedRuleSetNeverChanges(t *testing.T) {
	c := openCopies(t)
	keeper := c.as("p_keeper", approval.RuleKeeper, storetest.Zhangdian)
	set := must(c.api.PublishRuleSet(keeper, ruleSet(storetest.Zhangdian, "one", storetest.Now)))(t)
	if again := must(c.api.PublishRuleSet(keeper, set))(t); again.Version != 1 {
		t.Errorf("the same version again is version %d", again.Version)
	}
	altered := ruleSet(storetest.Zhangdian, "two", storetest.Now)
	altered.Version = 1
	_, err := c.api.PublishRuleSet(keeper, altered)
	refusedAs(t, err, approval.Conflict)
	altered.Version = 3
	_, err = c.api.PublishRuleSet(keeper, altered)
	refusedAs(t, err, approval.Conflict)
	altered.Version, altered.Source = 0, "not what was hashed"
	_, err = c.api.PublishRuleSet(keeper, altered)
	refusedAs(t, err, approval.RuleInvalid)
	_, err = c.api.PublishRuleSet(keeper, ruleSet(storetest.Linzi, "elsewhere", storetest.Now))
	refusedAs(t, err, approval.Forbidden)
	_, err = c.api.PublishRuleSet(c.as("p_1", approval.Administrator, storetest.City), ruleSet(storetest.City, "by another role", storetest.Now))
	refusedAs(t, err, approval.Forbidden)

	if got := must(c.worker.RuleSetByPin(t.Context(), set.RulePin))(t); got.Source != "one" {
		t.Errorf("by pin: %+v", got)
	}
	if got := must(c.worker.RuleSetByHash(t.Context(), set.Hash))(t); got.RulePin != set.RulePin {
		t.Errorf("by hash: %+v", got)
	}
	wrong := set.RulePin
	wrong.Hash = audit.HashBytes([]byte("two"))
	_, err = c.worker.RuleSetByPin(t.Context(), wrong)
	refusedAs(t, err, approval.RuleInvalid)
	wrong.Version = 7
	_, err = c.worker.RuleSetByPin(t.Context(), wrong)
	refusedAs(t, err, approval.NotFound)

	c.tamper(`UPDATE rule_sets SET source = 'forged'`)
	if _, err := c.worker.RuleSetByPin(t.Context(), set.RulePin); err == nil || approval.CodeOf(err) != "" {
		t.Errorf("a forged text reads as %v, want a fault", err)
	}
}
