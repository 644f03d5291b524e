package rules

import (
	"reflect"
	"slices"

	"cel.dev/cel-go/cel"

	"linli/approval"
	"linli/approval/funduse"
)

// StageCharity is when the charity approves.
const StageCharity = "charity"

// fundUse is the procedure of fund use.
var fundUse = &procedure{
	name:       funduse.Procedure,
	facts:      reflect.TypeFor[funduse.Facts](),
	parameters: reflect.TypeFor[funduse.Parameters](),
	stages:     []string{StageScreening, StageCharity},
	levels:     []string{LevelSubdistrict, LevelDistrict},
	sizes:      map[string]int{"proposal.lines": 100}, // as funduse.Proposal.Validate allows
	functions:  []cel.EnvOption{nameFunctions("categoryName", "category_name", categories)},
	limits:     []string{"limits."},
	lexicons: []lexicon{{
		path: "proposal.category", noun: approval.Text{ZH: "用款类别", EN: "category"}, words: wordsIn(categories),
		allowed: func(parameters any) []string { return parameters.(*funduse.Parameters).Limits.Categories },
	}},
	presence: map[string]string{
		"earmark.available":        "earmark.present",
		"earmark.categories":       "earmark.present",
		"payee.paid_this_year":     "payee.known",
		"payee.interested_members": "payee.known",
		"community.households":     "community.households_known",
	},
	notes:      fundUseNotes,
	directions: fundUseDirections,
	floor:      func(parameters any, r *report) { floorOfFundUse(*parameters.(*funduse.Parameters), r) },
}

var categories = namesOf(funduse.Categories)

// fundUseDirections covers every parameter. The two shares are compared as
// numbers, their bases by who is counted: all members are no fewer than the
// eligible, the eligible no fewer than those present.
var fundUseDirections = directionsOf([]directionOf[funduse.Parameters]{
	{"committee.min_members", noLower, func(d, c funduse.Parameters) bool { return d.Committee.MinMembers < c.Committee.MinMembers }},
	{"committee.odd", noWaiver, func(d, c funduse.Parameters) bool { return c.Committee.Odd && !d.Committee.Odd }},
	{"committee.quorum_num", noLower, func(d, c funduse.Parameters) bool {
		return lower(d.Committee.BallotRules().Quorum, c.Committee.BallotRules().Quorum)
	}},
	{"committee.quorum_den", itsChoice, nil}, // compared with quorum_num
	{"committee.quorum_base", noWaiver, func(d, c funduse.Parameters) bool {
		return baseRank(d.Committee.QuorumBase) < baseRank(c.Committee.QuorumBase)
	}},
	{"committee.pass_num", noLower, func(d, c funduse.Parameters) bool {
		return lower(d.Committee.BallotRules().Pass, c.Committee.BallotRules().Pass)
	}},
	{"committee.pass_den", itsChoice, nil}, // compared with pass_num
	{"committee.pass_base", noWaiver, func(d, c funduse.Parameters) bool {
		return baseRank(d.Committee.PassBase) < baseRank(c.Committee.PassBase)
	}},
	{"committee.required_seats", noWaiver, func(d, c funduse.Parameters) bool {
		return !subset(c.Committee.RequiredSeats, d.Committee.RequiredSeats)
	}},
	{"committee.min_valid", noLower, func(d, c funduse.Parameters) bool { return d.Committee.MinValid < c.Committee.MinValid }},
	{"committee.sealed", itsChoice, nil},
	{"committee.rounds", noHigher, func(d, c funduse.Parameters) bool { return d.Committee.Rounds > c.Committee.Rounds }},
	{"committee.publish", itsChoice, nil},
	{"charity.two_officers_above", noHigher, func(d, c funduse.Parameters) bool {
		return d.Charity.TwoOfficersAbove > c.Charity.TwoOfficersAbove
	}},
	{"notice.days", noLower, func(d, c funduse.Parameters) bool { return d.Notice.Days < c.Notice.Days }},
	{"notice.day_kind", noWaiver, func(d, c funduse.Parameters) bool {
		return c.Notice.DayKind == approval.WorkingDays && d.Notice.DayKind != approval.WorkingDays
	}},
	{"notice.before_payout", noWaiver, func(d, c funduse.Parameters) bool { return c.Notice.BeforePayout && !d.Notice.BeforePayout }},
	{"notice.answer_days", noHigher, func(d, c funduse.Parameters) bool { return d.Notice.AnswerDays > c.Notice.AnswerDays }},
	{"deadlines.correction", itsChoice, nil},
	{"deadlines.review", itsChoice, nil},
	{"deadlines.higher", itsChoice, nil},
	{"deadlines.charity", itsChoice, nil},
	{"deadlines.payout", itsChoice, nil},
	{"deadlines.acceptance", itsChoice, nil},
	{"limits.categories", noWaiver, func(d, c funduse.Parameters) bool { return !subset(d.Limits.Categories, c.Limits.Categories) }},
	{"limits.subdistrict_above", noHigher, func(d, c funduse.Parameters) bool {
		return d.Limits.SubdistrictAbove > c.Limits.SubdistrictAbove
	}},
	{"limits.district_above", noHigher, func(d, c funduse.Parameters) bool { return d.Limits.DistrictAbove > c.Limits.DistrictAbove }},
	{"limits.quotes_above", noHigher, func(d, c funduse.Parameters) bool { return d.Limits.QuotesAbove > c.Limits.QuotesAbove }},
	{"limits.fund_share_percent", noHigher, func(d, c funduse.Parameters) bool {
		return d.Limits.FundSharePercent > c.Limits.FundSharePercent
	}},
	{"limits.max_amount", noHigher, func(d, c funduse.Parameters) bool {
		return c.Limits.MaxAmount != 0 && (d.Limits.MaxAmount == 0 || d.Limits.MaxAmount > c.Limits.MaxAmount)
	}},
})

func lower(a, b approval.Ratio) bool { return a.Num*b.Den < b.Num*a.Den }

func baseRank(base string) int {
	return slices.Index([]string{string(approval.OfPresent), string(approval.OfEligible), string(approval.OfAll)}, base)
}

// fundUseNotes explain each word to the people who write rules.
var fundUseNotes = map[string]approval.Text{
	"proposal.category":                 {ZH: "用款类别：repair、visit、service、event、micro、emergency", EN: "category of use"},
	"proposal.amount":                   {ZH: "申请金额（分）", EN: "amount asked for, in fen"},
	"proposal.lines":                    {ZH: "预算明细", EN: "budget lines"},
	"proposal.lines.item":               {ZH: "明细名称", EN: "item of a line"},
	"proposal.lines.amount":             {ZH: "明细金额（分）", EN: "amount of a line, in fen"},
	"proposal.needs":                    {ZH: "所回应的需求编号", EN: "ids of the need items answered"},
	"proposal.beneficiaries":            {ZH: "受益人数或户数", EN: "persons or households who benefit"},
	"proposal.months":                   {ZH: "项目跨越的月数（进一）", EN: "months the project spans, rounded up"},
	"proposal.attachment_kinds":         {ZH: "已附材料种类，如quotes、contract、beneficiaries", EN: "kinds of the attached documents"},
	"proposal.donor_consent":            {ZH: "捐赠人已同意改变用途", EN: "donor agreed to a use outside the earmark"},
	"proposal.answered_reviews":         {ZH: "已由人工答复的review准则编号", EN: "review criteria a person has answered"},
	"fund.available":                    {ZH: "基金可用余额（分）", EN: "available money, in fen"},
	"fund.reserved":                     {ZH: "已预留金额（分）", EN: "reserved money, in fen"},
	"fund.spent_this_year":              {ZH: "本年已支出（分）", EN: "spent this year, in fen"},
	"fund.open_cases":                   {ZH: "在办用款事项数", EN: "open fund-use cases"},
	"fund.committee_members":            {ZH: "管委会委员人数", EN: "members of the fund management committee"},
	"earmark.present":                   {ZH: "使用定向捐赠", EN: "the proposal spends a directed donation"},
	"earmark.available":                 {ZH: "定向捐赠余额（分）", EN: "money left of the directed donation, in fen"},
	"earmark.categories":                {ZH: "捐赠人允许的类别，空为不限", EN: "categories the donor allows; empty = any"},
	"payee.known":                       {ZH: "收款方已登记且账户已核验", EN: "payee registered with a verified account"},
	"payee.paid_this_year":              {ZH: "本年已向该收款方支付（分）", EN: "paid to this payee this year, in fen"},
	"payee.interested_members":          {ZH: "与收款方有利害关系的委员人数", EN: "committee members related to the payee"},
	"community.scope":                   {ZH: "社区的区划路径", EN: "scope path of the community"},
	"community.households":              {ZH: "社区户数", EN: "households in the community"},
	"community.households_known":        {ZH: "户数已登记", EN: "the number of households is on record"},
	"now":                               {ZH: "评估时间", EN: "time of the evaluation"},
	"params.committee.min_members":      {ZH: "管委会最少人数，不低于3", EN: "least members, never under 3"},
	"params.committee.odd":              {ZH: "委员人数须为单数", EN: "the number of members must be odd"},
	"params.committee.quorum_num":       {ZH: "到会比例分子", EN: "quorum, numerator"},
	"params.committee.quorum_den":       {ZH: "到会比例分母", EN: "quorum, denominator"},
	"params.committee.quorum_base":      {ZH: "到会基数：eligible或all", EN: "quorum base: eligible or all"},
	"params.committee.pass_num":         {ZH: "通过比例分子；恰为1/2时须超过半数", EN: "pass share, numerator; exactly 1/2 means more than half"},
	"params.committee.pass_den":         {ZH: "通过比例分母", EN: "pass share, denominator"},
	"params.committee.pass_base":        {ZH: "通过基数：present或eligible", EN: "pass base: present or eligible"},
	"params.committee.required_seats":   {ZH: "必须到会的席位", EN: "seats that must take part"},
	"params.committee.min_valid":        {ZH: "有效票（赞成+反对）下限", EN: "least valid ballots, for + against"},
	"params.committee.sealed":           {ZH: "表决结束前不公开票面", EN: "ballots stay hidden until the verdict"},
	"params.committee.rounds":           {ZH: "表决轮次上限", EN: "voting rounds before the case lapses"},
	"params.committee.publish":          {ZH: "公示票数counts或实名names", EN: "what a notice shows: counts or names"},
	"params.charity.two_officers_above": {ZH: "超过此额（分）须两名慈善经办人", EN: "strictly above, in fen: two charity officers"},
	"params.notice.days":                {ZH: "公示天数", EN: "days of public notice"},
	"params.notice.day_kind":            {ZH: "公示天数的种类：working或calendar", EN: "kind of those days: working or calendar"},
	"params.notice.before_payout":       {ZH: "拨付前先公示", EN: "a notice before the payout"},
	"params.notice.answer_days":         {ZH: "答复异议的工作日", EN: "working days to answer an objection"},
	"params.deadlines.correction":       {ZH: "补正期限（工作日）", EN: "correction, working days"},
	"params.deadlines.review":           {ZH: "评议期限（工作日）", EN: "committee review, working days"},
	"params.deadlines.higher":           {ZH: "上级审批期限（工作日）", EN: "higher approval, working days"},
	"params.deadlines.charity":          {ZH: "慈善审批期限（工作日）", EN: "charity approval, working days"},
	"params.deadlines.payout":           {ZH: "拨付期限（工作日）", EN: "payout, working days"},
	"params.deadlines.acceptance":       {ZH: "验收期限（工作日）", EN: "acceptance, working days"},
	"params.limits.categories":          {ZH: "允许的用款类别", EN: "allowed categories"},
	"params.limits.subdistrict_above":   {ZH: "超过此额（分）须街道审批", EN: "strictly above, in fen: subdistrict approval"},
	"params.limits.district_above":      {ZH: "超过此额（分）须区县审批", EN: "strictly above, in fen: district approval"},
	"params.limits.quotes_above":        {ZH: "超过此额（分）须三方比价或合同", EN: "strictly above, in fen: three quotes or a contract"},
	"params.limits.fund_share_percent":  {ZH: "占基金可用余额的百分比，超过须复核", EN: "percent of the fund's available money above which rules look twice"},
	"params.limits.max_amount":          {ZH: "单笔上限（分），0为不设", EN: "largest amount, in fen; 0 = none"},
}
