package server

import (
	"context"

	"linli/approval"
)

func (s *Server) operationRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "/v1/operations/{id}", Operation: "readOperation", Allow: SignedIn(), Handle: read(s.operation)},
	}
}

// operation tells its own actor how far a keyed write has come.
func (s *Server) operation(ctx context.Context, c call) (approval.Operation, error) {
	return s.records.Operation(ctx, c.Person.ID, c.Param("id"))
}
