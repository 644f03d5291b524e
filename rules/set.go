package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"cel.dev/cel-go/cel"

	"linli/approval"
	"linli/approval/funduse"
	"linli/approval/onboarding"
)

// Set is a compiled rule set. It is immutable: any number of goroutines may
// evaluate it at once.
type Set struct {
	procedure *procedure
	source    *Source
	text      []byte
	hash      string
	base      *Set
	env       *cel.Env
	variables []variable
	criteria  []criterion
	routes    []route
}

type variable struct {
	name string
	own  bool
	path string
	*expression
}

type criterion struct {
	Criterion
	own                                  bool
	path                                 string
	when, require, message, value, limit *expression // all but require may be nil
}

type route struct {
	Routing
	own  bool
	path string
	when *expression
}

// Compile checks source completely and compiles it; a district's set needs
// the compiled city baseline as base. Whatever is wrong is reported at once as
// Problems. Equal source and base give equal sets.
func Compile(source []byte, base *Set) (*Set, error) {
	read, found := parse(source)
	if read == nil {
		return nil, found.err()
	}
	p := procedureNamed(read.Procedure)
	if p == nil || base != nil && base.procedure != p { // nothing to hold expressions against
		checkBaseline(read, base, found)
		return nil, found.err()
	}
	s := &Set{procedure: p, source: read, text: slices.Clone(source), base: base, env: p.environment(), hash: hashOf(source, base)}
	if len(found.problems) == 0 { // numbers that were not read would only add noise
		p.floor(read.Parameters, found)
		checkBaseline(read, base, found)
	}
	s.inherit()
	s.compileVariables(found)
	s.compileCriteria(found)
	s.compileRoutes(found)
	if len(found.problems) == 0 {
		s.checkWhole(found)
	}
	if err := found.err(); err != nil {
		return nil, err
	}
	return s, nil
}

// hashOf is the SHA-256 of the source text; for a district, of the baseline's
// hash, a line feed and the source text, so that the pin fixes both files.
func hashOf(source []byte, base *Set) string {
	text := source
	if base != nil {
		text = append([]byte(base.hash+"\n"), source...)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// inherit takes over the city's variables, criteria and routes, first and
// unchanged but for severities raised; a baseline takes over the floor.
func (s *Set) inherit() {
	if s.base == nil {
		s.compileFloor()
		return
	}
	s.env = s.base.env
	s.variables = slices.Clone(s.base.variables)
	s.criteria = slices.Clone(s.base.criteria)
	s.routes = slices.Clone(s.base.routes)
	for i := range s.variables {
		s.variables[i].own = false
	}
	for i := range s.routes {
		s.routes[i].own = false
	}
	for i := range s.criteria {
		s.criteria[i].own = false
		for _, raise := range s.source.Raise {
			if raise.Criterion == s.criteria[i].ID {
				s.criteria[i].Severity = raise.Severity
			}
		}
	}
}

// compileFloor compiles the criteria of the code. They are the same for every
// file: a fault in them is a programming error.
func (s *Set) compileFloor() {
	var r report
	of := func(text string) *expression {
		if text == "" {
			return nil
		}
		return compile(s.env, s.sizes(), text, "", &r)
	}
	for _, c := range s.procedure.criteria {
		s.criteria = append(s.criteria, criterion{
			Criterion: c, when: of(c.When), require: of(c.Require), message: of(c.Message), value: of(c.Value), limit: of(c.Limit),
		})
	}
	if err := r.err(); err != nil {
		panic("rules: the floor of " + s.procedure.name + " does not compile: " + err.Error())
	}
}

func (s *Set) compileVariables(r *report) {
	for i, v := range s.source.Variables {
		path := fmt.Sprintf("variables[%d]", i)
		e := compile(s.env, s.sizes(), v.Expression, path+".expression", r)
		kind := cel.DynType
		if e != nil {
			kind = e.kind
			s.variables = append(s.variables, variable{v.Name, true, path, e})
		} else {
			r.doubtful = append(r.doubtful, "variables."+v.Name)
		}
		if !identifier.MatchString(v.Name) {
			continue
		}
		extended, err := s.env.Extend(cel.Variable("variables."+v.Name, kind))
		if err != nil {
			r.add(path+".name", "变量无法声明:%[1]s", "The variable cannot be declared: %[1]s", err)
			continue
		}
		s.env = extended
	}
}

func (s *Set) compileCriteria(r *report) {
	for i, c := range s.source.Criteria {
		path := fmt.Sprintf("criteria[%d]", i)
		s.criteria = append(s.criteria, criterion{
			Criterion: c, own: true, path: path,
			when:    s.condition(c.When, path+".when", r),
			require: s.condition(c.Require, path+".require", r),
			message: s.shown(c.Message, path+".message", r, cel.StringType),
			value:   s.shown(c.Value, path+".value", r, cel.StringType, cel.IntType),
			limit:   s.shown(c.Limit, path+".limit", r, cel.StringType, cel.IntType),
		})
	}
}

func (s *Set) compileRoutes(r *report) {
	for i, each := range s.source.Routing {
		path := fmt.Sprintf("routing[%d]", i)
		s.routes = append(s.routes, route{Routing: each, own: true, path: path, when: s.condition(each.When, path+".when", r)})
	}
}

// condition compiles an expression that must be true or false; an absent one
// is nil, an empty one a problem.
func (s *Set) condition(text, path string, r *report) *expression {
	return s.shown(text, path, r, cel.BoolType)
}

func (s *Set) shown(text, path string, r *report, kinds ...*cel.Type) *expression {
	if _, stated := r.places[path]; !stated {
		return nil
	}
	e := compile(s.env, s.sizes(), text, path, r)
	if e == nil {
		return nil
	}
	for _, kind := range kinds {
		if e.kind.IsExactType(kind) {
			return e
		}
	}
	r.add(path, "结果类型应为%[1]v，而非%[2]s。", "The result must be %[1]v, not %[2]s.", kinds, cel.FormatCELType(e.kind))
	return nil
}

// checkWhole looks at the set as a whole: a stage without criteria would pass
// anything, and many affordable expressions may add up to an unaffordable set.
func (s *Set) checkWhole(r *report) {
	for _, stage := range s.procedure.stages {
		if !slices.ContainsFunc(s.criteria, func(c criterion) bool { return c.Stage == stage }) {
			r.add("criteria", "阶段“%[1]s”没有任何准则。", "The stage %[1]q has no criterion.", stage)
		}
	}
	total := uint64(0)
	for _, e := range s.expressions() {
		total += e.estimate
	}
	if total > SetCostLimit {
		r.add("", "整套规则最坏情况下的开销%[1]d超过上限%[2]d。", "The set may cost %[1]d, above the limit of %[2]d.", total, SetCostLimit)
	}
}

func (s *Set) expressions() []*expression {
	var all []*expression
	for _, v := range s.variables {
		all = append(all, v.expression)
	}
	for _, c := range s.criteria {
		all = append(all, c.when, c.require, c.message, c.value, c.limit)
	}
	for _, each := range s.routes {
		all = append(all, each.when)
	}
	return slices.DeleteFunc(all, func(e *expression) bool { return e == nil })
}

// Pin names this set under the version its keeper gave it.
func (s *Set) Pin(version int) approval.RulePin {
	return approval.RulePin{ID: s.source.ID, Version: version, Hash: s.hash}
}

// ID is the id stated in the file, e.g. "370303/funduse".
func (s *Set) ID() string { return s.source.ID }

// Scope is the city or district the set binds.
func (s *Set) Scope() approval.Scope { return s.source.Scope }

// Title names the set in both languages.
func (s *Set) Title() approval.Text { return s.source.Title }

// Notice must be shown with the set wherever it is not empty.
func (s *Set) Notice() string { return s.source.Notice }

// Sample reports whether the numbers are invented.
func (s *Set) Sample() bool { return s.source.Sample }

// EffectiveFrom is the civil date, ISO, from which new cases may pin the set.
func (s *Set) EffectiveFrom() string { return s.source.EffectiveFrom }

// Base is the city baseline, nil for the baseline itself.
func (s *Set) Base() *Set { return s.base }

// Text is the source as given, for storing.
func (s *Set) Text() []byte { return slices.Clone(s.text) }

// Hash is the hex SHA-256 of the source text; of a district's set, of the
// baseline's hash, a line feed and the source text.
func (s *Set) Hash() string { return s.hash }

// Procedure names the procedure the set belongs to.
func (s *Set) Procedure() string { return s.procedure.name }

// EnvHash is the hash of everything outside a rule file that shapes a verdict:
// the same for every set of one procedure in one build.
func (s *Set) EnvHash() string { return s.procedure.envHash() }

// Parameters are the typed numbers of a set, a copy. A set of another procedure
// is refused.
func Parameters[P Numbers[P]](s *Set) (P, error) {
	stated, ok := s.source.Parameters.(*P)
	if !ok {
		var none P
		return none, approval.Errorf(approval.RuleInvalid, "规则“%[1]s”不属于这一程序。", "The rule set %[1]q belongs to another procedure.", s.ID())
	}
	return (*stated).Clone(), nil
}

// Numbers are the parameters as whoever shows a set of any procedure needs
// them, a copy.
func (s *Set) Numbers() any {
	switch stated := s.source.Parameters.(type) {
	case *funduse.Parameters:
		return stated.Clone()
	case *onboarding.Parameters:
		return stated.Clone()
	}
	panic("rules: no parameters in " + s.ID()) // no set of another procedure compiles
}

func (s *Set) sizes() sizes { return sizes{s.procedure.sizeByWord()} }

// Criteria lists all criteria in order, the city's first, with the severity
// that holds in this district.
func (s *Set) Criteria() []Criterion {
	listed := make([]Criterion, len(s.criteria))
	for i, c := range s.criteria {
		listed[i] = c.Criterion
	}
	return listed
}

// Routing lists all routing rules in order, the city's first.
func (s *Set) Routing() []Routing {
	listed := make([]Routing, len(s.routes))
	for i, each := range s.routes {
		listed[i] = each.Routing
	}
	return listed
}
