package server

import (
	"context"
	"errors"
	"time"

	"linli/approval"
	"linli/approval/funduse"
	"linli/approval/onboarding"
	"linli/internal/crashpoint"
)

// Engine is how running cases are reached. A refusal comes back as
// *approval.Error; approval.ErrPending, or any other error, leaves the outcome
// open, and the same request may be sent again.
type Engine interface {
	StartFundUse(ctx context.Context, start funduse.Start) error
	StartOnboarding(ctx context.Context, start onboarding.Start) error
	StartCall(ctx context.Context, start onboarding.CallStart) error
	Act(ctx context.Context, act approval.Act) (approval.Receipt, error)
	ActOutcome(ctx context.Context, caseID, actID string) (approval.Receipt, error)
	Waiting(ctx context.Context, caseID string) (approval.Waiting, error)
	BankCalled(ctx context.Context, caseID, key string) error
	PeopleChanged(ctx context.Context, caseID, operatorID string) error
}

// Signer signs the envelope of an act.
type Signer interface {
	Sign(claims approval.Claims) (string, error)
}

const (
	engineTimeout = 5 * time.Second // then the caller hears 202, or of a new case before it can be read
	queryTimeout  = 2 * time.Second // then the copy in the database answers
)

// act delivers an act and returns its one outcome. A case that ended with this
// very act no longer takes it; its history still has the outcome.
func (s *Server) act(ctx context.Context, act approval.Act) (approval.Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, engineTimeout)
	defer cancel()
	receipt, err := s.settle(ctx, act)
	s.config.Observer.Acted(act.Action, err)
	return receipt, err
}

func (s *Server) settle(ctx context.Context, act approval.Act) (approval.Receipt, error) {
	crashpoint.Here("update.before")
	receipt, err := s.config.Engine.Act(ctx, act)
	crashpoint.Here("update.after")
	if approval.CodeOf(err) != approval.TaskClosed {
		return receipt, err
	}
	earlier, unknown := s.config.Engine.ActOutcome(ctx, act.CaseID, act.ID)
	switch {
	case unknown == nil:
		return earlier, nil
	case errors.Is(unknown, approval.ErrPending):
		return approval.Receipt{}, unknown
	}
	return approval.Receipt{}, err
}

// sign completes an act with its envelope.
func (s *Server) sign(act approval.Act, now time.Time, authenticated string) (approval.Act, error) {
	envelope, err := s.config.Signer.Sign(approval.Claims{
		ID: act.ID, Person: act.Person, CaseID: act.CaseID, TaskID: act.TaskID, Action: act.Action,
		ContentHash: act.ContentHash, BodyHash: act.BodyHash(), IssuedAt: now.UTC(), Authenticated: authenticated, Reauthenticated: act.Reauthenticated,
	})
	act.Envelope = envelope
	return act, err
}
