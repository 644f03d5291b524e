package funduse

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"linli/approval"
)

// Category is what the money is for.
type Category string

// The categories; the first four are those named in Zibo's practice.
const (
	Repair    Category = "repair"    // 修缮改造
	Visit     Category = "visit"     // 走访慰问
	Service   Category = "service"   // 购买服务
	Event     Category = "event"     // 活动筹办
	Micro     Category = "micro"     // 微改造
	Emergency Category = "emergency" // 应急救助
)

// Categories lists every category with its display name.
var Categories = []struct {
	Category Category
	Name     approval.Text
}{
	{Repair, approval.Text{ZH: "修缮改造", EN: "repair and conversion"}},
	{Visit, approval.Text{ZH: "走访慰问", EN: "visits and relief"}},
	{Service, approval.Text{ZH: "购买服务", EN: "purchase of services"}},
	{Event, approval.Text{ZH: "活动筹办", EN: "community event"}},
	{Micro, approval.Text{ZH: "微改造", EN: "micro-renewal"}},
	{Emergency, approval.Text{ZH: "应急救助", EN: "emergency aid"}},
}

// Line is one budget line. Amount is fen.
type Line struct {
	Item   string       `json:"item"`
	Amount approval.Fen `json:"amount"`
}

// Payee is who gets the money. The account number itself never enters a
// history: the case carries its last four digits and a keyed digest, the
// payment activity reads the number from the database.
type Payee struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	Bank          string `json:"bank"`
	AccountMasked string `json:"account_masked"` // e.g. "**** 1234"
	AccountDigest string `json:"account_digest"` // HMAC-SHA256 under the deployment's key, hex
}

// Attachment is a stored document.
type Attachment = approval.Attached

// Proposal is what a community asks for; its content hash is what every
// ballot and approval names.
type Proposal struct {
	Title         string       `json:"title"`
	Category      Category     `json:"category"`
	Purpose       string       `json:"purpose"`
	Amount        approval.Fen `json:"amount"`
	Lines         []Line       `json:"lines"`
	FundID        string       `json:"fund_id"`
	EarmarkID     string       `json:"earmark_id,omitempty"`    // directed donation to spend from; "" = unrestricted money
	DonorConsent  bool         `json:"donor_consent,omitempty"` // donor agreed to a use outside the earmark
	Payee         Payee        `json:"payee"`
	Needs         []string     `json:"needs,omitempty"` // ids of the need items it answers
	Beneficiaries int          `json:"beneficiaries"`   // persons or households; names stay in the masked attachment
	StartsOn      string       `json:"starts_on"`       // civil date, ISO
	EndsOn        string       `json:"ends_on"`
	Attachments   []Attachment `json:"attachments,omitempty"`
}

const (
	maxTitleRunes   = 80
	maxPurposeRunes = 2000
	maxLines        = 100
)

// Validate refuses a proposal that is malformed whatever the district's rules
// say. Lines must add up to the amount to the fen.
func (p Proposal) Validate() error {
	if n := utf8.RuneCountInString(p.Title); n > maxTitleRunes || strings.TrimSpace(p.Title) == "" {
		return approval.Errorf(approval.Invalid, "标题须为1至%[1]d个字。", "The title must have 1 to %[1]d characters.", maxTitleRunes).At("title")
	}
	if n := utf8.RuneCountInString(p.Purpose); n > maxPurposeRunes || strings.TrimSpace(p.Purpose) == "" {
		return approval.Errorf(approval.Invalid, "用途说明须为1至%[1]d个字。", "The purpose must have 1 to %[1]d characters.", maxPurposeRunes).At("purpose")
	}
	if !p.Category.known() {
		return approval.Errorf(approval.Invalid, "没有“%[1]s”这一用款类别。", "There is no category %[1]q.", p.Category).At("category")
	}
	if err := p.Amount.Validate("amount"); err != nil {
		return err
	}
	if err := p.validateLines(); err != nil {
		return err
	}
	if p.Beneficiaries < 0 {
		return approval.Errorf(approval.Invalid, "受益人数不能为负。", "The number of beneficiaries cannot be negative.").At("beneficiaries")
	}
	return p.validateDates()
}

func (p Proposal) validateLines() error {
	if len(p.Lines) == 0 || len(p.Lines) > maxLines {
		return approval.Errorf(approval.Invalid, "预算明细须有1至%[1]d行。", "The budget must have 1 to %[1]d lines.", maxLines).At("lines")
	}
	total := approval.Fen(0)
	for i, line := range p.Lines {
		if strings.TrimSpace(line.Item) == "" {
			return approval.Errorf(approval.Invalid, "预算第%[1]d行缺少名称。", "Budget line %[1]d has no item.", i+1).At(fmt.Sprintf("lines/%d/item", i))
		}
		if err := line.Amount.Validate(fmt.Sprintf("lines/%d/amount", i)); err != nil {
			return err
		}
		var err error
		if total, err = approval.Add(total, line.Amount); err != nil {
			return err
		}
	}
	if total != p.Amount {
		return approval.Errorf(approval.Invalid, "预算明细合计%[1]s元,与申请金额%[2]s元不符。", "The budget lines add up to %[1]s yuan, the amount is %[2]s yuan.", total.Yuan(), p.Amount.Yuan()).At("lines")
	}
	return nil
}

func (p Proposal) validateDates() error {
	starts, err := time.Parse(time.DateOnly, p.StartsOn)
	if err != nil {
		return approval.Errorf(approval.Invalid, "开始日期须写成2026-01-31的样式。", "The start date must look like 2026-01-31.").At("starts_on")
	}
	ends, err := time.Parse(time.DateOnly, p.EndsOn)
	if err != nil {
		return approval.Errorf(approval.Invalid, "结束日期须写成2026-01-31的样式。", "The end date must look like 2026-01-31.").At("ends_on")
	}
	if ends.Before(starts) {
		return approval.Errorf(approval.Invalid, "结束日期不能早于开始日期。", "The project cannot end before it starts.").At("ends_on")
	}
	return nil
}

// Months counts the calendar months the project spans, rounded up, so that
// "longer than six months" (Charity Law art. 79) is Months > 6.
func (p Proposal) Months() int { return approval.MonthsSpanned(p.StartsOn, p.EndsOn) }

// Hash is the content hash of the proposal.
func (p Proposal) Hash() string { return approval.ContentHash(p) }

func (c Category) known() bool {
	for _, known := range Categories {
		if known.Category == c {
			return true
		}
	}
	return false
}
