package server

import (
	"context"
	"slices"

	"linli/approval"
	"linli/approval/funduse"
)

// Committees are the fund committees as they stand, one per community.
type Committees interface {
	ScopeOf(ctx context.Context, leaf string) (approval.Scope, error)
	StandingCommittee(ctx context.Context, scope approval.Scope) (funduse.StandingCommittee, error)
	SetCommittee(ctx context.Context, order funduse.CommitteeOrder) (funduse.StandingCommittee, error)
}

func (s *Server) committeeRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "/v1/committees/{community}", Operation: "readCommittee", Allow: SignedIn(), Handle: read(s.committee)},
		{Method: "PUT", Path: "/v1/committees/{community}", Operation: "setCommittee",
			Allow: Holding(approval.Secretary, approval.Administrator), Handle: write(s.setCommittee)},
	}
}

func (s *Server) committee(ctx context.Context, c call) (funduse.StandingCommittee, error) {
	scope, err := s.communityOf(ctx, c)
	if err != nil {
		return funduse.StandingCommittee{}, err
	}
	return s.records.StandingCommittee(ctx, scope)
}

type newCommittee struct {
	Version int         `json:"version"` // the one the caller saw; 0 = none yet
	Members []newMember `json:"members"`
}

type newMember struct {
	PersonID string          `json:"person_id"`
	Seats    []approval.Seat `json:"seats"`
	Reserve  bool            `json:"reserve"`
}

func (s *Server) setCommittee(ctx context.Context, c call, in newCommittee) (funduse.StandingCommittee, error) {
	scope, err := s.communityOf(ctx, c)
	if err != nil {
		return funduse.StandingCommittee{}, err
	}
	if err := approval.Permit(c.Person, scope, approval.Secretary, approval.Administrator); err != nil {
		return funduse.StandingCommittee{}, err
	}
	order := funduse.CommitteeOrder{Scope: scope, Version: in.Version, By: c.Person.ID, At: c.Now,
		Members: rendered(in.Members, func(member newMember) funduse.CommitteeMember {
			return funduse.CommitteeMember{PersonID: member.PersonID, Seats: member.Seats, Reserve: member.Reserve}
		}),
	}
	if err := order.Validate(); err != nil {
		return funduse.StandingCommittee{}, err
	}
	return s.records.SetCommittee(ctx, order)
}

// communityOf finds the community by its code; one outside the caller's scope
// is not there.
func (s *Server) communityOf(ctx context.Context, c call) (approval.Scope, error) {
	scope, err := s.records.ScopeOf(ctx, c.Param("community"))
	if err != nil {
		return "", err
	}
	sees := slices.ContainsFunc(c.Person.Grants, func(grant approval.Grant) bool { return grant.Scope.Contains(scope) })
	if !sees || scope.Level() != approval.Community {
		return "", approval.Errorf(approval.NotFound, "没有这个社区。", "There is no such community.")
	}
	return scope, nil
}
