package rules

import (
	"context"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"linli/approval"
	"linli/approval/onboarding"
)

// Lint reports what compiles but is probably a mistake in the set's own part:
// conditions that come out the same whatever the facts, criteria that can
// never apply, routes never or always taken, words nobody can file,
// variables nothing reads, limits no expression of set or baseline names, and
// conditions stated twice, a last day that has passed. An empty result is no proof of sense.
func Lint(s *Set) []Problem {
	r := &report{places: s.source.places}
	s.lintConstants(r)
	s.lintWords(r)
	s.lintUnused(r)
	s.lintTwice(r)
	s.lintTakeover(r)
	if err, found := r.err().(Problems); found {
		return err
	}
	return nil
}

// lintTakeover finds a last day that has passed before the set is in force.
func (s *Set) lintTakeover(r *report) {
	p, ok := s.source.Parameters.(*onboarding.Parameters)
	if ok && p.TakeoverUntil != "" && p.TakeoverUntil < s.source.EffectiveFrom {
		r.add("parameters.takeover_until", "截止日期早于规则生效日期，不会接续任何存量合同。", "The last day lies before the set is in force: no existing contract is ever taken over.")
	}
}

// lintConstants evaluates every condition with all facts unknown: what still
// comes out true or false does not depend on them. A `when` may well depend on
// parameters alone (a limit of 0 switches a criterion off), a `require` may not.
func (s *Set) lintConstants(r *report) {
	known, open := s.ignorant(s.source.Parameters), s.ignorant(types.NewUnknown(1, types.NewAttributeTrail("params")))
	for _, c := range s.criteria {
		if !c.own {
			continue
		}
		if whenever, constant := open.constant(c.when); constant && !whenever {
			r.add(c.path+".when", "条件恒为假，本准则永远不适用。", "The condition is always false: the criterion never applies.")
		} else if constant {
			r.add(c.path+".when", "条件恒为真，可以删去。", "The condition is always true and can go.")
		}
		if holds, constant := known.constant(c.require); constant {
			r.add(c.path+".require", "无论事实如何，结果恒为%[1]v。", "The result is always %[1]v, whatever the facts.", holds)
		}
	}
	for _, each := range s.routes {
		if taken, constant := known.constant(each.when); each.own && constant {
			r.add(each.path+".when", "无论事实如何，结果恒为%[1]v。", "The result is always %[1]v, whatever the facts.", taken)
		}
	}
}

// ignorant is an evaluation that knows no fact at all.
func (s *Set) ignorant(params any) *evaluation {
	e := &evaluation{ctx: context.Background(), set: s, explained: map[string]approval.Term{},
		vars: map[string]any{"params": params}}
	for _, root := range s.procedure.roots() {
		name, _ := fieldName(root)
		e.vars[name] = types.NewUnknown(1, types.NewAttributeTrail(name))
	}
	if err := e.bindVariables(); err != nil {
		panic("rules: only an ended context can fail here: " + err.Error())
	}
	return e
}

func (e *evaluation) constant(x *expression) (value, constant bool) {
	if x == nil {
		return false, false
	}
	result, err := e.run(x)
	if err != nil {
		return false, false
	}
	held, constant := result.value.(types.Bool)
	return bool(held), constant
}

// lintWords finds comparisons of a fact with a word that is none of its
// lexicon, or none of those allowed here.
func (s *Set) lintWords(r *report) {
	for _, known := range s.procedure.lexicons {
		allowed := known.words
		if known.allowed != nil {
			allowed = known.allowed(s.source.Parameters)
		}
		look := func(x *expression, path string) {
			if x == nil {
				return
			}
			for _, word := range comparedWith(x, known.path) {
				if !slices.Contains(known.words, word) {
					r.add(path, "没有“%[1]s”这一%[2]s。", "There is no %[3]s %[1]q.", word, known.noun.ZH, known.noun.EN)
				} else if !slices.Contains(allowed, word) {
					r.add(path, "本规则不允许%[2]s“%[1]s”，此比较永远不成立。", "The %[3]s %[1]q is not allowed here: the comparison never holds.", word, known.noun.ZH, known.noun.EN)
				}
			}
		}
		for _, c := range s.criteria {
			if c.own {
				look(c.when, c.path+".when")
				look(c.require, c.path+".require")
			}
		}
		for _, each := range s.routes {
			if each.own {
				look(each.when, each.path+".when")
			}
		}
	}
}

// comparedWith lists the words a fact is compared with; inside a loop the
// element stands for the list: s.kind for services.kind.
func comparedWith(x *expression, path string) []string {
	var words []string
	for _, node := range ast.MatchDescendants(ast.NavigateAST(x.checked), ast.KindMatcher(ast.CallKind)) {
		call := node.AsCall()
		if f := call.FunctionName(); len(call.Args()) != 2 || (f != operators.Equals && f != operators.NotEquals && f != operators.In) {
			continue
		}
		sides := node.Children()
		left, right := sides[0], sides[1]
		if factIn(right) == path {
			left, right = right, left
		}
		if factIn(left) == path {
			words = append(words, literals(right)...)
		}
	}
	return words
}

// factIn is the fact a path stands for, "" if it is no path.
func factIn(node ast.NavigableExpr) string {
	if !isPath(node) {
		return ""
	}
	path := dotted(node)
	variable, rest, _ := strings.Cut(path, ".")
	for parent, more := node.Parent(); more; parent, more = parent.Parent() {
		if parent.Kind() != ast.ComprehensionKind || parent.AsComprehension().IterVar() != variable {
			continue
		}
		if span := parent.AsComprehension().IterRange(); isPath(span) {
			return strings.TrimSuffix(dotted(span)+"."+rest, ".")
		}
		return ""
	}
	return path
}

func literals(node ast.Expr) []string {
	switch node.Kind() {
	case ast.LiteralKind:
		if text, ok := node.AsLiteral().(types.String); ok {
			return []string{string(text)}
		}
	case ast.ListKind:
		var words []string
		for _, element := range node.AsList().Elements() {
			words = append(words, literals(element)...)
		}
		return words
	}
	return nil
}

// lintUnused finds variables nothing reads and limits nothing names. Other
// parameters are read by the procedure itself.
func (s *Set) lintUnused(r *report) {
	read := map[string]bool{}
	for _, x := range s.expressions() {
		for _, node := range ast.MatchDescendants(ast.NavigateAST(x.checked), func(n ast.NavigableExpr) bool { return isPath(n) }) {
			read[factIn(node)] = true
		}
	}
	for _, v := range s.variables {
		if v.own && !read["variables."+v.name] {
			r.add(v.path+".name", "变量“%[1]s”没有被使用。", "The variable %[1]q is never used.", v.name)
		}
	}
	for _, word := range s.procedure.words() {
		name, parameter := strings.CutPrefix(word.Path, "params.")
		limit := slices.ContainsFunc(s.procedure.limits, func(beginning string) bool { return strings.HasPrefix(name, beginning) })
		if parameter && limit && !read[word.Path] {
			r.add("parameters."+name, "没有表达式使用该限额。", "No expression uses this limit.")
		}
	}
}

func (s *Set) lintTwice(r *report) {
	for i, c := range s.criteria {
		for _, other := range s.criteria[:i] {
			if c.own && c.Stage == other.Stage && c.Severity == other.Severity && same(c.when, other.when) && same(c.require, other.require) {
				r.add(c.path+".require", "与准则“%[1]s”的条件相同。", "The same condition as criterion %[1]q.", other.ID)
			}
		}
	}
}

// same compares the conditions as CEL reads them, spaces aside.
func same(a, b *expression) bool {
	if a == nil || b == nil {
		return a == b
	}
	left, leftErr := cel.ExprToString(a.checked.Expr(), a.checked.SourceInfo())
	right, rightErr := cel.ExprToString(b.checked.Expr(), b.checked.SourceInfo())
	return leftErr == nil && rightErr == nil && left == right
}
