package server

import (
	"context"
	"encoding/json"

	"linli/approval"
	"linli/audit"
)

// Messages are what a person should hear about: new tasks, reminders,
// escalations, copies, outcomes.
type Messages interface {
	Messages(ctx context.Context, kind string, page approval.Page) (views []approval.MessageView, next string, err error)
}

// Archive keeps the sealed histories of closed cases; row security shows an
// auditor those of his scope.
type Archive interface {
	ArchiveLog(ctx context.Context) ([]audit.Entry, error)
	ArchivedHistory(ctx context.Context, caseID string) ([]byte, error)
}

func (s *Server) messageRoutes() []Route {
	auditors := Holding(approval.Auditor)
	return []Route{
		{Method: "GET", Path: "/v1/messages", Operation: "listMessages", Allow: SignedIn(), Handle: read(s.messages)},
		{Method: "GET", Path: "/v1/archive", Operation: "listArchive", Allow: auditors, Handle: read(s.archive)},
		{Method: "GET", Path: "/v1/cases/{case}/history", Operation: "readHistory", Allow: auditors, Handle: read(s.history)},
	}
}

func (s *Server) messages(ctx context.Context, c call) (list[approval.MessageView], error) {
	views, next, err := s.records.Messages(ctx, c.Query("kind"), c.Page)
	return listOf(views, next), err
}

func (s *Server) archive(ctx context.Context, _ call) (list[audit.Entry], error) {
	entries, err := s.records.ArchiveLog(ctx)
	return listOf(entries, ""), err
}

// history is the sealed history in Temporal's own JSON.
func (s *Server) history(ctx context.Context, c call) (json.RawMessage, error) {
	return s.records.ArchivedHistory(ctx, c.Param("case"))
}
