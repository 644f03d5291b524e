package rulebook

import (
	"io/fs"
	"strings"
	"sync"
	"testing"
	"time"

	"linli/approval"
	"linli/approval/funduse"
	"linli/approval/onboarding"
	"linli/examples"
	"linli/internal/importrule"
	"linli/server"
	"linli/store/storetest"
)

// The rule book joins two parts that must not know each other: the store that
// keeps texts and the engine that runs them.
var imports = importrule.Rule{
	importrule.Allow("linli/approval", "linli/approval/funduse", "linli/approval/onboarding", "linli/rules", "linli/server", "linli/store"),
	importrule.Refuse("rules are kept and run here, nothing else", "linli/..."),
	importrule.Allow(importrule.Standard),
	importrule.Refuse("whatever a library could add belongs to the engine or to the store", importrule.Anything),
}

func TestImports(t *testing.T) {
	imports.Check(t, ".")
	imports.Bites(t,
		[]string{"context", "linli/rules", "linli/store", "linli/server"},
		[]string{"linli/workflows", "linli/internal/app", "cel.dev/cel-go/cel", "github.com/jackc/pgx/v5"})
}

func text(t *testing.T, folder, procedure string) server.RuleText {
	t.Helper()
	read := func(name string) string {
		raw, err := fs.ReadFile(examples.RuleSets, folder+"/"+name)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	return server.RuleText{Source: read(procedure + ".yaml"), Tests: read(procedure + ".tests.yaml")}
}

// shelf holds the city's and Zhangdian's sample sets of both procedures.
func shelf(t *testing.T) *Book {
	t.Helper()
	_, worker := storetest.Open(t)
	book := New(worker)
	for _, folder := range []string{"370300-zibo", "370303-zhangdian"} {
		for _, procedure := range []string{funduse.Procedure, onboarding.Procedure} {
			set, err := book.Publish(t.Context(), text(t, folder, procedure), "test", storetest.Now)
			if err != nil || set.Procedure != procedure || set.Pin.Version != 1 {
				t.Fatalf("publishing %s/%s: %+v, %v", folder, procedure, set.Pin, err)
			}
		}
	}
	return book
}

func TestEachProcedureHasItsRulesInForce(t *testing.T) {
	book := shelf(t)
	for scope, code := range map[approval.Scope]string{storetest.Community1: "370303", storetest.Zhangdian: "370303", storetest.LinziOne: "370300"} {
		money, err := book.InForce(t.Context(), scope, storetest.Now)
		if err != nil || money.Pin.ID != code+"/funduse" || money.Parameters.Committee.MinMembers != 3 {
			t.Errorf("fund use at %s: %+v, %v", scope, money.Pin, err)
		}
		spaces, err := book.OnboardingInForce(t.Context(), scope, storetest.Now)
		if err != nil || spaces.Pin.ID != code+"/onboarding" || len(spaces.Parameters.Share) != 5 {
			t.Errorf("onboarding at %s: %+v, %v", scope, spaces.Pin, err)
		}
	}
	if _, err := book.OnboardingInForce(t.Context(), storetest.Community1, storetest.Now.AddDate(-1, 0, 0)); approval.CodeOf(err) != approval.NotFound {
		t.Errorf("before anything took effect: %v", err)
	}
}

// A case keeps its version whatever is published later, and a pin opens
// nothing but its own procedure's set with its own text.
func TestAPinOpensOneText(t *testing.T) {
	book := shelf(t)
	spaces, err := book.OnboardingInForce(t.Context(), storetest.Community1, storetest.Now)
	if err != nil {
		t.Fatal(err)
	}
	longer := text(t, "370303-zhangdian", onboarding.Procedure)
	longer.Source = strings.Replace(longer.Source, "{days: 5", "{days: 7", 1)
	if set, err := book.Publish(t.Context(), longer, "test", storetest.Now.Add(time.Hour)); err != nil || set.Pin.Version != 2 {
		t.Fatalf("the second version: %+v, %v", set.Pin, err)
	}
	facts := onboarding.Facts{Now: storetest.Now}
	evidence, err := New(book.store).EvaluateOnboarding(t.Context(), spaces.Pin, "screening", facts)
	if err != nil || evidence.Pin != spaces.Pin || evidence.Outcome != approval.OutcomeBlocked {
		t.Errorf("evaluating under the first version: %+v, %v", evidence.Pin, err)
	}
	if now, err := book.OnboardingInForce(t.Context(), storetest.Community1, storetest.Now.Add(2*time.Hour)); err != nil || now.Pin.Version != 2 || now.Parameters.Notice.Days != 7 {
		t.Errorf("in force afterwards: %+v, %v", now.Pin, err)
	}
	if _, err := book.Evaluate(t.Context(), spaces.Pin, "screening", funduse.Facts{Now: storetest.Now}); approval.CodeOf(err) != approval.RuleInvalid {
		t.Errorf("facts of fund use under rules of onboarding: %v", err)
	}
	if _, err := book.Pinned(t.Context(), spaces.Pin); approval.CodeOf(err) != approval.RuleInvalid {
		t.Errorf("parameters of fund use under rules of onboarding: %v", err)
	}
	for name, pin := range map[string]approval.RulePin{
		"another version's hash": {ID: spaces.Pin.ID, Version: 2, Hash: spaces.Pin.Hash[1:] + "0"},
		"a version nobody made":  {ID: spaces.Pin.ID, Version: 9, Hash: strings.Repeat("0", 64)},
	} {
		if _, err := book.EvaluateOnboarding(t.Context(), pin, "screening", facts); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

// Many cases are screened at once, on a book that has compiled nothing yet.
func TestManyEvaluationsAtOnce(t *testing.T) {
	book := New(shelf(t).store)
	spaces, err := book.OnboardingInForce(t.Context(), storetest.Community1, storetest.Now)
	if err != nil {
		t.Fatal(err)
	}
	var heard sync.Map
	book = New(book.store)
	book.Evaluated = func(stage, outcome string, _ time.Duration) { heard.Store(stage+" "+outcome, true) }
	hashes := make([]string, 32)
	var group sync.WaitGroup
	for i := range hashes {
		group.Go(func() {
			evidence, err := book.EvaluateOnboarding(t.Context(), spaces.Pin, "screening", onboarding.Facts{Now: storetest.Now})
			if err != nil {
				t.Error(err)
			}
			hashes[i] = approval.ContentHash(evidence)
		})
	}
	group.Wait()
	for _, hash := range hashes {
		if hash != hashes[0] {
			t.Fatal("equal facts came to different evidence")
		}
	}
	if _, told := heard.Load("screening blocked"); !told {
		t.Error("the evaluations were not counted")
	}
}

func TestCheckReportsAndChangesNothing(t *testing.T) {
	book := shelf(t)
	wrong := text(t, "370303-zhangdian", onboarding.Procedure)
	wrong.Source = strings.Replace(wrong.Source, "needs.priority > 0", "needs.urgent > 0", 1)
	report, err := book.Check(t.Context(), wrong)
	if err != nil || report.OK || len(report.Problems) != 1 || report.Problems[0].Line == 0 {
		t.Errorf("a misspelt fact: %+v, %v", report, err)
	}
	good := text(t, "370305-linzi", onboarding.Procedure)
	report, err = book.Check(t.Context(), good)
	if err != nil || !report.OK || report.ID != "370305/onboarding" || len(report.Warnings) != 0 {
		t.Errorf("Linzi's set: %+v, %v", report, err)
	}
	if _, err := book.RuleSet(t.Context(), onboarding.Procedure, "370305", 0); approval.CodeOf(err) != approval.NotFound {
		t.Errorf("after checking it is stored: %v", err)
	}
	if sets, err := book.RuleSets(t.Context(), ""); err != nil || len(sets) != 4 {
		t.Errorf("%d sets, %v", len(sets), err)
	}
}
