package operator

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"linli/approval"
)

// Named is an operator by name and code, for finding doubles.
type Named struct {
	ID         string              `json:"id"`
	Name       string              `json:"name"`
	CreditCode approval.CreditCode `json:"credit_code"`
}

// ConfirmName refuses a name like that of another registered operator until
// somebody says why they are two.
func (d Details) ConfirmName(others []Named) error {
	if strings.TrimSpace(d.NameReason) != "" {
		return nil
	}
	var doubts []approval.Text
	for _, other := range others {
		if other.CreditCode == d.CreditCode || !Similar(d.Name, other.Name) || len(doubts) == maxDoubts {
			continue
		}
		doubts = append(doubts, approval.Text{
			ZH: "名称与已登记的“" + other.Name + "”（" + string(other.CreditCode) + "）相近。",
			EN: "The name is like that of “" + other.Name + "” (" + string(other.CreditCode) + "), registered already.",
		})
	}
	if doubts == nil {
		return nil
	}
	return approval.AskConfirmation(doubts, "name_reason")
}

const maxDoubts = 3

// Similar tells whether two names may be one operator's: alike once places,
// legal forms, brackets and spaces are left out, or one slip apart.
func Similar(one, other string) bool {
	one, other = core(one), core(other)
	if one == other {
		return true
	}
	if min(utf8.RuneCountInString(one), utf8.RuneCountInString(other)) < 4 {
		return false
	}
	return strings.Contains(one, other) || strings.Contains(other, one) || oneSlip([]rune(one), []rune(other))
}

// surroundings say where and in which form an operator exists, not which it is.
var surroundings = strings.NewReplacer(
	"有限责任公司", "", "股份有限公司", "", "有限公司", "", "分公司", "", "公司", "", "个体工商户", "",
	"山东省", "", "山东", "", "淄博市", "", "淄博", "", "张店区", "", "淄川区", "", "博山区", "", "临淄区", "", "周村区", "",
	"桓台县", "", "高青县", "", "沂源县", "",
)

func core(name string) string {
	plain := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
	if rest := surroundings.Replace(plain); rest != "" {
		return rest
	}
	return plain
}

// oneSlip: one character exchanged, added or left out.
func oneSlip(one, other []rune) bool {
	if len(one) > len(other) {
		one, other = other, one
	}
	if len(other)-len(one) > 1 {
		return false
	}
	at := 0
	for at < len(one) && one[at] == other[at] {
		at++
	}
	if len(one) == len(other) {
		return string(one[at+1:]) == string(other[at+1:])
	}
	return string(one[at:]) == string(other[at+1:])
}

// Twice refuses a credit code another operator is registered under, and names
// that operator. The database refuses it again, for two who come at once.
func (d Details) Twice(others []Named) error {
	for _, other := range others {
		if other.CreditCode == d.CreditCode {
			return approval.Errorf(approval.Conflict, "该统一社会信用代码已登记为“%[1]s”（%[2]s），同一代码即同一主体，请直接使用。",
				"This credit code is registered as %[1]q (%[2]s); one code is one operator: use that entry.", other.Name, other.ID).At("credit_code")
		}
	}
	return nil
}
