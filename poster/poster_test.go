package poster_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"linli/approval"
	"linli/internal/fonts"
	"linli/poster"
)

var opened = sync.OnceValues(func() (poster.Font, error) {
	if err := fonts.Ensure(context.Background(), fonts.Debian); err != nil {
		return poster.Font{}, err
	}
	return poster.OpenFont(fonts.Debian)
})

func font(t testing.TB) poster.Font {
	t.Helper()
	font, err := opened()
	if err != nil {
		t.Fatal(err)
	}
	return font
}

const address = "https://linli.example.cn/notices/fu_01J-n1"

var (
	at   = time.Date(2026, 3, 4, 9, 30, 0, 0, approval.Shanghai)
	hash = strings.Repeat("ab12", 16)
	pin  = approval.RulePin{ID: "370303/funduse", Version: 2, Hash: strings.Repeat("cd34", 16)}
)

func notice() approval.NoticeView {
	step := func(stage, office, action string) approval.NoticeStep {
		return approval.NoticeStep{Stage: approval.Text{ZH: stage}, Office: approval.Text{ZH: office}, Action: approval.Text{ZH: action}, At: at}
	}
	return approval.NoticeView{
		ScopeNames: []string{"淄博市", "张店区", "车站街道", "某某社区"},
		Notice: approval.Notice{
			ID: "fu_01J-n1", Kind: "result", Title: "端午邻里活动", Amount: 420_000, Category: approval.Text{ZH: "活动筹办"},
			Purpose: "组织端午包粽子活动，惠及老年居民。活动于6月上旬在社区广场举行，预计参加120人（含独居老人35人），物料由居民议事会询价后确定；不足部分由物业公司捐助。",
			Payee:   "淄博某某文化服务有限公司",
			Lines:   []approval.NoticeLine{{Item: "物料", Amount: 300_000}, {Item: "场地布置", Amount: 120_000}},
			Steps:   []approval.NoticeStep{step("受理审查", "社区", "提交"), step("慈善总会审批", "慈善总会", "同意"), step("拨付", "出纳", "同意")},
			Vote:    approval.NoticeVote{Eligible: 3, Cast: 2, For: 2, Recused: 1, Why: approval.Text{ZH: "赞成 2 票，达到通过所需的 2 票。"}},
			Payment: &approval.Payment{Amount: 420_000, BankReference: "20260304-1", PaidAt: at}, ContentHash: hash,
			Days: 5, DayKind: approval.WorkingDays, PublishedAt: at, EndsAt: time.Date(2026, 3, 12, 0, 0, 0, 0, approval.Shanghai),
		},
	}
}

func minutes() poster.Minutes {
	return poster.Minutes{
		CaseID: "fu_01J", Title: "端午邻里活动", Community: "某某社区", Amount: 420_000, Round: 1, OpenedAt: at, ClosedAt: at.Add(time.Hour),
		Members: []poster.Attendance{
			{Name: "张三", Seats: []string{"chair"}, Choice: approval.For, VotedAt: at},
			{Name: "李四", Seats: []string{"resident", "neighbour"}, Choice: approval.Against, VotedAt: at},
			{Name: "王五", Recused: true, Reason: "与收款方有利害关系：近亲属"}, {Name: "赵六", Reserve: true},
		},
		Verdict: approval.Verdict{Outcome: approval.VotePassed, Eligible: 3, Cast: 2, For: 1, Against: 1, Why: approval.Text{ZH: "赞成 1 票。", EN: "1 in favour."}},
		Named:   true, ContentHash: hash, Pin: pin,
	}
}

func order() poster.PaymentOrder {
	return poster.PaymentOrder{
		CaseID: "fu_01J", Title: "端午邻里活动", Fund: "某某社区发展基金", Charity: "张店区慈善总会", Payee: "淄博某某文化服务有限公司",
		Bank: "某某银行", Account: "**** 1234", Amount: 1_234_567_89, Maker: poster.Signatory{Name: "钱七", At: at}, ContentHash: hash, Pin: pin, IssuedAt: at,
	}
}

// print is the text of a PDF, page by page.
func print(t *testing.T, write func(*bytes.Buffer) error) []string {
	t.Helper()
	var out bytes.Buffer
	if err := write(&out); err != nil {
		t.Fatal(err)
	}
	return pagesOf(t, out.Bytes())
}

func printNotice(t *testing.T, n approval.NoticeView) []string {
	t.Helper()
	return print(t, func(out *bytes.Buffer) error { return poster.Notice(out, n, address, font(t)) })
}

func wants(t *testing.T, pages []string, texts ...string) {
	t.Helper()
	all := strings.Join(pages, "")
	for _, text := range texts {
		if !strings.Contains(all, strings.ReplaceAll(text, " ", "")) {
			t.Errorf("%q is not on paper: %s", text, all)
		}
	}
}

func TestANoticeSaysEverything(t *testing.T) {
	n := notice()
	n.Vote.Ballots = []approval.NoticeBallot{{Member: "p_1", Choice: approval.Against}}
	n.Names = []approval.PersonName{{ID: "p_1", Name: "张三"}}
	n.Notes = []approval.NoticeNote{{Kind: "correction", Text: "收款方名称更正", At: at}, {Kind: "closing", Text: "结项"}}
	pages := printNotice(t, n)
	wants(t, pages, "淄博市张店区车站街道某某社区", "社区发展基金使用结果公示", "端午邻里活动", "2026年3月4日09:30至2026年3月11日24时（5个工作日）",
		"4,200.00元", "人民币（大写）：肆仟贰佰元整", "活动筹办", "惠及老年居民", "淄博某某文化服务有限公司", "银行流水号20260304-1", "物料", "3,000.00",
		"场地布置", "1,200.00", "合计", "慈善总会审批", "赞成2票，达到通过所需的2票。", "张三：反对", "收款方名称更正", address, "fu_01J-n1", hash, "Page1of")
	if strings.Contains(strings.Join(pages, ""), "结项") {
		t.Error("a note that corrects nothing is on the poster")
	}
}

func TestANoticeBeforePaymentSaysSo(t *testing.T) {
	n := notice()
	n.Kind, n.Payment, n.DayKind = "before_payout", nil, approval.CalendarDays
	wants(t, printNotice(t, n), "社区发展基金付款前公示", "尚未付款", "5个自然日")
}

func TestAnAdmissionNoticeShowsSpaceAndPricesAndNoVote(t *testing.T) {
	n := notice()
	n.Kind, n.Payment, n.Lines, n.Amount, n.Vote = "admission", nil, nil, 8_000_000, approval.NoticeVote{}
	n.Admission = &approval.NoticeAdmission{
		Operator: "淄博某某养老服务有限公司", CreditCode: "91370303MA3F0A0A0X", Space: "一层东厅", Area: 12050, StartsOn: "2026-05-01", EndsOn: "2029-04-30",
		Share: approval.Text{ZH: "按季度反哺利润的30%"}, Score: "87.50", Services: []approval.NoticeService{{Name: "午餐", Unit: "份", Price: 1200, Price60: 1080, Price80: 1020}},
	}
	pages := printNotice(t, n)
	wants(t, pages, "社区空间运营主体准入公示", "淄博某某养老服务有限公司（91370303MA3F0A0A0X）", "一层东厅，120.50平方米", "2026-05-01至2029-04-30",
		"按季度反哺利润的30%", "80,000.00元", "87.50", "午餐（份）", "12.00", "10.80", "10.20")
	if all := strings.Join(pages, ""); strings.Contains(all, "管委会表决") || strings.Contains(all, "收款方") {
		t.Errorf("nobody votes on an admission and nobody is paid: %s", all)
	}
}

func TestMinutesShowNamesOnlyWherePublished(t *testing.T) {
	m := minutes()
	write := func(out *bytes.Buffer) error { return m.Print(out, font(t)) }
	open := print(t, write)
	wants(t, open, "社区发展基金管委会会议纪要", "张三主任赞成2026年3月4日09:30", "李四居民代表、neighbour反对", "王五：与收款方有利害关系：近亲属", "赵六（递补）未投票",
		"通过。赞成1票。", "肆仟贰佰元整", "370303/funduse第2版", pin.Hash, hash, "fu_01J", "第1轮")
	m.Named = false
	closed := print(t, write)
	wants(t, closed, "张三主任已投票", "只公布票数", "王五回避")
	if all := strings.Join(closed, ""); strings.Contains(all, "已投票2026") || strings.Contains(all, "neighbour反对") {
		t.Errorf("secret ballots are told: %s", all)
	}
}

func TestAPaymentOrderSaysWhetherItWasPaid(t *testing.T) {
	o := order()
	write := func(out *bytes.Buffer) error { return o.Print(out, font(t)) }
	wants(t, print(t, write), "付款通知单", "待付款", "1,234,567.89元", "壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分", "某某社区发展基金", "张店区慈善总会",
		"某某银行", "****1234", "钱七2026年3月4日09:30", "待办", hash)
	o.Checker, o.BankReference, o.PaidAt = poster.Signatory{Name: "孙八", For: "周九", At: at}, "REF-1", at
	paid := print(t, write)
	wants(t, paid, "已付款", "孙八（代周九）", "REF-1")
	if strings.Contains(strings.Join(paid, ""), "待") {
		t.Error("a paid order still waits")
	}
}

func TestLongNoticesGoOnOnFurtherPages(t *testing.T) {
	n := notice()
	n.Purpose = strings.Repeat("说明很长，", 400)
	n.Lines = nil
	for range 100 {
		n.Lines = append(n.Lines, approval.NoticeLine{Item: strings.Repeat("一项预算", 30), Amount: 4200})
	}
	n.Lines[50].Item = strings.Repeat("高过一页", 1500)
	pages := printNotice(t, n)
	if len(pages) < 5 {
		t.Fatalf("%d pages", len(pages))
	}
	all := strings.Join(pages, "")
	if got := strings.Count(all, "高过一页"); got < 1480 { // some are parted by a page break
		t.Errorf("the tallest cell shows %d of 1500 repetitions", got)
	}
	for i, page := range pages {
		wants(t, []string{page}, "第"+itoa(i+1)+"页，共"+itoa(len(pages))+"页", hash)
	}
}

func TestAMissingGlyphIsNamedNeverLeftOut(t *testing.T) {
	const addFont, useAnother = "LINLI_FONT_FILE", "Use another one" // what helps
	for _, missing := range []struct{ text, name, helps string }{
		{"王𠮷", "U+20BB7", useAnother}, {"好👍", "U+1F44D", useAnother}, {"葛\U000e0100", "U+E0100", useAnother},
		{"私\ue000用", "U+E000", addFont}, {"控制\a符", "U+0007", addFont},
	} {
		n := notice()
		n.Payee = missing.text
		var out bytes.Buffer
		err := poster.Notice(&out, n, address, font(t))
		if approval.CodeOf(err) != approval.Conflict || !strings.Contains(err.Error(), missing.name) || !strings.Contains(err.Error(), missing.helps) || out.Len() != 0 {
			t.Errorf("%q: %v, %d bytes; want a refusal naming %s and %s, and nothing written", missing.text, err, out.Len(), missing.name, missing.helps)
		}
	}
	n := notice()
	n.Payee = "零宽\u200b字符\u00a0不可见\ufeff"
	wants(t, printNotice(t, n), "零宽字符不可见")
}

func TestAFontThatCannotPrintIsRefused(t *testing.T) {
	folder := t.TempDir()
	junk := filepath.Join(folder, "junk.ttf")
	if err := os.WriteFile(junk, []byte("OTTO not a TrueType font"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, files := range []string{"", " , ", filepath.Join(folder, "none.ttf"), fonts.Debian + "," + filepath.Join(folder, "none.ttf")} {
		_, err := poster.OpenFont(files)
		if approval.CodeOf(err) != approval.Unavailable || !strings.Contains(err.Error(), "fonts-droid-fallback") {
			t.Errorf("%q: %v, want what to install", files, err)
		}
	}
	if _, err := poster.OpenFont(junk); err == nil || !strings.Contains(err.Error(), "glyf") {
		t.Errorf("junk: %v, want what a font must be", err)
	}
	var out bytes.Buffer
	if err := poster.Notice(&out, notice(), address, poster.Font{}); approval.CodeOf(err) != approval.Unavailable || out.Len() != 0 {
		t.Errorf("without a font: %v", err)
	}
}

// The same input gives the same bytes, also side by side: the file can be
// signed or compared.
func TestPrintingIsDeterministic(t *testing.T) {
	const runs = 8
	sums := make([]string, runs)
	var wait sync.WaitGroup
	printed := font(t)
	for i := range sums {
		wait.Go(func() {
			var out bytes.Buffer
			if err := poster.Notice(&out, notice(), address, printed); err != nil {
				t.Error(err)
			}
			sum := sha256.Sum256(out.Bytes())
			sums[i] = hex.EncodeToString(sum[:])
		})
	}
	wait.Wait()
	for _, sum := range sums {
		if sum != sums[0] {
			t.Errorf("the same notice printed as %v", sums)
		}
	}
}
