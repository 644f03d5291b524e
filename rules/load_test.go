package rules

import (
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"cel.dev/cel-go/cel"

	"linli/approval"
	"linli/examples"
)

func TestLoadPutsTheBaselineFirst(t *testing.T) {
	tree := fstest.MapFS{
		"370302-a/funduse.yaml":    {Data: []byte(strings.NewReplacer("370303/funduse", "370302/funduse", "370300/370303", "370300/370302").Replace(smallDistrict(t)))},
		"370399-city/funduse.yaml": {Data: []byte(smallSet)},
		"370303-b/funduse.yaml":    {Data: []byte(smallDistrict(t))},
		"README.md":                {Data: []byte("no rule set")},
	}
	sets, err := Load(tree)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, set := range sets {
		ids = append(ids, set.ID())
	}
	if got := strings.Join(ids, " "); got != "370300/funduse 370302/funduse 370303/funduse" {
		t.Errorf("loaded %s", got)
	}
}

func TestLoadNamesEveryFaultyFile(t *testing.T) {
	tree := fstest.MapFS{
		"0/funduse.yaml": {Data: []byte(smallSet)},
		"1/funduse.yaml": {Data: []byte("id: [")},
		"2/funduse.yaml": {Data: []byte(replace(t, smallDistrict(t), "{days: 3", "{days: 1"))},
		"3/funduse.yaml": {Data: []byte(smallDistrict(t))},
		"4/funduse.yaml": {Data: []byte(smallDistrict(t))},
	}
	_, err := Load(tree)
	if err == nil {
		t.Fatal("faulty files are loaded")
	}
	for _, want := range []string{"1/funduse.yaml: 1:5", "2/funduse.yaml: 10:", "4/funduse.yaml: the id 370303/funduse is used twice"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "0/funduse.yaml") || strings.Contains(err.Error(), "3/funduse.yaml") {
		t.Errorf("a good file is blamed:\n%v", err)
	}
	if approval.CodeOf(err) != approval.RuleInvalid {
		t.Errorf("the code is %q", approval.CodeOf(err))
	}
}

func TestCacheSharesOneSet(t *testing.T) {
	var cache Cache
	if _, ok := cache.Lookup("x"); ok {
		t.Error("an empty cache finds something")
	}
	sets := make([]*Set, 8)
	var group sync.WaitGroup
	for i := range sets {
		group.Go(func() {
			set, err := cache.Compile([]byte(smallSet), nil)
			if err != nil {
				t.Error(err)
			}
			sets[i] = set
		})
	}
	group.Wait()
	for _, set := range sets {
		if set != sets[0] {
			t.Fatal("one source was given two sets")
		}
	}
	if found, ok := cache.Lookup(sets[0].Hash()); !ok || found != sets[0] {
		t.Error("the set is not found by its hash")
	}
	if _, err := cache.Compile([]byte("id: ["), nil); approval.CodeOf(err) != approval.RuleInvalid {
		t.Errorf("a faulty source: %v", err)
	}
	district, err := cache.Compile([]byte(smallDistrict(t)), sets[0])
	if err != nil || district.Base() != sets[0] {
		t.Errorf("a district: %v", err)
	}
}

func TestCacheIsBounded(t *testing.T) {
	cache := Cache{sets: map[string]*Set{}}
	for i := range maxCached {
		cache.sets[strings.Repeat("x", i)] = nil
	}
	if _, err := cache.Compile([]byte(smallSet), nil); err != nil || len(cache.sets) > maxCached {
		t.Errorf("the cache holds %d sets (%v)", len(cache.sets), err)
	}
}

// Explaining costs: every sub-expression is kept and shown. Compare with
// go test -bench Evaluate ./rules.
func BenchmarkEvaluatePlain(b *testing.B) {
	set, facts := sample(b, "370303/funduse"), goodFacts()
	plain := plainPrograms(b, set)
	e, err := set.begin(b.Context(), facts)
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for b.Loop() {
		for _, program := range plain {
			if _, _, err := program.Eval(e.vars); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// plainPrograms plans the screening conditions that apply to goodFacts without
// tracking anything.
func plainPrograms(b *testing.B, set *Set) []cel.Program {
	var programs []cel.Program
	for _, c := range set.criteria {
		if c.Stage != StageScreening || c.when != nil {
			continue
		}
		program, err := set.env.PlanProgram(c.require.checked)
		if err != nil {
			b.Fatal(err)
		}
		programs = append(programs, program)
	}
	return programs
}

func BenchmarkEvaluateExplained(b *testing.B) {
	set, facts := sample(b, "370303/funduse"), goodFacts()
	b.ResetTimer()
	for b.Loop() {
		if _, err := set.Evaluate(b.Context(), StageScreening, facts); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	files, err := LoadFiles(examples.RuleSets)
	if err != nil {
		b.Fatal(err)
	}
	text := files[2].Set.Text()
	b.ResetTimer()
	for b.Loop() {
		if _, err := Compile(text, files[0].Set); err != nil {
			b.Fatal(err)
		}
	}
}
