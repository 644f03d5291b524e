package server

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"linli/approval"
)

// Notices reads what the public may read, and adds to it.
type Notices interface {
	PublicNotices(ctx context.Context, filter approval.NoticeFilter, page approval.Page, now time.Time) ([]approval.NoticeView, string, error)
	PublicNotice(ctx context.Context, id string, now time.Time) (approval.NoticeView, error)
	// AddNote is idempotent by the note's id.
	AddNote(ctx context.Context, note approval.NoticeNote) error
}

func (s *Server) noticeRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "/v1/public/notices", Operation: "listNotices", Allow: Public(), Handle: read(s.listNotices)},
		{Method: "GET", Path: "/v1/public/notices/{notice}", Operation: "readNotice", Allow: Public(), Handle: read(s.readNotice)},
		{Method: "POST", Path: "/v1/notices/{notice}/notes", Operation: "addNote", Handle: write(s.addNote),
			Allow: Holding(approval.Handler, approval.Supervisor, approval.CharityOfficer)},
	}
}

func (s *Server) listNotices(ctx context.Context, c call) (list[approval.NoticeView], error) {
	filter := approval.NoticeFilter{Scope: approval.Scope(c.Query("scope")), Search: c.Query("search"), Open: c.Query("open") == "true"}
	items, next, err := s.records.PublicNotices(ctx, filter, c.Page, c.Now)
	for i := range items {
		items[i] = noNulls(items[i])
	}
	return listOf(items, next), err
}

func (s *Server) readNotice(ctx context.Context, c call) (approval.NoticeView, error) {
	notice, err := s.records.PublicNotice(ctx, c.Param("notice"), c.Now)
	return noNulls(notice), err
}

// noNulls renders empty lists as [].
func noNulls(n approval.NoticeView) approval.NoticeView {
	n.Lines, n.Steps, n.Evidence = orEmpty(n.Lines), orEmpty(n.Steps), orEmpty(n.Evidence)
	n.ScopeNames, n.Notes, n.Objections = orEmpty(n.ScopeNames), orEmpty(n.Notes), orEmpty(n.Objections)
	return n
}

func orEmpty[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

// correction is a visible note beside a notice; the notice itself never
// changes (I11).
type correction struct {
	Text string `json:"text"`
}

const maxNote = 2000

func (s *Server) addNote(ctx context.Context, c call, in correction) (approval.NoticeNote, error) {
	text := strings.TrimSpace(in.Text)
	if n := utf8.RuneCountInString(text); n == 0 || n > maxNote {
		return approval.NoticeNote{}, approval.Errorf(approval.Invalid, "更正说明须为1至%[1]d个字。", "A note has 1 to %[1]d characters.", maxNote).At("text")
	}
	notice, err := s.records.PublicNotice(ctx, c.Param("notice"), c.Now)
	if err != nil {
		return approval.NoticeNote{}, err
	}
	if err := approval.Permit(c.Person, notice.Scope, approval.Handler, approval.Supervisor, approval.CharityOfficer); err != nil {
		return approval.NoticeNote{}, err
	}
	note := approval.NoticeNote{
		ID: "note_" + strings.TrimPrefix(c.Operation, "op_"), NoticeID: notice.ID, Kind: "correction", Text: text, By: c.Person.ID, At: c.Now,
	}
	return note, s.records.AddNote(ctx, note)
}
