package bank

import "time"

// Book is everything the bank has received from this customer, oldest first,
// for reconciliation. Account numbers are masked.
type Book struct {
	Payments []BookedPayment `json:"payments"`
	Totals   Totals          `json:"totals"`
	Accounts []Account       `json:"accounts"`
}

// BookedPayment is one order as the bank holds it; compare Digest with
// Order.Digest to know that every field agrees, masked ones included.
type BookedPayment struct {
	Receipt      Receipt   `json:"receipt"`
	CaseID       string    `json:"caseId"`
	Digest       string    `json:"digest"`
	PayerAccount string    `json:"payerAccount"` // masked
	PayeeAccount string    `json:"payeeAccount"` // masked
	ReceivedAt   time.Time `json:"receivedAt"`
}

// Totals count the orders in each state and add their amounts up.
type Totals struct {
	Processing Total `json:"processing"`
	Succeeded  Total `json:"succeeded"`
	Refused    Total `json:"refused"`
}

// Total is a number of orders and their sum in fen.
type Total struct {
	Orders int   `json:"orders"`
	Amount int64 `json:"amountFen"`
}

// Account is what the settled payments have moved on one account since the
// book began: negative for a payer. Over all accounts the movements are zero.
type Account struct {
	Account  string `json:"account"` // masked
	Movement int64  `json:"movementFen"`
}
