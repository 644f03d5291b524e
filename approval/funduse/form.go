package funduse

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
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

// details decodes an act's form strictly: an unknown field is refused, never
// dropped, since a dropped field could be the one that mattered.
func details(act approval.Act) (Details, error) {
	var d Details
	if len(act.Form.Details) == 0 {
		return d, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(act.Form.Details))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		return d, approval.Errorf(approval.Invalid, "表单内容有误:%[1]s", "The form cannot be read: %[1]s", err).At("form/details")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return d, approval.Errorf(approval.Invalid, "表单内容后有多余字符。", "Something follows the form.").At("form/details")
	}
	return d, nil
}

func (d Details) reference() error {
	if ref := strings.TrimSpace(d.BankReference); ref == "" || len(ref) > maxReference {
		return approval.Errorf(approval.Invalid, "须填写银行流水号(不超过%[1]d个字符)。", "Enter the bank's reference number (at most %[1]d characters).", maxReference).At("form/details/bank_reference")
	}
	return nil
}
