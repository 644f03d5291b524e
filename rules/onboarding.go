package rules

import (
	"fmt"
	"reflect"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"linli/approval"
	"linli/approval/onboarding"
	"linli/approval/operator"
	"linli/approval/space"
)

// admission is the procedure of operator onboarding.
var admission = &procedure{
	name:       onboarding.Procedure,
	facts:      reflect.TypeFor[onboarding.Facts](),
	parameters: reflect.TypeFor[onboarding.Parameters](),
	stages:     []string{StageScreening},
	again:      []string{StageSigning},
	levels:     []string{LevelSubdistrict, LevelDistrict},
	sizes: map[string]int{
		"services.activities": 15, "credit.entries": 20,
		"params.licences": 40, "params.licences.any_of": 5, "params.share": 5, "params.panel.items": 10,
	},
	functions: []cel.EnvOption{
		nameFunctions("serviceName", "service_name", services),
		nameFunctions("activityName", "activity_name", activities),
		nameFunctions("licenceName", "licence_name", licences),
		nameFunctions("listName", "list_name", creditLists),
		nameFunctions("operatorKindName", "operator_kind_name", operatorKinds),
		nameFunctions("functionName", "function_name", functions),
		nameFunctions("paperName", "paper_name", papers),
		nameFunctions("undertakingName", "undertaking_name", undertakings),
		nameFunctions("shareName", "share_name", shares),
		cel.Function("shareText", cel.Overload("share_text_string_int", []*cel.Type{cel.StringType, cel.IntType}, cel.StringType, cel.BinaryBinding(shareText))),
		cel.Function("area", cel.Overload("area_int", []*cel.Type{cel.IntType}, cel.StringType, cel.UnaryBinding(area))),
	},
	limits: []string{"admission.", "licences", "credit.", "space.", "term.", "share", "needs."},
	lexicons: []lexicon{
		{path: "services.kind", noun: serviceNoun, words: wordsIn(services), allowed: admitted(func(p *onboarding.Parameters) []string { return p.Admission.ServiceKinds })},
		{path: "services.class", noun: approval.Text{ZH: "收费类别", EN: "class of service"}, words: wordsIn(serviceClasses)},
		{path: "services.activities", noun: activityNoun, words: wordsIn(activities)},
		{path: "operator.kind", noun: operatorNoun, words: wordsIn(operatorKinds), allowed: admitted(func(p *onboarding.Parameters) []string { return p.Admission.OperatorKinds })},
		{path: "operator.licences.kind", noun: licenceNoun, words: wordsIn(licences)},
		{path: "operator.licences.status", noun: approval.Text{ZH: "证照状态", EN: "licence status"}, words: []string{
			string(operator.LicenceValid), string(operator.LicenceExpired), string(operator.LicenceRevoked), string(operator.LicenceUnverified)}},
		{path: "operator.credit_code", noun: approval.Text{ZH: "信用代码核验结果", EN: "result of a credit code check"}, words: []string{
			onboarding.CodeValid, onboarding.CodeConfirmed, onboarding.CodeDoubtful}},
		{path: "credit.entries.list", noun: listNoun, words: wordsIn(creditLists)},
		{path: "credit.entries.subject", noun: approval.Text{ZH: "信用主体", EN: "subject of a credit entry"}, words: []string{
			onboarding.SubjectOperator, onboarding.SubjectRepresentative, onboarding.SubjectShareholder, onboarding.SubjectController}},
		{path: "application.share.kind", noun: shareNoun, words: wordsIn(shares), allowed: admitted(func(p *onboarding.Parameters) []string { return shareKinds(p.Share) })},
	},
	presence: map[string]string{
		"application.fit_out_cost":     "application.fit_out",
		"application.fit_out_area":     "application.fit_out",
		"operator.months_founded":      "operator.founded_known",
		"operator.interested_deciders": "operator.relations_checked",
		"operator.last_score":          "operator.last_score_known",
		"credit.age_days":              "credit.checked",
		"credit.entries":               "credit.checked",
		"space.owner":                  "space.ownership_known",
		"space.required_functions":     "space.functions_known",
		"space.retained_functions":     "space.functions_known",
		"space.flue":                   "space.surveyed",
		"space.fire_exits":             "space.surveyed",
		"needs.matched":                "needs.listed",
		"needs.priority":               "needs.listed",
		"call.in_time":                 "call.present",
		"call.service_kinds":           "call.present",
		"community.households":         "community.households_known",
		"community.service_area":       "community.areas_known",
		"community.let_area":           "community.areas_known",
	},
	criteria:   floorOfSpaces,
	notes:      onboardingNotes,
	directions: onboardingDirections,
	floor:      func(parameters any, r *report) { floorOfOnboarding(*parameters.(*onboarding.Parameters), r) },
}

var (
	serviceNoun  = approval.Text{ZH: "服务类型", EN: "kind of service"}
	activityNoun = approval.Text{ZH: "经营活动", EN: "activity"}
	operatorNoun = approval.Text{ZH: "主体类型", EN: "kind of operator"}
	licenceNoun  = approval.Text{ZH: "证照", EN: "licence"}
	listNoun     = approval.Text{ZH: "信用名单", EN: "credit list"}
	shareNoun    = approval.Text{ZH: "反哺方式", EN: "kind of share"}
)

func admitted(words func(p *onboarding.Parameters) []string) func(any) []string {
	return func(parameters any) []string { return words(parameters.(*onboarding.Parameters)) }
}

func shareKinds(floors []onboarding.ShareFloor) []string {
	kinds := make([]string, len(floors))
	for i, floor := range floors {
		kinds[i] = floor.Kind
	}
	return kinds
}

var (
	services       = namesOf(onboarding.ServiceKinds)
	serviceClasses = namesOf(onboarding.ServiceClasses)
	activities     = namesOf(onboarding.Activities)
	shares         = namesOf(onboarding.ShareKinds)
	undertakings   = namesOf(onboarding.Undertakings)
	papers         = namesOf(onboarding.PaperKinds)
	licences       = namesOf(operator.LicenceKinds)
	creditLists    = namesOf(operator.CreditLists)
	operatorKinds  = namesOf(operator.Kinds)
	functions      = func() (names []named) {
		for _, aspect := range space.Catalogue {
			names = append(names, namesOf(aspect.Functions)...)
		}
		return names
	}()
)

// area shows dm² as square metres.
func area(dm2 ref.Val) ref.Val {
	value := int64(dm2.(types.Int))
	return types.String(fmt.Sprintf("%d.%02d平方米", value/100, value%100))
}

// shareText shows a share with the unit of its kind.
func shareText(kind, value ref.Val) ref.Val {
	amount := int64(value.(types.Int))
	switch onboarding.ShareKind(kind.(types.String)) {
	case onboarding.ProfitPercent:
		return types.String(fmt.Sprintf("利润的%d%%", amount))
	case onboarding.RevenuePercent:
		return types.String(fmt.Sprintf("营业收入的%d%%", amount))
	case onboarding.FixedPerDay:
		return types.String("每日" + approval.Fen(amount).Yuan() + "元")
	case onboarding.FixedPerYear:
		return types.String("每年" + approval.Fen(amount).Yuan() + "元")
	case onboarding.InKindHours:
		return types.String(fmt.Sprintf("每年公益服务%d小时", amount))
	}
	return types.String(fmt.Sprint(amount))
}
