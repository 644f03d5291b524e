package server

import (
	"context"

	"github.com/labstack/echo/v4"

	"linli/approval"
	"linli/approval/onboarding"
)

func (s *Server) takeoverRoutes() []Route {
	return []Route{
		{Method: "POST", Path: "/v1/takeovers", Operation: "openTakeover", Allow: Holding(approval.Handler), Handle: s.created(onboarding.Procedure, s.openTakeover())},
	}
}

// takeover is what an existing contract brings along, as its papers say it.
type takeover struct {
	SignedOn    string                   `json:"signed_on"`
	SignedBy    []onboarding.PaperSigner `json:"signed_by"`
	SettledTo   string                   `json:"settled_to,omitempty"`
	EvaluatedTo string                   `json:"evaluated_to,omitempty"`
	Handover    *paperHandover           `json:"handover,omitempty"`
}

type paperHandover struct {
	On    string         `json:"on"`
	Items []handoverItem `json:"items,omitempty"`
}

func (t *takeover) stated() *onboarding.Takeover {
	if t == nil {
		return nil
	}
	stated := &onboarding.Takeover{SignedOn: t.SignedOn, SignedBy: t.SignedBy, SettledTo: t.SettledTo, EvaluatedTo: t.EvaluatedTo}
	if t.Handover != nil {
		stated.Handover = &onboarding.PaperHandover{On: t.Handover.On, Items: itemsOf(t.Handover.Items)}
	}
	return stated
}

func (s *Server) openTakeover() echo.HandlerFunc {
	return deliver(s, "takeover", s.prepareTakeover, s.startOnboarding)
}

// prepareTakeover registers an existing contract. What the case would stand
// still at later, such as a list that does not fit the space, is refused now.
func (s *Server) prepareTakeover(ctx context.Context, c call, in application) (applying, error) {
	if in.Takeover == nil {
		return applying{}, approval.Errorf(approval.Invalid, "须填写存量合同的签署、结清和移交情况。", "Say what was signed, settled and handed over on paper.").At("takeover")
	}
	a, err := s.applying(ctx, c, in)
	if err != nil {
		return applying{}, err
	}
	if err := at(approval.Permit(c.Person, a.Start.Scope, approval.Handler), "space_id"); err != nil {
		return applying{}, err
	}
	if err := a.Start.Parameters.MayTakeOver(c.Now); err != nil {
		return applying{}, err
	}
	return a, s.takeable(ctx, a.Start)
}

// takeable asks the register whether a contract, registered or corrected, could
// be carried through.
func (s *Server) takeable(ctx context.Context, start onboarding.Start) error {
	application, now := start.Application, start.OpenedAt
	register, err := s.records.OnboardingFacts(ctx, application.Question(start.CaseID, start.Scope, now, now))
	if err != nil {
		return err
	}
	space, err := s.records.Inventory(ctx, onboarding.InventoryQuestion{CaseID: start.CaseID, SpaceID: application.Space.ID})
	if err != nil {
		return err
	}
	return start.Takeable(register, space)
}

// retakeable is takeable for the correction of a contract.
func (s *Server) retakeable(ctx context.Context, c call, caseID string, corrected admission) error {
	if corrected.application.Takeover == nil {
		return nil
	}
	people, err := s.records.Agents(ctx, corrected.application.Operator.ID)
	if err != nil {
		return err
	}
	return s.takeable(ctx, onboarding.Start{CaseID: caseID, Scope: corrected.scope, People: people, Application: corrected.application, OpenedAt: c.Now})
}
