package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"linli/approval"
	"linli/approval/engagement"
)

// apply files an application and takes the steps of its case.
func (l *loader) apply(ctx context.Context, a Application) error {
	applicant, err := l.as(ctx, a.As)
	if err != nil {
		return err
	}
	papers, err := l.papers(ctx, applicant, l.scopeOfSpace(a.Space), a.Key, a.Title, a.Papers)
	if err != nil {
		return err
	}
	stated := a.stated(l.operators[a.Operator], l.spaces[a.Space], papers)
	place := "/v1/applications"
	if a.Takeover != nil {
		place = "/v1/takeovers"
	}
	caseID, fresh, err := l.open(ctx, applicant, opening{Title: a.Title, Key: a.Key, Place: place, Leaves: a.Leaves, Steps: a.Steps}, stated)
	if err != nil || !fresh {
		return err
	}
	for i, step := range a.Steps {
		if step.Do == approval.Correct {
			step.Details = stated
		}
		key := fmt.Sprintf("demo-%s-%d", a.Key, i)
		switch {
		case len(step.Cured) > 0:
			err = l.cure(ctx, caseID, a, step, key)
		case step.Engaged:
			err = l.takeEngaged(ctx, a, engagement.ID(caseID), step, key)
		default:
			err = l.take(ctx, caseID, step, key)
		}
		if err != nil {
			return fmt.Errorf("step %d (%s %s): %w", i+1, step.As, step.Do, err)
		}
	}
	if err := l.reach(ctx, applicant, caseID, a.Leaves); err != nil || a.Engagement == "" {
		return err
	}
	return l.reach(ctx, applicant, engagement.ID(caseID), a.Engagement)
}

// cure records that the public lists say something better now that the case
// has come to the step's task.
func (l *loader) cure(ctx context.Context, caseID string, a Application, step Step, key string) error {
	keeper, err := l.as(ctx, step.As)
	if err != nil {
		return err
	}
	if _, err := Await(ctx, keeper, caseID, step.Stage, step.Seat); err != nil {
		return err
	}
	return l.check(ctx, keeper, l.operators[a.Operator].ID, key, step.Cured)
}

// stated is the application as the API takes it.
func (a Application) stated(operator operatorEntry, space string, papers []map[string]string) map[string]any {
	starts := time.Now().In(approval.Shanghai).AddDate(0, 0, a.StartsIn)
	licences := []string{}
	for _, licence := range operator.Licences {
		licences = append(licences, licence.ID)
	}
	stated := map[string]any{
		"title": a.Title, "operator_id": operator.ID, "space_id": space, "summary": a.Summary, "services": a.Services, "share": a.Share,
		"starts_on": starts.Format(time.DateOnly), "ends_on": approval.AddMonths(starts, a.Months).AddDate(0, 0, -1).Format(time.DateOnly),
		"running_cost": a.RunningCost, "needs": a.Needs, "licences": licences, "undertakings": a.Undertakings, "attachments": papers,
	}
	if a.FitOut != nil {
		stated["fit_out"] = a.FitOut
	}
	if a.Takeover != nil {
		stated["takeover"] = a.Takeover.stated(time.Now().In(approval.Shanghai))
	}
	return stated
}

func (t Takeover) stated(today time.Time) map[string]any {
	stated := map[string]any{"signed_on": day(t.SignedIn), "signed_by": t.SignedBy}
	if t.Settled {
		stated["settled_to"] = today.AddDate(0, 0, -today.Day()).Format(time.DateOnly)
	}
	if t.Handover != nil {
		stated["handover"] = map[string]any{"on": day(t.Handover.In), "items": t.Handover.Items}
	}
	return stated
}

func (l *loader) scopeOfSpace(key string) approval.Scope {
	at := slices.IndexFunc(l.data.Spaces, func(s Space) bool { return s.Key == key })
	return l.data.Spaces[at].Scope
}
