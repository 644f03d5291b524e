package poster_test

import (
	"bytes"
	"strings"
	"testing"

	"linli/approval"
	"linli/approval/contract"
	"linli/poster"
)

func paper() approval.Paper {
	return approval.Paper{
		Issuer: "示例一社区", Title: approval.Text{ZH: "空间移交证书", EN: "Handover certificate"}, Subject: "邻里中心一层", Sample: "示例文本",
		Number: "e_1-handover", Hash: hash, At: at,
		Blocks: []approval.Block{
			{Heading: approval.Text{ZH: "移交清单", EN: "Checklist"}},
			{Text: "双方逐项确认如下。"},
			{Pair: approval.Pair{Label: approval.Text{ZH: "电表", EN: "Meter"}, Value: "1234.5"}},
			{Table: &approval.Table{
				Columns: []approval.Column{{Name: approval.Text{ZH: "项目"}, Share: 3}, {Name: approval.Text{ZH: "数量"}, Share: 1, Right: true}},
				Rows:    [][]string{{"灭火器", "4"}, {"钥匙", "6"}}, Total: []string{"合计", "10"},
			}},
			{Signatures: []string{"甲方（签章）", "乙方（签章）"}},
		},
	}
}

func printPaper(t *testing.T, p approval.Paper) []string {
	t.Helper()
	return print(t, func(out *bytes.Buffer) error { return poster.Paper(out, p, font(t)) })
}

func TestAPaperSaysItsBlocks(t *testing.T) {
	wants(t, printPaper(t, paper()), "示例一社区", "空间移交证书", "Handover certificate", "邻里中心一层", "移交清单", "双方逐项确认如下。", "电表", "1234.5",
		"灭火器", "合计", "甲方（签章）", "e_1-handover", hash)
}

func TestASampleIsMarkedOnEveryPage(t *testing.T) {
	p := paper()
	p.Blocks = append(p.Blocks, approval.Block{Text: strings.Repeat("双方逐项确认。", 1200)})
	pages := printPaper(t, p)
	if len(pages) < 3 {
		t.Fatalf("%d pages", len(pages))
	}
	for i, page := range pages {
		if !strings.Contains(page, "示例文本") {
			t.Errorf("page %d is not marked", i+1)
		}
	}
	p.Sample = ""
	if strings.Contains(strings.Join(printPaper(t, p), ""), "示例文本") {
		t.Error("the real thing is marked as a sample")
	}
}

func TestATableThatDoesNotFitIsNotPrinted(t *testing.T) {
	for name, spoil := range map[string]func(*approval.Table){
		"a short row":      func(table *approval.Table) { table.Rows[1] = []string{"钥匙"} },
		"a long total":     func(table *approval.Table) { table.Total = []string{"合计", "10", "！"} },
		"a column of none": func(table *approval.Table) { table.Columns[0].Share = 0 },
	} {
		p := paper()
		spoil(p.Blocks[3].Table)
		var out bytes.Buffer
		if err := poster.Paper(&out, p, font(t)); err == nil || out.Len() != 0 {
			t.Errorf("%s: %v, %d bytes", name, err, out.Len())
		}
	}
}

func TestAPaperRefusesAMissingGlyph(t *testing.T) {
	p := paper()
	p.Blocks[3].Table.Rows[0][0] = "王𠮷"
	var out bytes.Buffer
	if err := poster.Paper(&out, p, font(t)); approval.CodeOf(err) != approval.Conflict || out.Len() != 0 {
		t.Errorf("%v, %d bytes", err, out.Len())
	}
}

// TestAgreementsPrintTheSameBytes: what is signed is the file, byte by byte.
func TestAgreementsPrintTheSameBytes(t *testing.T) {
	order := contract.DrawOrder{CaseID: "on_1", At: at, Terms: contract.Terms{
		Operator:  contract.Operator{Name: "示例运营公司", CreditCode: "91370303MA3C000018", Representative: "李某"},
		Community: "示例一社区居民委员会", Subdistrict: "车站街道办事处", Fund: "示例一社区发展基金", Charity: "淄博市慈善总会",
		Space: contract.Space{Name: "邻里中心一层东厅", Area: 12000}, FirstDay: "2026-04-01", LastDay: "2028-03-31",
		Services: []contract.Service{{Name: "老年助餐", Price: 1200, Unit: "份", Discount60: 10, Discount80: 15}}, Share: "年度利润的30%", Reporting: "按季度",
		Deposit: 500_000,
		Rules:   &contract.Rules{Good: 75, Pass: 60, Failures: 2, RectificationDays: 20, RenewalDays: 60, ReportDays: 10, DonationDays: 10},
	}}
	var sums []string
	for range 2 {
		drafts, err := order.Drafts()
		if err != nil {
			t.Fatal(err)
		}
		for _, draft := range drafts {
			var out bytes.Buffer
			if err := poster.Paper(&out, draft.Paper, font(t)); err != nil {
				t.Fatal(err)
			}
			sums = append(sums, draft.Drawn(out.Bytes()).SHA256)
			wants(t, pagesOf(t, out.Bytes()), draft.Document.Title.ZH, "示例运营公司", "年度利润的30%", "见证方（签章）", "示例文本")
		}
	}
	if sums[0] != sums[2] || sums[1] != sums[3] || sums[0] == sums[1] {
		t.Errorf("printed as %v", sums)
	}
}
