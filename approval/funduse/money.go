package funduse

import (
	"time"

	"linli/approval"
)

// ReserveOrder puts money of a fund aside for a case. Key makes it idempotent.
type ReserveOrder struct {
	Key       string       `json:"key"`
	CaseID    string       `json:"case_id"`
	FundID    string       `json:"fund_id"`
	EarmarkID string       `json:"earmark_id,omitempty"`
	Amount    approval.Fen `json:"amount"`
	At        time.Time    `json:"at"`
}

// ReleaseOrder gives back what a case still holds; nothing held is no error.
type ReleaseOrder struct {
	Key    string    `json:"key"`
	CaseID string    `json:"case_id"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// SendOrder marks the held money of a case as on its way to the bank.
// Key is the payment attempt's key, the same the bank gets.
type SendOrder struct {
	Key     string       `json:"key"`
	CaseID  string       `json:"case_id"`
	PayeeID string       `json:"payee_id"`
	Amount  approval.Fen `json:"amount"`
	Gateway string       `json:"gateway"` // manual, http
	Maker   string       `json:"maker"`   // person ids: maker and checker differ (I5)
	Checker string       `json:"checker"`
	At      time.Time    `json:"at"`
}

// SettleOrder books a payment the bank confirmed; at most one per case (I2).
type SettleOrder struct {
	Key           string    `json:"key"` // the attempt's key
	CaseID        string    `json:"case_id"`
	BankReference string    `json:"bank_reference"`
	At            time.Time `json:"at"`
}

// ReturnOrder takes money on its way back into the reserve after the bank
// definitely refused the attempt.
type ReturnOrder struct {
	Key    string    `json:"key"` // the attempt's key
	CaseID string    `json:"case_id"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// RefundOrder books money that came back from the payee: unused, or recovered
// after an upheld objection. Never more than was paid and not yet returned.
type RefundOrder struct {
	Key           string       `json:"key"`
	CaseID        string       `json:"case_id"`
	Amount        approval.Fen `json:"amount"`
	BankReference string       `json:"bank_reference"`
	At            time.Time    `json:"at"`
}

// FactQuestion names what facts about money are asked for.
type FactQuestion struct {
	CaseID    string         `json:"case_id"`
	Scope     approval.Scope `json:"scope"`
	FundID    string         `json:"fund_id"`
	EarmarkID string         `json:"earmark_id,omitempty"`
	PayeeID   string         `json:"payee_id"`
	At        time.Time      `json:"at"`
}

// MoneyFacts answers a FactQuestion. What the case itself holds in reserve
// counts as available to it.
type MoneyFacts struct {
	Fund      FundFacts      `json:"fund"`
	Earmark   EarmarkFacts   `json:"earmark"`
	Payee     PayeeFacts     `json:"payee"`
	Community CommunityFacts `json:"community"`
}

// PayeeAccount is a payee with the account number in clear: for the payment
// order only, never for a history, a log or a page.
type PayeeAccount struct {
	Name   string
	Bank   string
	Number string
}
