package web

import (
	"bytes"
	"fmt"
	"net/url"
	"time"

	"linli/approval"
)

// Lang is the language of labels; what communities wrote stays as written.
type Lang string

// The languages of the pages.
const (
	ZH Lang = "zh"
	EN Lang = "en"
)

// Frame is what every page needs: the language, the moment it is rendered
// for, and the path and query it answers (for the language switch).
type Frame struct {
	Lang Lang
	Now  time.Time
	URL  *url.URL

	style, icon string
}

// Place is a node of the scope tree with its Chinese name.
type Place struct {
	Scope approval.Scope
	Name  string
}

// NoticeList is the start page. Path leads from the city to the place the
// list is narrowed to; Below are the places one level down.
type NoticeList struct {
	Frame
	Filter approval.NoticeFilter
	Path   []Place
	Below  []Place
	Calls  []approval.CallNotice // that take applications now, on the first page
	Items  []approval.NoticeView
	Cursor string // of this page; "" on the first
	Next   string // of the next page; "" on the last
}

// NoticePage is one notice. FormKey is the idempotency key its objection form
// carries; Refusal and the two drafts are set when the form came back.
type NoticePage struct {
	Frame
	Notice  approval.NoticeView
	FormKey string
	Refusal *approval.Error
	Text    string
	Contact string
}

// ReceiptPage shows the receipt code of an objection, this once.
type ReceiptPage struct {
	Frame
	Notice approval.NoticeView
	Code   string
}

// ObjectionPage shows a resident how the objection stands.
type ObjectionPage struct {
	Frame
	Notice    approval.NoticeView
	Objection approval.ObjectionView
}

// ProblemPage is any answer that is not what was asked for.
type ProblemPage struct {
	Frame
	Status    int
	Detail    approval.Text // a refusal's own words; empty for a fault
	RequestID string
}

// Notices renders the list.
func (p *Pages) Notices(page NoticeList) ([]byte, error) {
	page.Frame = p.framed(page.Frame)
	return p.render(noticesPage, page)
}

// Notice renders one notice.
func (p *Pages) Notice(page NoticePage) ([]byte, error) {
	page.Frame = p.framed(page.Frame)
	return p.render(noticePage, page)
}

// Receipt renders the receipt of an objection.
func (p *Pages) Receipt(page ReceiptPage) ([]byte, error) {
	page.Frame = p.framed(page.Frame)
	return p.render(receiptPage, page)
}

// Objection renders the state of an objection.
func (p *Pages) Objection(page ObjectionPage) ([]byte, error) {
	page.Frame = p.framed(page.Frame)
	return p.render(objectionPage, page)
}

// Problem renders an error page; it never shows internals.
func (p *Pages) Problem(page ProblemPage) ([]byte, error) {
	page.Frame = p.framed(page.Frame)
	return p.render(problemPage, page)
}

func (p *Pages) framed(f Frame) Frame {
	f.style, f.icon = p.assets[0].Path, p.assets[1].Path
	if f.Lang != EN {
		f.Lang = ZH
	}
	if f.URL == nil {
		f.URL = &url.URL{Path: "/"}
	}
	return f
}

func (p *Pages) render(name string, page any) ([]byte, error) {
	var out bytes.Buffer
	if err := p.parsed[name].Execute(&out, page); err != nil {
		return nil, fmt.Errorf("rendering page %s: %w", name, err)
	}
	return out.Bytes(), nil
}
