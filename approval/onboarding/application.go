package onboarding

import (
	"fmt"
	"slices"
	"time"

	"linli/approval"
)

// Application is what an operator asks for (准入申请); its content hash is what
// every review, score and notice names. What it says of operator, space,
// licences and papers comes from the register, not from the applicant.
type Application struct {
	Title        string              `json:"title"`
	Operator     Operator            `json:"operator"`
	Space        Space               `json:"space"`
	CallID       string              `json:"call_id,omitempty"` // the call it answers; "" = applied for directly
	Summary      string              `json:"summary"`
	Services     []Service           `json:"services"`
	Share        Share               `json:"share"`
	StartsOn     string              `json:"starts_on"` // civil date, first day of the term
	EndsOn       string              `json:"ends_on"`   // civil date, last day of the term
	FitOut       FitOut              `json:"fit_out"`
	RunningCost  approval.Fen        `json:"running_cost,omitempty"` // per year: what of site, water, power and heating the operator bears
	Keeps        []string            `json:"keeps,omitempty"`        // codes of functions it keeps up for the residents
	Needs        []string            `json:"needs,omitempty"`        // ids of the need items it answers
	Licences     []Licence           `json:"licences,omitempty"`
	Undertakings []Undertaking       `json:"undertakings,omitempty"`
	Attachments  []approval.Attached `json:"attachments,omitempty"`
	Takeover     *Takeover           `json:"takeover,omitempty"` // an existing contract; nil = an application for admission
}

// Operator is who applies, as registered on that day.
type Operator struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	CreditCode string `json:"credit_code"` // unified social credit code
	Kind       string `json:"kind"`
}

// Space is what is asked for, as registered on that day.
type Space struct {
	ID     string `json:"id"`
	Number int32  `json:"number"` // what an allocation names
	Name   string `json:"name"`
	Area   int64  `json:"area"` // usable, dm² (100 = 1 m²)
}

// Licence is one paper of the operator's on file, as the application names it.
type Licence struct {
	ID         string `json:"id"`
	Kind       string `json:"kind"` // see operator.LicenceKinds
	Number     string `json:"number"`
	ValidUntil string `json:"valid_until,omitempty"` // civil date, last valid day; "" = without end
}

// FitOut is what the operator builds at its own cost; a zero cost is none.
// Works above 300,000 yuan or 300 m² want a fire design filing in Shandong
// (a parameter of the district's rules).
type FitOut struct {
	Cost  approval.Fen `json:"cost"`
	Area  int64        `json:"area"` // dm²
	Works string       `json:"works,omitempty"`
}

// Undertaking is a promise the applicant signs with the application (承诺书).
// Which of them are asked for is the district's choice.
type Undertaking string

// The undertakings.
const (
	UndertakeUse     Undertaking = "use"     // 用途不变
	UndertakePrice   Undertaking = "price"   // 兑现价格与优惠
	UndertakeSafety  Undertaking = "safety"  // 消防、食品安全
	UndertakeNoLet   Undertaking = "no_let"  // 不转租转让
	UndertakeReports Undertaking = "reports" // 按期报送收支
	UndertakeCare    Undertaking = "care"    // 公益服务时长
)

// Undertakings lists every undertaking with its display name (sample list).
var Undertakings = []struct {
	Undertaking Undertaking
	Name        approval.Text
}{
	{UndertakeUse, approval.Text{ZH: "不改变阵地公益用途", EN: "the space keeps its public use"}},
	{UndertakePrice, approval.Text{ZH: "兑现公示价格与优惠", EN: "prices and discounts as published"}},
	{UndertakeSafety, approval.Text{ZH: "落实消防与食品安全责任", EN: "fire and food safety"}},
	{UndertakeNoLet, approval.Text{ZH: "不转租、转借阵地", EN: "no sub-letting"}},
	{UndertakeReports, approval.Text{ZH: "按期报送收支与反哺金额", EN: "reports and share on time"}},
	{UndertakeCare, approval.Text{ZH: "提供约定的公益服务时长", EN: "the agreed hours of free service"}},
}

// MaxTermYears is how long a lease may last (Civil Code art. 705).
const MaxTermYears = 20

const (
	maxTitleRunes   = 80
	maxSummaryRunes = 2000
	maxServices     = 50
	maxPapers       = 100
	maxArea         = 10_000_000
)

// Validate refuses an application that is malformed whatever the district's
// rules say.
func (a Application) Validate() error {
	if err := approval.Between(a.Title, 1, maxTitleRunes, "title"); err != nil {
		return err
	}
	if err := approval.Between(a.Summary, 1, maxSummaryRunes, "summary"); err != nil {
		return err
	}
	if err := validateTerm(a.StartsOn, a.EndsOn); err != nil {
		return err
	}
	for _, check := range []func() error{a.validateParties, func() error { return ValidateServices(a.Services) }, a.Share.Validate, a.validateCosts, a.validateLists, a.validateTakeover} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (a Application) validateParties() error {
	if a.Operator.ID == "" {
		return approval.Errorf(approval.Invalid, "须写明运营主体。", "Name the operator.").At("operator_id")
	}
	if err := approval.CreditCode(a.Operator.CreditCode).Validate("operator/credit_code"); err != nil {
		return err
	}
	if a.Space.ID == "" || a.Space.Number < 1 || a.Space.Area < 0 {
		return approval.Errorf(approval.Invalid, "须写明所申请的阵地。", "Name the space applied for.").At("space_id")
	}
	return nil
}

// ValidateServices refuses a list that is empty or too long, and services that
// are malformed or named twice. Fields are named "services/2/price".
func ValidateServices(services []Service) error {
	if len(services) == 0 || len(services) > maxServices {
		return approval.Errorf(approval.Invalid, "服务项目须有1至%[1]d项。", "There are 1 to %[1]d services.", maxServices).At("services")
	}
	for i, service := range services {
		if err := service.validate(fmt.Sprintf("services/%d", i)); err != nil {
			return err
		}
		if slices.ContainsFunc(services[:i], func(s Service) bool { return s.Name == service.Name }) {
			return approval.Errorf(approval.Invalid, "服务项目“%[1]s”重复。", "The service %[1]q is named twice.", service.Name).At(fmt.Sprintf("services/%d/name", i))
		}
	}
	return nil
}

// validateTerm refuses a term that is none or longer than a lease may be.
func validateTerm(startsOn, endsOn string) error {
	starts, err := approval.CivilDate(startsOn, "starts_on")
	if err != nil {
		return err
	}
	ends, err := approval.CivilDate(endsOn, "ends_on")
	if err != nil {
		return err
	}
	if ends.Before(starts) {
		return approval.Errorf(approval.Invalid, "期限的最后一日不能早于第一日。", "The term cannot end before it starts.").At("ends_on")
	}
	if !ends.Before(starts.AddDate(MaxTermYears, 0, 0)) {
		return approval.Errorf(approval.Invalid, "期限不能超过%[1]d年。", "A term has at most %[1]d years.", MaxTermYears).At("ends_on")
	}
	return nil
}

func (a Application) validateCosts() error {
	if a.FitOut.Area < 0 || a.FitOut.Area > maxArea {
		return approval.Errorf(approval.Invalid, "装修面积无效。", "The fit-out area is not valid.").At("fit_out/area")
	}
	if a.RunningCost != 0 {
		if err := a.RunningCost.Validate("running_cost"); err != nil {
			return err
		}
	}
	if a.FitOut.Cost != 0 {
		if err := a.FitOut.Cost.Validate("fit_out/cost"); err != nil {
			return err
		}
		return approval.Between(a.FitOut.Works, 1, maxSummaryRunes, "fit_out/works")
	}
	return approval.Between(a.FitOut.Works, 0, maxSummaryRunes, "fit_out/works")
}

func (a Application) validateLists() error {
	if len(a.Needs) > maxPapers || len(a.Licences) > maxPapers || len(a.Attachments) > maxPapers {
		return approval.Errorf(approval.Invalid, "需求、证照和附件各不超过%[1]d项。", "There are at most %[1]d needs, licences and papers each.", maxPapers).At("attachments")
	}
	if i := repeatedAt(a.Needs); i >= 0 {
		return approval.Errorf(approval.Invalid, "需求“%[1]s”为空或重复。", "The need %[1]q is empty or named twice.", a.Needs[i]).At(fmt.Sprintf("needs/%d", i))
	}
	if i := repeatedAt(a.Keeps); i >= 0 || len(a.Keeps) > maxPapers {
		return approval.Errorf(approval.Invalid, "承诺保留的功能为空、重复或过多。", "The functions to be kept are empty, named twice or too many.").At("keeps")
	}
	if i := repeatedAt(a.Undertakings); i >= 0 {
		return approval.Errorf(approval.Invalid, "承诺“%[1]s”为空或重复。", "The undertaking %[1]q is empty or given twice.", a.Undertakings[i]).At(fmt.Sprintf("undertakings/%d", i))
	}
	for i, given := range a.Undertakings {
		if !given.known() {
			return approval.Errorf(approval.Invalid, "没有“%[1]s”这项承诺。", "There is no undertaking %[1]q.", given).At(fmt.Sprintf("undertakings/%d", i))
		}
	}
	for i, licence := range a.Licences {
		if err := licence.validate(fmt.Sprintf("licences/%d", i)); err != nil {
			return err
		}
	}
	return nil
}

// Current refuses what has run out by now: a licence that has expired, a term
// that has begun, or one that is over where an existing contract is taken over.
func (a Application) Current(now time.Time) error {
	for i, licence := range a.Licences {
		if licence.ValidUntil != "" && !now.Before(lastInstant(licence.ValidUntil)) {
			return approval.Errorf(approval.Invalid, "证照“%[1]s”已于%[2]s到期。", "The licence %[1]q expired on %[2]s.", licence.Number, licence.ValidUntil).At(fmt.Sprintf("licences/%d", i))
		}
	}
	if a.Takeover != nil {
		return a.Takeover.current(a, now)
	}
	if !now.Before(lastInstant(a.StartsOn)) {
		return approval.Errorf(approval.Invalid, "期限的第一日%[1]s已过。", "The first day of the term, %[1]s, has passed.", a.StartsOn).At("starts_on")
	}
	return nil
}

func (l Licence) validate(field string) error {
	if l.ID == "" || l.Kind == "" {
		return approval.Errorf(approval.Invalid, "须写明证照。", "Name the licence.").At(field)
	}
	if l.ValidUntil == "" {
		return nil
	}
	_, err := approval.CivilDate(l.ValidUntil, field+"/valid_until")
	return err
}

// repeatedAt is where a list names something empty or twice; -1 if nowhere.
func repeatedAt[T ~string](list []T) int {
	for i, item := range list {
		if item == "" || slices.Contains(list[:i], item) {
			return i
		}
	}
	return -1
}

// Months counts the calendar months of the term, rounded up.
func (a Application) Months() int {
	return approval.MonthsSpanned(a.StartsOn, a.EndsOn)
}

// Hash is the content hash of the application.
func (a Application) Hash() string { return approval.ContentHash(a) }

func (u Undertaking) known() bool { return u.name() != approval.Text{} }

func (u Undertaking) name() approval.Text {
	for _, known := range Undertakings {
		if known.Undertaking == u {
			return known.Name
		}
	}
	return approval.Text{}
}

// lastInstant is the midnight in Shanghai that ends a civil date.
func lastInstant(date string) time.Time {
	day, _ := time.ParseInLocation(time.DateOnly, date, approval.Shanghai)
	return day.AddDate(0, 0, 1)
}
