package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"linli/activities"
	"linli/approval"
	"linli/approval/engagement"
	"linli/approval/onboarding"
)

// EngagementRun is the input of one run of an engagement: the first begins
// from Start, each later one from what the run before it carried over.
type EngagementRun struct {
	Start   engagement.Start `json:"start,omitzero"`
	Carried *Carried         `json:"carried,omitempty"`
}

// Carried is a whole engagement on its way into a new run: nothing is rebuilt
// from elsewhere, and every act that was ever taken is known by id and hash.
type Carried struct {
	State    *engagement.State           `json:"state"`
	Receipts map[string]approval.Receipt `json:"receipts"`
	Steps    int                         `json:"steps"` // recorded so far: the next one follows
	Resync   bool                        `json:"resync,omitempty"`
	Runs     int                         `json:"runs"`     // that ended before this one
	LastRun  string                      `json:"last_run"` // run id of the latest of them, to be sealed
}

// EngagementResult is how an engagement ended.
type EngagementResult struct {
	Status approval.CaseStatus `json:"status"`
	Reason string              `json:"reason,omitempty"`
	Steps  int                 `json:"steps"` // recorded steps over all runs
	Runs   int                 `json:"runs"`
}

// runSteps is after how many recorded steps a run is continued as a new one.
// A step takes up to ten events of the engine's 51,200, and the engine suggests
// continuing long before; a bound of our own keeps replays short. It is about a
// year of monthly reports.
const runSteps = 100

// engaged runs an engagement; begun is the step its run began after.
type engaged struct {
	*course[*engagement.State]
	begun  int
	runs   int
	sealed bool   // the run before this one lies in the archive
	posted string // hash of what the readable copy shows
	shown  int    // the step it shows
}

// Engagement is the time after handover (运营期): reports and donations,
// evaluations, renewal, exit. It lasts for years and is continued as new with
// its whole state, so that no run outgrows what the engine can replay.
func Engagement(ctx workflow.Context, in EngagementRun) (EngagementResult, error) {
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	e := takeUp(ctx, in)
	if err := e.answer(ctx); err != nil {
		return EngagementResult{}, err
	}
	if in.Carried == nil {
		e.begin(ctx)
	} else {
		workflow.Go(ctx, func(ctx workflow.Context) { e.seal(ctx, in.Carried.LastRun) })
	}
	e.adopt(ctx)
	heeded := heed(ctx, e.course, in.Carried == nil, e.readable)
	e.run(ctx)
	e.rest(ctx)
	_ = workflow.Await(ctx, func() bool { return e.sealed && (e.ended() || heeded()) && workflow.AllHandlersFinished(ctx) })
	if !e.ended() {
		return EngagementResult{}, workflow.NewContinueAsNewError(ctx, NameEngagement, e.carry(ctx))
	}
	return EngagementResult{Status: e.state.Status, Reason: e.state.Reason, Steps: e.seq, Runs: e.runs + 1}, nil
}

func takeUp(ctx workflow.Context, in EngagementRun) *engaged {
	if in.Carried == nil {
		return &engaged{course: newCourse(ctx, engagement.New(in.Start)), sealed: true}
	}
	c := in.Carried
	e := &engaged{course: newCourse(ctx, c.State), begun: c.Steps, runs: c.Runs}
	e.seq, e.resync = c.Steps, c.Resync
	if c.Receipts != nil {
		e.receipts = c.Receipts
	}
	return e
}

func (e *engaged) carry(ctx workflow.Context) EngagementRun {
	next := e.state.Clone()
	next.Fold()
	return EngagementRun{Carried: &Carried{
		State: next, Receipts: e.receipts, Steps: e.seq, Resync: e.resync, Runs: e.runs + 1,
		LastRun: workflow.GetInfo(ctx).WorkflowExecution.RunID,
	}}
}

// readable is asked until the copy of a new engagement can be read, and so
// found by whoever tells it that its people have changed.
func (e *engaged) readable() bool { return e.posted != "" }

// full reports whether this run has had its share of steps.
func (e *engaged) full(ctx workflow.Context) bool {
	return e.seq-e.begun >= runSteps || e.seq > e.begun && workflow.GetInfo(ctx).GetContinueAsNewSuggested()
}

// adopt takes up what the procedure has learnt since the engagement began. A
// run that began before goes on as it was: the next one adopts it.
func (e *engaged) adopt(ctx workflow.Context) {
	e.takeEdition(ctx, int(workflow.GetVersion(ctx, "edition-1", workflow.DefaultVersion, engagement.Edition)))
}

func (e *engaged) takeEdition(ctx workflow.Context, edition int) {
	if !e.state.Outdated(edition) {
		return
	}
	e.advance(ctx, "adopted", quietly(func(next *engagement.State, now time.Time) { next.Adopt(edition, now) }))
}

// remember lets a run that waits for a payment nobody is asked to close adopt
// edition 2 within the run, with the next step that anybody takes. The version
// is asked for step by step: what was recorded before stays as it was.
func (e *engaged) remember(ctx workflow.Context) {
	if e.state.Forgotten() && workflow.GetVersion(ctx, fmt.Sprintf("forgotten-%d", e.seq), workflow.DefaultVersion, 1) == 1 {
		e.takeEdition(ctx, 2)
	}
}

func (e *engaged) run(ctx workflow.Context) {
	stale := e.stale(ctx)
	for !e.ended() && !e.full(ctx) {
		switch now := workflow.Now(ctx); {
		case e.state.Unscheduled() != nil:
			e.schedule(ctx)
		case e.state.Weighing(now) != nil:
			e.weigh(ctx)
		case e.state.Donation(now) != nil:
			e.donate(ctx)
		case e.state.Extension(now) != nil:
			e.extend(ctx)
		case e.state.Free(now) != nil:
			e.free(ctx)
		default:
			e.remember(ctx)
			e.post(ctx)
			e.during(ctx, e.stage(), func(s *engagement.State) bool { return s.Pending() || e.full(ctx) || stale() })
		}
	}
	e.post(ctx)
}

// stale reports whether a step was recorded that the readable copy does not show
// yet. A run that began before the copy followed every step goes on as it was.
func (e *engaged) stale(ctx workflow.Context) func() bool {
	follows := workflow.GetVersion(ctx, "copy-follows-every-step", workflow.DefaultVersion, 1) == 1
	return func() bool { return follows && e.seq != e.shown }
}

// schedule asks at which moments the dates of the contract begin.
func (e *engaged) schedule(ctx workflow.Context) {
	e.advance(ctx, "scheduled", func(next *engagement.State, _ time.Time) error {
		question := next.Unscheduled()
		if question == nil {
			return nil
		}
		moments, err := local(ctx, effects.Moments, *question)
		if err != nil {
			return err
		}
		return next.Schedule(moments)
	})
}

// donate books a confirmed and received share. What the ledger refuses, such as
// a receipt number that was used before, is asked for again.
func (e *engaged) donate(ctx workflow.Context) {
	order := *e.state.Donation(workflow.Now(ctx))
	var booked activities.BookedShare
	refusal := e.settle(ctx, func() (err error) {
		booked, err = lasting(ctx, effects.BookShare, order)
		return err
	})
	if refusal != nil {
		e.advance(ctx, "share_refused", func(next *engagement.State, now time.Time) error {
			next.DonationRefused(order.Period, refusal, now)
			return nil
		})
		return
	}
	e.advance(ctx, "donated", func(next *engagement.State, now time.Time) error {
		next.Donated(order.Period, booked.IncomeID, now)
		return nil
	})
}

// weigh holds a proposed list of prices against the district's criteria, beside
// the list before it: only what the new one changes counts.
func (e *engaged) weigh(ctx workflow.Context) {
	var before, after approval.Evidence
	e.pursue(ctx, func() error {
		now := workflow.Now(ctx)
		question := e.state.Weighing(now)
		if question == nil {
			return nil // the exit began meanwhile
		}
		register, err := local(ctx, effects.OnboardingFacts, *question)
		if err != nil {
			return err
		}
		last, proposed := e.state.WeighedFacts(register, now)
		if before, err = e.evaluate(ctx, last); err == nil {
			after, err = e.evaluate(ctx, proposed)
		}
		return err
	})
	still := func() bool { return e.state.Weighing(time.Time{}) != nil }
	e.record(ctx, step{kind: "prices_weighed", still: still}, quietly(func(next *engagement.State, now time.Time) {
		next.Weighed(before, after, now)
	}))
}

func (e *engaged) evaluate(ctx workflow.Context, facts onboarding.Facts) (approval.Evidence, error) {
	return remote(ctx, effects.EvaluateOnboarding, activities.OnboardingEvaluation{Pin: e.state.Pin, Stage: string(onboarding.Screening), Facts: facts})
}

// extend prolongs the space's allocation for a granted renewal; the register
// refuses where somebody else holds the space by then.
func (e *engaged) extend(ctx workflow.Context) {
	order := *e.state.Extension(workflow.Now(ctx))
	refusal := e.settle(ctx, func() error { return lastingDo(ctx, effects.ExtendSpace, order) })
	still := func() bool { return e.state.Extension(order.At) != nil }
	e.record(ctx, step{kind: "renewed", still: still}, func(next *engagement.State, now time.Time) error {
		if refusal != nil {
			next.ExtensionRefused(refusal, now)
			return nil
		}
		next.Extended(now)
		return nil
	})
}

// settle repeats an effect until it is done or refused for good.
func (e *engaged) settle(ctx workflow.Context, try func() error) (refusal *approval.Error) {
	e.insist(ctx, func() error {
		err := try()
		if refusal = approval.Refusal(err); refusal != nil && refusal.Code != approval.Unavailable {
			return nil
		}
		refusal = nil
		return err
	})
	return refusal
}

// free gives the space back, once, and ends the engagement.
func (e *engaged) free(ctx workflow.Context) {
	order := *e.state.Free(workflow.Now(ctx))
	e.insist(ctx, func() error { return lastingDo(ctx, effects.FreeSpace, order) })
	e.advance(ctx, "closed", quietly((*engagement.State).Close))
}

// post keeps the readable copy of the engagement as a whole.
func (e *engaged) post(ctx workflow.Context) {
	e.shown = e.seq
	hash := approval.ContentHash(e.state.View(0))
	if hash == e.posted {
		return
	}
	view := e.state.View(e.seq)
	e.insist(ctx, func() error {
		_, err := local(ctx, effects.KeepEngagement, view)
		return err
	})
	e.posted = hash
}

// seal puts the history of the run before this one into the archive before the
// engine forgets it.
func (e *engaged) seal(ctx workflow.Context, run string) {
	e.insist(ctx, func() error {
		return lastingDo(ctx, effects.SealRun, activities.Run{CaseID: e.caseID, RunID: run, Number: e.runs})
	})
	e.sealed = true
}
