package web

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"linli/approval"
)

// maxPage is what a resident's phone loads at most: page and style, bytes.
const maxPage = 60 << 10

// With -pages the rendered pages are also written to a folder, to be looked
// at in a browser.
var folder = flag.String("pages", "", "write the rendered pages into this folder")

func at(text string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, approval.Shanghai)
	if err != nil {
		panic(err)
	}
	return t
}

func sampleNotice() approval.NoticeView {
	finding := func(id, title string, verdict approval.FindingVerdict) approval.Finding {
		return approval.Finding{
			ID: id, Title: title, Severity: approval.SeverityBlock, Verdict: verdict, Message: "申请金额不超过基金可用余额", Value: "86,000.00元", Limit: "300,000.00元",
			Citation: "示例规则第3条", Terms: []approval.Term{{Text: "proposal.amount <= fund.available", Value: "true", Terms: []approval.Term{{Text: "proposal.amount", Value: "8600000"}, {Text: "fund.available", Value: "30000000"}}}},
		}
	}
	return approval.NoticeView{
		Notice: approval.Notice{
			ID: "c_01-n1", CaseID: "c_01", Scope: "370300/370303/370303001/370303001901", Kind: "result", Title: "示范一社区3号楼单元门维修",
			Amount: 8_600_000, Category: approval.Text{ZH: "修缮改造", EN: "repair and conversion"}, Purpose: "维修3号楼六个单元门及门禁，更换锈蚀门框。\n施工期间保留一侧通行。", Payee: "示例建筑维修有限公司",
			Lines: []approval.NoticeLine{{Item: "单元门6樘", Amount: 6_000_000}, {Item: "门禁主机及安装", Amount: 2_600_000}},
			Steps: []approval.NoticeStep{
				{Stage: approval.Text{ZH: "受理审查", EN: "screening"}, Office: approval.Text{ZH: "社区", EN: "community"}, Action: approval.Text{ZH: "提交", EN: "submit"}, At: at("2026-03-02 09:10")},
				{Stage: approval.Text{ZH: "慈善总会审批", EN: "charity approval"}, Office: approval.Text{ZH: "慈善总会", EN: "charity federation"}, Action: approval.Text{ZH: "同意", EN: "approve"}, At: at("2026-03-05 15:30")},
			},
			Vote: approval.NoticeVote{Eligible: 5, Cast: 5, For: 4, Against: 1, Recused: 1, Why: approval.Text{ZH: "应到5人，赞成4票，超过半数，通过。", EN: "4 of 5 in favour."},
				Ballots: []approval.NoticeBallot{{Member: "p_1", Choice: approval.For}, {Member: "p_2", Choice: approval.Against}}},
			Evidence: []approval.Evidence{{Pin: approval.RulePin{ID: "370303/funduse", Version: 3}, EvaluatedAt: at("2026-03-02 09:11"), Stage: "screening", Outcome: approval.OutcomeReview,
				Findings: []approval.Finding{finding("balance", "余额充足", approval.FindingOK), finding("quotes", "超过一万元须附三方比价", approval.FindingFail), finding("earmark", "定向捐赠用途一致", approval.FindingSkipped), finding("needs", "回应居民需求", approval.FindingUnknown)}}},
			Payment:     &approval.Payment{Amount: 8_600_000, BankReference: "20260306000123", PaidAt: at("2026-03-06 10:00")},
			ContentHash: strings.Repeat("ab", 32), Pin: approval.RulePin{ID: "370303/funduse", Version: 3}, Days: 5, DayKind: approval.WorkingDays,
			PublishedAt: at("2026-03-06 11:00"), EndsAt: at("2026-03-14 00:00"),
		},
		ScopeNames: []string{"淄博市", "张店区", "车站街道", "示范一社区"},
		Names:      []approval.PersonName{{ID: "p_1", Name: "委员甲"}, {ID: "p_2", Name: "委员乙"}},
		Notes:      []approval.NoticeNote{{ID: "n1", Kind: "correction", Text: "预算明细第二行“门禁主机”更正为“门禁主机及安装”。", At: at("2026-03-07 08:00")}},
		Objections: []approval.ObjectionView{{ID: "o1", Text: "门的数量与现场不符。", Status: "overruled", Answer: "现场共六樘，已复核。", FiledAt: at("2026-03-07 12:00"), AnsweredAt: at("2026-03-08 09:00")}},
		Open:       true,
	}
}

// crowded is the longest notice every limit of the system admits.
func crowded() approval.NoticeView {
	n := sampleNotice()
	n.Title, n.Purpose = strings.Repeat("修", 80), strings.Repeat("缮", 2000)
	n.Lines, n.Notes, n.Objections, n.Vote.Ballots = nil, nil, nil, nil
	for i := range 100 {
		n.Lines = append(n.Lines, approval.NoticeLine{Item: fmt.Sprintf("第%d项材料与人工", i), Amount: 100_000})
	}
	for i := range 40 {
		n.Notes = append(n.Notes, approval.NoticeNote{Kind: "disclosure", Text: strings.Repeat("季", 1000), At: n.PublishedAt})
		n.Objections = append(n.Objections, approval.ObjectionView{Text: strings.Repeat("异", 2000), Answer: strings.Repeat("答", 500), FiledAt: n.PublishedAt})
		n.Vote.Ballots = append(n.Vote.Ballots, approval.NoticeBallot{Member: fmt.Sprintf("p_%d", i), Choice: approval.For})
	}
	deep := []approval.Term{{Text: strings.Repeat("facts", 100), Value: strings.Repeat("值", 300)}}
	for range 12 {
		deep = []approval.Term{{Text: "a && b", Value: "true", Terms: append(deep, deep...)}}
	}
	for e := range 2 {
		n.Evidence = append(n.Evidence, n.Evidence[0])
		n.Evidence[e].Findings = nil
		for i := range 12 {
			f := sampleNotice().Evidence[0].Findings[1]
			f.ID, f.Terms = fmt.Sprint(i), deep
			n.Evidence[e].Findings = append(n.Evidence[e].Findings, f)
		}
	}
	return n
}

func render(t *testing.T, lang Lang) map[string][]byte {
	t.Helper()
	pages, err := New()
	if err != nil {
		t.Fatal(err)
	}
	frame := Frame{Lang: lang, Now: at("2026-03-09 10:00"), URL: &url.URL{Path: "/notices/c_01-n1"}}
	n, closed := sampleNotice(), sampleNotice()
	closed.Open, closed.Kind, closed.Payment, closed.DayKind = false, "before_payout", nil, approval.CalendarDays
	many := NoticeList{Frame: frame, Filter: approval.NoticeFilter{Search: "门", Scope: "370300/370303", Open: true}, Next: "abc", Cursor: "xyz",
		Path: []Place{{"370300", "淄博市"}, {"370300/370303", "张店区"}}, Below: []Place{{"370300/370303/370303001", "车站街道"}}}
	for range 20 {
		many.Items = append(many.Items, n, closed)
	}
	many.Calls = []approval.CallNotice{sampleCall(), sampleCall()}
	refusal := approval.Errorf(approval.Invalid, "请填写异议内容。", "Please write the objection.").At("text")
	out := map[string][]byte{}
	keep := func(name string, page []byte, err error) {
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = page
	}
	page, err := pages.Notices(many)
	keep("list", page, err)
	page, err = pages.Notices(NoticeList{Frame: frame})
	keep("empty", page, err)
	page, err = pages.Notice(NoticePage{Frame: frame, Notice: n, FormKey: "k-123", Refusal: refusal, Text: "草稿", Contact: "电话"})
	keep("notice", page, err)
	page, err = pages.Notice(NoticePage{Frame: frame, Notice: closed, FormKey: "k-123"})
	keep("closed", page, err)
	page, err = pages.Notice(NoticePage{Frame: frame, Notice: crowded(), FormKey: "k-123"})
	keep("crowded", page, err)
	page, err = pages.Receipt(ReceiptPage{Frame: frame, Notice: n, Code: "ABCD-EFGH-JKLM-NPQR"})
	keep("receipt", page, err)
	page, err = pages.Objection(ObjectionPage{Frame: frame, Notice: n, Objection: n.Objections[0]})
	keep("objection", page, err)
	page, err = pages.Bulletins(sampleBulletins(frame))
	keep("bulletins", page, err)
	page, err = pages.Bulletins(BulletinList{Frame: frame})
	keep("no_bulletins", page, err)
	page, err = pages.Bulletin(BulletinPage{Frame: frame, Bulletin: sampleBulletin(50)})
	keep("bulletin", page, err)
	page, err = pages.Calls(sampleCalls(frame))
	keep("calls", page, err)
	page, err = pages.Calls(CallList{Frame: frame})
	keep("no_calls", page, err)
	page, err = pages.Call(CallPage{Frame: frame, Call: sampleCall()})
	keep("call", page, err)
	page, err = pages.Call(CallPage{Frame: frame, Call: awarded()})
	keep("call_awarded", page, err)
	for _, status := range []int{400, 404, 409, 429, 500, 503} {
		page, err = pages.Problem(ProblemPage{Frame: frame, Status: status, RequestID: "r-1"})
		keep(fmt.Sprintf("problem%d", status), page, err)
	}
	return out
}

func TestPagesAreSmallWholeAndPlain(t *testing.T) {
	for _, lang := range []Lang{ZH, EN} {
		for name, page := range render(t, lang) {
			if *folder != "" {
				write(t, filepath.Join(*folder, name+"."+string(lang)+".html"), page)
			}
			if size := len(page) + len(style) + len(icon); size > maxPage {
				t.Errorf("%s %s: %d bytes with style, at most %d", name, lang, size, maxPage)
			}
			checkMarkup(t, name+" "+string(lang), page)
		}
	}
}

// write puts a page and what it links to where a browser opens it from disk.
func write(t *testing.T, path string, page []byte) {
	t.Helper()
	pages, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for _, asset := range pages.Assets() {
		page = bytes.ReplaceAll(page, []byte(asset.Path), []byte(filepath.Base(asset.Path)))
		if err := os.WriteFile(filepath.Join(filepath.Dir(path), filepath.Base(asset.Path)), asset.Body, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, page, 0o644); err != nil {
		t.Fatal(err)
	}
}

var void = map[string]bool{"meta": true, "link": true, "input": true, "br": true}

// checkMarkup walks the tokens: every element closed in order, nothing inline
// that the policy forbids, landmarks there, labels for fields, ids unique.
func checkMarkup(t *testing.T, name string, page []byte) {
	t.Helper()
	tokens := html.NewTokenizer(bytes.NewReader(page))
	var open []string
	ids, labels, seen := map[string]bool{}, map[string]bool{}, map[string]int{}
	var fields []string
	for {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			if err := tokens.Err(); err != io.EOF {
				t.Errorf("%s: %v", name, err)
			}
			break
		}
		token := tokens.Token()
		if kind == html.EndTagToken {
			if len(open) == 0 || open[len(open)-1] != token.Data {
				t.Fatalf("%s: </%s> closes %v", name, token.Data, open)
			}
			open = open[:len(open)-1]
		}
		if kind != html.StartTagToken {
			continue
		}
		seen[token.Data]++
		if !void[token.Data] {
			open = append(open, token.Data)
		}
		attributes := map[string]string{}
		for _, a := range token.Attr {
			attributes[a.Key] = a.Val
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
				t.Errorf("%s: <%s %s> is inline", name, token.Data, a.Key)
			}
			if (a.Key == "href" || a.Key == "src" || a.Key == "action") && !strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "#") {
				t.Errorf("%s: <%s> leads away to %q", name, token.Data, a.Val)
			}
			if strings.Contains(a.Val, "ZgotmplZ") {
				t.Errorf("%s: <%s %s> was filtered out", name, token.Data, a.Key)
			}
		}
		if id := attributes["id"]; id != "" {
			if ids[id] {
				t.Errorf("%s: id %q stands twice", name, id)
			}
			ids[id] = true
		}
		labels[attributes["for"]] = true
		if (token.Data == "input" && attributes["type"] != "hidden") || token.Data == "textarea" || token.Data == "select" {
			fields = append(fields, attributes["id"])
		}
	}
	for _, field := range fields {
		if field == "" || !labels[field] {
			t.Errorf("%s: field %q has no label", name, field)
		}
	}
	for element, count := range map[string]int{"header": 1, "main": 1, "footer": 1, "h1": 1, "script": 0, "style": 0, "img": 0, "iframe": 0} {
		if seen[element] != count {
			t.Errorf("%s: %d <%s>, want %d", name, seen[element], element, count)
		}
	}
	if !bytes.Contains(page, []byte(`class="skip" href="#main"`)) || len(open) != 0 {
		t.Errorf("%s: no skip link, or elements left open: %v", name, open)
	}
}

func TestNoticeSaysEverything(t *testing.T) {
	page := string(render(t, ZH)["notice"])
	for _, want := range []string{
		`lang="zh-CN"`, "86,000.00", "捌万陆仟元整", "示例建筑维修有限公司", "门禁主机及安装", "距公示结束还有 4 天", "2026年3月13日24时", "5个工作日",
		"委员乙", "反对", "✗ 不符合", "✓ 符合", "? 依据不足", "– 不适用", "proposal.amount", "20260306000123", "更正", "现场共六樘", "请填写异议内容。", "草稿", strings.Repeat("ab", 32),
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the notice does not say %q", want)
		}
	}
	english := string(render(t, EN)["notice"])
	for _, want := range []string{`<html lang="en">`, "Committee vote", "4 days left", "13 Mar 2026, 24:00", "5 working days", "repair and conversion", "lang=en"} {
		if !strings.Contains(english, want) {
			t.Errorf("the English notice does not say %q", want)
		}
	}
	closed := string(render(t, ZH)["closed"])
	if strings.Contains(closed, "<form") || !strings.Contains(closed, "公示期已结束") || !strings.Contains(closed, "尚未付款") || !strings.Contains(closed, "5个自然日") {
		t.Error("a closed, unpaid notice must say so and take no objection")
	}
}

func TestContentNeverBecomesMarkup(t *testing.T) {
	pages, err := New()
	if err != nil {
		t.Fatal(err)
	}
	evil := `"><script>alert(1)</script>`
	n := sampleNotice()
	n.Title, n.Purpose, n.Payee, n.ID = evil, evil, evil, evil
	n.Lines[0].Item, n.Notes[0].Text, n.Objections[0].Text, n.Evidence[0].Findings[0].Terms[0].Text = evil, evil, evil, evil
	frame := Frame{URL: &url.URL{Path: "/notices/x", RawQuery: "q=" + url.QueryEscape(evil)}}
	notice, err := pages.Notice(NoticePage{Frame: frame, Notice: n, Text: evil, Contact: evil, FormKey: evil})
	if err != nil {
		t.Fatal(err)
	}
	list, err := pages.Notices(NoticeList{Frame: frame, Filter: approval.NoticeFilter{Search: evil, Scope: approval.Scope(evil)}, Items: []approval.NoticeView{n}, Next: evil})
	if err != nil {
		t.Fatal(err)
	}
	for name, page := range map[string][]byte{"notice": notice, "list": list} {
		checkMarkup(t, name, page)
		if bytes.Contains(page, []byte("<script")) {
			t.Errorf("%s: content became markup", name)
		}
	}
}

func TestCrowdedNoticeCountsWhatItLeavesOut(t *testing.T) {
	page := string(render(t, ZH)["crowded"])
	for _, want := range []string{"更早的说明", "更早的异议", "/v1/public/notices/c_01-n1"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page leaves things out without saying %q", want)
		}
	}
}

func TestLeft(t *testing.T) {
	n := sampleNotice()
	for now, want := range map[string]string{
		"2026-03-09 10:00": "距公示结束还有 4 天", "2026-03-12 22:00": "距公示结束还有 26 小时", "2026-03-13 23:30": "公示将在一小时内结束", "2026-03-14 00:00": "公示期已结束",
	} {
		if got := (Frame{Now: at(now)}).Left(n); got != want {
			t.Errorf("at %s: %q, want %q", now, got, want)
		}
	}
}

func TestAnAdmissionNoticeShowsSpaceAndPricesAndNoVote(t *testing.T) {
	pages, err := New()
	if err != nil {
		t.Fatal(err)
	}
	n := sampleNotice()
	n.Kind, n.Payment, n.Lines, n.Vote, n.Amount = "admission", nil, nil, approval.NoticeVote{}, 8_000_000
	n.Admission = &approval.NoticeAdmission{
		Operator: "淄博某某养老服务有限公司", CreditCode: "91370303MA3F0A0A0X", Space: "一层东厅", Area: 12050, StartsOn: "2026-05-01", EndsOn: "2029-04-30",
		Share: approval.Text{ZH: "按季度反哺利润的30%", EN: "30% of profit, quarterly"}, Score: "87.50",
		Services: []approval.NoticeService{{Name: "午餐", Unit: "份", Price: 1200, Price60: 1080, Price80: 1020}},
	}
	frame := Frame{Now: at("2026-03-09 10:00"), URL: &url.URL{Path: "/notices/c_01-n1"}}
	one, err := pages.Notice(NoticePage{Frame: frame, Notice: n, FormKey: "k-1"})
	if err != nil {
		t.Fatal(err)
	}
	list, err := pages.Notices(NoticeList{Frame: frame, Items: []approval.NoticeView{n}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"准入公示", "91370303MA3F0A0A0X", "一层东厅", "120.50平方米", "2029-04-30", "按季度反哺利润的30%", "87.50", "午餐", "10.80", "10.20", "80,000.00"} {
		if !strings.Contains(string(one), want) {
			t.Errorf("the notice does not say %q", want)
		}
	}
	if !strings.Contains(string(list), "一层东厅") {
		t.Error("the list does not name the space")
	}
	for _, wrong := range []string{"管委会表决", "收款方", "尚未付款"} {
		if strings.Contains(string(one), wrong) || strings.Contains(string(list), wrong) {
			t.Errorf("an admission notice says %q", wrong)
		}
	}
}
