package funduse

import (
	"slices"
	"strings"
	"time"

	"linli/approval"
)

// IncomeKind is where a fund's money comes from; whatever the source, it is
// booked as a donation.
type IncomeKind string

// The five kinds of income in Zibo's practice.
const (
	ResidentDonation IncomeKind = "resident_donation" // 居民捐赠
	DirectedDonation IncomeKind = "directed_donation" // 定向捐赠
	OperatorShare    IncomeKind = "operator_share"    // 运营主体反哺
	MarketIncome     IncomeKind = "market_income"     // 睦邻集市收益
	MicroBusiness    IncomeKind = "micro_business"    // 社区微业收益
)

// IncomeKinds lists every kind with its display name.
var IncomeKinds = []struct {
	Kind IncomeKind
	Name approval.Text
}{
	{ResidentDonation, approval.Text{ZH: "居民捐赠", EN: "residents' donation"}},
	{DirectedDonation, approval.Text{ZH: "定向捐赠", EN: "directed donation"}},
	{OperatorShare, approval.Text{ZH: "运营主体反哺", EN: "operator's revenue share"}},
	{MarketIncome, approval.Text{ZH: "睦邻集市收益", EN: "neighbourhood market income"}},
	{MicroBusiness, approval.Text{ZH: "社区微业收益", EN: "community micro-business income"}},
}

// Earmark is what a directed donation may be spent on.
type Earmark struct {
	Purpose    string     `json:"purpose"`
	Categories []Category `json:"categories"` // empty = any category
}

// Absence is why an income has a record instead of a receipt.
type Absence string

// A receipt is issued unless the donor is anonymous or waives it (Charity Law
// art. 38).
const (
	Issued    Absence = ""
	Anonymous Absence = "anonymous"
	Waived    Absence = "waived"
)

// Receipt is the official donation receipt (公益事业捐赠票据), or why there is
// none: then code and number are empty and Reason is not.
type Receipt struct {
	Code     string  `json:"code,omitempty"`
	Number   string  `json:"number,omitempty"`
	Item     string  `json:"item"`
	IssuedOn string  `json:"issued_on"` // civil date, ISO
	Absence  Absence `json:"absence,omitempty"`
	Reason   string  `json:"reason,omitempty"`
}

// NewIncome is what a charity officer records. Amount is fen.
type NewIncome struct {
	Kind            IncomeKind   `json:"kind"`
	Amount          approval.Fen `json:"amount"`
	Payer           string       `json:"payer,omitempty"` // "" only when anonymous
	PayerCreditCode string       `json:"payer_credit_code,omitempty"`
	Anonymous       bool         `json:"anonymous,omitempty"`
	Memo            string       `json:"memo,omitempty"`
	ReceivedOn      string       `json:"received_on"` // civil date, ISO
	Earmark         *Earmark     `json:"earmark,omitempty"`
	Receipt         Receipt      `json:"receipt"`
}

// IncomeOrder books one income; Key makes it idempotent.
type IncomeOrder struct {
	FundID string
	Key    string
	Income NewIncome
	By     string
	At     time.Time
}

// Income is a recorded income.
type Income struct {
	ID         string    `json:"id"`
	FundID     string    `json:"fund_id"`
	EarmarkID  string    `json:"earmark_id,omitempty"`
	EntryID    string    `json:"entry_id"`
	RecordedAt time.Time `json:"recorded_at"`
	RecordedBy string    `json:"recorded_by"`
	NewIncome
	Reversal *Reversal `json:"reversal,omitempty"`
}

// Reversal is how a wrong income was undone.
type Reversal struct {
	EntryID string    `json:"entry_id"`
	Reason  string    `json:"reason"`
	At      time.Time `json:"at"`
	By      string    `json:"by"`
}

// ReversalOrder undoes a wrong income as long as its money is still there.
type ReversalOrder struct {
	IncomeID string
	Key      string
	Reason   string
	By       string
	At       time.Time
}

// Validate refuses an income that is malformed, received after today
// (Shanghai), or whose receipt does not fit its donor.
func (n NewIncome) Validate(now time.Time) error {
	if !slices.ContainsFunc(IncomeKinds, func(known struct {
		Kind IncomeKind
		Name approval.Text
	}) bool {
		return known.Kind == n.Kind
	}) {
		return approval.Errorf(approval.Invalid, "没有“%[1]s”这一收入类别。", "There is no kind of income %[1]q.", n.Kind).At("kind")
	}
	if err := n.Amount.Validate("amount"); err != nil {
		return err
	}
	if err := approval.Between(n.Memo, 0, maxMemoRunes, "memo"); err != nil {
		return err
	}
	if err := approval.PastDate(n.ReceivedOn, now, "received_on"); err != nil {
		return err
	}
	for _, check := range []func() error{n.validatePayer, n.validateEarmark} {
		if err := check(); err != nil {
			return err
		}
	}
	return n.validateReceipt(now)
}

func (n NewIncome) validatePayer() error {
	gift := n.Kind == ResidentDonation || n.Kind == DirectedDonation
	switch {
	case n.Anonymous && !gift:
		return approval.Errorf(approval.Invalid, "只有捐赠可以匿名。", "Only a donation can be anonymous.").At("anonymous")
	case n.Anonymous && (n.Payer != "" || n.PayerCreditCode != ""):
		return approval.Errorf(approval.Invalid, "匿名捐赠不得记录捐赠人。", "An anonymous donation names no payer.").At("payer")
	case n.Anonymous:
		return nil
	}
	if n.PayerCreditCode != "" {
		if err := approval.CreditCode(n.PayerCreditCode).Validate("payer_credit_code"); err != nil {
			return err
		}
	}
	return approval.Between(n.Payer, 1, maxNameRunes, "payer")
}

func (n NewIncome) validateEarmark() error {
	if (n.Kind == DirectedDonation) != (n.Earmark != nil) {
		return approval.Errorf(approval.Invalid, "定向捐赠须写明用途，其他收入不得限定用途。",
			"A directed donation names its purpose, other income has none.").At("earmark")
	}
	if n.Earmark == nil {
		return nil
	}
	for i, category := range n.Earmark.Categories {
		if !category.known() || slices.Contains(n.Earmark.Categories[:i], category) {
			return approval.Errorf(approval.Invalid, "用款类别“%[1]s”不存在或重复。", "The category %[1]q is unknown or named twice.", category).At("earmark/categories")
		}
	}
	return approval.Between(n.Earmark.Purpose, 1, maxMemoRunes, "earmark/purpose")
}

func (n NewIncome) validateReceipt(now time.Time) error {
	r := n.Receipt
	if err := approval.Between(r.Item, 1, maxNameRunes, "receipt/item"); err != nil {
		return err
	}
	if err := approval.PastDate(r.IssuedOn, now, "receipt/issued_on"); err != nil {
		return err
	}
	if (r.Absence == Anonymous) != n.Anonymous {
		return approval.Errorf(approval.Invalid, "匿名捐赠不开具票据，只作记录。",
			"An anonymous donation has a record instead of a receipt.").At("receipt/absence")
	}
	switch r.Absence {
	case Issued:
		if r.Reason != "" || !plainCode(r.Code) || !plainCode(r.Number) {
			return approval.Errorf(approval.Invalid, "开具票据须填写票据代码和号码，不填未开具原因。",
				"A receipt has a code and a number, and no reason for its absence.").At("receipt/code")
		}
		return nil
	case Anonymous, Waived:
		if r.Code != "" || r.Number != "" {
			return approval.Errorf(approval.Invalid, "未开具票据时不得填写票据代码和号码。",
				"Without a receipt there is no code and no number.").At("receipt/code")
		}
		return approval.Between(r.Reason, 1, maxMemoRunes, "receipt/reason")
	}
	return approval.Errorf(approval.Invalid, "未开具票据的原因应为 anonymous 或 waived。",
		"A receipt is absent because the donor is anonymous or waived it.").At("receipt/absence")
}

// plainCode holds for one to forty digits or letters.
func plainCode(code string) bool {
	return code != "" && len(code) <= maxCodeBytes && strings.IndexFunc(code, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) < 0
}

// Validate refuses a reversal without a reason.
func (o ReversalOrder) Validate() error {
	if strings.TrimSpace(o.Reason) == "" {
		return approval.Errorf(approval.CommentRequired, "冲正须说明理由。", "A reversal needs a reason.").At("reason")
	}
	return approval.Between(o.Reason, 1, maxMemoRunes, "reason")
}
