package rules

import (
	"slices"

	"linli/approval"
	"linli/approval/funduse"
)

// The city's floor, beside what approval.CityFloor says of the vote itself. It
// binds the baseline and every district alike (I12).
const (
	// FloorMembers: the city's papers ask for a committee of at least three.
	FloorMembers = 3
	// FloorValid: one ballot alone is no collective decision.
	FloorValid = 2
	// FloorNoticeDays: the shortest notice found in comparable rules is three days.
	FloorNoticeDays = 3
	// MaxNoticeDays and MaxDeadline keep a typing error from parking a case.
	MaxNoticeDays = 30
	MaxDeadline   = 60
	// MaxRounds: more voting rounds would let a committee vote until it fits.
	MaxRounds = 5
)

// ballotFields maps the fields BallotRules.Validate blames to rule-set paths.
var ballotFields = map[string]string{
	"min_eligible": "min_members", "quorum": "quorum_num", "quorum_base": "quorum_base", "pass": "pass_num",
	"pass_base": "pass_base", "required_seats": "required_seats", "min_valid": "min_valid",
}

// checkFloor reports every parameter outside the city's floor.
func checkFloor(p funduse.Parameters, r *report) {
	floorOfVote(p.Committee, r)
	if refusal := approval.Refusal(p.Committee.BallotRules().Validate()); refusal != nil {
		path := "parameters.committee." + ballotFields[refusal.Field]
		if !slices.ContainsFunc(r.problems, func(known Problem) bool { return known.Path == path }) {
			r.add(path, "%[1]s", "%[2]s", refusal.Message.ZH, refusal.Message.EN)
		}
	}
	floorOfNotice(p.Notice, r)
	floorOfDeadlines(p, r)
	floorOfLimits(p, r)
}

func floorOfVote(c funduse.CommitteeParameters, r *report) {
	const at = "parameters.committee."
	if c.MinMembers < FloorMembers {
		r.add(at+"min_members", "管委会不得少于%[1]d人。", "A committee has at least %[1]d members.", FloorMembers)
	}
	if c.Odd && c.MinMembers%2 == 0 {
		r.add(at+"min_members", "要求单数时,最少人数也应为单数。", "With an odd committee the least number must be odd too.")
	}
	share := approval.Ratio{Num: c.QuorumNum, Den: c.QuorumDen}
	if err := share.Validate("quorum"); err == nil && 2*c.QuorumNum < c.QuorumDen {
		r.add(at+"quorum_num", "到会比例%[1]s低于全市底线二分之一。", "The quorum of %[1]s is below the city's floor of one half.", share)
	}
	pass := approval.Ratio{Num: c.PassNum, Den: c.PassDen}
	if err := pass.Validate("pass"); err == nil && 2*c.PassNum < c.PassDen {
		r.add(at+"pass_num", "通过比例%[1]s低于全市底线二分之一。", "The pass share of %[1]s is below the city's floor of one half.", pass)
	}
	if c.MinValid < FloorValid || c.MinValid > c.MinMembers {
		r.add(at+"min_valid", "有效票下限应在%[1]d与最少人数%[2]d之间。", "The least number of valid ballots lies between %[1]d and the least members, %[2]d.", FloorValid, c.MinMembers)
	}
	if c.Rounds < 1 || c.Rounds > MaxRounds {
		r.add(at+"rounds", "表决轮次应为1至%[1]d。", "There are 1 to %[1]d voting rounds.", MaxRounds)
	}
	oneOf(r, at+"publish", c.Publish, funduse.PublishCounts, funduse.PublishNames)
}

func floorOfNotice(n funduse.NoticeParameters, r *report) {
	if n.Days < FloorNoticeDays || n.Days > MaxNoticeDays {
		r.add("parameters.notice.days", "公示应为%[1]d至%[2]d天。", "A notice stands %[1]d to %[2]d days.", FloorNoticeDays, MaxNoticeDays)
	}
	oneOf(r, "parameters.notice.day_kind", n.DayKind, approval.WorkingDays, approval.CalendarDays)
	within(r, "parameters.notice.answer_days", n.AnswerDays)
}

func floorOfDeadlines(p funduse.Parameters, r *report) {
	d := p.Deadlines
	for _, deadline := range []struct {
		name string
		days int
	}{{"correction", d.Correction}, {"review", d.Review}, {"higher", d.Higher}, {"charity", d.Charity}, {"payout", d.Payout}, {"acceptance", d.Acceptance}} {
		within(r, "parameters.deadlines."+deadline.name, deadline.days)
	}
}

func within(r *report, path string, days int) {
	if days < 1 || days > MaxDeadline {
		r.add(path, "期限应为1至%[1]d个工作日。", "A deadline is 1 to %[1]d working days.", MaxDeadline)
	}
}

func floorOfLimits(p funduse.Parameters, r *report) {
	const at = "parameters.limits."
	l := p.Limits
	for _, limit := range []struct {
		path   string
		amount approval.Fen
	}{{at + "subdistrict_above", l.SubdistrictAbove}, {at + "district_above", l.DistrictAbove}, {at + "quotes_above", l.QuotesAbove},
		{at + "max_amount", l.MaxAmount}, {"parameters.charity.two_officers_above", p.Charity.TwoOfficersAbove}} {
		if limit.amount < 0 || limit.amount > approval.MaxAmount {
			r.add(limit.path, "金额应在0与%[1]s元之间。", "An amount lies between 0 and %[1]s yuan.", approval.MaxAmount.Yuan())
		}
	}
	if l.DistrictAbove < l.SubdistrictAbove {
		r.add(at+"district_above", "区县审批额不得低于街道审批额。", "The district's threshold cannot lie below the subdistrict's.")
	}
	if l.FundSharePercent < 1 || l.FundSharePercent > 100 {
		r.add(at+"fund_share_percent", "百分比应为1至100。", "A percentage is 1 to 100.")
	}
	floorOfCategories(l.Categories, r)
}

func floorOfCategories(categories []string, r *report) {
	const at = "parameters.limits.categories"
	if len(categories) == 0 {
		r.add(at, "须至少允许一个类别。", "At least one category must be allowed.")
	}
	for i, category := range categories {
		if !isCategory(category) || slices.Contains(categories[:i], category) {
			r.add(at, "类别“%[1]s”不存在或重复。", "The category %[1]q does not exist or is named twice.", category)
		}
	}
}
