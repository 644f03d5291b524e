package funduse

import (
	"time"

	"linli/approval"
)

// RegisteredCharity hosts funds; only one qualified to raise funds from the public may
// (Charity Law arts. 22 and 26).
type RegisteredCharity struct {
	ID                string         `json:"id"`
	Scope             approval.Scope `json:"scope"`
	Name              string         `json:"name"`
	CreditCode        string         `json:"credit_code"`
	PublicFundraising bool           `json:"public_fundraising"`
	RegisteredAt      time.Time      `json:"registered_at"`
}

// NewCharity is what an administrator states to register one.
type NewCharity struct {
	Scope             approval.Scope `json:"scope"`
	Name              string         `json:"name"`
	CreditCode        string         `json:"credit_code"`
	PublicFundraising bool           `json:"public_fundraising"`
}

// Fund is one community's separate account with a charity.
type Fund struct {
	ID          string         `json:"id"`
	Scope       approval.Scope `json:"scope"`
	Name        string         `json:"name"`
	CharityID   string         `json:"charity_id"`
	CharityName string         `json:"charity_name"`
	AgreementNo string         `json:"agreement_no"`         // the agreement between community and charity
	Households  int64          `json:"households,omitempty"` // of the community when the fund was opened; 0 = not stated
	OpenedAt    time.Time      `json:"opened_at"`
	Balance     Balance        `json:"balance"`
}

// NewFund is what opens a fund. Opening is money the charity already holds
// for the community, booked as the first transaction; 0 books none.
type NewFund struct {
	Scope       approval.Scope `json:"scope"`
	Name        string         `json:"name"`
	CharityID   string         `json:"charity_id"`
	AgreementNo string         `json:"agreement_no"`
	Households  int64          `json:"households,omitempty"`
	Opening     approval.Fen   `json:"opening_amount,omitempty"`
}

// Balance is where a fund's money stands at one time, in fen.
type Balance struct {
	Available approval.Fen     `json:"available"` // unrestricted money no case holds
	Earmarked approval.Fen     `json:"earmarked"` // directed donations no case holds
	Reserved  approval.Fen     `json:"reserved"`  // held by open cases
	Transit   approval.Fen     `json:"transit"`   // sent to the bank, not yet confirmed
	Earmarks  []EarmarkBalance `json:"earmarks"`
	At        time.Time        `json:"at"`
}

// Total is all the money of the fund, whoever it is promised to.
func (b Balance) Total() approval.Fen { return b.Available + b.Earmarked + b.Reserved + b.Transit }

// EarmarkBalance is one directed donation and what is left of it, in fen.
type EarmarkBalance struct {
	ID         string       `json:"id"`
	Purpose    string       `json:"purpose"`
	Categories []Category   `json:"categories"` // what the donor allows; empty = any
	Available  approval.Fen `json:"available"`
}

// Entry is one booked transaction; its lines add up to zero.
type Entry struct {
	ID       string      `json:"id"`
	Number   int64       `json:"number"` // counts from 1 within the fund, without gaps
	Kind     string      `json:"kind"`
	CaseID   string      `json:"case_id,omitempty"`
	Memo     string      `json:"memo,omitempty"`
	Reverses string      `json:"reverses,omitempty"` // id of the entry it undoes
	At       time.Time   `json:"at"`
	By       string      `json:"by"`
	Lines    []EntryLine `json:"lines"`
}

// EntryLine is one posting: positive into the account, negative out of it.
type EntryLine struct {
	Account   string       `json:"account"` // kind of account
	EarmarkID string       `json:"earmark_id,omitempty"`
	PayeeID   string       `json:"payee_id,omitempty"`
	Amount    approval.Fen `json:"amount"`
}

const (
	maxNameRunes = 80
	maxCodeBytes = 40
	maxMemoRunes = 200
)

// Validate refuses a charity that is not fully named.
func (c NewCharity) Validate() error {
	if c.Scope.Level() == approval.NoLevel {
		return approval.Errorf(approval.Invalid, "行政区划路径无效。", "The scope is not valid.").At("scope")
	}
	if err := approval.Between(c.Name, 1, maxNameRunes, "name"); err != nil {
		return err
	}
	return approval.CreditCode(c.CreditCode).Validate("credit_code")
}

// Validate refuses a fund of anything but a community, unnamed, without its
// agreement, or opened with an impossible amount.
func (f NewFund) Validate() error {
	if f.Scope.Level() != approval.Community {
		return approval.Errorf(approval.Invalid, "基金应设在社区一级。", "A fund belongs to a community.").At("scope")
	}
	if err := approval.Between(f.Name, 1, maxNameRunes, "name"); err != nil {
		return err
	}
	if err := approval.Between(f.AgreementNo, 1, maxCodeBytes, "agreement_no"); err != nil {
		return err
	}
	if f.Households < 0 {
		return approval.Errorf(approval.Invalid, "户数不能为负。", "The number of households cannot be negative.").At("households")
	}
	if f.Opening == 0 {
		return nil
	}
	return f.Opening.Validate("opening_amount")
}
