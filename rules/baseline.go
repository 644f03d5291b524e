package rules

import (
	"fmt"
	"slices"

	"linli/approval"
	"linli/approval/funduse"
)

// direction says which way a district may move one parameter. Laxer is nil
// where the choice is the district's own.
type direction struct {
	path  string
	rule  approval.Text
	laxer func(district, city funduse.Parameters) bool
}

var (
	noLower   = approval.Text{ZH: "不得低于", EN: "cannot be lower than"}
	noHigher  = approval.Text{ZH: "不得高于", EN: "cannot be higher than"}
	noWaiver  = approval.Text{ZH: "不得放宽", EN: "cannot be relaxed from"}
	itsChoice = approval.Text{ZH: "由区县自定", EN: "is the district's choice"}
)

// directions covers every parameter. The two shares are compared as numbers,
// their bases by who is counted: all members are no fewer than the eligible,
// the eligible no fewer than those present.
var directions = []direction{
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
}

func lower(a, b approval.Ratio) bool { return a.Num*b.Den < b.Num*a.Den }

func baseRank(base string) int {
	return slices.Index([]string{string(approval.OfPresent), string(approval.OfEligible), string(approval.OfAll)}, base)
}

func subset(part, whole []string) bool {
	return !slices.ContainsFunc(part, func(one string) bool { return !slices.Contains(whole, one) })
}

var severityRank = map[approval.Severity]int{approval.SeverityWarn: 1, approval.SeverityReview: 2, approval.SeverityBlock: 3}

// checkBaseline reports where a district is laxer than the city (I12) or does
// not fit under it.
func checkBaseline(s *Source, base *Set, r *report) {
	if base == nil {
		if s.Base != "" || s.Scope.Level() == approval.District {
			r.add("base", "区县规则须在全市基准之上编译。", "A district's rule set is compiled on the city's baseline.")
		}
		return
	}
	if s.Base != base.ID() {
		r.add("base", "基准应为“%[1]s”。", "The base must be %[1]q.", base.ID())
	}
	if base.base != nil {
		r.add("base", "基准不能再有基准。", "A baseline cannot have a baseline of its own.")
	}
	if s.Scope == base.Scope() || !base.Scope().Contains(s.Scope) {
		r.add("scope", "区划“%[1]s”不在基准“%[2]s”之下。", "The scope %[1]q does not lie below the baseline's %[2]q.", string(s.Scope), string(base.Scope()))
	}
	for _, direction := range directions {
		if direction.laxer != nil && direction.laxer(s.Parameters, base.Parameters()) {
			r.add("parameters."+direction.path, "区县标准%[1]s全市基准。", "The district's value %[2]s the city's baseline.", direction.rule.ZH, direction.rule.EN)
		}
	}
	checkInherited(s, base, r)
}

// checkInherited reports names the city already uses and severities lowered.
func checkInherited(s *Source, base *Set, r *report) {
	taken := func(path, name string, names []string) {
		if slices.Contains(names, name) {
			r.add(path, "“%[1]s”已由全市基准使用,不能改写;加重请用raise。", "%[1]q belongs to the city's baseline and cannot be rewritten; use raise to make it more severe.", name)
		}
	}
	var criteria, routes, variables []string
	for _, criterion := range base.criteria {
		criteria = append(criteria, criterion.ID)
	}
	for _, route := range base.routes {
		routes = append(routes, route.ID)
	}
	for _, variable := range base.variables {
		variables = append(variables, variable.name)
	}
	for i, criterion := range s.Criteria {
		taken(fmt.Sprintf("criteria[%d].id", i), criterion.ID, criteria)
	}
	for i, route := range s.Routing {
		taken(fmt.Sprintf("routing[%d].id", i), route.ID, routes)
	}
	for i, variable := range s.Variables {
		taken(fmt.Sprintf("variables[%d].name", i), variable.Name, variables)
	}
	for i, raise := range s.Raise {
		at := slices.Index(criteria, raise.Criterion)
		if at < 0 {
			r.add(fmt.Sprintf("raise[%d].criterion", i), "全市基准没有准则“%[1]s”。", "The city's baseline has no criterion %[1]q.", raise.Criterion)
		} else if severityRank[raise.Severity] < severityRank[base.criteria[at].Severity] {
			r.add(fmt.Sprintf("raise[%d].severity", i), "全市基准的准则只能加重,不能减轻。", "A criterion of the city's baseline can only be made more severe.")
		}
	}
}
