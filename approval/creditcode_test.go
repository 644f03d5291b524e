package approval_test

import (
	"strings"
	"testing"

	"linli/approval"
)

func TestGenuineAndSyntheticCreditCodesPassBothChecks(t *testing.T) {
	for _, code := range strings.Fields(`91350100M000100Y43 914403001922038216 91440300708461136T 91330100799655058B 91110000802100433B
		91370303QW00000147 91370303QW00000222 91370305QW0000030R 91370306QW00000495 91370302QW00000576 91370304QW0000065X
		91370321QW0000073C 91370322QW0000081M 91370323QW000009XU 92370305QW0000110A 92370303QW0000129A 52370303QW00001379
		52370305QW00001451 51370300QW0000153N 53370000QW0000161U`) {
		if err := approval.CreditCode(code).Confirm("", "credit_code", "reason"); err != nil {
			t.Errorf("%s: %v", code, err)
		}
	}
}

func TestMalformedCreditCodesAreRefusedWhateverReasonIsGiven(t *testing.T) {
	for name, code := range map[string]approval.CreditCode{
		"empty": "", "short": "91370303QW0000014", "long": "91370303QW000001477", "lower case": "91370303qw00000147",
		"a letter I": "91370303QW0000014I", "Z as check": "91350100M000100Y4Z", "two bytes": "91370303QW000001é", "space": "91370303QW0000014 ",
	} {
		err := code.Confirm("营业执照原件核对无误", "credit_code", "reason")
		if approval.CodeOf(err) != approval.Invalid || approval.Refusal(err).Field != "credit_code" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheReasonNamesWhatIsWrongWithACreditCode(t *testing.T) {
	for code, why := range map[approval.CreditCode][2]string{
		"91370303QO00000147":  {"第10位“O”有误：代码不使用字母I、O、S、V、Z", "Place 10 of the unified social credit code, 'O', is wrong: the letters I, O, S, V and Z"},
		"91370303qw00000147":  {"第9位“q”有误：字母须大写", "letters are capital"},
		"９1370303QW00000147":  {"第1位“９”有误：须用半角字符", "half-width"},
		"91370303QW00000147 ": {"第19位“ ”有误：不能有空格", "no spaces"},
		"91370303QW0000014七":  {"第18位“七”有误：只能用数字和大写字母", "digits and capital letters only"},
		"91370303QW0000014":   {"应为18位，现为17位", "has 18 characters, this one 17"},
		"":                    {"应为18位，现为0位", "this one 0"},
	} {
		message := approval.Refusal(code.Validate("credit_code")).Message
		if !strings.Contains(message.ZH, why[0]) || !strings.Contains(message.EN, why[1]) || strings.Contains(message.ZH+message.EN, "%!") {
			t.Errorf("%q: %v", code, message)
		}
	}
}

func TestDoubtfulCreditCodesNeedAReasonAndAreNeverBlocked(t *testing.T) {
	for code, doubts := range map[approval.CreditCode]int{
		"91350203M0001QKT19": 1, // genuine, and fails the outer check
		"91370303QW00000148": 1, // check character one off
		"513703005045678901": 2,
		"91370303QW00000157": 2, // the organisation code is one off
	} {
		if got := code.Doubts(); len(got) != doubts {
			t.Errorf("%s: doubts %v, want %d", code, got, doubts)
		}
		if err := code.Confirm("  ", "credit_code", "reason"); approval.CodeOf(err) != approval.Unconfirmed || approval.Refusal(err).Field != "reason" {
			t.Errorf("%s without a reason: %v", code, err)
		}
		if err := code.Confirm("营业执照原件核对无误", "credit_code", "reason"); err != nil {
			t.Errorf("%s with a reason: %v", code, err)
		}
	}
}

// Every slip of one character is noticed: that is what the check is for.
func TestEverySlipOfOneCharacterIsNoticed(t *testing.T) {
	const right, digits = "91370305QW0000030R", "0123456789ABCDEFGHJKLMNPQRTUWXY"
	for place := range right {
		for _, digit := range digits {
			wrong := approval.CreditCode(right[:place] + string(digit) + right[place+1:])
			if string(wrong) != right && len(wrong.Doubts()) == 0 {
				t.Errorf("%s passes for %s", wrong, right)
			}
		}
	}
}
