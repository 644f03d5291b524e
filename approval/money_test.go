package approval_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"linli/approval"
)

func ExampleParseYuan() {
	amount, _ := approval.ParseYuan("12,345.67")
	fmt.Println(int64(amount), amount.Yuan(), amount.Capital())
	_, err := approval.ParseYuan("１２３")
	fmt.Println(err)
	// Output:
	// 1234567 12,345.67 壹万贰仟叁佰肆拾伍元陆角柒分
	// invalid: The amount "１２３" must look like 1234, 1234.5 or 1,234.56.
}

func ExampleSum() {
	total, _ := approval.Sum(29_999_99, 1)
	fmt.Println(total.Yuan(), total.Capital())
	_, err := approval.Sum(math.MaxInt64, 1)
	fmt.Println(err)
	// Output:
	// 30,000.00 叁万元整
	// invalid: The amount is too large to be represented.
}

func TestParseYuanReads(t *testing.T) {
	for text, want := range map[string]approval.Fen{
		"0": 0, "0.0": 0, "0.05": 5, "0.5": 50, "1": 100, "1234": 123400, "1234.5": 123450,
		"1,234.56": 123456, "12,345,678": 1234567800, "999,999.99": 99999999,
		"92233720368547758.07": math.MaxInt64,
	} {
		if amount, err := approval.ParseYuan(text); err != nil || amount != want {
			t.Errorf("ParseYuan(%q) = %d, %v; want %d", text, amount, err, want)
		}
	}
}

func TestParseYuanRefuses(t *testing.T) {
	for _, text := range []string{
		"", " ", ".", ".5", "1.", "1.234", "1.2.3", "-1", "+1", "-0", "1e3", "1E3", "0x10", "1_000",
		" 1", "1 ", "1 000", "01", "00", "00.5", "0,123", "1,23", "1,2345", "1234,567", ",123", "1,,234",
		"1,234,", "1.2,3", "１２３", "1．5", "1，234", "¥1", "1元", "壹", "NaN", "Inf", "١",
		"92233720368547758.08", "99999999999999999999",
	} {
		if amount, err := approval.ParseYuan(text); approval.CodeOf(err) != approval.Invalid {
			t.Errorf("ParseYuan(%q) = %d, %v; want a refusal", text, amount, err)
		}
	}
}

func TestCapital(t *testing.T) {
	for amount, want := range map[approval.Fen]string{
		0: "零元整", 1: "壹分", 10: "壹角整", 11: "壹角壹分", 100: "壹元整", 105: "壹元零伍分", 150: "壹元伍角整",
		1000: "壹拾元整", 1050: "壹拾元伍角整", 10000: "壹佰元整", 10100: "壹佰零壹元整", 11000: "壹佰壹拾元整",
		1234567: "壹万贰仟叁佰肆拾伍元陆角柒分", 140950: "壹仟肆佰零玖元伍角整", 600714: "陆仟零柒元壹角肆分",
		1630902: "壹万陆仟叁佰零玖元零贰分", 10700053: "壹拾万柒仟元伍角叁分", 20008007: "贰拾万零捌拾元零柒分",
		686340: "陆仟捌佰陆拾叁元肆角整", 168032: "壹仟陆佰捌拾元叁角贰分", 10001000: "壹拾万零壹拾元整",
		1_0000_0007_00: "壹亿零柒元整", 1_0007_0000_00: "壹亿零柒万元整", 10_0000_5000_00: "壹拾亿零伍仟元整",
		10_0500_0000_00: "壹拾亿零伍佰万元整", 10_5000_0000_00: "壹拾亿伍仟万元整",
		approval.MaxAmount: "壹仟亿元整", -123: "负壹元贰角叁分",
		math.MaxInt64: "玖亿贰仟贰佰叁拾叁万柒仟贰佰零叁亿陆仟捌佰伍拾肆万柒仟柒佰伍拾捌元零柒分",
		math.MinInt64: "负玖亿贰仟贰佰叁拾叁万柒仟贰佰零叁亿陆仟捌佰伍拾肆万柒仟柒佰伍拾捌元零捌分",
	} {
		if got := amount.Capital(); got != want {
			t.Errorf("%d: got %s, want %s", int64(amount), got, want)
		}
	}
}

func TestYuan(t *testing.T) {
	for amount, want := range map[approval.Fen]string{
		0: "0.00", 5: "0.05", 100: "1.00", 99999: "999.99", 100000: "1,000.00", 123456789: "1,234,567.89",
		-5: "-0.05", -100000: "-1,000.00", math.MinInt64: "-92,233,720,368,547,758.08",
	} {
		if got := amount.Yuan(); got != want {
			t.Errorf("%d: got %s, want %s", int64(amount), got, want)
		}
	}
}

func TestAmountValidate(t *testing.T) {
	for amount, fine := range map[approval.Fen]bool{
		1: true, approval.MaxAmount: true, 0: false, -1: false, approval.MaxAmount + 1: false, math.MinInt64: false,
	} {
		refusal := approval.Refusal(amount.Validate("/amount"))
		if fine != (refusal == nil) {
			t.Errorf("%d: %v", int64(amount), refusal)
		}
		if refusal != nil && (refusal.Code != approval.Invalid || refusal.Field != "/amount") {
			t.Errorf("%d: refused as %q at %q", int64(amount), refusal.Code, refusal.Field)
		}
	}
}

func TestAmountJSON(t *testing.T) {
	type line struct{ Amount approval.Fen }
	var got line
	if err := json.Unmarshal([]byte(`{"Amount":9007199254740993}`), &got); err != nil || got.Amount != 9007199254740993 {
		t.Errorf("an integer above 2^53 came back as %d, %v", got.Amount, err)
	}
	if out, err := json.Marshal(got); err != nil || string(out) != `{"Amount":9007199254740993}` {
		t.Errorf("rendered as %s, %v", out, err)
	}
	for _, raw := range []string{`12.5`, `12.0`, `1e3`, `"12"`, `null`, `true`, `[1]`, `{}`, `9223372036854775808`} {
		err := json.Unmarshal([]byte(`{"Amount":`+raw+`}`), &got)
		if approval.CodeOf(err) != approval.Invalid {
			t.Errorf("%s was read as %d, %v", raw, got.Amount, err)
		}
	}
	for _, raw := range []string{"+5", "007", "", "1_0"} {
		if err := got.Amount.UnmarshalJSON([]byte(raw)); err == nil {
			t.Errorf("%q is not JSON and was read", raw)
		}
	}
}

func amounts() *rapid.Generator[approval.Fen] {
	return rapid.Map(rapid.Int64(), func(n int64) approval.Fen { return approval.Fen(n) })
}

func TestYuanReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := approval.Fen(rapid.Int64Min(0).Draw(t, "fen"))
		for _, text := range []string{amount.Yuan(), strings.ReplaceAll(amount.Yuan(), ",", "")} {
			if back, err := approval.ParseYuan(text); err != nil || back != amount {
				t.Fatalf("%s reads back as %d, %v", text, int64(back), err)
			}
		}
	})
}

// FuzzParseYuan holds what is accepted against an exact decimal.
func FuzzParseYuan(f *testing.F) {
	for _, seed := range []string{"1,234.56", "0.05", "12345", "1,23", "-1", "1e3", "１", "92233720368547758.08"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		amount, err := approval.ParseYuan(text)
		if err != nil {
			if approval.CodeOf(err) != approval.Invalid {
				t.Fatalf("%q fails without a refusal: %v", text, err)
			}
			return
		}
		exact, ok := new(big.Rat).SetString(strings.ReplaceAll(text, ",", ""))
		if !ok || exact.Cmp(big.NewRat(int64(amount), 100)) != 0 || amount < 0 {
			t.Fatalf("%q is read as %d fen", text, int64(amount))
		}
		if strings.Contains(text, ",") && !strings.HasPrefix(amount.Yuan(), text) {
			t.Fatalf("%q is grouped unlike %s", text, amount.Yuan())
		}
	})
}

func TestCapitalReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := amounts().Draw(t, "fen")
		text := amount.Capital()
		if back := readCapital(t, text); back.Cmp(big.NewInt(int64(amount))) != 0 {
			t.Fatalf("%d is written %s, which reads %s", int64(amount), text, back)
		}
		if strings.Contains(text, "零零") {
			t.Fatalf("%s repeats 零", text)
		}
		if whole, _, found := strings.Cut(text, "元"); found && whole != "零" && strings.HasSuffix(whole, "零") {
			t.Fatalf("%s has a 零 before 元", text)
		}
	})
}

// readCapital reads capitals the way a clerk does, left to right: a unit
// multiplies everything smaller that stands before it.
func readCapital(t *rapid.T, text string) *big.Int {
	digits := []rune("零壹贰叁肆伍陆柒捌玖")
	units := map[rune]int64{'拾': 10, '佰': 100, '仟': 1000}
	total, yi, wan, section, digit := new(big.Int), int64(0), int64(0), int64(0), int64(0)
	body, negative := strings.CutPrefix(text, "负")
	for _, r := range body {
		switch r {
		case '拾', '佰', '仟':
			section, digit = section+digit*units[r], 0
		case '万':
			wan, section, digit = (section+digit)*10_000, 0, 0
		case '亿':
			yi, wan, section, digit = (yi+wan+section+digit)*100_000_000, 0, 0, 0
		case '元':
			total.SetInt64(yi + wan + section + digit)
			total.Mul(total, big.NewInt(100))
			digit = 0
		case '角':
			total.Add(total, big.NewInt(digit*10))
			digit = 0
		case '分':
			total.Add(total, big.NewInt(digit))
			digit = 0
		case '整':
		default:
			at := strings.IndexRune(string(digits), r)
			if at < 0 {
				t.Fatalf("%s holds %q", text, r)
			}
			digit = int64(at / len("零"))
		}
	}
	if negative {
		total.Neg(total)
	}
	return total
}

func TestAddNeverWraps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := amounts().Draw(t, "a"), amounts().Draw(t, "b")
		exact := new(big.Int).Add(big.NewInt(int64(a)), big.NewInt(int64(b)))
		sum, err := approval.Add(a, b)
		if exact.IsInt64() != (err == nil) {
			t.Fatalf("%d + %d = %s, got error %v", a, b, exact, err)
		}
		if err == nil && exact.Int64() != int64(sum) {
			t.Fatalf("%d + %d = %s, got %d", a, b, exact, sum)
		}
		if total, sumErr := approval.Sum(a, b); total != sum || (sumErr == nil) != (err == nil) {
			t.Fatalf("Sum says %d, %v; Add says %d, %v", total, sumErr, sum, err)
		}
	})
}

func TestAddReachesTheLimits(t *testing.T) {
	for _, c := range []struct {
		a, b approval.Fen
		fits bool
	}{
		{math.MaxInt64 - 1, 1, true}, {math.MaxInt64, 1, false}, {math.MaxInt64, 0, true}, {math.MaxInt64, -1, true},
		{math.MinInt64 + 1, -1, true}, {math.MinInt64, -1, false}, {math.MinInt64, 0, true}, {math.MinInt64, math.MaxInt64, true},
	} {
		if sum, err := approval.Add(c.a, c.b); c.fits != (err == nil) || c.fits && sum != c.a+c.b {
			t.Errorf("%d + %d = %d, %v", c.a, c.b, sum, err)
		}
	}
}

func TestMaxAmountsAddUp(t *testing.T) {
	lines := make([]approval.Fen, 900_000)
	for i := range lines {
		lines[i] = approval.MaxAmount
	}
	if _, err := approval.Sum(lines...); err != nil {
		t.Error("the promise in MaxAmount's comment does not hold:", err)
	}
	if approval.MaxAmount > 1<<53 {
		t.Error("MaxAmount is not exact in a JavaScript number")
	}
}
