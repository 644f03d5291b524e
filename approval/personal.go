package approval

import (
	"regexp"
	"strings"
	"time"
)

// Plain refuses text of the wrong length or with a number of an identity card
// in it: Linli keeps none (Personal Information Protection Law art. 6).
func Plain(text string, least, most int, field string) error {
	if err := Between(text, least, most, field); err != nil {
		return err
	}
	for _, digits := range identityShape.FindAllString(text, -1) {
		if identityNumber(digits) {
			return Errorf(Invalid, "请勿填写身份证号码，本系统不保存身份证号码。",
				"Leave out numbers of identity cards; they are not kept here.").At(field)
		}
	}
	return nil
}

var identityShape = regexp.MustCompile(`[0-9]{17}[0-9Xx]`)

// identityNumber tells a citizen's number (GB 11643-1999) from other digits: a
// date of birth in the middle and a check character at the end.
func identityNumber(digits string) bool {
	if _, err := time.Parse("20060102", digits[6:14]); err != nil {
		return false
	}
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, weight := range weights {
		sum += weight * int(digits[i]-'0')
	}
	return "10X98765432"[sum%11] == strings.ToUpper(digits)[17]
}

var phoneShape = regexp.MustCompile(`^(\+?[0-9]{5,15}|[0-9]{3,4}-[0-9]{7,8}(-[0-9]{1,6})?)$`)

// ValidatePhone refuses what is no phone number; "" is none.
func ValidatePhone(phone, field string) error {
	if phone != "" && !phoneShape.MatchString(phone) {
		return Errorf(Invalid, "电话号码无效，应为手机号或“区号-号码”。", "The phone number is not valid.").At(field)
	}
	return nil
}

// MaskPhone keeps the first three and the last two characters.
func MaskPhone(phone string) string {
	if len(phone) < 6 {
		return strings.Repeat("*", len(phone))
	}
	return phone[:3] + strings.Repeat("*", len(phone)-5) + phone[len(phone)-2:]
}
