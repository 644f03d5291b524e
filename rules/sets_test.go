package rules

import (
	"fmt"
	"reflect"
	"sync"
	"testing"

	"linli/approval"
	"linli/approval/funduse"
	"linli/approval/onboarding"
	"linli/examples"
)

// Sets are immutable: what is compiled once serves every test.
var samples = sync.OnceValues(func() ([]File, error) { return LoadFiles(examples.RuleSets) })

// sampleFiles are the embedded sample sets; every test that needs a realistic
// set takes it from here.
func sampleFiles(t testing.TB) []File {
	t.Helper()
	files, err := samples()
	if err != nil {
		t.Fatalf("loading the sample sets:\n%v", err)
	}
	return files
}

func sample(t testing.TB, id string) *Set {
	t.Helper()
	for _, file := range sampleFiles(t) {
		if file.Set.ID() == id {
			return file.Set
		}
	}
	t.Fatalf("there is no sample set %s", id)
	return nil
}

func TestSampleSetsPassTheirOwnTests(t *testing.T) {
	for _, file := range sampleFiles(t) {
		t.Run(file.Path, func(t *testing.T) {
			results, err := RunTests(file.Set, file.Tests)
			if err != nil {
				t.Fatal(err)
			}
			for _, result := range results {
				for _, failure := range result.Failures {
					t.Errorf("%s (%s): %s", result.Name, result.Stage, failure.EN)
				}
			}
		})
	}
}

// A district reads its tests to see what its rules do: every outcome in each
// set of onboarding; and in either procedure some test meets each criterion and
// some does not. (Where the city switches a criterion off, a district shows it.)
func TestSampleTestsShowEveryOutcome(t *testing.T) {
	seen := map[string]bool{}
	for _, file := range sampleFiles(t) {
		results, err := RunTests(file.Set, file.Tests)
		if err != nil {
			t.Fatal(err)
		}
		outcomes := map[approval.Outcome]bool{}
		for _, result := range results {
			outcomes[result.Evidence.Outcome] = true
			for _, f := range result.Evidence.Findings {
				seen[file.Set.Procedure()+" "+f.ID+" "+string(f.Verdict)] = true
			}
		}
		if file.Set.Procedure() == onboarding.Procedure && len(outcomes) != 4 {
			t.Errorf("%s: the tests come to %v only", file.Path, outcomes)
		}
	}
	for _, file := range sampleFiles(t) {
		for _, c := range file.Set.criteria {
			for _, verdict := range []approval.FindingVerdict{approval.FindingOK, approval.FindingFail} {
				if key := file.Set.Procedure() + " " + c.ID + " " + string(verdict); c.own && !seen[key] {
					t.Errorf("%s: no test comes to %s", file.Path, key)
				}
			}
		}
	}
}

func TestSampleSetsHaveNothingToLint(t *testing.T) {
	for _, file := range sampleFiles(t) {
		for _, problem := range Lint(file.Set) {
			t.Errorf("%s:%s", file.Path, problem)
		}
	}
}

func TestSampleSetsCoverZibo(t *testing.T) {
	var want []string
	for _, procedure := range Procedures() {
		for _, code := range []string{"370300", "370302", "370303", "370304", "370305", "370306", "370321", "370322", "370323"} {
			want = append(want, code+"/"+procedure)
		}
	}
	files := sampleFiles(t)
	if len(files) != len(want) {
		t.Fatalf("there are %d sample sets, want %d", len(files), len(want))
	}
	for i, file := range files {
		if file.Set.ID() != want[i] {
			t.Errorf("set %d is %s, want %s", i, file.Set.ID(), want[i])
		}
		if !file.Set.Sample() || file.Set.Notice() != "示例数值，非官方" {
			t.Errorf("%s does not say that its numbers are invented", file.Path)
		}
		if file.Tests == nil {
			t.Errorf("%s has no tests beside it", file.Path)
		}
	}
}

// Two districts that differ in nothing would show nothing.
func TestAnyTwoDistrictsDiffer(t *testing.T) {
	files := sampleFiles(t)
	for i, a := range files {
		for _, b := range files[:i] {
			if a.Set.Procedure() != b.Set.Procedure() {
				continue
			}
			if reflect.DeepEqual(a.Set.source.Parameters, b.Set.source.Parameters) {
				t.Errorf("%s and %s have the same parameters", a.Path, b.Path)
			}
			if reflect.DeepEqual(ownCriteria(a.Set), ownCriteria(b.Set)) {
				t.Errorf("%s and %s have the same criteria", a.Path, b.Path)
			}
		}
	}
}

func ownCriteria(s *Set) (own []string) {
	for _, c := range s.criteria {
		if c.own {
			own = append(own, c.ID)
		}
	}
	return own
}

// The numbers the demonstration and its documentation rely on.
func TestZhangdianIsTheDemoSet(t *testing.T) {
	p, err := Parameters[funduse.Parameters](sample(t, "370303/funduse"))
	if err != nil {
		t.Fatal(err)
	}
	vote := p.Committee.BallotRules()
	if vote.MinEligible != 3 || vote.Quorum != (approval.Ratio{Num: 2, Den: 3}) || vote.PassBase != approval.OfEligible || !vote.PassStrict ||
		vote.Pass != (approval.Ratio{Num: 1, Den: 2}) {
		t.Errorf("the vote is %+v", vote)
	}
	if p.Notice.Days != 5 || p.Notice.DayKind != approval.WorkingDays {
		t.Errorf("the notice is %+v", p.Notice)
	}
	if p.Limits.SubdistrictAbove != 500_000 || p.Limits.DistrictAbove != 3_000_000 || p.Charity.TwoOfficersAbove != 5_000_000 {
		t.Errorf("the thresholds are %+v %+v", p.Limits, p.Charity)
	}
}

// What the districts of onboarding must differ in for the samples to show
// anything.
func TestDistrictsOfOnboardingDiffer(t *testing.T) {
	seen := map[string]map[string]bool{}
	note := func(what string, value any) {
		if seen[what] == nil {
			seen[what] = map[string]bool{}
		}
		seen[what][fmt.Sprint(value)] = true
	}
	for _, file := range sampleFiles(t) {
		if file.Set.Procedure() != onboarding.Procedure || file.Set.Base() == nil {
			continue
		}
		p, err := Parameters[onboarding.Parameters](file.Set)
		if err != nil {
			t.Fatal(err)
		}
		note("notice days", p.Notice.Days)
		note("day kinds", p.Notice.DayKind)
		note("terms", p.Term.MaxMonths)
		note("shares", p.Share)
		note("needs", p.Needs)
		note("negative lists", p.Admission.Negative)
		note("services", p.Admission.ServiceKinds)
		note("licences", p.Licences)
		note("area limits", p.Space.MaxArea)
		note("panels", p.Panel.Use)
		note("reviews", p.Review.Levels)
	}
	for what, least := range map[string]int{"notice days": 3, "day kinds": 2, "terms": 3, "shares": 8, "needs": 3, "negative lists": 7,
		"services": 6, "licences": 7, "area limits": 4, "panels": 3, "reviews": 2} {
		if len(seen[what]) < least {
			t.Errorf("%s: %d in use, want %d", what, len(seen[what]), least)
		}
	}
}

func TestDistrictInheritsTheCity(t *testing.T) {
	city, district := sample(t, "370300/funduse"), sample(t, "370322/funduse")
	theirs := district.Criteria()
	for i, c := range city.Criteria() {
		got := theirs[i]
		if got.ID != c.ID || got.Require != c.Require || got.From != city.ID() {
			t.Errorf("criterion %d is %s from %s, want the city's %s", i, got.ID, got.From, c.ID)
		}
		if raised := c.ID == "needs_answered"; raised != (got.Severity != c.Severity) {
			t.Errorf("%s has severity %s, the city's is %s", c.ID, got.Severity, c.Severity)
		}
	}
	if city.Criteria()[10].ID != "needs_answered" || city.Criteria()[10].Severity != approval.SeverityWarn {
		t.Errorf("raising a severity reached back into the city's set: %+v", city.Criteria()[10])
	}
	if len(district.Routing()) < len(city.Routing()) || district.Base().ID() != city.ID() {
		t.Errorf("the city's routing is not inherited")
	}
}
