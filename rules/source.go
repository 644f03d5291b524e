package rules

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"time"

	"linli/approval"
)

// Source is a rule file as written: strictly read, expressions not compiled.
type Source struct {
	ID            string         `json:"id"` // last code of the scope + "/" + procedure
	Procedure     string         `json:"procedure"`
	Scope         approval.Scope `json:"scope"`
	Base          string         `json:"base,omitempty"` // id of the city baseline; absent only there
	Title         approval.Text  `json:"title"`
	Sample        bool           `json:"sample,omitempty"` // the numbers are invented; Notice must say so
	Notice        string         `json:"notice,omitempty"` // shown wherever the set is shown
	EffectiveFrom string         `json:"effective_from"`   // civil date
	Parameters    any            `json:"parameters"`       // a pointer to the procedure's; nil if that is unknown
	Variables     []Variable     `json:"variables,omitempty"`
	Raise         []Raise        `json:"raise,omitempty"`
	Criteria      []Criterion    `json:"criteria,omitempty"`
	Routing       []Routing      `json:"routing,omitempty"`

	places map[string]place
}

// Variable names an intermediate value; criteria read it as variables.<name>.
// It sees only variables listed before it.
type Variable struct {
	Name       string `json:"name"`
	Expression string `json:"expression"`
}

// Raise makes one of the city's criteria more severe in this district.
type Raise struct {
	Criterion string            `json:"criterion"`
	Severity  approval.Severity `json:"severity"`
}

// Criterion is one condition. Require, and When if given, are CEL conditions;
// Value, Limit and Message are CEL texts (or whole numbers) for the reader.
type Criterion struct {
	ID       string            `json:"id"`
	Title    string            `json:"title"`
	Stage    string            `json:"stage"`
	Also     []string          `json:"also,omitempty"` // later stages at which it is looked at again
	Severity approval.Severity `json:"severity"`
	When     string            `json:"when,omitempty"` // absent: always applies
	Require  string            `json:"require"`
	Value    string            `json:"value,omitempty"`
	Limit    string            `json:"limit,omitempty"`
	Message  string            `json:"message,omitempty"` // absent or failing: the title
	Citation string            `json:"citation,omitempty"`
	From     string            `json:"-"` // id of the set that states it
}

// Routing asks for one more approval where When holds; Reason is plain Chinese.
type Routing struct {
	ID     string `json:"id"`
	Level  string `json:"level"`
	When   string `json:"when"`
	Reason string `json:"reason"`
	From   string `json:"-"`
}

// StageScreening is the first stage of every procedure; routing is decided there.
const StageScreening = "screening"

// StageSigning is just before an operator signs: what is looked at there again
// may have changed since screening.
const StageSigning = "signing"

// The levels routing may ask.
const (
	LevelSubdistrict = "subdistrict"
	LevelDistrict    = "district"
)

var identifier = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// Parse reads a rule file strictly and reports every structural problem at
// once as Problems; expressions are checked by Compile.
func Parse(source []byte) (*Source, error) {
	read, found := parse(source)
	return read, found.err()
}

// parse also returns what could be read of a faulty file, so that Compile can
// report its expressions in the same go.
func parse(source []byte) (*Source, *report) {
	var d decoder
	read := &Source{}
	p := procedureNamed(procedureIn(source))
	if p != nil {
		read.Parameters = reflect.New(p.parameters).Interface()
	}
	d.decode(source, read)
	read.places = d.places
	if len(d.problems) > 0 && d.lines == nil {
		return nil, &d.report
	}
	for i := range read.Criteria {
		read.Criteria[i].From = read.ID
	}
	for i := range read.Routing {
		read.Routing[i].From = read.ID
	}
	read.checkHead(&d.report)
	if p != nil {
		read.checkCriteria(p, &d.report)
	}
	read.checkNames(&d.report)
	return read, &d.report
}

// procedureIn is what a file states as its procedure, "" if it cannot be read:
// which parameters it must state depends on it.
func procedureIn(source []byte) string {
	var head struct {
		Procedure string `json:"procedure"`
	}
	first := decoder{partial: true, lenient: true}
	first.decode(source, &head)
	return head.Procedure
}

func (s *Source) checkHead(r *report) {
	if _, stated := r.places["procedure"]; stated && procedureNamed(s.Procedure) == nil {
		r.add("procedure", "没有“%[1]s”这一程序。", "There is no procedure %[1]q.", s.Procedure)
	}
	if level := s.Scope.Level(); s.Scope != "" && level != approval.City && level != approval.District {
		r.add("scope", "规则只能属于市或区县。", "A rule set belongs to the city or to a district.")
	}
	codes := strings.Split(string(s.Scope), "/")
	if want := codes[len(codes)-1] + "/" + s.Procedure; s.ID != "" && s.Scope != "" && s.Procedure != "" && s.ID != want {
		r.add("id", "编号应为“%[1]s”。", "The id must be %[1]q.", want)
	}
	for path, text := range map[string]string{"title.zh": s.Title.ZH, "title.en": s.Title.EN} {
		if _, stated := r.places[path]; stated && strings.TrimSpace(text) == "" {
			r.add(path, "标题不能为空。", "A title cannot be empty.")
		}
	}
	if s.Sample && !strings.Contains(s.Notice, "示例") {
		r.add("notice", "示例规则须在notice中注明“示例”。", "A sample set must say 示例 (sample) in its notice.")
	}
	if _, err := time.Parse(time.DateOnly, s.EffectiveFrom); s.EffectiveFrom != "" && err != nil {
		r.add("effective_from", "日期须写成2026-01-31的样式。", "The date must look like 2026-01-31.")
	}
}

func (s *Source) checkCriteria(p *procedure, r *report) {
	for i, criterion := range s.Criteria {
		path := fmt.Sprintf("criteria[%d]", i)
		oneOf(r, path+".stage", criterion.Stage, p.stages...)
		for n, again := range criterion.Also {
			oneOf(r, fmt.Sprintf("%s.also[%d]", path, n), again, p.again...)
		}
		oneOf(r, path+".severity", criterion.Severity, approval.SeverityBlock, approval.SeverityReview, approval.SeverityWarn)
		if criterion.Title == "" {
			r.add(path+".title", "准则须有标题。", "A criterion needs a title.")
		}
	}
	for i, route := range s.Routing {
		path := fmt.Sprintf("routing[%d]", i)
		oneOf(r, path+".level", route.Level, p.levels...)
		if route.Reason == "" {
			r.add(path+".reason", "提级审批须写明理由。", "A routing rule needs a reason.")
		}
	}
	for i, raise := range s.Raise {
		oneOf(r, fmt.Sprintf("raise[%d].severity", i), raise.Severity, approval.SeverityBlock, approval.SeverityReview, approval.SeverityWarn)
	}
}

func (s *Source) checkNames(r *report) {
	criteria, routes, variables := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i, criterion := range s.Criteria {
		unique(r, fmt.Sprintf("criteria[%d].id", i), criterion.ID, criteria)
	}
	for i, route := range s.Routing {
		unique(r, fmt.Sprintf("routing[%d].id", i), route.ID, routes)
	}
	for i, variable := range s.Variables {
		unique(r, fmt.Sprintf("variables[%d].name", i), variable.Name, variables)
	}
}

// oneOf leaves absent fields to the missing-field report.
func oneOf[T ~string](r *report, path string, value T, allowed ...T) {
	if _, stated := r.places[path]; !stated {
		return
	}
	for _, one := range allowed {
		if value == one {
			return
		}
	}
	r.add(path, "“%[1]s”应为%[2]v之一。", "%[1]q must be one of %[2]v.", string(value), allowed)
}

func unique(r *report, path, name string, seen map[string]bool) {
	if _, stated := r.places[path]; !stated {
		return
	}
	if !identifier.MatchString(name) {
		r.add(path, "“%[1]s”应由小写字母、数字和下划线组成，以字母开头。", "%[1]q must be lower-case letters, digits and underscores, starting with a letter.", name)
	}
	if seen[name] {
		r.add(path, "“%[1]s”重复。", "%[1]q is used twice.", name)
	}
	seen[name] = true
}
