package onboarding

import (
	"fmt"

	"linli/approval"
)

// Service is one thing the operator offers the residents, with its price.
type Service struct {
	Name       string       `json:"name"`
	Kind       ServiceKind  `json:"kind"`
	Class      ServiceClass `json:"class"`
	Price      approval.Fen `json:"price"`  // of one unit; 0 = free of charge
	Unit       string       `json:"unit"`   // 份, 次, 小时
	Over60     int64        `json:"over60"` // whole percent off for residents of 60 and older: 9折 is 10
	Over80     int64        `json:"over80"`
	Activities []Activity   `json:"activities,omitempty"` // what it involves that a negative list may name
	Note       string       `json:"note,omitempty"`
}

// ServiceClass is how a service is priced (公共类, 普惠类, 商业类).
type ServiceClass string

// The classes.
const (
	PublicBenefit ServiceClass = "public_benefit" // 公益
	LowCharge     ServiceClass = "low_charge"     // 低偿
	MarketRate    ServiceClass = "market_rate"    // 市场化
)

// ServiceClasses lists every class with its display name.
var ServiceClasses = []struct {
	Class ServiceClass
	Name  approval.Text
}{
	{PublicBenefit, approval.Text{ZH: "公益", EN: "public-benefit"}},
	{LowCharge, approval.Text{ZH: "低偿", EN: "low-charge"}},
	{MarketRate, approval.Text{ZH: "市场化", EN: "market-rate"}},
}

// At is the price after a discount of so many percent; what a fen cannot
// express falls to the resident.
func (s Service) At(discount int64) approval.Fen { return s.Price * approval.Fen(100-discount) / 100 }

const maxServiceName = 40

func (s Service) validate(field string) error {
	if err := approval.Between(s.Name, 1, maxServiceName, field+"/name"); err != nil {
		return err
	}
	if !s.Kind.known() {
		return approval.Errorf(approval.Invalid, "没有“%[1]s”这种服务。", "There is no kind of service %[1]q.", s.Kind).At(field + "/kind")
	}
	if !s.Class.known() {
		return approval.Errorf(approval.Invalid, "没有“%[1]s”这一服务类别。", "There is no class of service %[1]q.", s.Class).At(field + "/class")
	}
	for i, activity := range s.Activities {
		if !activity.known() {
			return approval.Errorf(approval.Invalid, "没有“%[1]s”这种经营活动。", "There is no activity %[1]q.", activity).At(fmt.Sprintf("%s/activities/%d", field, i))
		}
	}
	if s.Price != 0 {
		if err := s.Price.Validate(field + "/price"); err != nil {
			return err
		}
	}
	if err := approval.Between(s.Unit, 1, 10, field+"/unit"); err != nil {
		return err
	}
	if s.Over60 < 0 || s.Over60 > 100 {
		return approval.Errorf(approval.Invalid, "优惠须为0至100的百分比。", "A discount is 0 to 100 percent.").At(field + "/over60")
	}
	if s.Over80 < s.Over60 || s.Over80 > 100 {
		return approval.Errorf(approval.Invalid, "80岁以上的优惠不能少于60岁以上的优惠，且不超过100%%。", "The discount over 80 is at least the one over 60 and at most 100 percent.").At(field + "/over80")
	}
	return approval.Between(s.Note, 0, maxSummaryRunes, field+"/note")
}

// ShareKind is what the community's fund gets of the operation (反哺).
type ShareKind string

// The kinds of shares and the unit of their value.
const (
	ProfitPercent  ShareKind = "profit_percent"  // 利润比例: whole percent of profit
	RevenuePercent ShareKind = "revenue_percent" // 营业收入比例: whole percent of revenue
	FixedPerDay    ShareKind = "fixed_per_day"   // 每日定额: fen per day of business
	FixedPerYear   ShareKind = "fixed_per_year"  // 每年定额: fen per year
	InKindHours    ShareKind = "in_kind_hours"   // 公益服务时长: hours per year
)

// ShareKinds lists every kind with its display name.
var ShareKinds = []struct {
	Kind ShareKind
	Name approval.Text
}{
	{ProfitPercent, approval.Text{ZH: "利润比例", EN: "percent of profit"}},
	{RevenuePercent, approval.Text{ZH: "营业收入比例", EN: "percent of revenue"}},
	{FixedPerDay, approval.Text{ZH: "每日定额", EN: "fixed per day"}},
	{FixedPerYear, approval.Text{ZH: "每年定额", EN: "fixed per year"}},
	{InKindHours, approval.Text{ZH: "公益服务时长", EN: "hours in kind"}},
}

// Period is how often a share is reported.
type Period string

// The periods.
const (
	Monthly   Period = "monthly"
	Quarterly Period = "quarterly"
)

// Share is what the operator offers to give back. Exactly the number its kind
// needs is set.
type Share struct {
	Kind    ShareKind    `json:"kind"`
	Percent int64        `json:"percent,omitempty"` // of profit or revenue
	Amount  approval.Fen `json:"amount,omitempty"`  // per day of business, or per year
	Hours   int64        `json:"hours,omitempty"`   // of service in a year
	Period  Period       `json:"period"`
}

const maxHours = 10_000

// Validate refuses a share without its number, with another kind's, or out of
// range.
func (s Share) Validate() error {
	if s.Period != Monthly && s.Period != Quarterly {
		return approval.Errorf(approval.Invalid, "反哺须按月（monthly）或按季（quarterly）报送。", "A share is reported monthly or quarterly.").At("share/period")
	}
	switch s.Kind {
	case ProfitPercent, RevenuePercent:
		if s.Percent < 1 || s.Percent > 100 || s.Amount != 0 || s.Hours != 0 {
			return approval.Errorf(approval.Invalid, "此种反哺须且仅须填写1至100的比例。", "This share takes a percentage of 1 to 100 and nothing else.").At("share/percent")
		}
	case FixedPerDay, FixedPerYear:
		if s.Percent != 0 || s.Hours != 0 {
			return approval.Errorf(approval.Invalid, "此种反哺须且仅须填写金额。", "This share takes an amount and nothing else.").At("share/amount")
		}
		return s.Amount.Validate("share/amount")
	case InKindHours:
		if s.Hours < 1 || s.Hours > maxHours || s.Percent != 0 || s.Amount != 0 {
			return approval.Errorf(approval.Invalid, "此种反哺须且仅须填写每年1至%[1]d小时。", "This share takes 1 to %[1]d hours a year and nothing else.", maxHours).At("share/hours")
		}
	default:
		return approval.Errorf(approval.Invalid, "没有“%[1]s”这种反哺方式。", "There is no kind of share %[1]q.", s.Kind).At("share/kind")
	}
	return nil
}

// Value is the number of the share in the unit of its kind.
func (s Share) Value() int64 { return s.Percent + int64(s.Amount) + s.Hours }

// Text says the share in words.
func (s Share) Text() approval.Text {
	period := s.Period.name()
	say := func(zh, en string, args ...any) approval.Text {
		return approval.Text{ZH: period.ZH + fmt.Sprintf(zh, args...), EN: period.EN + " " + fmt.Sprintf(en, args...)}
	}
	switch s.Kind {
	case ProfitPercent:
		return say("反哺利润的%d%%", "%d%% of the profit", s.Percent)
	case RevenuePercent:
		return say("反哺营业收入的%d%%", "%d%% of the revenue", s.Percent)
	case FixedPerDay:
		return say("反哺每营业日%s元", "%s yuan for each day of business", s.Amount.Yuan())
	case FixedPerYear:
		return say("结算，每年反哺%s元", "paid, %s yuan a year", s.Amount.Yuan())
	}
	return say("报送，每年提供公益服务%d小时", "reported, %d hours of free service a year", s.Hours)
}

func (k ServiceKind) known() bool { return k.Name() != approval.Text{} }

// Name is the kind in words; empty if it is unknown.
func (k ServiceKind) Name() approval.Text {
	for _, known := range ServiceKinds {
		if known.Kind == k {
			return known.Name
		}
	}
	return approval.Text{}
}

func (c ServiceClass) known() bool { return c.Name() != approval.Text{} }

func (a Activity) known() bool {
	for _, known := range Activities {
		if known.Activity == a {
			return true
		}
	}
	return false
}

// Name is the class in words; empty if it is unknown.
func (c ServiceClass) Name() approval.Text {
	for _, known := range ServiceClasses {
		if known.Class == c {
			return known.Name
		}
	}
	return approval.Text{}
}

func (p Period) name() approval.Text {
	if p == Quarterly {
		return approval.Text{ZH: "按季度", EN: "quarterly"}
	}
	return approval.Text{ZH: "按月", EN: "monthly"}
}
