package approval

import "strings"

// CreditCode is a unified social credit code (统一社会信用代码, GB 32100-2015):
// registrar and type, area code, the organisation code with its own check
// character (GB 11714), and a check character over all of it.
type CreditCode string

const (
	creditDigits       = "0123456789ABCDEFGHJKLMNPQRTUWXY" // without I, O, S, V, Z
	organisationDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	creditCodeLength   = 18
)

var organisationWeights = [8]int{3, 7, 9, 10, 5, 8, 4, 2}

// Validate refuses what is not shaped like a credit code: another length or a
// character the standard does not use. A wrong check character is no reason to
// refuse: see Doubts.
func (c CreditCode) Validate(field string) error {
	if len(c) != creditCodeLength || strings.Trim(string(c), creditDigits) != "" {
		return Errorf(Invalid, "统一社会信用代码应为18位数字或大写字母。",
			"A unified social credit code has 18 digits or capital letters.").At(field)
	}
	return nil
}

// Doubts says which check of a well-shaped code does not come out; empty when
// both do. Genuine older codes fail them, so a doubt asks for a second look and
// a reason (see Confirm), and never blocks.
func (c CreditCode) Doubts() []Text {
	var doubts []Text
	if c.checkDigit() != c[creditCodeLength-1] {
		doubts = append(doubts, Text{
			ZH: "统一社会信用代码的第18位校验码不符，请核对是否抄错。",
			EN: "The check character, place 18 of the credit code, does not fit; look for a slip.",
		})
	}
	if c.organisationCheckDigit() != c[16] {
		doubts = append(doubts, Text{
			ZH: "统一社会信用代码第9至17位（主体标识码）的校验码不符，请核对是否抄错。",
			EN: "The organisation code in places 9 to 17 of the credit code fails its own check; look for a slip.",
		})
	}
	return doubts
}

// Confirm refuses a malformed code and a doubtful one nobody gave a reason for,
// such as "checked against the licence".
func (c CreditCode) Confirm(reason, field, reasonField string) error {
	if err := c.Validate(field); err != nil {
		return err
	}
	if len(c.Doubts()) == 0 || !blank(reason) {
		return Between(reason, 0, maxConfirmReason, reasonField)
	}
	return AskConfirmation(c.Doubts(), reasonField)
}

const maxConfirmReason = 200

// AskConfirmation is the refusal of what is doubtful until somebody says why it
// stands all the same; field takes the reason.
func AskConfirmation(doubts []Text, field string) *Error {
	refusal := Errorf(Unconfirmed, "确认无误的，请写明理由后再提交。", "If it is right, submit it again with the reason.").At(field)
	for i := len(doubts) - 1; i >= 0; i-- {
		refusal.Message.ZH = doubts[i].ZH + refusal.Message.ZH
		refusal.Message.EN = doubts[i].EN + " " + refusal.Message.EN
	}
	return refusal
}

// Registrar is the first two characters: who registered the body and as what,
// such as 91 for a firm and 92 for a sole trader.
func (c CreditCode) Registrar() string { return string(c[:2]) }

// checkDigit is 31 minus the weighted sum modulo 31; place i weighs 3^i mod 31.
func (c CreditCode) checkDigit() byte {
	sum, weight := 0, 1
	for i := range creditCodeLength - 1 {
		sum += weight * strings.IndexByte(creditDigits, c[i])
		weight = weight * 3 % 31
	}
	return creditDigits[(31-sum%31)%31]
}

func (c CreditCode) organisationCheckDigit() byte {
	sum := 0
	for i, weight := range organisationWeights {
		sum += weight * strings.IndexByte(organisationDigits, c[8+i])
	}
	switch rest := 11 - sum%11; rest {
	case 10:
		return 'X'
	case 11:
		return '0'
	default:
		return byte('0' + rest)
	}
}
