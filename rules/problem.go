package rules

import (
	"fmt"
	"slices"
	"strings"

	"linli/approval"
)

// Problem is one thing wrong with a rule set. Line and Column count from 1 in
// characters; both are 0 where the file as a whole is to blame. Path is the
// field, such as "criteria[3].require".
type Problem struct {
	Line    int           `json:"line"`
	Column  int           `json:"column"`
	Path    string        `json:"path"`
	Message approval.Text `json:"message"`
}

// String renders "12:9: criteria[3].require: sentence" in English.
func (p Problem) String() string {
	return fmt.Sprintf("%d:%d: %s: %s", p.Line, p.Column, p.Path, p.Message.EN)
}

// Problems is everything wrong with a rule set, in file order. As an error it
// unwraps to one approval.Error with the code RuleInvalid.
type Problems []Problem

// Error lists every problem in English, one per line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

// Unwrap makes approval.Refusal and approval.CodeOf see a RuleInvalid refusal
// that shows the first problem and counts the others.
func (p Problems) Unwrap() error {
	if len(p) == 0 {
		return nil
	}
	first := p[0]
	return (&approval.Error{Code: approval.RuleInvalid, Message: approval.Text{
		ZH: fmt.Sprintf("规则文件有%d处问题。第%d行第%d列:%s", len(p), first.Line, first.Column, first.Message.ZH),
		EN: fmt.Sprintf("The rule set has %d problem(s). Line %d, column %d: %s", len(p), first.Line, first.Column, first.Message.EN),
	}}).At(first.Path)
}

// place is where a value stands in the file and how offsets inside the value
// map back to it.
type place struct {
	line, column int
	form         textForm
	indent       int // characters before a block's lines, or the opening quote
}

type textForm int

const (
	oneLine   textForm = iota // starts at column, after any quote
	block                     // starts on the next line, at indent
	scattered                 // folded or escaped: offsets cannot be mapped
)

// inside maps a CEL position (line from 1, column from 0) to the file.
func (p place) inside(line, column int) (int, int) {
	column = max(column, 0) // the end of an empty expression lies before its start
	switch {
	case p.form == block:
		return p.line + line, p.indent + column + 1
	case p.form == oneLine && line == 1:
		return p.line, p.column + p.indent + column
	}
	return p.line, p.column
}

// report collects the problems of one file.
type report struct {
	problems Problems
	places   map[string]place
	doubtful []string // variables that did not compile: what reads them is not blamed for it
}

// add blames the field at path, or its nearest known parent when the field
// itself is missing or inherited.
func (r *report) add(path, zh, en string, args ...any) {
	where := r.find(path)
	r.at(where.line, where.column, path, zh, en, args...)
}

func (r *report) at(line, column int, path, zh, en string, args ...any) {
	text := approval.Errorf(approval.RuleInvalid, zh, en, args...).Message
	r.problems = append(r.problems, Problem{Line: line, Column: column, Path: path, Message: text})
}

func (r *report) find(path string) place {
	for path != "" {
		if where, ok := r.places[path]; ok {
			return where
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return r.places[""]
}

// err returns the problems in file order, or nil.
func (r *report) err() error {
	if len(r.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return r.problems
}
