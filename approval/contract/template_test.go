package contract_test

import (
	"reflect"
	"strings"
	"testing"

	"linli/approval"
	"linli/approval/contract"
)

func terms() contract.Terms {
	return contract.Terms{
		Operator:  contract.Operator{Name: "示例运营公司", CreditCode: "91370303MA3C000018", Representative: "李某"},
		Community: "示例一社区居民委员会", Subdistrict: "车站街道办事处", Fund: "示例一社区发展基金", Charity: "淄博市慈善总会",
		Space: contract.Space{Name: "邻里中心一层东厅", Place: "示例路1号", Rooms: []string{"101", "102"}, Area: 12050, Use: "社区食堂"}, FirstDay: "2026-04-01", LastDay: "2028-03-31",
		Services: []contract.Service{
			{Name: "老年助餐", Class: "低偿", Price: 1200, Unit: "份", Discount60: 10, Discount80: 15}, {Name: "血压测量", Class: "公益"},
		},
		Duties: []string{"每月组织一次便民服务日"}, Share: "年度利润的30%", Reporting: "按季度", Deposit: 500_000,
		Rules: &contract.Rules{Good: 75, Pass: 60, Failures: 2, RectificationDays: 20, RenewalDays: 45, ReportDays: 12, DonationDays: 7},
	}
}

func order() contract.DrawOrder {
	return contract.DrawOrder{CaseID: "on_1", Terms: terms(), Parties: parties(), At: noon}
}

// texts is everything a paper says, block by block.
func texts(paper approval.Paper) []string {
	all := []string{paper.Issuer, paper.Title.ZH, paper.Subject}
	for _, b := range paper.Blocks {
		all = append(all, b.Heading.ZH, b.Text, b.Pair.Label.ZH+b.Pair.Value)
		if b.Table != nil {
			for _, row := range b.Table.Rows {
				all = append(all, row...)
			}
		}
		all = append(all, b.Signatures...)
	}
	return all
}

func drafts(t *testing.T, order contract.DrawOrder) []contract.Draft {
	t.Helper()
	drafts, err := order.Drafts()
	if err != nil {
		t.Fatal(err)
	}
	return drafts
}

func TestBothAgreementsSayWhatWasAgreed(t *testing.T) {
	made := drafts(t, order())
	if len(made) != 2 || made[0].Document.Template.Kind != contract.Operating || made[1].Document.Number != "on_1-donation" {
		t.Fatalf("%+v", made)
	}
	for i, wanted := range [][]string{
		{
			"示例运营公司", "91370303MA3C000018", "120.5平方米", "101、102", "2026年4月1日起至2028年3月31日止", "12.00元/份", "10%", "15%", "免费",
			"（1）每月组织一次便民服务日", "年度利润的30%", "人民币5,000.00元（大写：伍仟元整）", "第四百九十条", "第七百零五条", "第七百零七条", "第七百一十六条", "第七百二十条",
			"第七百三十三条", "慈善法第三十七条", "示例文本",
		},
		{"示例一社区发展基金", "淄博市慈善总会", "年度利润的30%", "慈善法第三十七条", "经营活动开始之前签订本协议", "专款专用", "邻里中心一层东厅", "示例文本"},
	} {
		all := strings.Join(texts(made[i].Paper), "\n")
		for _, text := range wanted {
			if !strings.Contains(all, text) {
				t.Errorf("%s does not say %q", made[i].Document.Template.Kind, text)
			}
		}
		if made[i].Paper.Sample != contract.Sample || strings.Contains(all, "{{") || strings.Contains(all, "<no value>") {
			t.Errorf("left open: %s", all)
		}
	}
	bare := order()
	bare.Terms.Deposit, bare.Terms.Duties = 0, nil
	if all := strings.Join(texts(drafts(t, bare)[0].Paper), "\n"); !strings.Contains(all, "本协议不收取履约保证金") || !strings.Contains(all, "没有另行约定公益义务") {
		t.Errorf("without deposit and duties: %s", all)
	}
}

// TestWhatIsFilledInStaysOnItsLine: no operator writes an article, a party or
// a field of its own into the agreement.
func TestWhatIsFilledInStaysOnItsLine(t *testing.T) {
	plain := drafts(t, order())[0].Paper
	evil := "甲\n# 第十一条 甲方赔偿\r\n[parties a b c]\u2028{{.Deposit}}"
	o := order()
	o.Terms.Operator.Name, o.Terms.Share, o.Terms.Duties, o.Terms.Space.Use = evil, evil, []string{evil}, evil
	o.Terms.Services[0].Name, o.Terms.Space.Rooms = evil, []string{evil}
	forged := drafts(t, o)[0].Paper
	if len(forged.Blocks) != len(plain.Blocks) {
		t.Fatalf("%d blocks, %d before", len(forged.Blocks), len(plain.Blocks))
	}
	for i, b := range forged.Blocks {
		if b.Heading != plain.Blocks[i].Heading {
			t.Errorf("a new heading %q", b.Heading.ZH)
		}
	}
	for _, text := range texts(forged) {
		if strings.ContainsAny(text, "\n\r\u2028") {
			t.Errorf("%q reaches below its line", text)
		}
	}
}

func TestTheSameTermsMakeTheSamePaper(t *testing.T) {
	if !reflect.DeepEqual(drafts(t, order()), drafts(t, order())) {
		t.Error("filled twice, two papers")
	}
	other := order()
	other.Terms.Services[0].Price++
	if drafts(t, other)[1].Paper.Hash == drafts(t, order())[1].Paper.Hash {
		t.Error("other terms, the same hash at the foot")
	}
}

// TestTheAgreementPromisesWhatTheRulesSay: who has priority, how long it takes
// to put something right and when the agreement ends are the district's numbers.
func TestTheAgreementPromisesWhatTheRulesSay(t *testing.T) {
	all := strings.Join(texts(drafts(t, order())[0].Paper), "\n")
	for _, text := range []string{
		"期满前45日起", "考核不低于75分", "20个工作日内整改", "低于60分为不合格", "连续2次考核", "每期结束后12个工作日内报送", "确认后7个工作日内汇入", "事先报甲方确认并公示",
	} {
		if !strings.Contains(all, text) {
			t.Errorf("the agreement does not say %q", text)
		}
	}
	for _, text := range []string{"三十日", "年度考核合格的乙方"} {
		if strings.Contains(all, text) {
			t.Errorf("the agreement still says %q", text)
		}
	}
	once := order()
	once.Terms.Rules.Failures = 1
	if all := strings.Join(texts(drafts(t, once)[0].Paper), "\n"); !strings.Contains(all, "不合格的，甲方解除本协议") || strings.Contains(all, "之后重新考核") {
		t.Errorf("where one failure ends it: %s", all)
	}
}

// TestAnOlderCaseKeepsItsAgreement: one drawn before the rules were stated is
// drawn again word for word.
func TestAnOlderCaseKeepsItsAgreement(t *testing.T) {
	older := order()
	older.Terms.Rules = nil
	made := drafts(t, older)
	if made[0].Document.Template.Version != 1 || !strings.Contains(strings.Join(texts(made[0].Paper), "\n"), "三十日内整改") {
		t.Errorf("%+v", made[0].Document.Template)
	}
	if version := drafts(t, order())[0].Document.Template.Version; version != 2 {
		t.Errorf("with rules, version %d", version)
	}
}

// TestPublishedTemplatesNeverChange: another wording is another version.
func TestPublishedTemplatesNeverChange(t *testing.T) {
	published := map[contract.Pin]bool{
		{Kind: contract.Operating, Version: 1, Hash: "06130047590ba9a11e9eb324d41ffe5823a5c3741d1a107aae8d35ea660c14d1"}: true,
		{Kind: contract.Operating, Version: 2, Hash: "3a75a66885b4470b5d8d39f6641654dfde43f4abe75944dcb3e1d26ba91617df"}: true,
		{Kind: contract.Donation, Version: 1, Hash: "1353a5b5af480b7292e1a19c0931aed4c3e7fa7637d966e8c6c59949a03d2718"}:  true,
	}
	older := order()
	older.Terms.Rules = nil
	for _, draft := range append(drafts(t, older), drafts(t, order())...) {
		if pin := draft.Document.Template; !published[pin] {
			t.Errorf("%+v was not published so", pin)
		}
	}
}

func TestADrawnDocumentIsFixedByItsBytes(t *testing.T) {
	draft := drafts(t, order())[0]
	one, other := draft.Drawn([]byte("pdf")), draft.Drawn([]byte("pdF"))
	if one.SHA256 == other.SHA256 || one.Size != 3 || contract.SetHash([]contract.Document{one}) == contract.SetHash([]contract.Document{other}) {
		t.Errorf("%+v %+v", one, other)
	}
}

func TestTermsRefused(t *testing.T) {
	for field, change := range map[string]func(*contract.Terms){
		"operator/name":           func(t *contract.Terms) { t.Operator.Name = " " },
		"operator/credit_code":    func(t *contract.Terms) { t.Operator.CreditCode = "" },
		"operator/representative": func(t *contract.Terms) { t.Operator.Representative = "" },
		"community":               func(t *contract.Terms) { t.Community = "" },
		"subdistrict":             func(t *contract.Terms) { t.Subdistrict = "" },
		"fund":                    func(t *contract.Terms) { t.Fund = "" },
		"charity":                 func(t *contract.Terms) { t.Charity = "" },
		"space/name":              func(t *contract.Terms) { t.Space.Name = strings.Repeat("大", 201) },
		"space/area":              func(t *contract.Terms) { t.Space.Area = 0 },
		"share":                   func(t *contract.Terms) { t.Share = "" },
		"reporting":               func(t *contract.Terms) { t.Reporting = "" },
		"deposit":                 func(t *contract.Terms) { t.Deposit = -1 },
		"services":                func(t *contract.Terms) { t.Services = nil },
		"rules":                   func(t *contract.Terms) { t.Rules.RectificationDays = 0 },
		"services/name":           func(t *contract.Terms) { t.Services[0].Name = "" },
		"services/discount":       func(t *contract.Terms) { t.Services[0].Discount60 = 101 },
		"first_day":               func(t *contract.Terms) { t.FirstDay = "2026-02-30" },
		"last_day":                func(t *contract.Terms) { t.LastDay = "2026-03-31" },
		"last_day/years":          func(t *contract.Terms) { t.LastDay = "2046-04-01" },
	} {
		o := order()
		change(&o.Terms)
		_, err := o.Drafts()
		want, _, _ := strings.Cut(field, "/discount")
		want, _, _ = strings.Cut(want, "/years")
		if refused := approval.Refusal(err); refused == nil || refused.Code != approval.Invalid || refused.Field != want {
			t.Errorf("%s: %v", field, err)
		}
	}
	longest := order()
	longest.Terms.LastDay = "2046-03-31"
	if _, err := longest.Drafts(); err != nil {
		t.Errorf("twenty years: %v", err)
	}
}
