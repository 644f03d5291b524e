package demo

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"linli/approval"
	"linli/approval/engagement"
)

// takeEngaged takes a step of the engagement that followed; a step with a
// report settles every period that is due, however many days have passed.
func (l *loader) takeEngaged(ctx context.Context, a Application, caseID string, step Step, key string) error {
	if step.Report == nil {
		return l.take(ctx, caseID, step, key)
	}
	actor, err := l.as(ctx, step.As)
	if err != nil {
		return err
	}
	for turn := 0; ; turn++ {
		view, err := l.shows(ctx, actor, caseID, func(view engagement.View) bool { return dueIn(view) != "" })
		if err != nil {
			return err
		}
		period := dueIn(view)
		if err := l.settle(ctx, a, caseID, period, step, fmt.Sprintf("%s-%d", key, turn)); err != nil {
			return err
		}
		view, err = l.shows(ctx, actor, caseID, func(view engagement.View) bool {
			return slices.ContainsFunc(view.Periods, func(p engagement.Period) bool { return p.Name == period && !p.Open() })
		})
		if err != nil || dueIn(view) == "" {
			return err
		}
	}
}

// dueIn is the first period that is to be reported; "" if none is.
func dueIn(view engagement.View) string {
	for _, period := range view.Periods {
		if period.Status == engagement.Due {
			return period.Name
		}
	}
	return ""
}

// settle reports a period and has the community confirm it.
func (l *loader) settle(ctx context.Context, a Application, caseID, period string, step Step, key string) error {
	actor, err := l.as(ctx, step.As)
	if err != nil {
		return err
	}
	papers, err := l.papers(ctx, actor, l.scopeOfSpace(a.Space), key, a.Title, []string{"accounts"})
	if err != nil {
		return err
	}
	report := map[string]any{"period": period, "papers": papers}
	maps.Copy(report, step.Report)
	step.Details = map[string]any{"report": report}
	if err := l.take(ctx, caseID, step, key); err != nil {
		return err
	}
	confirm := Step{As: a.As, Stage: step.Stage, Seat: engagement.SeatCommunity, Do: approval.Approve}
	return l.take(ctx, caseID, confirm, key+"-confirmed")
}

// shows waits until the copy of an engagement is as asked for.
func (l *loader) shows(ctx context.Context, c *Client, caseID string, holds func(engagement.View) bool) (engagement.View, error) {
	for deadline := time.Now().Add(taskTimeout); ; {
		var view engagement.View
		if err := c.Read(ctx, "/v1/engagements/"+caseID, &view); err == nil && holds(view) {
			return view, nil
		} else if err != nil && approval.CodeOf(err) != approval.NotFound {
			return view, err
		}
		if time.Now().After(deadline) {
			return view, fmt.Errorf("%w: engagement %s does not come to it", errNoTask, caseID)
		}
		if err := pause(ctx); err != nil {
			return view, err
		}
	}
}
