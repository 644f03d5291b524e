package funduse

import (
	"strings"

	"linli/approval"
)

// Details is what an act of this procedure carries beyond the shared form.
type Details struct {
	Proposal      *Proposal    `json:"proposal,omitempty"`       // correct: the whole new proposal
	BankReference string       `json:"bank_reference,omitempty"` // payout by hand, refund, recovery
	Amount        approval.Fen `json:"amount,omitempty"`         // refund and recovery, fen
	Unused        approval.Fen `json:"unused,omitempty"`         // acceptance: fen not spent
	Attachments   []Attachment `json:"attachments,omitempty"`    // acceptance and disclosure papers
	ObjectionID   string       `json:"objection_id,omitempty"`   // a resident's objection
	Text          string       `json:"text,omitempty"`           // quarterly disclosure, closing report
}

const maxReference = 64

// details decodes an act's form strictly.
func details(act approval.Act) (Details, error) { return approval.DetailsOf[Details](act.Form) }

func (d Details) reference() error {
	if ref := strings.TrimSpace(d.BankReference); ref == "" || len(ref) > maxReference {
		return approval.Errorf(approval.Invalid, "须填写银行流水号(不超过%[1]d个字符)。", "Enter the bank's reference number (at most %[1]d characters).", maxReference).At("form/details/bank_reference")
	}
	return nil
}
