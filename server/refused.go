package server

import (
	"context"

	"linli/approval"
)

// RefusedAttempts lists what was refused, for auditors of the scope.
type RefusedAttempts interface {
	RefusedAttempts(ctx context.Context, filter approval.RefusalFilter, page approval.Page) (found []approval.RefusedAttempt, next string, err error)
}

func (s *Server) refusedRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "/v1/refusals", Operation: "listRefusals", Allow: Holding(approval.Auditor), Handle: read(s.refusedAttempts)},
	}
}

func (s *Server) refusedAttempts(ctx context.Context, c call) (list[approval.RefusedAttempt], error) {
	filter := approval.RefusalFilter{CaseID: c.Query("case"), Actor: c.Query("actor"), Code: approval.Code(c.Query("code"))}
	found, next, err := s.records.RefusedAttempts(ctx, filter, c.Page)
	return listOf(found, next), err
}
