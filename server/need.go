package server

import (
	"context"

	"linli/approval"
	"linli/approval/space"
)

// Needs are the communities' needs lists, one each.
type Needs interface {
	Needs(ctx context.Context, community approval.Scope) (space.NeedList, error)
	SetNeeds(ctx context.Context, list space.NeedList) (space.NeedList, error)
	NeedVersions(ctx context.Context, community approval.Scope) ([]space.NeedList, error)
}

func (s *Server) needRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "/v1/needs/{community}", Operation: "readNeeds", Allow: SignedIn(), Handle: read(s.needs)},
		{Method: "PUT", Path: "/v1/needs/{community}", Operation: "setNeeds", Allow: Holding(inventoryKeepers...), Handle: write(s.setNeeds)},
		{Method: "GET", Path: "/v1/needs/{community}/versions", Operation: "listNeedVersions", Allow: SignedIn(), Handle: read(s.needVersions)},
	}
}

func (s *Server) needs(ctx context.Context, c call) (space.NeedList, error) {
	scope, err := s.communityOf(ctx, c)
	if err != nil {
		return space.NeedList{}, err
	}
	return s.records.Needs(ctx, scope)
}

func (s *Server) needVersions(ctx context.Context, c call) (list[space.NeedList], error) {
	scope, err := s.communityOf(ctx, c)
	if err != nil {
		return list[space.NeedList]{}, err
	}
	found, err := s.records.NeedVersions(ctx, scope)
	return listOf(found, ""), err
}

type newNeeds struct {
	Version int          `json:"version"` // the one the caller saw; 0 = none yet
	Needs   []space.Need `json:"needs"`
}

func (s *Server) setNeeds(ctx context.Context, c call, in newNeeds) (space.NeedList, error) {
	scope, err := s.communityOf(ctx, c)
	if err != nil {
		return space.NeedList{}, err
	}
	if err := space.MayKeep(c.Person, scope); err != nil {
		return space.NeedList{}, err
	}
	list := space.NeedList{Scope: scope, Version: in.Version, Needs: in.Needs, ChangedAt: c.Now, ChangedBy: c.Person.ID}
	if err := list.Validate(); err != nil {
		return list, err
	}
	return s.records.SetNeeds(ctx, list)
}
