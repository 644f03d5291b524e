package server

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"linli/approval"
	"linli/approval/onboarding"
	"linli/approval/space"
	"linli/web"
)

// Calls are the calls for operators.
type Calls interface {
	// OpenCall is idempotent by the call's id and refuses a space that is taken.
	OpenCall(ctx context.Context, start onboarding.CallStart) error
	Call(ctx context.Context, id string) (onboarding.CallView, error)
	Calls(ctx context.Context, scope approval.Scope, open bool, page approval.Page, now time.Time) (calls []onboarding.CallView, next string, err error)
}

func (s *Server) callRoutes() []Route {
	return []Route{
		{Method: "POST", Path: "/v1/calls", Operation: "openCall", Allow: Holding(approval.Secretary), Handle: s.created(onboarding.ProcedureCall, s.openCall())},
		{Method: "GET", Path: "/v1/calls", Operation: "listCalls", Allow: Public(), Handle: read(s.listCalls)},
		{Method: "GET", Path: "/v1/calls/{id}", Operation: "readCall", Allow: Public(), Handle: read(s.readCall)},
	}
}

// callRequest is a call as the community states it.
type callRequest struct {
	Title        string                   `json:"title"`
	Summary      string                   `json:"summary"`
	SpaceID      string                   `json:"space_id"`
	StartsOn     string                   `json:"starts_on"`
	EndsOn       string                   `json:"ends_on"`
	ServiceKinds []onboarding.ServiceKind `json:"service_kinds,omitempty"`
	DeadlineAt   time.Time                `json:"deadline_at"`
}

// calling is a call as it waits for delivery.
type calling struct {
	Person approval.Person      `json:"person"`
	Start  onboarding.CallStart `json:"start"`
}

func (s *Server) openCall() echo.HandlerFunc {
	return deliver(s, "call", s.prepareCall, s.startCall)
}

func (s *Server) prepareCall(ctx context.Context, c call, in callRequest) (calling, error) {
	asked, err := s.records.Space(ctx, in.SpaceID)
	if err != nil {
		return calling{}, at(err, "space_id")
	}
	if err := at(approval.Permit(c.Person, asked.Scope, approval.Secretary), "space_id"); err != nil {
		return calling{}, err
	}
	if err := (space.Letting{}).Validate(asked); err != nil {
		return calling{}, err
	}
	number, err := s.records.SpaceNumber(ctx, asked.ID)
	if err != nil {
		return calling{}, err
	}
	wanted := onboarding.Call{
		Title: in.Title, Summary: in.Summary, Space: onboarding.Space{ID: asked.ID, Number: number, Name: asked.Name, Area: int64(asked.Usable)},
		StartsOn: in.StartsOn, EndsOn: in.EndsOn, ServiceKinds: in.ServiceKinds, DeadlineAt: in.DeadlineAt,
	}
	if err := wanted.Validate(c.Now); err != nil {
		return calling{}, err
	}
	rules, err := s.config.Rules.OnboardingInForce(ctx, asked.Scope, c.Now)
	return calling{Person: c.Person, Start: onboarding.CallStart{
		CaseID: caseID(onboarding.ProcedureCall, c.Person.ID, c.Key), Scope: asked.Scope, Opener: c.Person.ID, Call: wanted,
		Pin: rules.Pin, Parameters: rules.Parameters, OpenedAt: c.Now,
	}}, err
}

func (s *Server) startCall(ctx context.Context, a calling) (opened, error) {
	ctx, cancel := context.WithTimeout(s.scoped(ctx, a.Person), engineTimeout)
	defer cancel()
	start := a.Start
	if err := s.records.OpenCall(ctx, start); err != nil {
		return opened{}, err
	}
	if err := s.records.SaveContent(ctx, start.CaseID, start.Scope, approval.ContentOf(start.Call), start.OpenedAt); err != nil {
		return opened{}, err
	}
	if err := s.config.Engine.StartCall(ctx, start); err != nil {
		return opened{}, err
	}
	return opened{CaseID: start.CaseID, Href: "/v1/cases/" + start.CaseID, ContentHash: start.Call.Hash(), Pin: start.Pin}, nil
}

func (s *Server) listCalls(ctx context.Context, c call) (list[onboarding.CallView], error) {
	items, next, err := s.records.Calls(ctx, approval.Scope(c.Query("scope")), c.Query("open") == "true", c.Page, c.Now)
	return listOf(items, next), err
}

func (s *Server) readCall(ctx context.Context, c call) (onboarding.CallView, error) {
	return s.records.Call(ctx, c.Param("id"))
}

// callsOnFirstPage is how many open calls the start page names; the others are
// on their own page.
const callsOnFirstPage = 5

// callNotices are calls as the public reads them, with the names of where they
// lie.
func (s *Server) callNotices(ctx context.Context, divisions []approval.Division, scope approval.Scope, open bool, page approval.Page, now time.Time) ([]approval.CallNotice, string, error) {
	calls, next, err := s.records.Calls(ctx, scope, open, page, now)
	if err != nil {
		return nil, "", err
	}
	var notices []approval.CallNotice
	for _, call := range calls {
		notice := call.Notice()
		notice.ScopeNames = named(divisions, notice.Scope)
		notices = append(notices, notice)
	}
	return notices, next, nil
}

func (s *Server) pageCalls(ec echo.Context) error {
	ctx := ec.Request().Context()
	list := web.CallList{Frame: s.frame(ec), Cursor: ec.QueryParam("cursor"), Scope: approval.Scope(clip(ec.QueryParam("scope"), 80))}
	divisions, err := s.records.Divisions(ctx)
	if err != nil {
		return err
	}
	list.Path, list.Below = places(divisions, list.Scope)
	if list.Items, list.Next, err = s.callNotices(ctx, divisions, list.Scope, false, approval.Page{Limit: defaultLimit, Cursor: list.Cursor}, list.Now); err != nil {
		return err
	}
	page, err := s.pages.Calls(list)
	if err != nil {
		return err
	}
	return s.html(ec, http.StatusOK, page, page)
}

func (s *Server) pageCall(ec echo.Context) error {
	ctx := ec.Request().Context()
	view, err := s.records.Call(ctx, ec.Param("id"))
	if err != nil {
		return err
	}
	divisions, err := s.records.Divisions(ctx)
	if err != nil {
		return err
	}
	notice := view.Notice()
	notice.ScopeNames = named(divisions, notice.Scope)
	page, err := s.pages.Call(web.CallPage{Frame: s.frame(ec), Call: notice})
	if err != nil {
		return err
	}
	return s.html(ec, http.StatusOK, page, page)
}
