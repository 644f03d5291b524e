package contract

import (
	"time"

	"linli/approval"
)

// Terms are what a case fills the templates with. Texts are Chinese and stand
// in the documents as they are; the procedure words what its own codes mean.
type Terms struct {
	Operator    Operator     `json:"operator"`
	Community   string       `json:"community"`   // 淄博市张店区某街道某社区居民委员会
	Subdistrict string       `json:"subdistrict"` // 某街道办事处
	Fund        string       `json:"fund"`        // the community's fund
	Charity     string       `json:"charity"`     // holds the fund's money
	Space       Space        `json:"space"`
	FirstDay    string       `json:"first_day"` // civil, 2006-01-02
	LastDay     string       `json:"last_day"`  // included
	Services    []Service    `json:"services"`
	Duties      []string     `json:"duties,omitempty"` // public-benefit duties
	Share       string       `json:"share"`            // in words, e.g. 年度利润的30%
	Reporting   string       `json:"reporting"`        // 按月 or 按季度
	Deposit     approval.Fen `json:"deposit"`          // 0 = none
	// Rules are absent from agreements drawn before they stated them.
	Rules *Rules `json:"rules,omitempty"`
}

// Rules are the numbers of the case's pinned rules that the operating agreement
// promises. A mark is of 100 points.
type Rules struct {
	Good              int64 `json:"good"`               // mark from which the operator has priority in renewal
	Pass              int64 `json:"pass"`               // mark below which an evaluation is failed
	Failures          int   `json:"failures"`           // failed evaluations in a row that end the agreement
	RectificationDays int   `json:"rectification_days"` // working days
	RenewalDays       int   `json:"renewal_days"`       // calendar days before the term ends
	ReportDays        int   `json:"report_days"`        // working days after a period
	DonationDays      int   `json:"donation_days"`      // working days after a report is confirmed
}

// Operator is the operator as the agreements name it.
type Operator struct {
	Name           string `json:"name"`
	CreditCode     string `json:"credit_code"`
	Representative string `json:"representative"` // 法定代表人或负责人
}

// Space is what is let.
type Space struct {
	Name  string   `json:"name"`
	Place string   `json:"place,omitempty"` // address
	Rooms []string `json:"rooms,omitempty"`
	Area  int64    `json:"area"` // dm²
	Use   string   `json:"use,omitempty"`
}

// Service is one service with its price and what older residents pay less.
type Service struct {
	Name       string       `json:"name"`
	Class      string       `json:"class,omitempty"` // 公益, 低偿 or 市场化
	Price      approval.Fen `json:"price"`           // 0 = free
	Unit       string       `json:"unit,omitempty"`  // per what, e.g. 份
	Discount60 int64        `json:"discount_60"`     // whole percent off, residents of 60 and older
	Discount80 int64        `json:"discount_80"`     // whole percent off, residents of 80 and older
}

// The limits of what fits a document.
const (
	maxWords    = 200
	maxServices = 50
	maxDuties   = 20
	maxRooms    = 50
	// maxYears is the longest term a lease may have (Civil Code art. 705).
	maxYears = 20
)

// Validate refuses terms a document cannot state or the law does not allow.
func (t Terms) Validate() error {
	for _, text := range []struct{ value, field string }{
		{t.Operator.Name, "operator/name"}, {t.Operator.CreditCode, "operator/credit_code"}, {t.Operator.Representative, "operator/representative"},
		{t.Community, "community"}, {t.Subdistrict, "subdistrict"}, {t.Fund, "fund"}, {t.Charity, "charity"},
		{t.Space.Name, "space/name"}, {t.Share, "share"}, {t.Reporting, "reporting"},
	} {
		if err := approval.Between(text.value, 1, maxWords, text.field); err != nil {
			return err
		}
	}
	if t.Space.Area <= 0 {
		return approval.Errorf(approval.Invalid, "面积须大于零。", "The area is above zero.").At("space/area")
	}
	if t.Deposit < 0 {
		return approval.Errorf(approval.Invalid, "保证金不能为负。", "A deposit is not negative.").At("deposit")
	}
	if err := t.Rules.validate(); err != nil {
		return err
	}
	if len(t.Services) == 0 || len(t.Services) > maxServices || len(t.Duties) > maxDuties || len(t.Space.Rooms) > maxRooms {
		return approval.Errorf(approval.Invalid, "服务须为1至%[1]d项，公益义务不超过%[2]d项，房间不超过%[3]d间。",
			"There are 1 to %[1]d services, at most %[2]d duties and at most %[3]d rooms.", maxServices, maxDuties, maxRooms).At("services")
	}
	for _, service := range t.Services {
		if err := service.validate(); err != nil {
			return err
		}
	}
	_, _, err := t.days()
	return err
}

// validate refuses a rule without its number: the agreement would promise none.
func (r *Rules) validate() error {
	if r == nil {
		return nil
	}
	days := min(r.RectificationDays, r.RenewalDays, r.ReportDays, r.DonationDays)
	if r.Good < r.Pass || r.Good > 100 || r.Pass < 1 || r.Failures < 1 || days < 1 {
		return approval.Errorf(approval.Invalid, "规则的考核分数线或者期限缺失，不能写入协议。", "A mark or a period of the rules is missing; the agreement cannot state it.").At("rules")
	}
	return nil
}

func (s Service) validate() error {
	if err := approval.Between(s.Name, 1, maxWords, "services/name"); err != nil {
		return err
	}
	if s.Price < 0 || s.Discount60 < 0 || s.Discount60 > 100 || s.Discount80 < 0 || s.Discount80 > 100 {
		return approval.Errorf(approval.Invalid, "价格不能为负，优惠须为0至100。", "A price is not negative and a discount is 0 to 100 percent.").At("services")
	}
	return nil
}

// days are the first and the last day of the term.
func (t Terms) days() (first, last time.Time, err error) {
	if first, err = approval.CivilDate(t.FirstDay, "first_day"); err != nil {
		return first, last, err
	}
	if last, err = approval.CivilDate(t.LastDay, "last_day"); err != nil {
		return first, last, err
	}
	switch {
	case last.Before(first):
		return first, last, approval.Errorf(approval.Invalid, "终止日期早于起始日期。", "The last day lies before the first.").At("last_day")
	case !last.Before(first.AddDate(maxYears, 0, 0)):
		return first, last, approval.Errorf(approval.Invalid, "租赁期限不得超过%[1]d年（民法典第七百零五条）。", "A term has at most %[1]d years (Civil Code art. 705).", maxYears).At("last_day")
	}
	return first, last, nil
}
