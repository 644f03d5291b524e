package server

import (
	"cmp"
	"context"
	"time"

	"linli/approval"
	"linli/approval/onboarding"
	"linli/approval/space"
)

// Spaces are the communities' inventories. Each reader sees the spaces of his
// scope; any other space is not there.
type Spaces interface {
	RegisterSpace(ctx context.Context, scope approval.Scope, details space.Details, by string, at time.Time) (space.Space, error)
	ChangeSpace(ctx context.Context, id string, change space.Change, by string, at time.Time) (space.Space, error)
	Spaces(ctx context.Context, scope approval.Scope, page approval.Page) (spaces []space.Space, next string, err error)
	SpacesOf(ctx context.Context, community approval.Scope) ([]space.Space, error)
	Space(ctx context.Context, id string) (space.Space, error)
	// Lettings is what of a community somebody holds or runs on a day of the term.
	Lettings(ctx context.Context, community approval.Scope, startsOn, endsOn string) ([]space.Taken, error)
	SpaceVersions(ctx context.Context, id string) ([]approval.Version, error)
}

func (s *Server) spaceRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "/v1/catalogue", Operation: "readCatalogue", Allow: Public(), Handle: read(s.catalogue)},
		{Method: "GET", Path: "/v1/spaces", Operation: "listSpaces", Allow: SignedIn(), Handle: read(s.spaces)},
		{Method: "POST", Path: "/v1/spaces", Operation: "registerSpace", Allow: Holding(inventoryKeepers...), Handle: write(s.registerSpace)},
		{Method: "GET", Path: "/v1/spaces/{id}", Operation: "readSpace", Allow: SignedIn(), Handle: read(s.space)},
		{Method: "PUT", Path: "/v1/spaces/{id}", Operation: "changeSpace", Allow: Holding(inventoryKeepers...), Handle: write(s.changeSpace)},
		{Method: "GET", Path: "/v1/spaces/{id}/versions", Operation: "listSpaceVersions", Allow: SignedIn(), Handle: read(s.spaceVersions)},
		{Method: "POST", Path: "/v1/spaces/{id}/letting", Operation: "tryLetting", Allow: SignedIn(), Handle: unkeyed(s.tryLetting)},
	}
}

// inventoryKeepers keep spaces and needs of a community.
var inventoryKeepers = []approval.Role{approval.Handler, approval.Secretary, approval.Administrator}

// catalogueAnswer is both sample catalogues with their label.
type catalogueAnswer struct {
	Label      approval.Text        `json:"label"`
	Aspects    []space.Aspect       `json:"aspects"`
	Categories []space.NeedCategory `json:"need_categories"`
}

func (s *Server) catalogue(context.Context, call) (catalogueAnswer, error) {
	return catalogueAnswer{Label: space.Sample, Aspects: space.Catalogue, Categories: space.NeedCategories}, nil
}

func (s *Server) spaces(ctx context.Context, c call) (list[space.Space], error) {
	found, next, err := s.records.Spaces(ctx, approval.Scope(c.Query("scope")), c.Page)
	return listOf(found, next), err
}

func (s *Server) space(ctx context.Context, c call) (space.Space, error) {
	return s.records.Space(ctx, c.Param("id"))
}

type newSpace struct {
	Scope approval.Scope `json:"scope"`
	space.Details
}

func (s *Server) registerSpace(ctx context.Context, c call, in newSpace) (space.Space, error) {
	if err := space.MayKeep(c.Person, in.Scope); err != nil {
		return space.Space{}, err
	}
	if err := s.checkSpace(ctx, in.Details, in.Validate); err != nil {
		return space.Space{}, err
	}
	return s.records.RegisterSpace(ctx, in.Scope, in.Details, c.Person.ID, c.Now)
}

func (s *Server) checkSpace(ctx context.Context, details space.Details, validate func() error) error {
	if err := validate(); err != nil {
		return err
	}
	if details.ProofID == "" {
		return nil
	}
	_, err := s.records.Attachment(ctx, details.ProofID)
	return at(err, "proof_attachment_id")
}

func (s *Server) changeSpace(ctx context.Context, c call, in space.Change) (space.Space, error) {
	found, err := s.records.Space(ctx, c.Param("id"))
	if err != nil {
		return found, err
	}
	if err := space.MayKeep(c.Person, found.Scope); err != nil {
		return found, err
	}
	if err := s.checkSpace(ctx, in.Details, in.Validate); err != nil {
		return found, err
	}
	if err := found.MayBecome(in.Details); err != nil {
		return found, err
	}
	return s.records.ChangeSpace(ctx, found.ID, in, c.Person.ID, c.Now)
}

func (s *Server) spaceVersions(ctx context.Context, c call) (list[approval.Version], error) {
	found, err := s.records.SpaceVersions(ctx, c.Param("id"))
	return listOf(found, ""), err
}

// lettingAnswer is what a letting would take and leave; it binds nobody.
type lettingAnswer struct {
	Built  space.Area `json:"built_area"`
	Usable space.Area `json:"usable_area"`
	space.Retention
}

// triedLetting is a letting in a term, civil days; none begins today and lasts
// as long as a lease may.
type triedLetting struct {
	space.Letting
	StartsOn string `json:"starts_on,omitempty"`
	EndsOn   string `json:"ends_on,omitempty"`
}

func (t triedLetting) term(now time.Time) (startsOn, endsOn string) {
	today := now.In(approval.Shanghai)
	return cmp.Or(t.StartsOn, today.Format(time.DateOnly)), cmp.Or(t.EndsOn, today.AddDate(onboarding.MaxTermYears, 0, 0).Format(time.DateOnly))
}

func (s *Server) tryLetting(ctx context.Context, c call, in triedLetting) (lettingAnswer, error) {
	found, err := s.records.Space(ctx, c.Param("id"))
	if err != nil {
		return lettingAnswer{}, err
	}
	if err := in.Validate(found); err != nil {
		return lettingAnswer{}, err
	}
	inventory, err := s.records.SpacesOf(ctx, found.Scope)
	if err != nil {
		return lettingAnswer{}, err
	}
	startsOn, endsOn := in.term(c.Now)
	lets, err := s.records.Lettings(ctx, found.Scope, startsOn, endsOn)
	built, usable := in.Area(found)
	return lettingAnswer{Built: built, Usable: usable, Retention: space.Retained(found, in.Letting, space.Left(inventory, lets)...)}, err
}
