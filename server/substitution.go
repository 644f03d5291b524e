package server

import (
	"context"
	"time"

	"linli/approval"
)

// Substitutions let one person act for an absent one.
type Substitutions interface {
	// NameSubstitute refuses whom approval.Substitution.MayName refuses.
	NameSubstitute(ctx context.Context, wanted approval.Substitution, by approval.Person, now time.Time) (approval.Substitution, error)
	Substitutions(ctx context.Context, page approval.Page) (found []approval.Substitution, next string, err error)
	EndSubstitution(ctx context.Context, id, by string, now time.Time) (approval.Substitution, error)
	// StandIn is person with the grants of the absent one he substitutes at
	// that time; a refusal when he does not.
	StandIn(ctx context.Context, person approval.Person, absent string, at time.Time) (approval.Person, error)
}

func (s *Server) substitutionRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "/v1/substitutions", Operation: "listSubstitutions", Allow: SignedIn(), Handle: read(s.substitutions)},
		{Method: "POST", Path: "/v1/substitutions", Operation: "nameSubstitute", Allow: SignedIn(), Handle: write(s.nameSubstitute)},
		{Method: "DELETE", Path: "/v1/substitutions/{id}", Operation: "endSubstitution", Allow: SignedIn(), Handle: write(s.endSubstitution)},
	}
}

type newSubstitution struct {
	Absent     string `json:"absent"` // "" means the caller
	Substitute string `json:"substitute"`
	FirstOn    string `json:"first_on"`
	LastOn     string `json:"last_on"`
	Reason     string `json:"reason"`
}

func (s *Server) substitutions(ctx context.Context, c call) (list[approval.Substitution], error) {
	found, next, err := s.records.Substitutions(ctx, c.Page)
	return listOf(found, next), err
}

func (s *Server) nameSubstitute(ctx context.Context, c call, in newSubstitution) (approval.Substitution, error) {
	if in.Absent == "" {
		in.Absent = c.Person.ID
	}
	return s.records.NameSubstitute(ctx, approval.Substitution{
		Absent: in.Absent, Substitute: in.Substitute, FirstOn: in.FirstOn, LastOn: in.LastOn, Reason: in.Reason,
	}, c.Person, c.Now)
}

func (s *Server) endSubstitution(ctx context.Context, c call, _ nothing) (approval.Substitution, error) {
	return s.records.EndSubstitution(ctx, c.Param("id"), c.Person.ID, c.Now)
}
