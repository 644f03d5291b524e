package rules

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"cel.dev/cel-go/cel"

	"linli/approval"
	"linli/approval/funduse"
	"linli/approval/onboarding"
)

// Facts is what one procedure lets criteria look at: a struct whose fields are,
// by their json names, the names expressions see.
type Facts interface {
	Procedure() string  // whose facts they are
	Moment() time.Time  // of the evaluation
	Answered() []string // review criteria a person has answered
}

// Numbers are the parameters of one procedure.
type Numbers[P any] interface {
	funduse.Parameters | onboarding.Parameters
	Clone() P
}

// procedure is everything the engine knows of one procedure: a table of its
// facts, numbers and words. What is true of all rule sets stands elsewhere.
type procedure struct {
	name       string
	facts      reflect.Type
	parameters reflect.Type
	stages     []string // at least one criterion each; routing is decided at the first
	again      []string // later stages, at which criteria that say so are looked at again
	levels     []string // that routing may ask
	presence   map[string]string
	sizes      map[string]int // entries of lists that are not maxList
	notes      map[string]approval.Text
	lexicons   []lexicon
	functions  []cel.EnvOption
	limits     []string // beginnings of parameters that only expressions read
	directions []direction
	floor      func(parameters any, r *report)
	criteria   []Criterion // of the city's floor: first in every set

	words       func() []Word
	sizeByWord  func() map[string]int
	environment func() *cel.Env
	envHash     func() string
}

// procedures in the order their sets are loaded.
var procedures = []*procedure{
	prepared(fundUse), prepared(admission),
}

func prepared(p *procedure) *procedure {
	p.words = sync.OnceValue(p.listWords)
	p.sizeByWord = sync.OnceValue(p.listSizes)
	p.environment = sync.OnceValue(p.buildEnvironment)
	p.envHash = sync.OnceValue(p.hashEnvironment)
	return p
}

// procedureNamed is nil where there is none of that name.
func procedureNamed(name string) *procedure {
	at := slices.IndexFunc(procedures, func(p *procedure) bool { return p.name == name })
	if at < 0 {
		return nil
	}
	return procedures[at]
}

// Procedures names every procedure that has rule sets.
func Procedures() []string {
	names := make([]string, len(procedures))
	for i, p := range procedures {
		names[i] = p.name
	}
	return names
}

// roots are the names expressions see, in declaration order.
func (p *procedure) roots() []reflect.StructField { return reflect.VisibleFields(p.facts) }

// bound is facts as expressions see them, by root.
func (p *procedure) bound(facts Facts) map[string]any {
	value := reflect.New(p.facts).Elem()
	value.Set(reflect.Indirect(reflect.ValueOf(facts)))
	vars := map[string]any{}
	for i, root := range p.roots() {
		name, _ := fieldName(root)
		switch field := value.Field(i); field.Kind() {
		case reflect.Struct:
			vars[name] = field.Addr().Interface()
		default:
			vars[name] = field.Interface()
		}
		if root.Type == reflect.TypeFor[time.Time]() {
			vars[name] = value.Field(i).Interface().(time.Time).UTC()
		}
	}
	return vars
}

// absent lists the facts that are not known, by path.
func (p *procedure) absent(facts Facts) []string {
	value := reflect.Indirect(reflect.ValueOf(facts))
	var paths []string
	for _, word := range p.words() {
		if word.Known != "" && !fieldAt(value, word.Known).Bool() {
			paths = append(paths, word.Path)
		}
	}
	return paths
}

func fieldAt(value reflect.Value, path string) reflect.Value {
	for _, name := range strings.Split(path, ".") {
		value = value.Field(fieldsOf(value.Type())[name])
	}
	return value
}

// lexicon is a closed list of words a fact is taken from.
type lexicon struct {
	path    string // of the fact
	noun    approval.Text
	words   []string
	allowed func(parameters any) []string // those this set admits; nil: all
}

// named maps words to their Chinese names.
type named struct {
	word, name string
}

// namesOf reads one of the domain's lists of words with their names.
func namesOf[T any](list []T) []named {
	names := make([]named, len(list))
	for i := range list {
		entry := reflect.ValueOf(list[i])
		names[i] = named{word: entry.Field(0).String(), name: entry.FieldByName("Name").Interface().(approval.Text).ZH}
	}
	return names
}

// nameFunctions is a CEL function that gives the name of a word or the names
// of a list of words; a word it does not know stays as it is.
func nameFunctions(function, overload string, names []named) cel.EnvOption {
	name := func(word string) string {
		if at := slices.IndexFunc(names, func(n named) bool { return n.word == word }); at >= 0 {
			return names[at].name
		}
		return word
	}
	return cel.Function(function,
		cel.Overload(overload+"_string", []*cel.Type{cel.StringType}, cel.StringType, cel.UnaryBinding(nameOfWord(name))),
		cel.Overload(overload+"_list", []*cel.Type{cel.ListType(cel.StringType)}, cel.StringType, cel.UnaryBinding(namesOfWords(name))))
}

func wordsIn(names []named) []string {
	words := make([]string, len(names))
	for i, n := range names {
		words[i] = n.word
	}
	return words
}
