package statistics

import "linli/approval"

// Unit is what a figure is counted in.
type Unit string

// The units.
const (
	Count   Unit = "count"
	Percent Unit = "percent" // value in hundredths of a percent
	Money   Unit = "money"   // value in fen
)

// Column is one figure with its definition.
type Column struct {
	Name       string // as in Figures
	Title      approval.Text
	Unit       Unit
	Definition approval.Text
	Value      func(Figures) int64
}

// Columns defines every figure, in the order reports show them. "That day" is
// the end of the day the figures are asked for, in Shanghai.
var Columns = []Column{
	{"communities", approval.Text{ZH: "社区数", EN: "communities"}, Count, approval.Text{
		ZH: "截至当日已登记的社区。", EN: "communities on the scope tree that day"},
		func(f Figures) int64 { return f.Communities }},
	{"funds", approval.Text{ZH: "基金数", EN: "funds"}, Count, approval.Text{
		ZH: "截至当日已设立的社区发展基金，一社区一基金。", EN: "community development funds opened by that day; a community has one"},
		func(f Figures) int64 { return f.Funds }},
	{"coverage", approval.Text{ZH: "基金覆盖率", EN: "fund coverage"}, Percent, approval.Text{
		ZH: "基金数除以社区数。", EN: "funds divided by communities"},
		func(f Figures) int64 { return f.Coverage }},
	{"balance", approval.Text{ZH: "基金总额", EN: "fund total"}, Money, approval.Text{
		ZH: "当日各基金账面余额之和，含已预留、在途和定向款项。", EN: "what the funds held that day: available, reserved, in transit and earmarked"},
		func(f Figures) int64 { return int64(f.Balance) }},
	{"opening", approval.Text{ZH: "期初结转", EN: "opening balances"}, Money, approval.Text{
		ZH: "设立时从慈善组织原有账户转入的余额。", EN: "brought along from the charity's earlier books when funds were opened"},
		func(f Figures) int64 { return int64(f.Opening) }},
	{"income.total", approval.Text{ZH: "累计收入", EN: "income"}, Money, approval.Text{
		ZH: "截至当日入账的五类收入，减去已冲正的；按入账时间计，不按收款日期。", EN: "the five kinds booked by that day less what was reversed; by the day of booking, not of receipt"},
		func(f Figures) int64 { return int64(f.Income.Total) }},
	{"income.resident_donation", approval.Text{ZH: "其中：居民捐赠", EN: "of it residents' donations"}, Money, approval.Text{
		ZH: "居民捐赠，不限用途。", EN: "residents' donations without an earmark"},
		func(f Figures) int64 { return int64(f.Income.ResidentDonation) }},
	{"income.directed_donation", approval.Text{ZH: "其中：定向捐赠", EN: "of it directed donations"}, Money, approval.Text{
		ZH: "捐赠人指定用途的捐赠。", EN: "donations with an earmark"},
		func(f Figures) int64 { return int64(f.Income.DirectedDonation) }},
	{"income.operator_share", approval.Text{ZH: "其中：运营主体反哺", EN: "of it operators' shares"}, Money, approval.Text{
		ZH: "运营主体按协议反哺的款项。", EN: "what operators gave back under their agreements"},
		func(f Figures) int64 { return int64(f.Income.OperatorShare) }},
	{"income.market_income", approval.Text{ZH: "其中：睦邻集市收益", EN: "of it market income"}, Money, approval.Text{
		ZH: "睦邻集市摊位等收益。", EN: "from neighbourhood markets"},
		func(f Figures) int64 { return int64(f.Income.MarketIncome) }},
	{"income.micro_business", approval.Text{ZH: "其中：社区微业收益", EN: "of it micro-business income"}, Money, approval.Text{
		ZH: "社区微业收益。", EN: "from community micro-businesses"},
		func(f Figures) int64 { return int64(f.Income.MicroBusiness) }},
	{"spent", approval.Text{ZH: "累计支出", EN: "spent"}, Money, approval.Text{
		ZH: "银行确认已支付的款项，减去退回和追回的。", EN: "payments the bank confirmed less refunds and recoveries"},
		func(f Figures) int64 { return int64(f.Spent) }},
	{"registered_operators", approval.Text{ZH: "登记运营主体", EN: "registered operators"}, Count, approval.Text{
		ZH: "截至当日登记在册的运营主体。", EN: "operators entered in the register by that day"},
		func(f Figures) int64 { return f.Registered }},
	{"operators", approval.Text{ZH: "在营运营主体", EN: "operators at work"}, Count, approval.Text{
		ZH: "当日有阵地在运营的主体；在多处运营只计一次，因此各区之和可能大于全市。",
		EN: "operators with a running engagement that day; one at work in several places counts once, so parts may add up to more than the whole"},
		func(f Figures) int64 { return f.Operators }},
	{"engagements", approval.Text{ZH: "在营阵地", EN: "engagements"}, Count, approval.Text{
		ZH: "当日已移交且尚未退出的运营。", EN: "engagements whose handover was complete and which had not ended that day"},
		func(f Figures) int64 { return f.Engagements }},
	{"services", approval.Text{ZH: "服务项目", EN: "service projects"}, Count, approval.Text{
		ZH: "在营阵地协议约定的服务项目。", EN: "services in the agreements of these engagements"},
		func(f Figures) int64 { return f.Services }},
	{"micro_projects.old", approval.Text{ZH: "老社区微项目", EN: "micro-projects in old communities"}, Count, approval.Text{
		ZH: "基金已支付的微改造，未全额退回或追回；社区新老按当日有效的认定。",
		EN: "micro-renewals a fund has paid for and not got back in full, in communities stated to be old as of that day"},
		func(f Figures) int64 { return f.MicroProjects.Old }},
	{"micro_projects.new", approval.Text{ZH: "新社区微项目", EN: "micro-projects in new communities"}, Count, approval.Text{
		ZH: "同上，在新社区。", EN: "the same in new communities"},
		func(f Figures) int64 { return f.MicroProjects.New }},
	{"micro_projects.unstated", approval.Text{ZH: "未认定社区微项目", EN: "micro-projects elsewhere"}, Count, approval.Text{
		ZH: "同上，在尚未认定新老的社区。", EN: "the same in communities nobody has stated to be old or new"},
		func(f Figures) int64 { return f.MicroProjects.Unstated }},
	{"fit_out", approval.Text{ZH: "节省装修投入", EN: "saved on fit-out"}, Money, approval.Text{
		ZH: "截至当日已移交的阵地，运营主体在申请中承诺自行承担的一次性装修费用，含已退出的。",
		EN: "what operators said in their applications they spend on fit-out, once, of all engagements begun by that day, ended ones included"},
		func(f Figures) int64 { return int64(f.FitOut) }},
	{"running_cost", approval.Text{ZH: "每年节省运行费用", EN: "saved on running cost per year"}, Money, approval.Text{
		ZH: "在营阵地由运营主体承担的场地、水、电、暖等费用，按申请所述，每年。",
		EN: "site, water, power, heating borne by the operators of running engagements, per year, as stated in their applications"},
		func(f Figures) int64 { return int64(f.RunningCost) }},
}
