package operator

import (
	"time"

	"linli/approval"
)

// PayeeLink says whether a payee is an operator or one of its owners or
// managers. Without one, a payee of the very name of an operator is taken to be
// it, and one of the name of an owner or manager of the same district to be him;
// Same false keeps namesakes apart. The latest link counts.
type PayeeLink struct {
	PayeeID string `json:"payee_id"`
	NewPayeeLink
	DeclaredAt time.Time `json:"declared_at"`
	DeclaredBy string    `json:"declared_by"`
}

// NewPayeeLink is what is declared.
type NewPayeeLink struct {
	OperatorID string `json:"operator_id"`
	PartyID    string `json:"party_id,omitempty"` // "" = the operator itself
	Same       bool   `json:"same"`
	Reason     string `json:"reason"`
}

// Validate refuses a link without a reason: it moves people in or out of
// decisions on money.
func (l NewPayeeLink) Validate() error {
	if l.OperatorID == "" {
		return approval.Errorf(approval.Invalid, "须写明运营主体。", "Name the operator.").At("operator_id")
	}
	return approval.Plain(l.Reason, 2, maxReason, "reason")
}
