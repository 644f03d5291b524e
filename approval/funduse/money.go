package funduse

import (
	"time"

	"linli/approval"
)

// The orders below are what a case asks of the ledger, one per movement. Key
// makes each one idempotent: the same key with the same content books once,
// with other content it is refused as reused; At is not content, so a retry
// may come later. Amounts are fen.

// ReserveOrder promises money of a fund to one case. EarmarkID names the
// directed donation to take it from; "" is the fund's unrestricted money.
type ReserveOrder struct {
	CaseID    string       `json:"case_id"`
	Key       string       `json:"key"`
	FundID    string       `json:"fund_id"`
	EarmarkID string       `json:"earmark_id,omitempty"`
	Amount    approval.Fen `json:"amount"`
	At        time.Time    `json:"at"`
}

// ReleaseOrder gives back what a case holds; a case that holds nothing
// releases nothing. Money sent to the bank must first come back or be paid.
type ReleaseOrder struct {
	CaseID string    `json:"case_id"`
	Key    string    `json:"key"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// SendOrder hands the whole reserved amount to the bank. Key names the
// payment attempt: settling and returning name the same one, so a late answer
// to an old attempt cannot move the money of a new one.
type SendOrder struct {
	CaseID  string       `json:"case_id"`
	Key     string       `json:"key"`
	Amount  approval.Fen `json:"amount"`
	PayeeID string       `json:"payee_id"`
	At      time.Time    `json:"at"`
}

// SettleOrder records that the bank has paid the attempt named by Key. A case
// is paid at most once (I2), and a bank reference pays one case only.
type SettleOrder struct {
	CaseID        string    `json:"case_id"`
	Key           string    `json:"key"`
	BankReference string    `json:"bank_reference"`
	Gateway       string    `json:"gateway"`
	At            time.Time `json:"at"`
}

// ReturnOrder records that the bank has finally refused the attempt named by
// Key: the case holds its money again and needs a new key to send it.
type ReturnOrder struct {
	CaseID string    `json:"case_id"`
	Key    string    `json:"key"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// RefundOrder books money that came back from the payee, unused or recovered.
// All of a case's refunds together never exceed what was paid.
type RefundOrder struct {
	CaseID        string       `json:"case_id"`
	Key           string       `json:"key"`
	Amount        approval.Fen `json:"amount"`
	BankReference string       `json:"bank_reference"`
	At            time.Time    `json:"at"`
}

// Holding is what one case holds or has been paid. Amounts are fen.
type Holding struct {
	CaseID        string        `json:"case_id"`
	Attempt       int           `json:"attempt"`
	FundID        string        `json:"fund_id"`
	EarmarkID     string        `json:"earmark_id,omitempty"`
	Amount        approval.Fen  `json:"amount"`
	Status        HoldingStatus `json:"status"`
	PayeeID       string        `json:"payee_id,omitempty"`
	PaymentKey    string        `json:"payment_key,omitempty"`
	BankReference string        `json:"bank_reference,omitempty"`
	Returned      approval.Fen  `json:"returned"` // refunded or recovered so far
}

// HoldingStatus is how far the money of a case has come.
type HoldingStatus string

// The states of a holding: held → in transit → paid; held → released; a
// payment the bank refuses goes back from in transit to held.
const (
	HoldingHeld     HoldingStatus = "held"
	HoldingSent     HoldingStatus = "in_transit"
	HoldingPaid     HoldingStatus = "paid"
	HoldingReleased HoldingStatus = "released"
)

// Difference is one place where the books do not agree with themselves; sound
// books have none. Amounts are fen.
type Difference struct {
	FundID  string       `json:"fund_id"`
	Check   string       `json:"check"`   // which rule: balance, reserved, transit, negative, unbalanced, income, paid
	Subject string       `json:"subject"` // the account, transaction, income or payee
	Booked  approval.Fen `json:"booked"`
	Derived approval.Fen `json:"derived"`
}

// Short refuses a movement for want of money and tells both figures.
func Short(asked, available approval.Fen) *approval.Error {
	return approval.Errorf(approval.InsufficientFund,
		"可用余额%[2]s元，不足%[1]s元。", "%[2]s yuan are available, %[1]s yuan are needed.", asked.Yuan(), available.Yuan()).At("amount")
}

// Reused refuses a key that booked something else before.
func Reused() *approval.Error {
	return approval.Errorf(approval.KeyReused, "同一幂等键已用于另一笔账。", "This key was used for another booking.")
}
