package web

import (
	"fmt"
	"strings"
	"testing"

	"linli/approval"
)

func sampleCall() approval.CallNotice {
	return approval.CallNotice{
		CaseID: "call_01", Scope: "370300/370303/370303001/370303001901", ScopeNames: []string{"淄博市", "张店区", "车站街道", "示范一社区"},
		Title: "示范一社区助餐点招引（示例）", Summary: "招引助餐主体，服务老年居民。\n装修自理。", Space: "示范一社区助餐点", Area: 3_850,
		StartsOn: "2026-05-01", EndsOn: "2028-04-30", Services: []approval.Text{{ZH: "社区助餐", EN: "meals"}},
		Asked: []approval.CallDemand{
			{Name: approval.Text{ZH: "证照", EN: "Licences"}, Asks: []approval.Text{{ZH: "社区助餐：食品经营许可证或小餐饮登记证", EN: "meals: food business licence or small-catering registration"}}},
			{Name: approval.Text{ZH: "反哺（任选一种，不低于）", EN: "Share: one of, at least"}, Asks: []approval.Text{{ZH: "利润的20%", EN: "20% of the profit"}, {ZH: "每年3,000.00元", EN: "3,000.00 yuan a year"}}},
		},
		Items: []approval.CallItem{{Title: "公益与便民服务", Weight: 40}, {Title: "价格与优惠", Weight: 60}}, Pin: approval.RulePin{ID: "370303/onboarding", Version: 2},
		OpenedAt: at("2026-03-01 09:00"), DeadlineAt: at("2026-03-20 18:00"),
	}
}

func awarded() approval.CallNotice {
	call := sampleCall()
	call.ClosedAt, call.EndedAt = at("2026-03-05 18:00"), at("2026-03-08 10:00")
	call.Outcome = &approval.CallOutcome{Status: approval.Completed, Applied: 5, Ranked: []approval.CallRank{
		{Rank: 1, Operator: "示例小厨房（虚构）", Score: "91.20"}, {Rank: 2, Operator: "示例面食店（虚构）", Score: "88.05", TookOver: true},
	}}
	return call
}

func sampleCalls(frame Frame) CallList {
	list := CallList{Frame: frame, Scope: "370300/370303", Next: "abc", Cursor: "xyz",
		Path: []Place{{"370300", "淄博市"}, {"370300/370303", "张店区"}}, Below: []Place{{"370300/370303/370303001", "车站街道"}}}
	for n := range 20 {
		list.Items = append(list.Items, sampleCall())
		list.Items[n].CaseID = fmt.Sprint("call_", n)
	}
	list.Items[3] = awarded()
	return list
}

func TestACallSaysWhatIsOfferedAskedForAndHowToApply(t *testing.T) {
	open, ended := render(t, ZH)["call"], render(t, ZH)["call_awarded"]
	for _, want := range []string{
		"示范一社区助餐点", "38.50平方米", "2028-04-30", "社区助餐", "距报名截止还有 11 天", "2026年3月20日 18:00", "食品经营许可证或小餐饮登记证", "利润的20%",
		"公益与便民服务", "40%", "如何申请", "每个主体只能提交一份申请", "call_01", "370303/onboarding v2", "正在报名",
	} {
		if !strings.Contains(string(open), want) {
			t.Errorf("the call does not say %q", want)
		}
	}
	if strings.Contains(string(open), "招引结果") {
		t.Error("an open call shows an outcome")
	}
	for _, want := range []string{"招引结果", "共收到申请：5", "示例小厨房（虚构）", "88.05", "已接收阵地", "已落地", "不再受理申请"} {
		if !strings.Contains(string(ended), want) {
			t.Errorf("the ended call does not say %q", want)
		}
	}
	for page, wants := range map[string][]string{
		"call": {"11 days left to apply", "20% of the profit", "How to apply"}, "call_awarded": {"has the space", "Awarded"}, "list": {"Operators wanted", "Calls"},
	} {
		english := string(render(t, EN)[page])
		for _, want := range wants {
			if !strings.Contains(english, want) {
				t.Errorf("%s does not say %q in English", page, want)
			}
		}
	}
}
