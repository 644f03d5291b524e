package rules

import (
	"reflect"
	"slices"
	"time"

	"linli/approval"
)

// Word is one fact or parameter an expression may name.
type Word struct {
	Path string        `json:"path"` // e.g. "proposal.lines.amount", "params.notice.days"
	Type string        `json:"type"` // CEL type
	Max  int           `json:"max"`  // entries of a list or characters of a text counted on by cost estimates
	Note approval.Text `json:"note"`
	// Known is the fact that says whether this one is known; while it is
	// false, using this one makes a criterion unknown. "" = always known.
	Known string `json:"known,omitempty"`
}

const (
	maxText = 200
	maxList = 50
)

// Vocabulary lists every fact and parameter of a procedure in declaration
// order; nothing for a procedure that is none.
func Vocabulary(of string) []Word {
	if p := procedureNamed(of); p != nil {
		return slices.Clone(p.words())
	}
	return nil
}

func (p *procedure) listWords() []Word {
	return append(p.wordsOf(p.facts, ""), p.wordsOf(p.parameters, "params")...)
}

func (p *procedure) listSizes() map[string]int {
	index := map[string]int{}
	for _, word := range p.words() {
		index[word.Path] = word.Max
	}
	return index
}

func (p *procedure) wordsOf(kind reflect.Type, path string) []Word {
	var words []Word
	for i := range kind.NumField() {
		name, _ := fieldName(kind.Field(i))
		words = append(words, p.wordsOfField(kind.Field(i).Type, join(path, name))...)
	}
	return words
}

func (p *procedure) wordsOfField(kind reflect.Type, path string) []Word {
	word := Word{Path: path, Note: p.notes[path], Known: p.presence[path]}
	switch {
	case kind == reflect.TypeFor[time.Time]():
		word.Type = "timestamp"
	case kind.Kind() == reflect.Struct:
		return p.wordsOf(kind, path)
	case kind.Kind() == reflect.Slice && kind.Elem().Kind() == reflect.Struct:
		word.Type, word.Max = "list(object)", p.sizeOf(path)
		return append([]Word{word}, p.wordsOf(kind.Elem(), path)...)
	case kind.Kind() == reflect.Slice:
		word.Type, word.Max = "list(string)", p.sizeOf(path)
	case kind.Kind() == reflect.String:
		word.Type, word.Max = "string", maxText
	case kind.Kind() == reflect.Bool:
		word.Type = "bool"
	default:
		word.Type = "int"
	}
	return []Word{word}
}

func (p *procedure) sizeOf(path string) int {
	if size := p.sizes[path]; size > 0 {
		return size
	}
	return maxList
}
