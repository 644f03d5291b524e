package operator

import (
	"fmt"
	"strings"
	"time"

	"linli/approval"
)

// CreditCheck is one look at the public lists: where, when, and everything that
// was found. A check without entries says that nothing was found. The latest
// check counts; earlier ones stay on record.
type CreditCheck struct {
	ID string `json:"id"`
	NewCreditCheck
	RecordedAt time.Time `json:"recorded_at"`
	RecordedBy string    `json:"recorded_by"`
}

// NewCreditCheck is what whoever looked records.
type NewCreditCheck struct {
	Source       string        `json:"source"`     // such as the national enterprise credit publicity system
	CheckedOn    string        `json:"checked_on"` // civil date
	Entries      []CreditEntry `json:"entries"`
	AttachmentID string        `json:"attachment_id,omitempty"` // a print of what was seen
}

// CreditEntry is one listing that was found.
type CreditEntry struct {
	List      CreditList `json:"list"`
	Subject   Subject    `json:"subject"`
	Name      string     `json:"name,omitempty"` // of the person listed; "" for the operator itself
	ListedOn  string     `json:"listed_on"`
	RemovedOn string     `json:"removed_on,omitempty"` // "" = still listed
	Note      string     `json:"note,omitempty"`
}

// Subject is whom an entry is about.
type Subject string

// The subjects of entries.
const (
	SubjectOperator       Subject = "operator"
	SubjectRepresentative Subject = "representative" // 法定代表人或负责人
	SubjectShareholder    Subject = "shareholder"
	SubjectController     Subject = "controller" // 实际控制人
)

const maxEntries = 50

// Validate refuses a check without source, in the future, or with an entry that
// is not clear.
func (c NewCreditCheck) Validate(now time.Time) error {
	if err := approval.Plain(c.Source, 2, 80, "source"); err != nil {
		return err
	}
	if err := approval.PastDate(c.CheckedOn, now, "checked_on"); err != nil {
		return err
	}
	if len(c.Entries) > maxEntries {
		return approval.Errorf(approval.Invalid, "一次核查最多记录%[1]d条。", "A check records at most %[1]d entries.", maxEntries).At("entries")
	}
	for i, entry := range c.Entries {
		if err := entry.validate(c.CheckedOn, fmt.Sprintf("entries/%d", i)); err != nil {
			return err
		}
	}
	return nil
}

func (e CreditEntry) validate(checkedOn, field string) error {
	known := false
	for _, list := range CreditLists {
		known = known || list.List == e.List
	}
	if !known {
		return approval.Errorf(approval.Invalid, "没有“%[1]s”这份名单。", "There is no list %[1]q.", e.List).At(field + "/list")
	}
	switch e.Subject {
	case SubjectOperator, SubjectRepresentative, SubjectShareholder, SubjectController:
	default:
		return approval.Errorf(approval.Invalid, "没有“%[1]s”这类被列入对象。", "There is no subject %[1]q.", e.Subject).At(field + "/subject")
	}
	if (e.Subject == SubjectOperator) != (strings.TrimSpace(e.Name) == "") {
		return approval.Errorf(approval.Invalid, "列入对象为个人的须写明姓名，为运营主体的不写。", "Name the person listed, and nobody for the operator itself.").At(field + "/name")
	}
	if _, err := approval.CivilDate(e.ListedOn, field+"/listed_on"); err != nil {
		return err
	}
	if e.RemovedOn != "" {
		if _, err := approval.CivilDate(e.RemovedOn, field+"/removed_on"); err != nil {
			return err
		}
	}
	if e.ListedOn > checkedOn || e.RemovedOn > checkedOn || (e.RemovedOn != "" && e.RemovedOn < e.ListedOn) {
		return approval.Errorf(approval.Invalid, "列入和移出日期须先后有序且不晚于核查日期。", "Listed, removed and checked must follow each other.").At(field + "/listed_on")
	}
	if err := approval.Plain(e.Name, 0, maxPerson, field+"/name"); err != nil {
		return err
	}
	return approval.Plain(e.Note, 0, maxReason, field+"/note")
}
