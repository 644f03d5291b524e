package rules

import (
	"fmt"
	"slices"

	"linli/approval"
)

// direction says which way a district may move one parameter. Laxer is nil
// where the choice is the district's own.
type direction struct {
	path  string
	rule  approval.Text
	laxer func(district, city any) bool
}

// directionOf is a direction for one procedure's parameters.
type directionOf[P any] struct {
	path  string
	rule  approval.Text
	laxer func(district, city P) bool
}

// directionsOf lets procedures state their directions on their own parameters.
func directionsOf[P any](stated []directionOf[P]) []direction {
	directions := make([]direction, len(stated))
	for i, d := range stated {
		directions[i] = direction{path: d.path, rule: d.rule}
		if d.laxer != nil {
			directions[i].laxer = func(district, city any) bool { return d.laxer(*district.(*P), *city.(*P)) }
		}
	}
	return directions
}

var (
	noLower   = approval.Text{ZH: "不得低于", EN: "cannot be lower than"}
	noHigher  = approval.Text{ZH: "不得高于", EN: "cannot be higher than"}
	noWaiver  = approval.Text{ZH: "不得放宽", EN: "cannot be relaxed from"}
	itsChoice = approval.Text{ZH: "由区县自定", EN: "is the district's choice"}
)

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
		checkFloorIDs(s, r)
		return
	}
	if base.procedure != procedureNamed(s.Procedure) {
		r.add("base", "基准属于另一程序。", "The base belongs to another procedure.")
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
	for _, direction := range base.procedure.directions {
		if direction.laxer != nil && direction.laxer(s.Parameters, base.source.Parameters) {
			r.add("parameters."+direction.path, "区县标准%[1]s全市基准。", "The district's value %[2]s the city's baseline.", direction.rule.ZH, direction.rule.EN)
		}
	}
	checkInherited(s, base, r)
}

// checkFloorIDs reports criteria of a baseline that take the place of the floor's.
func checkFloorIDs(s *Source, r *report) {
	p := procedureNamed(s.Procedure)
	if p == nil {
		return
	}
	for i, criterion := range s.Criteria {
		if slices.ContainsFunc(p.criteria, func(c Criterion) bool { return c.ID == criterion.ID }) {
			r.add(fmt.Sprintf("criteria[%d].id", i), "“%[1]s”属于全市底线，不能改写。", "%[1]q belongs to the city's floor and cannot be rewritten.", criterion.ID)
		}
	}
}

// checkInherited reports names the city already uses and severities lowered.
func checkInherited(s *Source, base *Set, r *report) {
	taken := func(path, name string, names []string) {
		if slices.Contains(names, name) {
			r.add(path, "“%[1]s”已由全市基准使用，不能改写；加重请用raise。", "%[1]q belongs to the city's baseline and cannot be rewritten; use raise to make it more severe.", name)
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
			r.add(fmt.Sprintf("raise[%d].severity", i), "全市基准的准则只能加重，不能减轻。", "A criterion of the city's baseline can only be made more severe.")
		}
	}
}
