package onboarding_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"linli/approval"
	"linli/approval/onboarding"
)

func call() onboarding.Call {
	a := application()
	return onboarding.Call{
		Title: "示范一社区助餐点招引", Summary: "招引一家助餐服务主体", Space: a.Space, StartsOn: a.StartsOn, EndsOn: a.EndsOn,
		ServiceKinds: []onboarding.ServiceKind{onboarding.Meals}, DeadlineAt: opened.Add(10 * day),
	}
}

func newCall() *onboarding.CallState {
	return onboarding.NewCall(onboarding.CallStart{CaseID: "call1", Scope: community, Opener: "sec", Call: call(), Parameters: parameters(), OpenedAt: opened})
}

func candidate(n int, sum int64) onboarding.Candidate {
	return onboarding.Candidate{
		CaseID: fmt.Sprintf("case%d", n), Operator: fmt.Sprintf("示例主体%d", n), AppliedAt: opened.Add(time.Duration(n) * time.Minute),
		Result: onboarding.Result{Counted: 3, Sum: sum, All: 3, Total: sum, Items: []int64{sum, 0}},
	}
}

func report(n int, sum int64, status onboarding.ReportStatus) onboarding.Report {
	return onboarding.Report{Candidate: candidate(n, sum), Status: status}
}

// words renders what candidates hear: "case1 1/2 turn".
func words(s *onboarding.CallState) string {
	var said []string
	for _, told := range s.Words() {
		text := fmt.Sprintf("%s %d/%d", told.CaseID, told.Word.Place.Rank, told.Word.Place.Of)
		if told.Word.Place.Turn {
			text += " turn"
		}
		if told.Word.Over {
			text += " over"
		}
		said = append(said, text)
	}
	return strings.Join(said, ", ")
}

func TestTheReserveMovesUp(t *testing.T) {
	s := newCall()
	if s.Due(opened.Add(9*day)) || !s.Due(opened.Add(10*day)) || !s.NextAlarm().Equal(opened.Add(10*day)) {
		t.Fatal("the deadline is not the deadline")
	}
	s.Hear(report(3, 21_000, onboarding.Scored)) // a fast one reports before the deadline
	s.Close([]string{"case1", "case2", "case3", "case4"}, opened.Add(10*day))
	s.Hear(report(1, 24_000, onboarding.Scored))
	s.Hear(report(2, 0, onboarding.Left))
	if s.Judged() {
		t.Fatal("ranked before everybody was scored")
	}
	s.Hear(report(4, 27_000, onboarding.Scored))
	if !s.Judged() {
		t.Fatal("not ranked although everybody was scored or is out")
	}
	now := opened.Add(20 * day)
	s.Award(now)
	if got := words(s); got != "case4 1/3 turn, case1 2/3, case3 3/3" {
		t.Fatal(got)
	}
	s.Hear(report(4, 27_000, onboarding.Left))
	if got := words(s); got != "case1 2/3 turn, case3 3/3" || s.Decided() {
		t.Fatal(got)
	}
	s.Hear(report(1, 24_000, onboarding.TakenOver))
	s.Hear(report(1, 24_000, onboarding.Left)) // whoever has taken over stays
	if !s.Decided() {
		t.Fatal("not decided")
	}
	s.CloseAward(now)
	if got := words(s); got != "case3 3/3 over" || s.Status != approval.Completed {
		t.Fatal(got, s.Status)
	}
}

func TestACallThatFindsNobody(t *testing.T) {
	now := opened.Add(20 * day)
	empty := newCall()
	empty.Close(nil, now)
	if empty.Status != approval.Lapsed || len(empty.Words()) != 0 {
		t.Error("a call nobody answered did not lapse")
	}
	failed := newCall()
	failed.Close([]string{"case1"}, now)
	failed.Hear(report(1, 0, onboarding.Left))
	failed.Award(now)
	if failed.Status != approval.Lapsed {
		t.Error("a call nobody passed did not lapse")
	}
	allLeft := newCall()
	allLeft.Close([]string{"case1", "case2"}, now)
	allLeft.Hear(report(1, 1, onboarding.Scored))
	allLeft.Hear(report(2, 2, onboarding.Scored))
	allLeft.Award(now)
	allLeft.Hear(report(1, 1, onboarding.Left))
	allLeft.Hear(report(2, 2, onboarding.Left))
	if !allLeft.Decided() {
		t.Fatal("waits for nobody")
	}
	allLeft.CloseAward(now)
	if allLeft.Status != approval.Lapsed || allLeft.Reason == "" {
		t.Error(allLeft.Status, allLeft.Reason)
	}
}

func TestACallIsWithdrawnOrTerminated(t *testing.T) {
	for who, action := range map[string]approval.Action{"sec": approval.Withdraw, "a1": approval.Terminate} {
		s := newCall()
		s.Close([]string{"case1", "case2"}, opened.Add(10*day))
		act := approval.Act{ID: who + "/1", CaseID: "call1", Action: action, Person: cast[who], Comment: "阵地另有安排"}
		for _, task := range s.Tasks {
			if task.Offers(action) {
				act.TaskID = task.ID
			}
		}
		stranger := act
		stranger.Person = cast["h1"]
		if approval.CodeOf(s.Check(stranger, opened)) != approval.NotEligible {
			t.Error("a stranger ends a call")
		}
		if err := s.Check(act, opened); err != nil {
			t.Fatal(err)
		}
		s.Apply(act, 2, opened)
		if got := words(s); got != "case1 0/0 over, case2 0/0 over" {
			t.Error(got)
		}
	}
}

func TestMalformedCallsAndApplicationsRefused(t *testing.T) {
	for field, spoil := range map[string]func(*onboarding.Call){
		"title":           func(c *onboarding.Call) { c.Title = " " },
		"summary":         func(c *onboarding.Call) { c.Summary = "" },
		"space_id":        func(c *onboarding.Call) { c.Space = onboarding.Space{} },
		"ends_on":         func(c *onboarding.Call) { c.EndsOn = "2026-06-30" },
		"service_kinds/0": func(c *onboarding.Call) { c.ServiceKinds = []onboarding.ServiceKind{"gambling"} },
		"deadline_at":     func(c *onboarding.Call) { c.DeadlineAt = opened },
	} {
		c := call()
		spoil(&c)
		if refusal := approval.Refusal(c.Validate(opened)); refusal == nil || refusal.Field != field {
			t.Errorf("%s: got %v", field, refusal)
		}
	}
	if err := call().Validate(opened); err != nil {
		t.Error(err)
	}
	if err := call().Admits(application(), opened); err != nil {
		t.Error(err)
	}
	other, late := application(), application()
	other.Space.ID = "sp-2"
	if approval.CodeOf(call().Admits(other, opened)) != approval.Invalid || approval.CodeOf(call().Admits(late, opened.Add(10*day))) != approval.Conflict {
		t.Error("an application for another space or after the deadline is admitted")
	}
}

// TestAnyOrderOfReportsRanksAlike reports the same results in two orders: the
// ranking is the same, complete and without ties.
func TestAnyOrderOfReportsRanksAlike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var reports []onboarding.Report
		var applicants []string
		for n := range rapid.IntRange(1, 8).Draw(t, "candidates") {
			status := rapid.SampledFrom([]onboarding.ReportStatus{onboarding.Scored, onboarding.Scored, onboarding.Left}).Draw(t, "status")
			reports = append(reports, report(n, int64(rapid.IntRange(0, 3).Draw(t, "sum")), status))
			applicants = append(applicants, candidate(n, 0).CaseID)
		}
		rank := func(reports []onboarding.Report) string {
			s := newCall()
			early := len(reports) / 2
			for _, r := range reports[:early] {
				s.Hear(r)
				s.Hear(r) // delivered twice
			}
			s.Close(applicants, opened)
			for _, r := range reports[early:] {
				s.Hear(r)
			}
			if !s.Judged() {
				t.Fatal("not judged although all reported")
			}
			s.Award(opened)
			return words(s) + string(s.Status)
		}
		if a, b := rank(reports), rank(rapid.Permutation(reports).Draw(t, "other order")); a != b {
			t.Fatalf("%s\n%s", a, b)
		}
	})
}

func TestCompareResultsBreaksTiesByTheRules(t *testing.T) {
	tied := func(spoil func(*onboarding.Result)) onboarding.Result {
		r := onboarding.Result{Counted: 3, Sum: 21_000, All: 5, Total: 35_000, Items: []int64{350, 350}}
		spoil(&r)
		return r
	}
	order := []onboarding.Result{
		tied(func(r *onboarding.Result) { r.Sum++ }),
		tied(func(r *onboarding.Result) { r.Total++ }),
		tied(func(r *onboarding.Result) { r.Items = []int64{351, 349} }),
		tied(func(*onboarding.Result) {}),
		tied(func(r *onboarding.Result) { r.Counted = 4 }),
		{},
	}
	shuffled := []onboarding.Result{order[3], order[5], order[1], order[4], order[0], order[2]}
	slices.SortFunc(shuffled, onboarding.CompareResults)
	for i := range order {
		if onboarding.CompareResults(shuffled[i], order[i]) != 0 {
			t.Errorf("place %d: %+v", i+1, shuffled[i])
		}
	}
}
