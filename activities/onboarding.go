package activities

import (
	"context"
	"time"

	"linli/approval"
	"linli/approval/contract"
	"linli/approval/onboarding"
	"linli/internal/crashpoint"
)

// Register knows operators, spaces and people as they stand now.
type Register interface {
	// OnboardingFacts is what criteria may look at, and who of the community's
	// offices is related to the operator.
	OnboardingFacts(ctx context.Context, question onboarding.FactQuestion) (onboarding.RegisterFacts, error)
	// Scorers are the persons who hold the scorer's role over a community.
	Scorers(ctx context.Context, community approval.Scope) ([]string, error)
	// SigningFacts is who signs and what the documents name beside the application.
	SigningFacts(ctx context.Context, question onboarding.SigningQuestion) (onboarding.SigningFacts, error)
	// Acting are the persons who act for an operator, in what capacity.
	Acting(ctx context.Context, operatorID string) ([]contract.Signatory, error)
	// Inventory is the space as registered, and who else still occupies it.
	Inventory(ctx context.Context, question onboarding.InventoryQuestion) (onboarding.Inventory, error)
}

// Spaces allots spaces for terms. Every method is idempotent by the key in its
// order and refuses the same key with another body.
type Spaces interface {
	HoldSpace(ctx context.Context, order onboarding.HoldOrder) error
	AllotSpace(ctx context.Context, order onboarding.AllotOrder) error
	FreeSpace(ctx context.Context, order onboarding.FreeOrder) error
}

// Calls knows which applications a call has taken.
type Calls interface {
	// CloseCall takes no more applications and answers with all it has taken;
	// repeated, it answers the same.
	CloseCall(ctx context.Context, callID string, at time.Time) ([]string, error)
	// EndCall gives the space free for others, and keeps how the call ended,
	// if that is told.
	EndCall(ctx context.Context, callID string, outcome *approval.CallOutcome, at time.Time) error
}

// OnboardingFacts reads what criteria may look at about operator, space, needs
// and call.
func (a *Activities) OnboardingFacts(ctx context.Context, question onboarding.FactQuestion) (onboarding.RegisterFacts, error) {
	return a.Register.OnboardingFacts(ctx, question)
}

// OnboardingEvaluation is the input of a binding evaluation; with the pinned
// rule text it is all that is needed to repeat it.
type OnboardingEvaluation struct {
	Pin   approval.RulePin `json:"pin"`
	Stage string           `json:"stage"`
	Facts onboarding.Facts `json:"facts"`
}

// EvaluateOnboarding holds the facts against the pinned rule set.
func (a *Activities) EvaluateOnboarding(ctx context.Context, e OnboardingEvaluation) (approval.Evidence, error) {
	return a.Rules.EvaluateOnboarding(ctx, e.Pin, e.Stage, e.Facts)
}

// Scorers reads who may score in a community.
func (a *Activities) Scorers(ctx context.Context, community approval.Scope) ([]string, error) {
	return a.Register.Scorers(ctx, community)
}

// SigningFacts reads who signs.
func (a *Activities) SigningFacts(ctx context.Context, question onboarding.SigningQuestion) (onboarding.SigningFacts, error) {
	return a.Register.SigningFacts(ctx, question)
}

// Acting reads who acts for an operator.
func (a *Activities) Acting(ctx context.Context, operatorID string) ([]contract.Signatory, error) {
	return a.Register.Acting(ctx, operatorID)
}

// Inventory reads the space to be handed over.
func (a *Activities) Inventory(ctx context.Context, question onboarding.InventoryQuestion) (onboarding.Inventory, error) {
	return a.Register.Inventory(ctx, question)
}

// HoldSpace holds a space for a case; one that is taken is a refusal (I8).
func (a *Activities) HoldSpace(ctx context.Context, order onboarding.HoldOrder) error {
	crashpoint.Here("hold.before")
	err := a.Spaces.HoldSpace(ctx, order)
	crashpoint.Here("hold.after")
	return err
}

// AllotSpace makes a held space the operator's.
func (a *Activities) AllotSpace(ctx context.Context, order onboarding.AllotOrder) error {
	return a.Spaces.AllotSpace(ctx, order)
}

// FreeSpace gives a space back, exactly once.
func (a *Activities) FreeSpace(ctx context.Context, order onboarding.FreeOrder) error {
	crashpoint.Here("free.before")
	err := a.Spaces.FreeSpace(ctx, order)
	crashpoint.Here("free.after")
	return err
}

// CallMoment names a call at a moment.
type CallMoment struct {
	CallID  string                `json:"call_id"`
	At      time.Time             `json:"at"`
	Outcome *approval.CallOutcome `json:"outcome,omitempty"` // of the end
}

// CloseCall takes no more applications under a call.
func (a *Activities) CloseCall(ctx context.Context, call CallMoment) ([]string, error) {
	crashpoint.Here("call.before")
	applicants, err := a.Calls.CloseCall(ctx, call.CallID, call.At)
	crashpoint.Here("call.after")
	return applicants, err
}

// EndCall notes that a call is over.
func (a *Activities) EndCall(ctx context.Context, call CallMoment) error {
	return a.Calls.EndCall(ctx, call.CallID, call.Outcome, call.At)
}
