package server_test

import (
	"context"
	"fmt"
	"time"

	"linli/approval"
	"linli/approval/engagement"
	"linli/approval/onboarding"
)

// engaged runs an engagement in memory: the real procedure, and the real record,
// ledger and copies of the worker's store. Only the space is nobody's.
type engaged struct {
	*engine
	state *engagement.State
	seq   int
}

// engage begins an engagement.
func (e *engine) engage(ctx context.Context, start engagement.Start) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	r := &engaged{engine: e, state: engagement.New(start)}
	r.state.Adopt(engagement.Edition, start.OpenedAt)
	if e.engagements == nil {
		e.engagements = map[string]*engaged{}
	}
	e.engagements[start.CaseID] = r
	if err := r.commit(ctx, r.state, "opened", "open", nil); err != nil {
		return err
	}
	return r.advance(ctx)
}

func (r *engaged) act(ctx context.Context, act approval.Act) (approval.Receipt, error) {
	claims, err := r.verifier.Verify(act.Envelope)
	if err == nil {
		err = claims.Match(act)
	}
	if err == nil {
		err = r.state.Check(act, r.now())
	}
	if err != nil {
		return approval.Receipt{}, err
	}
	if done := r.state.Done(act.ID); done != nil {
		return r.receipt(*done), nil
	}
	next := r.state.Clone()
	accepted := next.Apply(act, r.seq+1, r.now())
	if err := r.commit(ctx, next, "acted", act.ID, &act); err != nil {
		return approval.Receipt{}, err
	}
	return r.receipt(accepted), r.advance(ctx)
}

func (r *engaged) receipt(a approval.Accepted) approval.Receipt {
	return approval.Receipt{CaseID: r.state.Start.CaseID, TaskID: a.TaskID, Seq: a.Seq, Action: a.Action, Stage: r.state.Stage, At: a.At}
}

func (r *engaged) commit(ctx context.Context, next *engagement.State, kind, key string, act *approval.Act) error {
	recorded, err := r.worker.Record(ctx, approval.Record{
		CaseID: next.Start.CaseID, Seq: r.seq + 1, Key: key, Kind: kind, At: r.now(), Act: act, Case: next.Snapshot(), Tasks: next.Tasks,
	})
	if err != nil {
		return err
	}
	next.SetDeadlines(recorded.Deadlines)
	r.seq, r.state = r.seq+1, next
	return nil
}

func (r *engaged) change(ctx context.Context, kind string, apply func(next *engagement.State, now time.Time) error) error {
	next := r.state.Clone()
	if err := apply(next, r.now()); err != nil {
		return err
	}
	return r.commit(ctx, next, kind, fmt.Sprintf("%s/%d", kind, r.seq+1), nil)
}

// ring lets every alarm that has come go off.
func (r *engaged) ring(ctx context.Context) error {
	for alarm := r.state.NextAlarm(); !alarm.IsZero() && !alarm.After(r.now()); alarm = r.state.NextAlarm() {
		if err := r.change(ctx, "clock", func(next *engagement.State, now time.Time) error { next.Ring(now); return nil }); err != nil {
			return err
		}
	}
	return r.advance(ctx)
}

// advance carries out what is due beside the acts.
func (r *engaged) advance(ctx context.Context) error {
	for r.state.Pending() {
		if err := r.step(ctx); err != nil {
			return err
		}
	}
	return r.worker.KeepEngagement(ctx, r.state.View(r.seq))
}

// weigh holds a proposed list of prices against the rules of the place.
func (r *engaged) weigh(ctx context.Context, question onboarding.FactQuestion) error {
	register, err := r.worker.OnboardingFacts(ctx, question)
	if err != nil {
		return err
	}
	last, proposed := r.state.WeighedFacts(register, r.now())
	before, err := r.book.EvaluateOnboarding(ctx, r.state.Pin, string(onboarding.Screening), last)
	if err != nil {
		return err
	}
	after, err := r.book.EvaluateOnboarding(ctx, r.state.Pin, string(onboarding.Screening), proposed)
	if err != nil {
		return err
	}
	return r.change(ctx, "prices_weighed", func(next *engagement.State, now time.Time) error { next.Weighed(before, after, now); return nil })
}

func (r *engaged) step(ctx context.Context) error {
	if question := r.state.Unscheduled(); question != nil {
		moments, err := r.worker.Moments(ctx, *question)
		if err != nil {
			return err
		}
		return r.change(ctx, "scheduled", func(next *engagement.State, _ time.Time) error { return next.Schedule(moments) })
	}
	if question := r.state.Weighing(r.now()); question != nil {
		return r.weigh(ctx, *question)
	}
	if order := r.state.Donation(r.now()); order != nil {
		income, err := r.worker.BookShare(ctx, *order)
		return r.change(ctx, "donated", func(next *engagement.State, now time.Time) error {
			if refusal := approval.Refusal(err); refusal != nil {
				next.DonationRefused(order.Period, refusal, now)
				return nil
			}
			if err == nil {
				next.Donated(order.Period, income, now)
			}
			return err
		})
	}
	if order := r.state.Extension(r.now()); order != nil {
		err := r.worker.ExtendSpace(ctx, *order)
		return r.change(ctx, "renewed", func(next *engagement.State, now time.Time) error {
			if refusal := approval.Refusal(err); refusal != nil {
				next.ExtensionRefused(refusal, now)
				return nil
			}
			if err == nil {
				next.Extended(now)
			}
			return err
		})
	}
	return r.change(ctx, "closed", func(next *engagement.State, now time.Time) error { next.Close(now); return nil })
}
