package web

import (
	"net/url"
	"unicode/utf8"

	"linli/approval"
)

// What one page shows of texts whose number nobody controls, in bytes. The
// rest is counted on the page and linked in full.
const (
	notesBudget      = 6 << 10
	objectionsBudget = 9 << 10
	termsBudget      = 6 << 10
	termMarkup       = 48  // of one term
	termText         = 300 // of one term's text or value
	searchText       = 60  // characters of a purpose in the list
)

// Shown is a part of a list and how many entries it leaves out.
type Shown[T any] struct {
	Items []T
	More  int
}

// fit takes entries from the newest on while their size fits the budget; the
// newest is always taken, and order is kept.
func fit[T any](items []T, budget int, size func(T) int) Shown[T] {
	from := len(items)
	for from > 0 {
		budget -= size(items[from-1])
		if budget < 0 && from < len(items) {
			break
		}
		from--
	}
	return Shown[T]{Items: items[from:], More: from}
}

// Corrections are the notes that change what the notice says; they stand on
// top of it.
func (p NoticePage) Corrections() []approval.NoticeNote {
	var corrections []approval.NoticeNote
	for _, note := range p.Notes().Items {
		if note.Kind == "correction" {
			corrections = append(corrections, note)
		}
	}
	return corrections
}

// Notes are the later notes that fit, oldest first.
func (p NoticePage) Notes() Shown[approval.NoticeNote] {
	return fit(p.Notice.Notes, notesBudget, func(n approval.NoticeNote) int { return len(n.Text) + 300 })
}

// Objections are the objections that fit, oldest first.
func (p NoticePage) Objections() Shown[approval.ObjectionView] {
	return fit(p.Notice.Objections, objectionsBudget, func(o approval.ObjectionView) int { return len(o.Text) + len(o.Answer) + 400 })
}

// Evidence is the explanation of the criteria, with as many sub-terms as the
// page can hold; failed criteria keep theirs first.
func (p NoticePage) Evidence() []approval.Evidence {
	left := termsBudget
	evidence := make([]approval.Evidence, len(p.Notice.Evidence))
	for i, one := range p.Notice.Evidence {
		one.Findings = append([]approval.Finding(nil), one.Findings...)
		for _, failed := range []bool{true, false} {
			for k, finding := range one.Findings {
				if (finding.Verdict != approval.FindingOK) == failed {
					one.Findings[k].Terms = prune(finding.Terms, &left)
				}
			}
		}
		evidence[i] = one
	}
	return evidence
}

func prune(terms []approval.Term, left *int) []approval.Term {
	var kept []approval.Term
	for _, term := range terms {
		short := approval.Term{Text: cut(term.Text), Value: cut(term.Value)}
		if *left -= termMarkup + len(short.Text) + len(short.Value); *left < 0 {
			break
		}
		short.Terms = prune(term.Terms, left)
		kept = append(kept, short)
	}
	return kept
}

func cut(text string) string {
	if len(text) <= termText {
		return text
	}
	end := termText
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}

// MemberName names a committee member on a published ballot.
func (p NoticePage) MemberName(id string) string {
	for _, name := range p.Notice.Names {
		if name.ID == id {
			return name.Name
		}
	}
	return id
}

// Full is where the notice can be read without any shortening.
func (p NoticePage) Full() string { return "/v1/public/notices/" + url.PathEscape(p.Notice.ID) }

// Brief is a purpose as the list shows it.
func (f Frame) Brief(text string) string {
	runes := []rune(text)
	if len(runes) <= searchText {
		return text
	}
	return string(runes[:searchText]) + "…"
}

// At links to the list narrowed to a place, keeping the search.
func (l NoticeList) At(scope approval.Scope) string {
	filter := l.Filter
	filter.Scope = scope
	return l.list(filter, "")
}

// NextPage links to the next page of the same list.
func (l NoticeList) NextPage() string { return l.list(l.Filter, l.Next) }

// FirstPage links to the beginning of the same list.
func (l NoticeList) FirstPage() string { return l.list(l.Filter, "") }

func (l NoticeList) list(filter approval.NoticeFilter, cursor string) string {
	open := ""
	if filter.Open {
		open = "1"
	}
	return l.link("/", map[string]string{"q": filter.Search, "scope": string(filter.Scope), "open": open, "cursor": cursor})
}
