package funduse

import (
	"time"

	"linli/approval"
)

// Start is the input of a fund-use case. The rule set is pinned here, with
// its parameters, and stays for the life of the case.
type Start struct {
	CaseID     string           `json:"case_id"`
	Scope      approval.Scope   `json:"scope"` // the community
	Proposer   string           `json:"proposer"`
	Proposal   Proposal         `json:"proposal"`
	Pin        approval.RulePin `json:"pin"`
	Parameters Parameters       `json:"parameters"`
	Gateway    string           `json:"gateway"` // Manual or HTTP
	OpenedAt   time.Time        `json:"opened_at"`
}

// The payment gateways.
const (
	Manual = "manual" // the cashier pays at the bank and enters the receipt number
	HTTP   = "http"   // the bank's interface, polled, with a callback as a hint
)

// Procedure is the name of this procedure in records and rule sets.
const Procedure = "funduse"
