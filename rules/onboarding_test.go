package rules

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"linli/approval"
	"linli/approval/funduse"
	"linli/approval/onboarding"
)

// cityText is the sample baseline with one criterion, which compiles fast;
// districtText the plainest district on it. Every case changes one thing.
func cityText(t *testing.T) string {
	t.Helper()
	head, _, _ := strings.Cut(string(sample(t, "370300/onboarding").Text()), "variables:\n")
	return head + "criteria:\n" + criterionText("block", "space.vacant")
}

func districtText(t *testing.T, city string) string {
	t.Helper()
	head, _, _ := strings.Cut(city, "criteria:\n")
	head = replace(t, head, "id: 370300/onboarding", "id: 370303/onboarding")
	return replace(t, head, `scope: "370300"`, "scope: 370300/370303\nbase: 370300/onboarding")
}

// Everything below the city's floor is refused, in the baseline and in a
// district alike (I12).
func TestFloorOfOnboarding(t *testing.T) {
	const levels, panel = "levels: [community, subdistrict]", "scorers: 3\n    drop_extremes: false"
	cases := []struct{ old, with, path string }{
		{"operator_kinds: [company, sole_trader, service_body, association, cooperative, institution]", "operator_kinds: []", "admission.operator_kinds"},
		{"operator_kinds: [company,", "operator_kinds: [company, company,", "admission.operator_kinds"},
		{"financing, gambling", "financing, lottery", "admission.negative"},
		{"undertakings: [use,", "undertakings: [hope,", "admission.undertakings"},
		{"attachments: [application, plan]", "attachments: [application, photograph]", "admission.attachments"},
		{"max_engagements: 0", "max_engagements: -1", "admission.max_engagements"},
		{"{service: any, any_of: [registration]", "{service: all, any_of: [registration]", "licences[0].service"},
		{"{service: any, any_of: [registration]", "{service: any, any_of: []", "licences[0].any_of"},
		{"{service: any, any_of: [registration]", "{service: any, any_of: [passport]", "licences[0].any_of"},
		{"[registration], area_from: 0", "[registration], area_from: -1", "licences[0].area_from"},
		{"[registration], area_from: 0, area_below: 0", "[registration], area_from: 9, area_below: 9", "licences[0].area_below"},
		{"barred: [abnormal_operations, ", "barred: [", "credit.barred"},
		{"serious_dishonesty]", "rumours]", "credit.barred"},
		{"max_age_days: 30", "max_age_days: 0", "credit.max_age_days"},
		{"max_age_days: 30", "max_age_days: 91", "credit.max_age_days"},
		{"violation_months: 36", "violation_months: 11", "credit.violation_months"},
		{"food_months: 60", "food_months: 59", "credit.food_months"},
		{"catering_months: 24", "catering_months: 23", "credit.catering_months"},
		{"max_area: 0", "max_area: -1", "space.max_area"},
		{"max_let_percent: 40", "max_let_percent: 0", "space.max_let_percent"},
		{"max_let_percent: 40", "max_let_percent: 91", "space.max_let_percent"},
		{"district_above: 60_000", "district_above: 10_000_001", "space.district_above"},
		{"fire_design_area: 30_000", "fire_design_area: -1", "space.fire_design_area"},
		{"fire_design_cost: 30_000_000", "fire_design_cost: -1", "space.fire_design_cost"},
		{"min_months: 6", "min_months: 0", "term.min_months"},
		{"max_months: 60", "max_months: 5", "term.max_months"},
		{"max_months: 60", "max_months: 241", "term.max_months"},
		{"{kind: profit_percent, minimum: 10}", "{kind: profit_percent, minimum: 4}", "share[0].minimum"},
		{"{kind: profit_percent, minimum: 10}", "{kind: profit_percent, minimum: 101}", "share[0].minimum"},
		{"{kind: in_kind_hours, minimum: 48}", "{kind: in_kind_hours, minimum: 0}", "share[4].minimum"},
		{"{kind: in_kind_hours, minimum: 48}", "{kind: thanks, minimum: 48}", "share"},
		{"{kind: in_kind_hours, minimum: 48}", "{kind: profit_percent, minimum: 48}", "share"},
		{"{required: false, minimum: 0}", "{required: true, minimum: 0}", "needs.minimum"},
		{"{required: false, minimum: 0}", "{required: false, minimum: -1}", "needs.minimum"},
		{levels, "levels: [community]", "review.levels"},
		{levels, "levels: []", "review.levels"},
		{levels, "levels: [community, subdistrict, province]", "review.levels"},
		{"use: never", "use: sometimes", "panel.use"},
		{panel, "scorers: 2\n    drop_extremes: false", "panel.scorers"},
		{panel, "scorers: 16\n    drop_extremes: false", "panel.scorers"},
		{panel, "scorers: 4\n    drop_extremes: true", "panel.scorers"},
		{"pass_mark: 60", "pass_mark: 49", "panel.pass_mark"},
		{"weight: 40}", "weight: 39}", "panel.items"},
		{"{id: price, title", "{id: service, title", "panel.items[1].id"},
		{"title: 价格与优惠", `title: ""`, "panel.items[1].title"},
		{"{days: 3", "{days: 0", "notice.days"},
		{"{days: 3", "{days: 2", "notice.days"},
		{"day_kind: calendar", "day_kind: lunar", "notice.day_kind"},
		{"answer_days: 10", "answer_days: 0", "notice.answer_days"},
		{"{correction: 5", "{correction: 0", "deadlines.correction"},
		{"desk_review: 10", "desk_review: 61", "deadlines.desk_review"},
		{"scoring: 10", "scoring: 0", "deadlines.scoring"},
		{"signing: 30", "signing: 0", "deadlines.signing"},
		{"handover: 10", "handover: -1", "deadlines.handover"},
		{"repair: 30", "repair: 61", "deadlines.repair"},
		{"report_months: 3", "report_months: 2", "engagement.report_months"},
		{"report_days: 15", "report_days: 0", "engagement.report_days"},
		{"excellent: 90", "excellent: 75", "engagement.excellent"},
		{"good: 75", "good: 60", "engagement.good"},
		{"\n    pass: 60", "\n    pass: 49", "engagement.pass"},
		{"rectification_days: 30", "rectification_days: 61", "engagement.rectification_days"},
		{"failures_to_exit: 2", "failures_to_exit: 4", "engagement.failures_to_exit"},
		{"renewal_notice_days: 60", "renewal_notice_days: 121", "engagement.renewal_notice_days"},
		{"takeover_until: 2028-12-31", "takeover_until: 2028-02-30", "takeover_until"},
		{"takeover_until: 2028-12-31", "takeover_until: 2031-01-01", "takeover_until"},
	}
	city := cityText(t)
	for _, c := range cases {
		t.Run(c.with, func(t *testing.T) {
			_, err := Compile([]byte(replace(t, city, c.old, c.with)), nil)
			blames(t, err, "parameters."+c.path)
		})
	}
}

func TestNoDistrictOfOnboardingIsLaxerThanTheCity(t *testing.T) {
	strict := cityText(t)
	for _, edit := range [][2]string{
		{"max_engagements: 0", "max_engagements: 6"}, {"max_area: 0", "max_area: 50_000"}, {"use: never", "use: calls"},
		{"scorers: 3", "scorers: 5"}, {"{required: false, minimum: 0}", "{required: true, minimum: 2}"},
		{"day_kind: calendar", "day_kind: working"}, {"{days: 3", "{days: 5"}, {"food_months: 60", "food_months: 72"},
		{"catering_months: 24", "catering_months: 36"}, {"levels: [community, subdistrict]", "levels: [community, subdistrict, district]"},
	} {
		strict = replace(t, strict, edit[0], edit[1])
	}
	city, err := Compile([]byte(strict), nil)
	if err != nil {
		t.Fatal(err)
	}
	district := replace(t, replace(t, districtText(t, strict), "sole_trader, ", ""), ", employment]", "]")
	if _, err := Compile([]byte(district), city); err != nil {
		t.Fatalf("a district on the baseline is refused:\n%v", err)
	}
	cases := []struct{ old, with, path string }{
		{"flammables, ", "", "admission.negative"},
		{"[use, price, safety,", "[use, price,", "admission.undertakings"},
		{"attachments: [application, plan]", "attachments: [plan]", "admission.attachments"},
		{"max_engagements: 6", "max_engagements: 7", "admission.max_engagements"},
		{"max_engagements: 6", "max_engagements: 0", "admission.max_engagements"},
		{"    - {service: childcare, any_of: [childcare_filing], area_from: 0, area_below: 0}\n", "", "licences"},
		{"any_of: [childcare_filing]", "any_of: [childcare_filing, registration]", "licences"},
		{"any_of: [food_licence], area_from: 5_000", "any_of: [food_licence], area_from: 5_001", "licences"},
		{"small_catering], area_from: 0, area_below: 5_000", "small_catering], area_from: 0, area_below: 4_999", "licences"},
		{"serious_dishonesty]", "spending_limit]", "credit.barred"},
		{"max_age_days: 30", "max_age_days: 31", "credit.max_age_days"},
		{"violation_months: 36", "violation_months: 35", "credit.violation_months"},
		{"food_months: 72", "food_months: 71", "credit.food_months"},
		{"catering_months: 36", "catering_months: 35", "credit.catering_months"},
		{"max_area: 50_000", "max_area: 50_001", "space.max_area"},
		{"max_area: 50_000", "max_area: 0", "space.max_area"},
		{"max_let_percent: 40", "max_let_percent: 41", "space.max_let_percent"},
		{"district_above: 60_000", "district_above: 60_001", "space.district_above"},
		{"fire_design_area: 30_000", "fire_design_area: 30_001", "space.fire_design_area"},
		{"fire_design_cost: 30_000_000", "fire_design_cost: 30_000_001", "space.fire_design_cost"},
		{"max_months: 60", "max_months: 61", "term.max_months"},
		{"{kind: profit_percent, minimum: 10}", "{kind: profit_percent, minimum: 9}", "share"},
		{"{required: true, minimum: 2}", "{required: false, minimum: 2}", "needs.required"},
		{"{required: true, minimum: 2}", "{required: true, minimum: 1}", "needs.minimum"},
		{"subdistrict, district]", "subdistrict]", "review.levels"},
		{"use: calls", "use: never", "panel.use"},
		{"scorers: 5", "scorers: 4", "panel.scorers"},
		{"pass_mark: 60", "pass_mark: 59", "panel.pass_mark"},
		{"{days: 5", "{days: 4", "notice.days"},
		{"day_kind: working", "day_kind: calendar", "notice.day_kind"},
		{"answer_days: 10", "answer_days: 11", "notice.answer_days"},
		{"repair: 30", "repair: 31", "deadlines.repair"},
		{"filing_days: 5", "filing_days: 4", "reconsideration.filing_days"},
		{"  reconsideration: {filing_days: 5, answer_days: 3} # working days\n", "", "reconsideration.filing_days"},
		{"5, answer_days: 3", "5, answer_days: 4", "reconsideration.answer_days"},
		{"excellent: 90", "excellent: 89", "engagement.excellent"},
		{"good: 75", "good: 74", "engagement.good"},
		{"\n    pass: 60", "\n    pass: 59", "engagement.pass"},
		{"rectification_days: 30", "rectification_days: 31", "engagement.rectification_days"},
		{"failures_to_exit: 2", "failures_to_exit: 3", "engagement.failures_to_exit"},
		{"takeover_until: 2028-12-31", "takeover_until: 2029-01-01", "takeover_until"},
	}
	tried := map[string]bool{ // a narrower city than the sample one is tried below
		"admission.operator_kinds": true, "admission.service_kinds": true, "engagement.report_months": true,
	}
	for _, c := range cases {
		tried[c.path] = true
		t.Run(c.with, func(t *testing.T) {
			_, err := Compile([]byte(replace(t, district, c.old, c.with)), city)
			blames(t, err, "parameters."+c.path)
		})
	}
	for _, direction := range admission.directions {
		if (direction.laxer != nil) != tried[direction.path] {
			t.Errorf("%s: has a direction %v, is tried %v", direction.path, direction.laxer != nil, tried[direction.path])
		}
	}
	narrow := replace(t, replace(t, replace(t, strict, "cooperative, institution]", "cooperative]"), ", employment]", "]"), "report_months: 3", "report_months: 1")
	narrowCity, err := Compile([]byte(narrow), nil)
	if err != nil {
		t.Fatal(err)
	}
	plain := districtText(t, narrow)
	for _, c := range []struct{ old, with, path string }{
		{"cooperative]", "cooperative, institution]", "admission.operator_kinds"},
		{"hairdressing, parcel]", "hairdressing, parcel, employment]", "admission.service_kinds"},
		{"report_months: 1", "report_months: 3", "engagement.report_months"},
	} {
		_, err := Compile([]byte(replace(t, plain, c.old, c.with)), narrowCity)
		blames(t, err, "parameters."+c.path)
	}
}

// No file can leave out or rewrite that letting a space keeps the required
// functions.
func TestRequiredFunctionsAreAlwaysRetained(t *testing.T) {
	for _, file := range sampleFiles(t) {
		if file.Set.Procedure() == onboarding.Procedure && file.Set.Criteria()[0].ID != "functions_retained" {
			t.Errorf("%s begins with %s", file.Path, file.Set.Criteria()[0].ID)
		}
	}
	const own = "criteria:\n  - {id: functions_retained, title: x, stage: screening, severity: warn, require: space.vacant}\n"
	city := cityText(t)
	_, err := Compile([]byte(replace(t, city, "criteria:\n", own)), nil)
	blames(t, err, "criteria[0].id")
	_, err = Compile([]byte(districtText(t, city)+own), sample(t, "370300/onboarding"))
	blames(t, err, "criteria[0].id")
	_, err = Compile([]byte(districtText(t, city)+"raise:\n  - {criterion: functions_retained, severity: review}\n"), sample(t, "370300/onboarding"))
	blames(t, err, "raise[0].severity")
}

// What belongs to one procedure is refused by the other.
func TestProceduresDoNotMix(t *testing.T) {
	set := sample(t, "370303/onboarding")
	if _, err := set.Evaluate(t.Context(), StageScreening, goodFacts()); approval.CodeOf(err) != approval.RuleInvalid {
		t.Errorf("facts of fund use: %v", err)
	}
	if _, err := set.Evaluate(t.Context(), StageCharity, onboarding.Facts{Now: time.Now()}); approval.CodeOf(err) != approval.Invalid {
		t.Errorf("a stage of fund use: %v", err)
	}
	if _, err := Parameters[funduse.Parameters](set); approval.CodeOf(err) != approval.RuleInvalid {
		t.Errorf("parameters of fund use: %v", err)
	}
	for name, source := range map[string]string{
		"another base":      replace(t, districtText(t, cityText(t)), "base: 370300/onboarding", "base: 370300/funduse"),
		"the right base id": districtText(t, cityText(t)),
	} {
		_, err := Compile([]byte(source), sample(t, "370300/funduse"))
		t.Run(name, func(t *testing.T) { blames(t, err, "base") })
	}
	_, err := Compile([]byte(replace(t, cityText(t), "procedure: onboarding", "procedure: welcome")), nil)
	var problems Problems
	if !errors.As(err, &problems) || problems[0].Path != "id" && problems[0].Path != "procedure" {
		t.Errorf("an unknown procedure: %v", err)
	}
	if _, err := RunTests(sample(t, "370303/funduse"), []byte(smallOnboardingTests)); approval.CodeOf(err) != approval.RuleInvalid {
		t.Errorf("tests of onboarding on a set of fund use: %v", err)
	}
}

const smallOnboardingTests = "facts: {application: {term_months: 12}}\ntests: []\n"

// The words of onboarding are linted inside loops too.
func TestLintOfOnboardingWords(t *testing.T) {
	district := replace(t, districtText(t, cityText(t)), ", employment]", "]")
	cases := []struct{ require, message string }{
		{`services.all(s, s.kind != "canteen")`, `no kind of service "canteen"`},
		{`services.exists(s, s.kind in ["meals", "employment"])`, `"employment" is not allowed`},
		{`services.all(s, !("loud_music" in s.activities))`, `no activity "loud_music"`},
		{`services.exists(s, s.class == "free")`, `no class of service "free"`},
		{`operator.kind != "shop"`, `no kind of operator "shop"`},
		{`operator.licences.exists(l, l.kind == "diploma")`, `no licence "diploma"`},
		{`operator.licences.all(l, l.status == "fine")`, `no licence status "fine"`},
		{`credit.entries.all(e, e.list != "gossip")`, `no credit list "gossip"`},
		{`application.share.kind != "thanks"`, `no kind of share "thanks"`},
		{`operator.credit_code != "wrong"`, `no result of a credit code check "wrong"`},
	}
	for _, c := range cases {
		t.Run(c.require, func(t *testing.T) {
			source := district + "criteria:\n" + criterionText("warn", c.require)
			set, err := Compile([]byte(source), sample(t, "370300/onboarding"))
			if err != nil {
				t.Fatal(err)
			}
			problems := Lint(set)
			if len(problems) != 1 || problems[0].Path != "criteria[0].require" || !strings.Contains(problems[0].Message.EN, c.message) {
				t.Errorf("want one problem about %q, got %v", c.message, problems)
			}
		})
	}
	set, err := Compile([]byte(district), sample(t, "370300/onboarding"))
	if err != nil || Lint(set) != nil {
		t.Errorf("a plain district: %v, %v", err, Lint(set))
	}
}

// canteen passes in Zhangdian: the facts its scenarios share.
func canteen(t *testing.T) onboarding.Facts {
	t.Helper()
	for _, file := range sampleFiles(t) {
		if file.Set.ID() == "370303/onboarding" {
			scenarios, err := parseScenarios(admission, file.Tests)
			if err != nil {
				t.Fatal(err)
			}
			return *scenarios.Tests[0].Facts.(*onboarding.Facts)
		}
	}
	t.Fatal("Zhangdian has no scenarios")
	return onboarding.Facts{}
}

// The golden file is what an applicant is shown: a canteen whose licence has
// run out, whose owner stands on a list, that offers too little and would take
// the place of the only reading room.
func TestEvidenceOfOnboardingReadsWell(t *testing.T) {
	facts := canteen(t)
	facts.Operator.Licences[1].Status = "expired"
	facts.Operator.LastScoreKnown, facts.Operator.LastScore = true, 58
	facts.Credit.Entries = []onboarding.CreditFact{{List: "judgment_defaulter", Subject: "representative", Active: true, MonthsAgo: 4}}
	facts.Application.Share.Value, facts.Application.Area = 10, 4_000
	facts.Space.RetainedFunctions = []string{"day_care", "meals_point"}
	facts.Needs.Listed = false
	readsLike(t, evaluate(t, sample(t, "370303/onboarding"), StageScreening, facts), "testdata/zhangdian-canteen.golden")
}

// Nobody is admitted of whom nothing is known, in any district; and whatever
// single fact is not known, a case that passed with it does not pass without.
func TestNothingKnownAdmitsNobody(t *testing.T) {
	for _, file := range sampleFiles(t) {
		if file.Set.Procedure() != onboarding.Procedure {
			continue
		}
		evidence := evaluate(t, file.Set, StageScreening, onboarding.Facts{Now: time.Date(2026, 3, 10, 1, 0, 0, 0, time.UTC)})
		if evidence.Outcome != approval.OutcomeBlocked {
			t.Errorf("%s: with nothing known the outcome is %s", file.Path, evidence.Outcome)
		}
	}
	set := sample(t, "370303/onboarding")
	for name, forget := range map[string]func(f *onboarding.Facts){
		"credit":    func(f *onboarding.Facts) { f.Credit = onboarding.CreditFacts{} },
		"relations": func(f *onboarding.Facts) { f.Operator.RelationsChecked = false },
		"functions": func(f *onboarding.Facts) { f.Space.FunctionsKnown = false },
		"needs":     func(f *onboarding.Facts) { f.Needs = onboarding.NeedFacts{} },
		"areas":     func(f *onboarding.Facts) { f.Community.AreasKnown = false },
	} {
		facts := canteen(t)
		if evidence := evaluate(t, set, StageScreening, facts); evidence.Outcome != approval.OutcomePass {
			t.Fatalf("the canteen does not pass: %v", evidence.Failed())
		}
		forget(&facts)
		if evidence := evaluate(t, set, StageScreening, facts); evidence.Outcome != approval.OutcomeMissing {
			t.Errorf("without %s the outcome is %s", name, evidence.Outcome)
		}
	}
}

// The largest application the procedure accepts is evaluated within the cost
// limit in every district.
func TestTheLargestApplicationIsAffordable(t *testing.T) {
	facts := canteen(t)
	long := strings.Repeat("长", 40)
	service := facts.Services[0]
	service.Name, service.Activities = long, wordsIn(activities)
	facts.Services = slices.Repeat([]onboarding.ServiceFact{service}, 50)
	facts.Operator.Licences = slices.Repeat([]onboarding.LicenceFact{{Kind: "housekeeping_staff", Status: "valid", DaysLeft: 400}}, 100)
	facts.Credit.Entries = slices.Repeat([]onboarding.CreditFact{{List: "catering_revoked", Subject: "representative", Active: true, MonthsAgo: 30}}, 50)
	facts.Space.RequiredFunctions, facts.Space.RetainedFunctions = wordsIn(functions), wordsIn(functions)
	facts.Application.FitOut = true
	facts.Application.AttachmentKinds = slices.Repeat([]string{"credit_report"}, 100)
	facts.Call = onboarding.CallFacts{Present: true, InTime: true, ServiceKinds: wordsIn(services)}
	for _, file := range sampleFiles(t) {
		if file.Set.Procedure() != onboarding.Procedure {
			continue
		}
		spent := uint64(0)
		for _, f := range evaluate(t, file.Set, StageScreening, facts).Findings {
			spent += f.Cost
			if f.Verdict == approval.FindingError {
				t.Errorf("%s: %s: %s", file.Path, f.ID, f.Message)
			}
		}
		t.Logf("%s costs %d of %d", file.Path, spent, SetCostLimit)
	}
}

// Whether existing contracts are taken over is the district's choice; a last
// day before the set is in force is a mistake.
func TestTheLastDayToTakeContractsOver(t *testing.T) {
	city := cityText(t)
	for _, c := range []struct {
		with, until string
		problems    int
	}{
		{"", "", 0}, {"takeover_until: 2026-01-01", "2026-01-01", 0}, {"takeover_until: 2025-12-31", "2025-12-31", 1},
	} {
		set, err := Compile([]byte(replace(t, city, "takeover_until: 2028-12-31", c.with)), nil)
		if err != nil {
			t.Fatal(err)
		}
		if until := set.source.Parameters.(*onboarding.Parameters).TakeoverUntil; until != c.until {
			t.Errorf("%q: until %q", c.with, until)
		}
		found := 0
		for _, problem := range Lint(set) {
			if problem.Path == "parameters.takeover_until" && strings.Contains(problem.Message.EN, "no existing contract") {
				found++
			}
		}
		if found != c.problems {
			t.Errorf("%q: %d problems of it, want %d", c.with, found, c.problems)
		}
	}
	for id, until := range map[string]string{"370303/onboarding": "2028-06-30", "370322/onboarding": ""} {
		if got := sample(t, id).source.Parameters.(*onboarding.Parameters).TakeoverUntil; got != until {
			t.Errorf("%s takes contracts over until %q, want %q", id, got, until)
		}
	}
}
