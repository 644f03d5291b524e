package workflows_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"linli/activities"
	"linli/approval"
	"linli/approval/contract"
	"linli/approval/engagement"
	"linli/approval/funduse"
	"linli/approval/onboarding"
)

func (w *tenancy) Record(_ context.Context, r approval.Record) (approval.Recorded, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.journal.write(r, w.calendar)
}

func (w *tenancy) BookShare(_ context.Context, o engagement.ShareOrder) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.refusals) > 0 {
		refusal := w.refusals[0]
		w.refusals = w.refusals[1:]
		return "", refusal
	}
	if _, again := w.booked[o.Key]; !again {
		w.bookings++
		w.booked[o.Key] = o
	}
	return "in-" + o.Key, nil
}

func (w *tenancy) ExtendSpace(_ context.Context, o engagement.ExtendOrder) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.taken {
		return approval.Errorf(approval.Conflict, "该期间阵地已有安排。", "The space is taken in that time.")
	}
	w.extended = append(w.extended, o.EndsOn)
	return nil
}

func (w *tenancy) HoldSpace(context.Context, onboarding.HoldOrder) error   { return nil }
func (w *tenancy) AllotSpace(context.Context, onboarding.AllotOrder) error { return nil }

func (w *tenancy) FreeSpace(_ context.Context, o engagement.FreeOrder) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.freed[o.Key]++
	return nil
}

func (w *tenancy) KeepEngagement(_ context.Context, view engagement.View) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.view = view
	w.views = append(w.views, view)
	if from := view.Bulletin().ValidFrom; w.shownAt[from].IsZero() {
		w.shownAt[from] = w.env.Now().UTC()
	}
	return nil
}

// Acting takes its time, so that a run may end meanwhile.
func (w *tenancy) Acting(context.Context, string) ([]contract.Signatory, error) {
	time.Sleep(2 * time.Millisecond)
	w.mu.Lock()
	defer w.mu.Unlock()
	var acting []contract.Signatory
	for _, person := range w.acting {
		acting = append(acting, contract.Signatory{Person: person})
	}
	return acting, nil
}

func (w *tenancy) OnboardingFacts(_ context.Context, q onboarding.FactQuestion) (onboarding.RegisterFacts, error) {
	require.Equal(w.t, w.in.Onboarding, q.CaseID, "the operator's own hold does not stand in its way")
	return onboarding.RegisterFacts{Operator: onboarding.OperatorFacts{Kind: w.in.Operator.Kind}}, nil
}

// EvaluateOnboarding has two criteria: papers nobody handed in with a list of
// prices, and a discount on meals.
func (w *tenancy) EvaluateOnboarding(_ context.Context, pin approval.RulePin, stage string, facts onboarding.Facts) (approval.Evidence, error) {
	papers := approval.Finding{ID: "papers", Severity: approval.SeverityBlock, Verdict: approval.FindingFail, Message: "缺少申请材料"}
	discount := approval.Finding{ID: "meals_discount", Severity: approval.SeverityBlock, Verdict: approval.FindingOK}
	if slices.ContainsFunc(facts.Services, func(s onboarding.ServiceFact) bool { return s.Over60 < 10 }) {
		discount.Verdict, discount.Message = approval.FindingFail, "助餐对60岁以上居民至少优惠10%"
	}
	return approval.Evidence{Pin: pin, Stage: stage, Outcome: approval.OutcomeBlocked, Findings: []approval.Finding{papers, discount}}, nil
}

func (w *tenancy) Evaluate(context.Context, approval.RulePin, string, funduse.Facts) (approval.Evidence, error) {
	return approval.Evidence{}, errors.New("another procedure's criteria")
}

func (w *tenancy) Scorers(context.Context, approval.Scope) ([]string, error) { return nil, nil }

func (w *tenancy) SigningFacts(context.Context, onboarding.SigningQuestion) (onboarding.SigningFacts, error) {
	return onboarding.SigningFacts{}, nil
}

func (w *tenancy) Inventory(context.Context, onboarding.InventoryQuestion) (onboarding.Inventory, error) {
	return onboarding.Inventory{}, nil
}

func (w *tenancy) Moments(_ context.Context, q engagement.DateQuestion) ([]time.Time, error) {
	var moments []time.Time
	for _, date := range q.Dates {
		moments = append(moments, civil(date+" 00:00"))
	}
	return moments, nil
}

func (w *tenancy) Export(context.Context, string) ([]byte, error) {
	return nil, activities.ErrStillOpen
}

func (w *tenancy) ExportRun(_ context.Context, _, run string) ([]byte, error) {
	return []byte(run), nil
}

func (w *tenancy) Unarchived(context.Context, int) ([]string, error) { return nil, nil }

func (w *tenancy) Seal(_ context.Context, caseID string, _ []byte, _ time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sealed = append(w.sealed, strings.TrimPrefix(caseID, w.in.CaseID))
	return nil
}
