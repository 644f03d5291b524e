package onboarding_test

import (
	"slices"
	"testing"
	"time"

	"linli/approval"
	"linli/approval/onboarding"
)

func TestTheOutcomeOfACallNamesTheRankedAndCountsTheOthers(t *testing.T) {
	s := onboarding.NewCall(onboarding.CallStart{CaseID: "call1", Scope: community, Opener: "sec", OpenedAt: opened})
	for _, report := range []onboarding.Report{
		{Status: onboarding.Scored, Candidate: onboarding.Candidate{CaseID: "a", Operator: "示例甲部", Result: onboarding.Result{Counted: 3, Sum: 24_000}}},
		{Status: onboarding.Scored, Candidate: onboarding.Candidate{CaseID: "b", Operator: "示例乙部", Result: onboarding.Result{Counted: 3, Sum: 27_000}}},
		{Status: onboarding.Left, Candidate: onboarding.Candidate{CaseID: "c", Operator: "示例丙部"}},
	} {
		s.Hear(report)
	}
	s.Close([]string{"a", "b", "c"}, opened)
	s.Award(opened)
	for caseID, status := range map[string]onboarding.ReportStatus{"b": onboarding.Left, "a": onboarding.TakenOver} {
		s.Hear(onboarding.Report{Status: status, Candidate: onboarding.Candidate{CaseID: caseID}})
	}
	s.CloseAward(opened)
	outcome := s.Outcome()
	want := []approval.CallRank{{Rank: 1, Operator: "示例乙部", Score: "90.00"}, {Rank: 2, Operator: "示例甲部", Score: "80.00", TookOver: true}}
	if outcome.Status != approval.Completed || outcome.Applied != 3 || !slices.Equal(outcome.Ranked, want) {
		t.Errorf("got %+v", outcome)
	}
}

func TestWhyACallWasWithdrawnStaysInTheOffice(t *testing.T) {
	s := onboarding.NewCall(onboarding.CallStart{CaseID: "call1", Scope: community, Opener: "sec", OpenedAt: opened})
	s.End(approval.Withdrawn, "张三来电要求撤回", opened)
	if outcome := s.Outcome(); outcome.Reason != "" || outcome.Status != approval.Withdrawn {
		t.Errorf("got %+v", outcome)
	}
}

func TestACallAsksForWhatItsRulesAskForOnThisSpace(t *testing.T) {
	view := onboarding.CallView{Call: onboarding.Call{
		Title: "示范招引", Space: onboarding.Space{Name: "示范阵地", Area: 3_800}, ServiceKinds: []onboarding.ServiceKind{onboarding.Meals}, DeadlineAt: opened.Add(time.Hour),
	}, Parameters: parameters()}
	view.Parameters.Licences = []onboarding.LicenceNeed{
		{Service: onboarding.AnyService, AnyOf: []string{"registration"}},
		{Service: "meals", AnyOf: []string{"food_licence", "small_catering"}, AreaBelow: 5_000},
		{Service: "meals", AnyOf: []string{"food_licence"}, AreaFrom: 5_000},
		{Service: "childcare", AnyOf: []string{"childcare_filing"}},
	}
	view.Parameters.Share = []onboarding.ShareFloor{{Kind: "profit_percent", Minimum: 20}, {Kind: "fixed_per_year", Minimum: 300_000}, {Kind: "in_kind_hours", Minimum: 96}}
	notice := view.Notice()
	said := func(demand int) (all []string) {
		for _, ask := range notice.Asked[demand].Asks {
			all = append(all, ask.ZH)
		}
		return all
	}
	if got := said(0); !slices.Equal(got, []string{"营业执照或登记证书", "社区助餐：食品经营许可证或小餐饮登记证"}) {
		t.Errorf("licences %q", got)
	}
	if got := said(1); !slices.Equal(got, []string{"利润的20%", "每年3,000.00元", "每年公益服务96小时"}) {
		t.Errorf("shares %q", got)
	}
	if len(notice.Items) != 2 || !notice.Open(opened) || notice.Open(opened.Add(time.Hour)) {
		t.Errorf("items %+v, open %v", notice.Items, notice.Open(opened))
	}
}
