package rules

import (
	"fmt"
	"slices"
	"strings"

	"linli/approval"
	"linli/approval/onboarding"
	"linli/approval/operator"
)

// The city's floor of operator onboarding.
const (
	// FloorScorers: fewer scorers are no panel. As many scores must remain when
	// the highest and the lowest are dropped.
	FloorScorers = 3
	MaxScorers   = 15
	// FloorPassMark: below half of the points nobody has passed.
	FloorPassMark = 50
	// FloorFoodMonths: a revoked food licence bars for five years (食品安全法 art. 135).
	FloorFoodMonths = 60
	// FloorCateringMonths: a revoked small-catering registration bars for two
	// years (山东省食品小作坊小餐饮和食品摊点管理条例 art. 49).
	FloorCateringMonths = 24
	// MaxTermMonths: a lease runs for at most twenty years (民法典 art. 705).
	MaxTermMonths = 240
	// MaxArea and MaxMonths keep a typing error from switching a limit off: an
	// area of 100,000 m², a period of fifty years.
	MaxArea   = 10_000_000
	MaxMonths = 600
	// LastTakeover: after this day nobody comes in but by admission (sample).
	LastTakeover = "2030-12-31"
	// MaxLetPercent: some of a community's service space is never let.
	MaxLetPercent = 90
)

// FloorShares is the least of each kind of share: nobody uses a community's
// space for nothing.
var FloorShares = []onboarding.ShareFloor{
	{Kind: string(onboarding.ProfitPercent), Minimum: 5}, {Kind: string(onboarding.RevenuePercent), Minimum: 1},
	{Kind: string(onboarding.FixedPerDay), Minimum: 100}, {Kind: string(onboarding.FixedPerYear), Minimum: 10_000},
	{Kind: string(onboarding.InKindHours), Minimum: 12},
}

// FloorReviews are the levels that review every application: nobody admits an
// operator alone.
var FloorReviews = []string{onboarding.LevelCommunity, onboarding.LevelSubdistrict}

// FloorBarred are the lists on which no operator stands.
var FloorBarred = []string{string(operator.AbnormalOperations), string(operator.SeriousViolation), string(operator.JudgmentDefaulter)}

// floorOfSpaces are criteria of the code, not of a file: no rule set can leave
// them out.
var floorOfSpaces = []Criterion{{
	ID: "functions_retained", Title: "出租后规定功能仍然齐备", Stage: StageScreening, Severity: approval.SeverityBlock,
	Require:  "sets.contains(space.retained_functions, space.required_functions)",
	Value:    "space.retained_functions.size()",
	Limit:    "space.required_functions.size()",
	Message:  `"出租后本社区将缺少规定功能：" + functionName(space.required_functions.filter(f, !(f in space.retained_functions))) + "。"`,
	Citation: "全市底线：阵地必备功能不得因出租减少（示例目录）",
}}

// floorOfOnboarding reports every parameter outside the city's floor.
func floorOfOnboarding(p onboarding.Parameters, r *report) {
	floorOfAdmission(p.Admission, r)
	floorOfLicences(p.Licences, r)
	floorOfCredit(p.Credit, r)
	floorOfSpace(p, r)
	floorOfShare(p.Share, r)
	floorOfReview(p.Review.Levels, r)
	floorOfPanel(p.Panel, r)
	floorOfNotice(p.Notice.Days, p.Notice.DayKind, p.Notice.AnswerDays, r)
	floorOfDeadlines(p.Deadlines, r)
	floorOfReconsideration(p.Reconsideration, r)
	floorOfEngagement(p.Engagement, r)
	floorOfTakeover(p.TakeoverUntil, r)
}

func floorOfTakeover(until string, r *report) {
	const at = "parameters.takeover_until"
	if until == "" {
		return
	}
	if _, err := approval.CivilDate(until, at); err != nil {
		r.add(at, "日期须写成2026-01-31的样式。", "The date must look like 2026-01-31.")
	} else if until > LastTakeover {
		r.add(at, "存量合同接续不得晚于%[1]s。", "No existing contract is taken over after %[1]s.", LastTakeover)
	}
}

// floorOfReconsideration: a set that lets applicants object states both times.
func floorOfReconsideration(p onboarding.ReconsiderationParameters, r *report) {
	if p != (onboarding.ReconsiderationParameters{}) {
		within(r, "parameters.reconsideration.filing_days", p.FilingDays)
		within(r, "parameters.reconsideration.answer_days", p.AnswerDays)
	}
}

func floorOfAdmission(a onboarding.AdmissionParameters, r *report) {
	const at = "parameters.admission."
	if len(a.OperatorKinds) == 0 {
		r.add(at+"operator_kinds", "须至少允许一种主体类型。", "At least one kind of operator must be admitted.")
	}
	if len(a.ServiceKinds) == 0 {
		r.add(at+"service_kinds", "须至少允许一种服务类型。", "At least one kind of service must be admitted.")
	}
	floorOfWords(r, at+"operator_kinds", operatorNoun, a.OperatorKinds, wordsIn(operatorKinds))
	floorOfWords(r, at+"service_kinds", serviceNoun, a.ServiceKinds, wordsIn(services))
	floorOfWords(r, at+"negative", activityNoun, a.Negative, wordsIn(activities))
	floorOfWords(r, at+"undertakings", approval.Text{ZH: "承诺", EN: "undertaking"}, a.Undertakings, wordsIn(undertakings))
	floorOfWords(r, at+"attachments", approval.Text{ZH: "材料", EN: "paper"}, a.Attachments, wordsIn(papers))
	bounded(r, at+"max_engagements", a.MaxEngagements, 0, 1000)
}

func floorOfLicences(needs []onboarding.LicenceNeed, r *report) {
	for i, need := range needs {
		at := fmt.Sprintf("parameters.licences[%d]", i)
		floorOfWords(r, at+".service", serviceNoun, []string{need.Service}, append(wordsIn(services), onboarding.AnyService))
		floorOfWords(r, at+".any_of", licenceNoun, need.AnyOf, wordsIn(licences))
		if len(need.AnyOf) == 0 {
			r.add(at+".any_of", "须写明至少一种证照。", "Name at least one licence.")
		}
		bounded(r, at+".area_from", need.AreaFrom, 0, MaxArea)
		if need.AreaBelow != 0 && (need.AreaBelow <= need.AreaFrom || need.AreaBelow > MaxArea) {
			r.add(at+".area_below", "面积上限应大于下限，0为不设。", "The upper bound of the area lies above the lower; 0 = none.")
		}
	}
}

func floorOfCredit(c onboarding.CreditParameters, r *report) {
	const at = "parameters.credit."
	floorOfWords(r, at+"barred", listNoun, c.Barred, wordsIn(creditLists))
	if !subset(FloorBarred, c.Barred) {
		r.add(at+"barred", "须包括全市底线的名单:%[1]s。", "The city's floor names lists that must be among them: %[1]s.", strings.Join(FloorBarred, ", "))
	}
	bounded(r, at+"max_age_days", c.MaxAgeDays, 1, 90)
	bounded(r, at+"violation_months", c.ViolationMonths, 12, MaxMonths)
	bounded(r, at+"food_months", c.FoodMonths, FloorFoodMonths, MaxMonths)
	bounded(r, at+"catering_months", c.CateringMonths, FloorCateringMonths, MaxMonths)
}

func floorOfSpace(p onboarding.Parameters, r *report) {
	const at = "parameters.space."
	bounded(r, at+"max_area", p.Space.MaxArea, 0, MaxArea)
	bounded(r, at+"max_let_percent", p.Space.MaxLetPercent, 1, MaxLetPercent)
	bounded(r, at+"district_above", p.Space.DistrictAbove, 0, MaxArea)
	bounded(r, at+"fire_design_area", p.Space.FireDesignArea, 0, MaxArea)
	floorOfAmount(r, at+"fire_design_cost", approval.Fen(p.Space.FireDesignCost))
	bounded(r, "parameters.term.min_months", p.Term.MinMonths, 1, MaxTermMonths)
	bounded(r, "parameters.term.max_months", p.Term.MaxMonths, max(p.Term.MinMonths, 1), MaxTermMonths)
	bounded(r, "parameters.needs.minimum", p.Needs.Minimum, 0, 100)
	if p.Needs.Required && p.Needs.Minimum == 0 {
		r.add("parameters.needs.minimum", "要求回应需求时，至少为1。", "Where needs must be answered, the minimum is at least 1.")
	}
}

func floorOfShare(floors []onboarding.ShareFloor, r *report) {
	const at = "parameters.share"
	if len(floors) == 0 {
		r.add(at, "须至少允许一种反哺方式。", "At least one kind of share must be allowed.")
	}
	floorOfWords(r, at, shareNoun, shareKinds(floors), wordsIn(shares))
	for i, floor := range floors {
		path := fmt.Sprintf("%s[%d].minimum", at, i)
		known := slices.Index(shareKinds(FloorShares), floor.Kind)
		if known >= 0 && floor.Minimum < FloorShares[known].Minimum {
			r.add(path, "不得低于全市底线%[1]d。", "This cannot be below the city's floor of %[1]d.", FloorShares[known].Minimum)
		}
		if percent := floor.Kind == string(onboarding.ProfitPercent) || floor.Kind == string(onboarding.RevenuePercent); percent && floor.Minimum > 100 || floor.Minimum > int64(approval.MaxAmount) {
			r.add(path, "数值过大。", "The value is too large.")
		}
	}
}

func floorOfReview(levels []string, r *report) {
	const at = "parameters.review.levels"
	floorOfWords(r, at, approval.Text{ZH: "初审层级", EN: "level of review"}, levels,
		[]string{onboarding.LevelCommunity, onboarding.LevelSubdistrict, onboarding.LevelDistrict})
	if !subset(FloorReviews, levels) {
		r.add(at, "社区和街道都须初审。", "Community and subdistrict both review.")
	}
}

func floorOfPanel(p onboarding.PanelParameters, r *report) {
	const at = "parameters.panel."
	oneOf(r, at+"use", p.Use, onboarding.PanelNever, onboarding.PanelCalls, onboarding.PanelAlways)
	if p.Scorers < FloorScorers || p.Scorers > MaxScorers {
		r.add(at+"scorers", "评审专家应为%[1]d至%[2]d人。", "A panel has %[1]d to %[2]d scorers.", FloorScorers, MaxScorers)
	} else if p.DropExtremes && p.Scorers < FloorScorers+2 {
		r.add(at+"scorers", "去掉最高分和最低分后须剩%[1]d个评分。", "%[1]d scores must remain when the highest and the lowest are dropped.", FloorScorers)
	}
	bounded(r, at+"pass_mark", p.PassMark, FloorPassMark, 100)
	total, seen := int64(0), map[string]bool{}
	for i, item := range p.Items {
		path := fmt.Sprintf("%sitems[%d]", at, i)
		unique(r, path+".id", item.ID, seen)
		if item.Title == "" {
			r.add(path+".title", "评分项须有名称。", "An item needs a title.")
		}
		bounded(r, path+".weight", item.Weight, 1, 100)
		total += item.Weight
	}
	if total != 100 {
		r.add(at+"items", "各项权重之和应为100，现为%[1]d。", "The weights add up to 100, not to %[1]d.", total)
	}
}

func floorOfEngagement(e onboarding.EngagementParameters, r *report) {
	const at = "parameters.engagement."
	if e.ReportMonths != 1 && e.ReportMonths != 3 {
		r.add(at+"report_months", "反哺应按月（1）或按季（3）报送。", "Shares are reported every month (1) or every quarter (3).")
	}
	for _, deadline := range []struct {
		name string
		days int
	}{{"report_days", e.ReportDays}, {"confirm_days", e.ConfirmDays}, {"donation_days", e.DonationDays}, {"evaluation_days", e.EvaluationDays},
		{"rectification_days", e.RectificationDays}, {"handback_days", e.HandbackDays}} {
		within(r, at+deadline.name, deadline.days)
	}
	bounded(r, at+"renewal_notice_days", int64(e.RenewalNoticeDays), 1, 120)
	bounded(r, at+"failures_to_exit", int64(e.FailuresToExit), 1, 3)
	bounded(r, at+"pass", e.Pass, FloorPassMark, 100)
	bounded(r, at+"good", e.Good, e.Pass+1, 100)
	bounded(r, at+"excellent", e.Excellent, e.Good+1, 100)
}
