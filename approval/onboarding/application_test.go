package onboarding_test

import (
	"testing"

	"linli/approval"
	"linli/approval/onboarding"
)

func TestAMalformedApplicationIsRefusedAtItsField(t *testing.T) {
	if err := application().Validate(); err != nil {
		t.Fatal(err)
	}
	for field, spoil := range map[string]func(*onboarding.Application){
		"title":                   func(a *onboarding.Application) { a.Title = "" },
		"summary":                 func(a *onboarding.Application) { a.Summary = " " },
		"operator_id":             func(a *onboarding.Application) { a.Operator = onboarding.Operator{} },
		"operator/credit_code":    func(a *onboarding.Application) { a.Operator.CreditCode = "92370303QW0000129I" },
		"space_id":                func(a *onboarding.Application) { a.Space.Number = 0 },
		"services":                func(a *onboarding.Application) { a.Services = nil },
		"services/0/name":         func(a *onboarding.Application) { a.Services[0].Name = "" },
		"services/0/kind":         func(a *onboarding.Application) { a.Services[0].Kind = "casino" },
		"services/0/class":        func(a *onboarding.Application) { a.Services[0].Class = "" },
		"services/0/price":        func(a *onboarding.Application) { a.Services[0].Price = -1 },
		"services/0/over60":       func(a *onboarding.Application) { a.Services[0].Over60 = 101 },
		"services/0/over80":       func(a *onboarding.Application) { a.Services[0].Over80 = 5 },
		"services/0/activities/0": func(a *onboarding.Application) { a.Services[0].Activities = []onboarding.Activity{"magic"} },
		"services/1/name":         func(a *onboarding.Application) { a.Services = append(a.Services, a.Services[0]) },
		"share/kind":              func(a *onboarding.Application) { a.Share.Kind = "" },
		"share/percent":           func(a *onboarding.Application) { a.Share.Percent = 0 },
		"share/period":            func(a *onboarding.Application) { a.Share.Period = "daily" },
		"starts_on":               func(a *onboarding.Application) { a.StartsOn = "2026-7-1" },
		"ends_on":                 func(a *onboarding.Application) { a.EndsOn = "2046-07-01" },
		"fit_out/cost":            func(a *onboarding.Application) { a.FitOut.Cost = -1 },
		"running_cost":            func(a *onboarding.Application) { a.RunningCost = -1 },
		"fit_out/works":           func(a *onboarding.Application) { a.FitOut.Cost = 1 },
		"needs/1":                 func(a *onboarding.Application) { a.Needs = []string{"n1", "n1"} },
		"undertakings/0":          func(a *onboarding.Application) { a.Undertakings = []onboarding.Undertaking{"hope"} },
		"licences/0":              func(a *onboarding.Application) { a.Licences = []onboarding.Licence{{ID: "l1"}} },
		"licences/0/valid_until":  func(a *onboarding.Application) { a.Licences[0].ValidUntil = "soon" },
	} {
		a := application()
		spoil(&a)
		if refusal := approval.Refusal(a.Validate()); refusal == nil || refusal.Code != approval.Invalid || refusal.Field != field {
			t.Errorf("%s: got %v", field, refusal)
		}
	}
}

func TestWhatHasRunOutIsRefused(t *testing.T) {
	a := application()
	a.Licences[0].ValidUntil = "2026-03-02"
	if err := a.Current(opened); err != nil {
		t.Errorf("a licence is valid on its last day: %v", err)
	}
	if refusal := approval.Refusal(a.Current(opened.AddDate(0, 0, 1))); refusal == nil || refusal.Field != "licences/0" {
		t.Errorf("an expired licence: %v", refusal)
	}
	begun := application()
	begun.StartsOn = "2026-03-01"
	if refusal := approval.Refusal(begun.Current(opened)); refusal == nil || refusal.Field != "starts_on" {
		t.Errorf("a term that has begun: %v", refusal)
	}
}

func TestShareSaysWhatItIs(t *testing.T) {
	for want, share := range map[string]onboarding.Share{
		"按月反哺利润的30%":           {Kind: onboarding.ProfitPercent, Percent: 30, Period: onboarding.Monthly},
		"按季度反哺营业收入的5%":         {Kind: onboarding.RevenuePercent, Percent: 5, Period: onboarding.Quarterly},
		"按月反哺每营业日8.00元":        {Kind: onboarding.FixedPerDay, Amount: 800, Period: onboarding.Monthly},
		"按季度结算，每年反哺12,000.00元": {Kind: onboarding.FixedPerYear, Amount: 1_200_000, Period: onboarding.Quarterly},
		"按月报送，每年提供公益服务96小时":    {Kind: onboarding.InKindHours, Hours: 96, Period: onboarding.Monthly},
	} {
		if err := share.Validate(); err != nil || share.Text().ZH != want || share.Text().EN == "" {
			t.Errorf("%q, %v", share.Text().ZH, err)
		}
		for _, spoiled := range []onboarding.Share{
			{Kind: share.Kind, Period: share.Period},
			{Kind: share.Kind, Percent: 101, Amount: 1, Hours: 1, Period: share.Period},
		} {
			if spoiled.Validate() == nil {
				t.Errorf("%+v is no share", spoiled)
			}
		}
	}
}
