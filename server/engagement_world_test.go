package server_test

import (
	"time"

	"linli/approval"
	"linli/approval/approvaltest"
	"linli/approval/engagement"
	"linli/approval/onboarding"
)

// handedOver is a handover list both sides agree on.
func handedOver(at time.Time) onboarding.Checklist {
	list, err := onboarding.Draw(onboarding.Inventory{SpaceID: "sp-1", Name: "示范一社区助餐点", Rooms: []string{"厨房"}}, []onboarding.Item{
		{Kind: onboarding.ItemAsset, Name: "冰箱", Room: "厨房", Unit: "台", Quantity: 1},
		{Kind: onboarding.ItemMeter, Name: "电表", Unit: "kWh", Quantity: 1}, {Kind: onboarding.ItemKeys, Name: "钥匙", Unit: "把", Quantity: 2},
		{Kind: onboarding.ItemFire, Name: "灭火器", Unit: "具", Quantity: 2}, {Kind: onboarding.ItemPhoto, Name: "照片", Quantity: 4},
	}, "p_handler", at)
	if err != nil {
		panic(err)
	}
	list.Confirm(onboarding.Giving, asListed(list), "p_handler", at)
	list.Confirm(onboarding.Receiving, asListed(list), "p_operator", at)
	return list
}

// asListed are readings of a side that finds everything as the list has it, the
// meter included.
func asListed(list onboarding.Checklist) []onboarding.Reading {
	readings := approvaltest.AsListed(list)
	for i, item := range list.Items {
		if item.Kind == onboarding.ItemMeter {
			readings[i].Meter = 12_345
		}
	}
	return readings
}

// engagementStart is an engagement of example operators.
func engagementStart(onboardingCase, fund string, scope approval.Scope, at time.Time) engagement.Start {
	return engagement.Start{
		CaseID: engagement.ID(onboardingCase), Onboarding: onboardingCase, Scope: scope, Opener: "p_handler", People: []string{"p_operator"},
		Operator: onboarding.Operator{ID: "op-1", Name: "示例助餐服务部", CreditCode: "92370303QW0000129A", Kind: "sole_trader"},
		Space:    onboarding.Space{ID: "sp-1", Number: 7, Name: "示范一社区助餐点", Area: 3800}, HoldKey: onboardingCase + "/space/1", FundID: fund,
		Services: []onboarding.Service{{Name: "老年午餐", Kind: onboarding.Meals, Class: onboarding.LowCharge, Price: 1_500, Unit: "份", Over60: 10, Over80: 15}},
		Share:    onboarding.Share{Kind: onboarding.ProfitPercent, Percent: 30, Period: onboarding.Monthly},
		StartsOn: "2026-01-01", EndsOn: "2027-12-31", Handover: handedOver(at), RepairDays: 30, MaxMonths: 36,
		Parameters: onboarding.EngagementParameters{
			ReportMonths: 3, ReportDays: 10, ConfirmDays: 5, DonationDays: 10, Excellent: 90, Good: 75, Pass: 60, EvaluationDays: 15,
			RectificationDays: 30, FailuresToExit: 2, RenewalNoticeDays: 60, HandbackDays: 10,
		},
		OpenedAt: at,
	}
}

// engagementView is such an engagement as lists show it, under any case id.
func engagementView(caseID string, scope approval.Scope, at time.Time) engagement.View {
	view := engagement.New(engagementStart("c_any", "fd", scope, at)).View(1)
	view.CaseID = caseID
	return view
}
