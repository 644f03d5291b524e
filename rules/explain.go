package rules

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"linli/approval"
)

// Evidence travels through histories and is read by people: the tree of one
// expression is bounded.
const (
	maxTerms    = 150
	maxElements = 10
	maxRunes    = 160
)

// explainer renders the tree of one expression.
type explainer struct {
	evaluation *evaluation
	left       int // terms that may still be added
	err        error
}

// explain renders what each part of x was. Loops are evaluated again element
// by element: while a loop runs only its last element's values are kept.
func (e *evaluation) explain(x *expression, result evaluated) ([]approval.Term, error) {
	tree := explainer{evaluation: e, left: maxTerms}
	terms := tree.terms(x.outline, result, e.vars)
	return terms, tree.err
}

// terms explains one part: one term with its parts below, or the parts alone
// if it has no value of its own.
func (t *explainer) terms(p *part, result evaluated, vars map[string]any) []approval.Term {
	if p == nil || t.left <= 0 || t.err != nil {
		return nil
	}
	value, valued := result.node(p.id)
	if valued {
		t.left--
	}
	var below []approval.Term
	if tree, ok := t.evaluation.explained[p.name]; ok {
		below = []approval.Term{tree}
	}
	if p.loop != nil {
		below = t.elements(p.loop, result, vars)
	}
	for _, each := range p.parts {
		below = append(below, t.terms(each, result, vars)...)
	}
	if !valued {
		return below
	}
	return []approval.Term{{Text: p.text, Value: render(value), Terms: below}}
}

// elements explains a loop per element; over maxElements only those that
// settle it.
func (t *explainer) elements(l *loop, result evaluated, vars map[string]any) []approval.Term {
	span, _ := result.node(l.span)
	list, ok := span.(traits.Lister)
	if !ok {
		return nil
	}
	size, _ := list.Size().(types.Int)
	var shown []approval.Term
	for i := types.Int(0); i < size && t.left > 0 && t.evaluation.explaining < SetCostLimit; i++ {
		term, settles := t.element(l, list.Get(i), vars)
		if t.err != nil {
			return nil
		}
		if settles || size <= maxElements {
			t.left--
			shown = append(shown, term)
		}
		if len(shown) == maxElements {
			break
		}
	}
	if hidden := int(size) - len(shown); hidden > 0 {
		shown = append(shown, approval.Term{Text: "…", Value: strconv.Itoa(hidden)})
	}
	return shown
}

func (t *explainer) element(l *loop, value ref.Val, vars map[string]any) (term approval.Term, settles bool) {
	inner := maps.Clone(vars)
	inner[l.variable] = value
	e := t.evaluation
	activation, err := e.activation(inner)
	if err != nil {
		t.err = err
		return approval.Term{}, false
	}
	result, err := l.body.run(e.ctx, activation)
	if err != nil {
		t.err = err
		return approval.Term{}, false
	}
	e.explaining += result.cost
	term = approval.Term{Text: fmt.Sprintf("%s = %s", l.variable, render(value)), Value: render(result.value)}
	settles = l.deciding == nil || result.value.Equal(l.deciding) == types.True || trouble(result.value) != ""
	term.Terms = t.terms(l.body.outline, result, inner)
	return term, settles
}

// render shows a value as CEL would write it, times in Shanghai, bounded.
func render(value ref.Val) string {
	switch value := value.(type) {
	case types.String:
		return clip(strconv.Quote(string(value)))
	case types.Timestamp:
		return value.In(approval.Shanghai).Format(time.RFC3339)
	case *types.Unknown:
		return "unknown: " + joinNames(missing(value))
	case *types.Err:
		return clip("error: " + value.Error())
	case traits.Lister:
		var items []string
		for each := value.Iterator(); each.HasNext() == types.True && len(items) < maxRunes; {
			items = append(items, render(each.Next()))
		}
		return clip("[" + strings.Join(items, ", ") + "]")
	case types.Bool, types.Int, types.Uint, types.Double:
		return fmt.Sprint(value.Value())
	}
	if _, structured := value.(traits.Indexer); structured {
		return clip(string(approval.CanonicalJSON(value.Value())))
	}
	return clip(fmt.Sprint(value.Value()))
}

func clip(text string) string {
	if runes := []rune(text); len(runes) > maxRunes {
		return string(runes[:maxRunes]) + "…"
	}
	return text
}

func joinNames(names []string) string { return strings.Join(names, "、") }

func noNode(int64) (ref.Val, bool) { return nil, false }

func pattern(path string) *cel.AttributePatternType {
	parts := strings.Split(path, ".")
	p := cel.AttributePattern(parts[0])
	for _, part := range parts[1:] {
		p = p.QualString(part)
	}
	return p
}
