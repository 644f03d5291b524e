package approval

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// Fen is an amount of money in fen, a hundredth of a yuan. In JSON it is a
// plain integer; 12.0, 1e3 and "12" are refused.
type Fen int64

// MaxAmount is the largest amount one act may name: 1e13 fen, a hundred
// thousand million yuan. It lies far above any community fund, yet 900,000 of
// them still add up within int64 and each stays exact in a JavaScript number.
const MaxAmount Fen = 1e13

// ParseYuan reads an amount a person typed in yuan: "1234", "1234.5" or
// "1,234.56". It refuses signs, exponents, spaces, full-width digits, more
// than two decimals, leading zeros and commas not at every third digit.
func ParseYuan(text string) (Fen, error) {
	whole, decimals, dotted := strings.Cut(text, ".")
	whole, grouped := ungroup(whole)
	if !grouped || !digitsOnly(whole) || (len(whole) > 1 && whole[0] == '0') ||
		(dotted && (!digitsOnly(decimals) || len(decimals) > 2)) {
		return 0, Errorf(Invalid, "金额“%s”的格式应为 1234、1234.5 或 1,234.56。",
			"The amount %q must look like 1234, 1234.5 or 1,234.56.", text)
	}
	fen, err := strconv.ParseInt(whole+(decimals + "00")[:2], 10, 64)
	if err != nil {
		return 0, amountOverflow()
	}
	return Fen(fen), nil
}

// ungroup removes thousands separators; ok is false where they are misplaced.
func ungroup(whole string) (plain string, ok bool) {
	groups := strings.Split(whole, ",")
	for i, group := range groups {
		if len(groups) > 1 && (len(group) > 3 || len(group) < 1 || i > 0 && len(group) != 3) {
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}

func digitsOnly(text string) bool {
	for _, b := range []byte(text) {
		if b < '0' || b > '9' {
			return false
		}
	}
	return text != ""
}

// Yuan renders the amount as "1,234.56"; ParseYuan reads it back unless it is
// negative.
func (f Fen) Yuan() string {
	negative, magnitude := f.split()
	whole := strconv.FormatUint(magnitude/100, 10)
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if negative {
		whole = "-" + whole
	}
	return whole + "." + string([]byte{byte('0' + magnitude/10%10), byte('0' + magnitude%10)})
}

// split parts sign and magnitude; the magnitude of the smallest int64 does not
// fit an int64.
func (f Fen) split() (negative bool, magnitude uint64) {
	if f < 0 {
		return true, -uint64(f)
	}
	return false, uint64(f)
}

// Add returns a + b, or refuses where an int64 cannot hold it.
func Add(a, b Fen) (Fen, error) {
	if (b > 0 && a > math.MaxInt64-b) || (b < 0 && a < math.MinInt64-b) {
		return 0, amountOverflow()
	}
	return a + b, nil
}

// Sum adds amounts from left to right and refuses as soon as Add does.
func Sum(amounts ...Fen) (Fen, error) {
	total := Fen(0)
	for _, amount := range amounts {
		var err error
		if total, err = Add(total, amount); err != nil {
			return 0, err
		}
	}
	return total, nil
}

// Validate refuses amounts that are not above zero or exceed MaxAmount, and
// blames field.
func (f Fen) Validate(field string) error {
	if f <= 0 {
		return Errorf(Invalid, "金额 %s 元应大于零。", "The amount of %s yuan must be above zero.", f.Yuan()).At(field)
	}
	if f > MaxAmount {
		return Errorf(Invalid, "金额 %[1]s 元超过上限 %[2]s 元。",
			"The amount of %[1]s yuan exceeds the limit of %[2]s.", f.Yuan(), MaxAmount.Yuan()).At(field)
	}
	return nil
}

// UnmarshalJSON accepts a plain integer of fen only; null is refused too, so a
// missing amount cannot read as zero.
func (f *Fen) UnmarshalJSON(raw []byte) error {
	fen, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil || !json.Valid(raw) {
		return Errorf(Invalid, "金额应为以分计的整数，不能是 %s。",
			"An amount must be a whole number of fen, not %s.", raw)
	}
	*f = Fen(fen)
	return nil
}

func amountOverflow() error {
	return Errorf(Invalid, "金额超出可表示的范围。", "The amount is too large to be represented.")
}

// Capital renders the amount in the capitals vouchers ask for:
// "壹万贰仟叁佰肆拾伍元陆角柒分", "壹佰元整", "零元整", following the Ministry of
// Finance's 会计基础工作规范 art. 52. Where that leaves a 零 optional it is left out.
func (f Fen) Capital() string {
	negative, magnitude := f.split()
	yuan, jiao, fen := magnitude/100, magnitude/10%10, magnitude%10
	text := ""
	if negative {
		text = "负"
	}
	if yuan > 0 || magnitude == 0 {
		text += capitalWhole(yuan) + "元"
	}
	if yuan > 0 && jiao == 0 && fen > 0 {
		text += "零"
	}
	if jiao > 0 {
		text += capitalWhole(jiao) + "角"
	}
	if fen == 0 {
		return text + "整"
	}
	return text + capitalWhole(fen) + "分"
}

var capitalUnits = []struct {
	size uint64
	name string
}{{1e8, "亿"}, {1e4, "万"}, {1000, "仟"}, {100, "佰"}, {10, "拾"}}

// capitalWhole names the largest unit in n, how many there are of it and the
// rest, with one 零 for any number of places skipped in between.
func capitalWhole(n uint64) string {
	for _, unit := range capitalUnits {
		if n < unit.size {
			continue
		}
		head, rest := capitalWhole(n/unit.size)+unit.name, n%unit.size
		switch {
		case rest == 0:
			return head
		case rest < unit.size/10:
			return head + "零" + capitalWhole(rest)
		}
		return head + capitalWhole(rest)
	}
	return [...]string{"零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"}[n]
}
