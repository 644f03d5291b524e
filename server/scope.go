package server

import (
	"context"
	"time"

	"linli/approval"
)

// Scopes are the nodes of the scope tree.
type Scopes interface {
	Divisions(ctx context.Context) ([]approval.Division, error)
	AddDivision(ctx context.Context, division approval.Division, by string, now time.Time) error
}

func (s *Server) scopeRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "/v1/scopes", Operation: "listScopes", Allow: Public(), Handle: read(s.divisions)},
		{Method: "POST", Path: "/v1/scopes", Operation: "addScope", Allow: Holding(approval.Administrator), Handle: write(s.addDivision)},
	}
}

// divisions gives the whole tree at once: it is small and every page needs it.
func (s *Server) divisions(ctx context.Context, _ call) (list[approval.Division], error) {
	found, err := s.records.Divisions(ctx)
	return listOf(found, ""), err
}

func (s *Server) addDivision(ctx context.Context, c call, in approval.Division) (approval.Division, error) {
	level := in.Path.Level()
	if level < approval.District {
		return in, approval.Errorf(approval.Invalid, "只能在已有行政区划之下新增。", "A scope is added below an existing one.").At("path")
	}
	if !c.Person.Holds(approval.Administrator, in.Path.Up(level-1)) {
		return in, outside("path")
	}
	return in, s.records.AddDivision(ctx, in, c.Person.ID, c.Now)
}
