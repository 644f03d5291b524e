package approval

import (
	"strings"
	"unicode"
)

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
// character the standard does not use, naming the first. A wrong check character is no reason to
// refuse: see Doubts.
func (c CreditCode) Validate(field string) error {
	place := 0
	for _, character := range string(c) {
		place++
		if !strings.ContainsRune(creditDigits, character) {
			why := strange(character)
			return Errorf(Invalid, "统一社会信用代码第%[1]d位“%[2]c”有误：%[3]s。", "Place %[1]d of the unified social credit code, %[2]q, is wrong: %[4]s.",
				place, character, why.ZH, why.EN).At(field)
		}
	}
	if place != creditCodeLength {
		return Errorf(Invalid, "统一社会信用代码应为%[1]d位，现为%[2]d位。", "A unified social credit code has %[1]d characters, this one %[2]d.", creditCodeLength, place).At(field)
	}
	return nil
}

// strange says why a credit code has no such character (GB 32100-2015).
func strange(character rune) Text {
	const unused = "IOSVZ"
	switch {
	case unicode.IsSpace(character):
		return Text{ZH: "不能有空格", EN: "there are no spaces in it"}
	case character >= '！' && character <= '～':
		return Text{ZH: "须用半角字符，不用全角", EN: "it is written in half-width characters"}
	case strings.ContainsRune(unused, unicode.ToUpper(character)):
		return Text{ZH: "代码不使用字母I、O、S、V、Z，请核对是否为数字1、0、5、2", EN: "the letters I, O, S, V and Z are not used; look for 1, 0, 5 or 2"}
	case character >= 'a' && character <= 'z':
		return Text{ZH: "字母须大写", EN: "letters are capital"}
	}
	return Text{ZH: "只能用数字和大写字母", EN: "it has digits and capital letters only"}
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
