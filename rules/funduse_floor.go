package rules

import (
	"slices"

	"linli/approval"
	"linli/approval/funduse"
)

// The city's floor of fund use, beside what approval.CityFloor says of the vote
// itself.
const (
	// FloorMembers: the city's papers ask for a committee of at least three.
	FloorMembers = 3
	// FloorValid: one ballot alone is no collective decision.
	FloorValid = 2
	// MaxRounds: more voting rounds would let a committee vote until it fits.
	MaxRounds = 5
)

// ballotFields maps the fields BallotRules.Validate blames to rule-set paths.
var ballotFields = map[string]string{
	"min_eligible": "min_members", "quorum": "quorum_num", "quorum_base": "quorum_base", "pass": "pass_num",
	"pass_base": "pass_base", "required_seats": "required_seats", "min_valid": "min_valid",
}

// floorOfFundUse reports every parameter outside the city's floor.
func floorOfFundUse(p funduse.Parameters, r *report) {
	floorOfVote(p.Committee, r)
	if refusal := approval.Refusal(p.Committee.BallotRules().Validate()); refusal != nil {
		path := "parameters.committee." + ballotFields[refusal.Field]
		if !slices.ContainsFunc(r.problems, func(known Problem) bool { return known.Path == path }) {
			r.add(path, "%[1]s", "%[2]s", refusal.Message.ZH, refusal.Message.EN)
		}
	}
	floorOfNotice(p.Notice.Days, p.Notice.DayKind, p.Notice.AnswerDays, r)
	floorOfDeadlines(p.Deadlines, r)
	floorOfLimits(p, r)
}

func floorOfVote(c funduse.CommitteeParameters, r *report) {
	const at = "parameters.committee."
	if c.MinMembers < FloorMembers {
		r.add(at+"min_members", "管委会不得少于%[1]d人。", "A committee has at least %[1]d members.", FloorMembers)
	}
	if c.Odd && c.MinMembers%2 == 0 {
		r.add(at+"min_members", "要求单数时，最少人数也应为单数。", "With an odd committee the least number must be odd too.")
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

func floorOfLimits(p funduse.Parameters, r *report) {
	const at = "parameters.limits."
	l := p.Limits
	for _, limit := range []struct {
		path   string
		amount approval.Fen
	}{{at + "subdistrict_above", l.SubdistrictAbove}, {at + "district_above", l.DistrictAbove}, {at + "quotes_above", l.QuotesAbove},
		{at + "max_amount", l.MaxAmount}, {"parameters.charity.two_officers_above", p.Charity.TwoOfficersAbove}} {
		floorOfAmount(r, limit.path, limit.amount)
	}
	if l.DistrictAbove < l.SubdistrictAbove {
		r.add(at+"district_above", "区县审批额不得低于街道审批额。", "The district's threshold cannot lie below the subdistrict's.")
	}
	if l.FundSharePercent < 1 || l.FundSharePercent > 100 {
		r.add(at+"fund_share_percent", "百分比应为1至100。", "A percentage is 1 to 100.")
	}
	if len(l.Categories) == 0 {
		r.add(at+"categories", "须至少允许一个类别。", "At least one category must be allowed.")
	}
	floorOfWords(r, at+"categories", approval.Text{ZH: "类别", EN: "category"}, l.Categories, wordsIn(categories))
}
