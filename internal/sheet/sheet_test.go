package sheet_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"

	"linli/internal/sheet"
)

func TestATableIsReadAsItWasWritten(t *testing.T) {
	book, err := sheet.New()
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	columns := []sheet.Column{{"名称", 20, sheet.Text}, {"个数", 8, sheet.Number}, {"金额（元）", 14, sheet.Money}, {"覆盖率", 8, sheet.Percent}}
	rows := [][]any{
		{"示范一社区", int64(1234), int64(9_007_199_254_740_93), int64(5495)},
		{`=HYPERLINK("http://example.org","点我")`, int64(0), int64(-1), int64(10_000)},
	}
	for _, name := range []string{"总表", "第二表"} {
		if err := book.Table(name, columns, slices.Values(rows)); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if _, err := book.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	read, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	if names := read.GetSheetList(); !slices.Equal(names, []string{"总表", "第二表"}) {
		t.Errorf("sheets %v", names)
	}
	shown, err := read.GetRows("第二表")
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"名称", "个数", "金额（元）", "覆盖率"},
		{"示范一社区", "1,234", "9,007,199,254,740.93", "54.95%"},
		{`'=HYPERLINK("http://example.org","点我")`, "0", "-0.01", "100.00%"},
	}
	for i, row := range want {
		if !slices.Equal(shown[i], row) {
			t.Errorf("row %d shows %q, want %q", i+1, shown[i], row)
		}
	}
	if formula, _ := read.GetCellFormula("总表", "A3"); formula != "" {
		t.Errorf("a text became the formula %s", formula)
	}
}

func TestRowsThatDoNotFitAreRefused(t *testing.T) {
	book, err := sheet.New()
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	for i, row := range [][]any{{"a", "b"}, {1.5}, {nil}} {
		if err := book.Table(string(rune('a'+i)), []sheet.Column{{"名称", 20, sheet.Text}}, slices.Values([][]any{row})); err == nil {
			t.Errorf("%v was written", row)
		}
	}
}

func TestGuardedTextsComeBack(t *testing.T) {
	for text, guarded := range map[string]string{
		"": "", "示范": "示范", "=1+1": "'=1+1", "+86": "'+86", "-5": "'-5", "@a": "'@a", "\tx": "'\tx", "'quoted": "''quoted", "a=b": "a=b", "''=x": "'''=x", "'=x": "''=x",
	} {
		if got := sheet.Guard(text); got != guarded {
			t.Errorf("%q is written %q, want %q", text, got, guarded)
		}
		if got := sheet.Plain(guarded); got != text {
			t.Errorf("%q is read %q, want %q", guarded, got, text)
		}
	}
}
