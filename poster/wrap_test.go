package poster

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// wide counts Chinese characters as two and Latin ones as one.
func wide(text string) float64 {
	sum := 0.0
	for _, r := range text {
		sum++
		if r >= 0x2000 {
			sum++
		}
	}
	return sum
}

func TestLinesBreakByTheChineseRules(t *testing.T) {
	for _, test := range []struct {
		text  string
		width float64
		want  []string
	}{
		{"", 10, []string{""}},
		{"组织活动", 4, []string{"组织", "活动"}},
		{"组织活动，惠民", 8, []string{"组织活", "动，惠民"}}, // no line begins with a comma
		{"共三项（含税）等", 8, []string{"共三项", "（含税）", "等"}},
		{"他说：“好的。”走", 8, []string{"他说：", "“好", "的。”走"}},
		{"费用4,200.00元", 8, []string{"费用", "4,200.00", "元"}}, // a number stays whole
		{"等等……好", 6, []string{"等", "等……", "好"}},
		{"one two three", 7, []string{"one two", "three"}},
		{"一\n\n二\r\n三", 8, []string{"一", "", "二", "三"}},
		{"abcdefghij", 4, []string{"abcd", "efgh", "ij"}},
		{"好 ,好", 4, []string{"好 ,", "好"}},
	} {
		if got := wrap(test.text, test.width, wide); !slices.Equal(got, test.want) {
			t.Errorf("%q at %v breaks as %q, want %q", test.text, test.width, got, test.want)
		}
	}
}

// Whatever the text: no character is lost, no line is too wide, and no line
// begins or ends with a mark that must not unless it could not be helped.
func TestNothingIsLostInBreaking(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.SampledFrom([]rune("天地人，。（“”）a1. ,")), 0, 60, -1).Draw(t, "text")
		width := float64(rapid.IntRange(2, 30).Draw(t, "width"))
		lines := wrap(text, width, wide)
		if got, want := strings.ReplaceAll(strings.Join(lines, ""), " ", ""), strings.ReplaceAll(text, " ", ""); got != want {
			t.Fatalf("%q became %q", want, got)
		}
		helpable := true
		for _, unit := range unbreakable(text) {
			helpable = helpable && wide(unit) <= width
		}
		for i, line := range lines {
			if wide(line) > width {
				t.Fatalf("line %q is wider than %v", line, width)
			}
			first, _ := utf8.DecodeRuneInString(line)
			before, _ := utf8.DecodeRuneInString(text)
			if helpable && i > 0 && closes(first) && !strings.Contains(text, " "+string(first)) && before != first {
				t.Fatalf("line %q of %q begins with a closing mark", line, text)
			}
		}
	})
}
