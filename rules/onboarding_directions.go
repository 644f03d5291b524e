package rules

import (
	"slices"

	"linli/approval"
	"linli/approval/onboarding"
)

type numbers = onboarding.Parameters

// onboardingDirections covers every parameter. Where 0 means no limit, any
// limit is stricter than none.
var onboardingDirections = directionsOf([]directionOf[numbers]{
	{"admission.operator_kinds", noWaiver, func(d, c numbers) bool { return !subset(d.Admission.OperatorKinds, c.Admission.OperatorKinds) }},
	{"admission.service_kinds", noWaiver, func(d, c numbers) bool { return !subset(d.Admission.ServiceKinds, c.Admission.ServiceKinds) }},
	{"admission.negative", noWaiver, func(d, c numbers) bool { return !subset(c.Admission.Negative, d.Admission.Negative) }},
	{"admission.undertakings", noWaiver, func(d, c numbers) bool { return !subset(c.Admission.Undertakings, d.Admission.Undertakings) }},
	{"admission.attachments", noWaiver, func(d, c numbers) bool { return !subset(c.Admission.Attachments, d.Admission.Attachments) }},
	{"admission.max_engagements", noHigher, func(d, c numbers) bool {
		return looserLimit(d.Admission.MaxEngagements, c.Admission.MaxEngagements)
	}},
	{"licences", noWaiver, func(d, c numbers) bool { return !covered(c.Licences, d.Licences) }},
	{"licences.service", itsChoice, nil}, // the lines are compared as a whole
	{"licences.any_of", itsChoice, nil},
	{"licences.area_from", itsChoice, nil},
	{"licences.area_below", itsChoice, nil},
	{"credit.barred", noWaiver, func(d, c numbers) bool { return !subset(c.Credit.Barred, d.Credit.Barred) }},
	{"credit.max_age_days", noHigher, func(d, c numbers) bool { return d.Credit.MaxAgeDays > c.Credit.MaxAgeDays }},
	{"credit.violation_months", noLower, func(d, c numbers) bool { return d.Credit.ViolationMonths < c.Credit.ViolationMonths }},
	{"credit.food_months", noLower, func(d, c numbers) bool { return d.Credit.FoodMonths < c.Credit.FoodMonths }},
	{"credit.catering_months", noLower, func(d, c numbers) bool { return d.Credit.CateringMonths < c.Credit.CateringMonths }},
	{"space.max_area", noHigher, func(d, c numbers) bool { return looserLimit(d.Space.MaxArea, c.Space.MaxArea) }},
	{"space.max_let_percent", noHigher, func(d, c numbers) bool { return d.Space.MaxLetPercent > c.Space.MaxLetPercent }},
	{"space.district_above", noHigher, func(d, c numbers) bool { return d.Space.DistrictAbove > c.Space.DistrictAbove }},
	{"space.fire_design_area", noHigher, func(d, c numbers) bool { return d.Space.FireDesignArea > c.Space.FireDesignArea }},
	{"space.fire_design_cost", noHigher, func(d, c numbers) bool { return d.Space.FireDesignCost > c.Space.FireDesignCost }},
	{"term.min_months", itsChoice, nil},
	{"term.max_months", noHigher, func(d, c numbers) bool { return d.Term.MaxMonths > c.Term.MaxMonths }},
	{"share", noWaiver, func(d, c numbers) bool { return lowerShare(d.Share, c.Share) }},
	{"share.kind", itsChoice, nil}, // compared with the minimum
	{"share.minimum", itsChoice, nil},
	{"needs.required", noWaiver, func(d, c numbers) bool { return c.Needs.Required && !d.Needs.Required }},
	{"needs.minimum", noLower, func(d, c numbers) bool { return c.Needs.Required && d.Needs.Minimum < c.Needs.Minimum }},
	{"review.levels", noWaiver, func(d, c numbers) bool { return !subset(c.Review.Levels, d.Review.Levels) }},
	{"panel.use", noWaiver, func(d, c numbers) bool { return panelRank(d.Panel.Use) < panelRank(c.Panel.Use) }},
	{"panel.scorers", noLower, func(d, c numbers) bool { return d.Panel.Scorers < c.Panel.Scorers }},
	{"panel.drop_extremes", itsChoice, nil},
	{"panel.pass_mark", noLower, func(d, c numbers) bool { return d.Panel.PassMark < c.Panel.PassMark }},
	{"panel.items", itsChoice, nil},
	{"panel.items.id", itsChoice, nil},
	{"panel.items.title", itsChoice, nil},
	{"panel.items.weight", itsChoice, nil},
	{"notice.days", noLower, func(d, c numbers) bool { return d.Notice.Days < c.Notice.Days }},
	{"notice.day_kind", noWaiver, func(d, c numbers) bool { return dayKindWaived(d.Notice.DayKind, c.Notice.DayKind) }},
	{"notice.answer_days", noHigher, func(d, c numbers) bool { return d.Notice.AnswerDays > c.Notice.AnswerDays }},
	{"deadlines.correction", itsChoice, nil},
	{"deadlines.desk_review", itsChoice, nil},
	{"deadlines.scoring", itsChoice, nil},
	{"deadlines.signing", itsChoice, nil},
	{"deadlines.handover", itsChoice, nil},
	{"deadlines.repair", noHigher, func(d, c numbers) bool { return d.Deadlines.Repair > c.Deadlines.Repair }},
	{"reconsideration.filing_days", noLower, func(d, c numbers) bool { return d.Reconsideration.FilingDays < c.Reconsideration.FilingDays }},
	{"reconsideration.answer_days", noHigher, func(d, c numbers) bool {
		return c.Reconsideration.AnswerDays > 0 && d.Reconsideration.AnswerDays > c.Reconsideration.AnswerDays
	}},
	{"engagement.report_months", noHigher, func(d, c numbers) bool { return d.Engagement.ReportMonths > c.Engagement.ReportMonths }},
	{"engagement.report_days", itsChoice, nil},
	{"engagement.confirm_days", itsChoice, nil},
	{"engagement.donation_days", itsChoice, nil},
	{"engagement.excellent", noLower, func(d, c numbers) bool { return d.Engagement.Excellent < c.Engagement.Excellent }},
	{"engagement.good", noLower, func(d, c numbers) bool { return d.Engagement.Good < c.Engagement.Good }},
	{"engagement.pass", noLower, func(d, c numbers) bool { return d.Engagement.Pass < c.Engagement.Pass }},
	{"engagement.evaluation_days", itsChoice, nil},
	{"engagement.rectification_days", noHigher, func(d, c numbers) bool {
		return d.Engagement.RectificationDays > c.Engagement.RectificationDays
	}},
	{"engagement.failures_to_exit", noHigher, func(d, c numbers) bool { return d.Engagement.FailuresToExit > c.Engagement.FailuresToExit }},
	{"engagement.renewal_notice_days", itsChoice, nil},
	{"engagement.handback_days", itsChoice, nil},
	{"takeover_until", noHigher, func(d, c numbers) bool { return d.TakeoverUntil > c.TakeoverUntil }}, // none sorts first
})

// looserLimit compares limits of which 0 is none.
func looserLimit(district, city int64) bool {
	return city != 0 && (district == 0 || district > city)
}

func dayKindWaived(district, city approval.DayKind) bool {
	return city == approval.WorkingDays && district != approval.WorkingDays
}

func panelRank(use onboarding.PanelUse) int {
	return slices.Index([]onboarding.PanelUse{onboarding.PanelNever, onboarding.PanelCalls, onboarding.PanelAlways}, use)
}

// covered reports whether every line of the city's licence matrix is implied
// by one of the district's: the same service, no other licences, no smaller
// range of areas.
func covered(city, district []onboarding.LicenceNeed) bool {
	return !slices.ContainsFunc(city, func(c onboarding.LicenceNeed) bool {
		return !slices.ContainsFunc(district, func(d onboarding.LicenceNeed) bool {
			return (d.Service == c.Service || d.Service == onboarding.AnyService) && subset(d.AnyOf, c.AnyOf) &&
				d.AreaFrom <= c.AreaFrom && (d.AreaBelow == 0 || c.AreaBelow != 0 && d.AreaBelow >= c.AreaBelow)
		})
	})
}

// lowerShare finds a kind of share the city does not allow or a minimum below
// the city's.
func lowerShare(district, city []onboarding.ShareFloor) bool {
	return slices.ContainsFunc(district, func(d onboarding.ShareFloor) bool {
		at := slices.Index(shareKinds(city), d.Kind)
		return at < 0 || d.Minimum < city[at].Minimum
	})
}
