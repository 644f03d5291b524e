package web

import (
	"time"

	"linli/approval"
)

// CallList is every call for operators in a place, the newest first. Path and
// Below are as on the start page.
type CallList struct {
	Frame
	Scope  approval.Scope
	Path   []Place
	Below  []Place
	Items  []approval.CallNotice
	Cursor string // of this page; "" on the first
	Next   string // of the next page; "" on the last
}

// CallPage is one call: what is offered and asked for, how to apply and, once it
// has ended, how the candidates were ranked.
type CallPage struct {
	Frame
	Call approval.CallNotice
}

// Calls renders the list.
func (p *Pages) Calls(page CallList) ([]byte, error) {
	page.Frame = p.framed(page.Frame)
	return p.render(callsPage, page)
}

// Call renders one call.
func (p *Pages) Call(page CallPage) ([]byte, error) {
	page.Frame = p.framed(page.Frame)
	return p.render(callPage, page)
}

// At is the list narrowed to a place.
func (l CallList) At(scope approval.Scope) string { return l.page(scope, "") }

// FirstPage and NextPage keep the place.
func (l CallList) FirstPage() string { return l.page(l.Scope, "") }

// NextPage goes on where this page ends.
func (l CallList) NextPage() string { return l.page(l.Scope, l.Next) }

func (l CallList) page(scope approval.Scope, cursor string) string {
	return l.link("/calls", map[string]string{"scope": string(scope), "cursor": cursor})
}

// CallState says how far a call is.
func (f Frame) CallState(call approval.CallNotice) string {
	switch {
	case call.Open(f.Now):
		return f.T("正在报名", "Open")
	case call.EndedAt.IsZero():
		return f.T("评审中", "Being judged")
	case call.Outcome != nil && call.Outcome.Status == approval.Completed:
		return f.T("已落地", "Awarded")
	}
	return f.T("已结束", "Ended")
}

// Remains says how long applications are still taken.
func (f Frame) Remains(call approval.CallNotice) string {
	left := call.DeadlineAt.Sub(f.Now)
	switch {
	case !call.Open(f.Now):
		return f.T("报名已截止", "Applications are closed")
	case left > time.Hour:
		return f.T("距报名截止还有 ", "") + f.span(left) + f.T("", " left to apply")
	}
	return f.T("报名将在一小时内截止", "Less than one hour left to apply")
}
