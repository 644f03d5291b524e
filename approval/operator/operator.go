package operator

import (
	"slices"
	"strings"
	"time"

	"linli/approval"
)

// Operator is a firm or body that runs services in a community's space, as
// registered. One credit code is one operator, in the whole city.
type Operator struct {
	ID string `json:"id"`
	Details
	Scope        approval.Scope  `json:"scope"` // where it was registered: who corrects it
	Version      int             `json:"version"`
	Doubts       []approval.Text `json:"doubts,omitempty"` // of the credit code, confirmed by code_reason
	RegisteredAt time.Time       `json:"registered_at"`
	RegisteredBy string          `json:"registered_by"`
	ChangedAt    time.Time       `json:"changed_at"`
	ChangedBy    string          `json:"changed_by"`
}

// Details is what is stated of an operator, at registration and at every
// correction. Numbers of identity papers are refused wherever they stand.
type Details struct {
	Name                string              `json:"name"`
	CreditCode          approval.CreditCode `json:"credit_code"`
	CodeReason          string              `json:"code_reason,omitempty"` // why a doubtful code was confirmed
	NameReason          string              `json:"name_reason,omitempty"` // why a name like another operator's was confirmed
	Kind                Kind                `json:"kind"`
	LegalRepresentative string              `json:"legal_representative"`
	FoundedOn           string              `json:"founded_on,omitempty"` // civil date; "" = not stated
	Address             string              `json:"address,omitempty"`
	Contact             string              `json:"contact,omitempty"`
	Phone               string              `json:"phone,omitempty"` // of the contact; see Seen
}

// Change is a correction of a registered operator. Version is the one the
// caller saw: if somebody was faster, the change is refused.
type Change struct {
	Details
	Version int    `json:"version"`
	Reason  string `json:"reason"`
}

const (
	maxName    = 80
	maxPerson  = 40
	maxAddress = 120
	maxReason  = 200
)

// Validate refuses details that are malformed, and a doubtful credit code
// without a reason.
func (d Details) Validate(now time.Time) error {
	if err := d.CreditCode.Validate("credit_code"); err != nil {
		return err
	}
	if _, known := registrars[d.Kind]; !known {
		return approval.Errorf(approval.Invalid, "没有“%[1]s”这种主体类型。", "There is no kind of operator %[1]q.", d.Kind).At("kind")
	}
	for _, text := range []struct {
		value       string
		least, most int
		field       string
	}{
		{d.Name, 2, maxName, "name"},
		{d.LegalRepresentative, 1, maxPerson, "legal_representative"},
		{d.Address, 0, maxAddress, "address"},
		{d.Contact, 0, maxPerson, "contact"},
		{d.CodeReason, 0, maxReason, "code_reason"},
		{d.NameReason, 0, maxReason, "name_reason"},
	} {
		if err := approval.Plain(text.value, text.least, text.most, text.field); err != nil {
			return err
		}
	}
	if err := approval.ValidatePhone(d.Phone, "phone"); err != nil {
		return err
	}
	if d.FoundedOn != "" {
		if err := founded(d.FoundedOn, now); err != nil {
			return err
		}
	}
	if doubts := d.doubts(); len(doubts) > 0 && strings.TrimSpace(d.CodeReason) == "" {
		return approval.AskConfirmation(doubts, "code_reason")
	}
	return nil
}

// founded takes dates before 2000 too, other than what happened in Linli.
func founded(date string, now time.Time) error {
	day, err := approval.CivilDate(date, "founded_on")
	if err != nil {
		return err
	}
	if day.After(now) || day.Year() < 1949 {
		return approval.Errorf(approval.Invalid, "成立日期不能晚于今天。", "The founding date cannot lie after today.").At("founded_on")
	}
	return nil
}

// registrars is how credit codes of each legal form begin (GB 32100-2015).
var registrars = map[Kind]string{
	Company: "91", SoleTrader: "92", Cooperative: "93", ServiceBody: "52", Association: "51", Institution: "12",
}

func (d Details) doubts() []approval.Text {
	doubts := d.CreditCode.Doubts()
	if want := registrars[d.Kind]; d.CreditCode.Registrar() != want {
		doubts = append(doubts, approval.Text{
			ZH: "该主体类型的统一社会信用代码通常以" + want + "开头。",
			EN: "Credit codes of this kind of operator usually begin with " + want + ".",
		})
	}
	return doubts
}

// Doubtful says what about the credit code does not fit, for reading.
func (d Details) Doubtful() []approval.Text { return d.doubts() }

// MayRegister refuses a person who is neither handler nor administrator at the
// scope an operator is registered at.
func MayRegister(by approval.Person, scope approval.Scope) error {
	return approval.Permit(by, scope, approval.Handler, approval.Administrator)
}

// MayChange refuses a person who is no handler or administrator of the
// operator's own district: the register is the city's, its upkeep the
// district's.
func (o Operator) MayChange(by approval.Person) error {
	if o.upkeep(by, approval.Handler, approval.Administrator) {
		return nil
	}
	return approval.Errorf(approval.Forbidden, "只有登记地区县的社区经办人或管理员可以更正运营主体档案。",
		"Only a handler or an administrator of the operator's own district corrects its entry.")
}

// MayLink refuses a person who may not say who acts for the operator: an
// administrator or a secretary of its district may.
func (o Operator) MayLink(by approval.Person) error {
	if o.upkeep(by, approval.Secretary, approval.Administrator) {
		return nil
	}
	return approval.Errorf(approval.Forbidden, "只有登记地区县的社区书记或管理员可以指定运营主体的经办人员。",
		"Only a secretary or an administrator of the operator's own district says who acts for it.")
}

// upkeep: the person holds a role in the operator's district, at whatever
// level, or above it.
func (o Operator) upkeep(by approval.Person, roles ...approval.Role) bool {
	district := o.Scope.Up(approval.District)
	return slices.ContainsFunc(by.Grants, func(g approval.Grant) bool {
		return slices.Contains(roles, g.Role) && (g.Scope.Contains(o.Scope) || district.Contains(g.Scope))
	})
}

// Seen is the operator as a person reads it: the phone in full for those who
// keep the entry or act for the operator, masked for everybody else.
func (o Operator) Seen(by approval.Person, actsForIt bool) Operator {
	if !actsForIt && !o.upkeep(by, approval.Handler, approval.Secretary, approval.Administrator) {
		o.Phone = approval.MaskPhone(o.Phone)
	}
	return o
}

// Filter narrows a list of operators; empty fields do not.
type Filter struct {
	Search  string // in the name, or the whole credit code
	ActsFor string // the person acts for it now
}

// Validate refuses a correction nobody explains.
func (c Change) Validate(now time.Time) error {
	if err := approval.Plain(c.Reason, 1, maxReason, "reason"); err != nil {
		return err
	}
	return c.Details.Validate(now)
}
