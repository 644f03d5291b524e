package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"linli/activities"
	"linli/approval"
	"linli/approval/contract"
	"linli/approval/onboarding"
)

// screen holds the application against the district's criteria. A case sent
// back holds no space meanwhile, and one begun when its call had ended goes no
// further.
func (o *onboard) screen(ctx workflow.Context) {
	o.free(ctx)
	register, evidence := o.evaluate(ctx, onboarding.Screening)
	if over := o.callOver(); register.CallOver && o.state.Heard(over) {
		o.outlive(ctx, over)
		return
	}
	o.record(ctx, step{kind: "screened", evidence: &evidence}, quietly(func(next *onboarding.State, now time.Time) {
		next.Screened(evidence, register.Interested, now)
	}))
}

// evaluate holds the register as it is now against the criteria of a stage.
func (o *onboard) evaluate(ctx workflow.Context, stage approval.Stage) (register onboarding.RegisterFacts, evidence approval.Evidence) {
	o.pursue(ctx, func() (err error) {
		now := workflow.Now(ctx)
		if register, err = local(ctx, effects.OnboardingFacts, o.state.Question(now)); err != nil {
			return err
		}
		evidence, err = remote(ctx, effects.EvaluateOnboarding, activities.OnboardingEvaluation{
			Pin: o.state.Pin, Stage: string(stage), Facts: onboarding.FactsOf(o.state.Application, register, now),
		})
		return err
	})
	return register, evidence
}

func (o *onboard) correct(ctx workflow.Context) {
	o.free(ctx)
	o.conclude(ctx, onboarding.Correction, corrected, "corrected", quietly((*onboarding.State).CloseCorrection))
}

func corrected(s *onboarding.State) bool { return s.Corrected() }

// reconsider waits for an objection to the rejection, and for its answer.
func (o *onboard) reconsider(ctx workflow.Context) {
	o.free(ctx)
	o.conclude(ctx, onboarding.Reconsideration, (*onboarding.State).Reconsidered, "reconsidered", quietly((*onboarding.State).CloseReconsideration))
}

func (o *onboard) review(ctx workflow.Context) {
	o.free(ctx)
	o.conclude(ctx, onboarding.DeskReview, (*onboarding.State).Reviewed, "reviewed", quietly((*onboarding.State).CloseReview))
}

// convene asks the scorers of the place; a panel too small to decide stops the
// case until the office has completed it.
func (o *onboard) convene(ctx workflow.Context) {
	if !o.during(ctx, onboarding.Panel, (*onboarding.State).PanelComplete) {
		return
	}
	var scorers []string
	o.pursue(ctx, func() (err error) {
		scorers, err = local(ctx, effects.Scorers, o.state.Start.Scope)
		return err
	})
	o.advance(ctx, "convened", quietly(func(next *onboarding.State, now time.Time) { next.Convene(scorers, now) }))
}

func (o *onboard) score(ctx workflow.Context) {
	o.conclude(ctx, onboarding.Scoring, (*onboarding.State).Scored, "scored", quietly((*onboarding.State).CloseScoring))
}

// notice holds the space, publishes the admission and hears objections.
func (o *onboard) notice(ctx workflow.Context) {
	if !o.hold(ctx) {
		return
	}
	o.publish(ctx, func(now time.Time) approval.Notice { return o.state.DraftNotice(now) })
	o.conclude(ctx, onboarding.Notice, (*onboarding.State).NoticeOver, "noticed", quietly((*onboarding.State).CloseNotice))
}

// hold holds the space for the case and reports whether it is held. What was
// held for a case that ended meanwhile is remembered, so that leave gives it
// back.
func (o *onboard) hold(ctx workflow.Context) bool {
	var taken *approval.Error
	o.pursue(ctx, func() error {
		err := lastingDo(ctx, effects.HoldSpace, o.holdOrder(ctx))
		if approval.CodeOf(err) == approval.SpaceTaken {
			taken = approval.Refusal(err)
			return nil
		}
		return err
	})
	if taken != nil {
		o.advance(ctx, "space_taken", quietly(func(next *onboarding.State, now time.Time) { next.Taken(taken, now) }))
		return false
	}
	o.advance(ctx, "held", quietly(func(next *onboarding.State, _ time.Time) { next.Hold() }))
	if o.ended() {
		o.amend((*onboarding.State).Hold)
	}
	return !o.ended()
}

// holdOrder says of an existing contract that it is one; orders of before said
// nothing of it.
func (o *onboard) holdOrder(ctx workflow.Context) onboarding.HoldOrder {
	order := o.state.HoldOrder(workflow.Now(ctx))
	if order.Existing && workflow.GetVersion(ctx, "existing_contracts", workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		order.Existing = false
	}
	return order
}

// free gives the space back, exactly once, unless the operator has taken it
// over. It holds the lock, so that no act taken meanwhile brings the memory of
// the hold back.
func (o *onboard) free(ctx workflow.Context) {
	if !o.state.Holds() {
		return
	}
	o.insist(ctx, func() error {
		if err := o.lock.Lock(ctx); err != nil {
			return err
		}
		defer o.lock.Unlock()
		if err := lastingDo(ctx, effects.FreeSpace, o.state.FreeOrder(workflow.Now(ctx))); err != nil {
			return err
		}
		o.amend((*onboarding.State).Freed)
		return nil
	})
}

// fit looks again at what may have changed since screening, until the operator
// meets it; false if the case has ended instead. Cases signed before there was
// such a look pass.
func (o *onboard) fit(ctx workflow.Context) bool {
	if workflow.GetVersion(ctx, "fitness", workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return true
	}
	for o.stage() == onboarding.Signing {
		_, evidence := o.evaluate(ctx, onboarding.Signing)
		o.record(ctx, step{kind: "looked_again", evidence: &evidence}, quietly(func(next *onboarding.State, now time.Time) { next.LookedAgain(evidence, now) }))
		if o.state.Fit() {
			break
		}
		o.conclude(ctx, onboarding.Signing, (*onboarding.State).Refitted, "refitted", quietly((*onboarding.State).CloseFitness))
	}
	return o.stage() == onboarding.Signing
}

// sign draws the documents and waits for every party, one refusal or the
// deadline.
func (o *onboard) sign(ctx workflow.Context) {
	if !o.fit(ctx) {
		return
	}
	var facts onboarding.SigningFacts
	var order contract.DrawOrder
	var documents []contract.Document
	ruled := workflow.GetVersion(ctx, "agreement-states-rules", workflow.DefaultVersion, 1) != workflow.DefaultVersion
	o.pursue(ctx, func() (err error) {
		if facts, err = local(ctx, effects.SigningFacts, o.state.SigningQuestion()); err != nil {
			return err
		}
		if order, err = o.state.DrawOrder(facts, ruled, workflow.Now(ctx)); err != nil {
			return err
		}
		documents, err = lasting(ctx, effects.DrawContract, order)
		return err
	})
	o.advance(ctx, "drawn", quietly(func(next *onboarding.State, now time.Time) { next.Lay(documents, order, facts.FundID, now) }))
	o.conclude(ctx, onboarding.Signing, (*onboarding.State).SigningDecided, "signed", quietly((*onboarding.State).CloseSigning))
}

// register asks who is related to the operator of an existing contract; nothing
// else of it is screened.
func (o *onboard) register(ctx workflow.Context) {
	var register onboarding.RegisterFacts
	o.pursue(ctx, func() (err error) {
		register, err = local(ctx, effects.OnboardingFacts, o.state.Question(workflow.Now(ctx)))
		return err
	})
	o.advance(ctx, "registered", quietly(func(next *onboarding.State, now time.Time) { next.Registered(register.Interested, now) }))
}

// takeOver holds the space of a confirmed contract and names the fund its share
// goes to; it reports whether the case goes on.
func (o *onboard) takeOver(ctx workflow.Context) bool {
	if !o.hold(ctx) {
		return false
	}
	var fundID string
	o.pursue(ctx, func() error {
		facts, err := local(ctx, effects.SigningFacts, o.state.SigningQuestion())
		if err == nil {
			fundID, err = o.state.FundFor(facts)
		}
		return err
	})
	o.advance(ctx, "taken_over", quietly(func(next *onboarding.State, _ time.Time) { next.TakeOver(fundID) }))
	return !o.ended()
}

// handOver waits until the space is vacant and both sides agree on every item,
// and makes it the operator's.
func (o *onboard) handOver(ctx workflow.Context) {
	if o.state.TakesOver() && !o.takeOver(ctx) {
		return
	}
	var space onboarding.Inventory
	o.pursue(ctx, func() (err error) {
		if space, err = local(ctx, effects.Inventory, o.state.InventoryQuestion()); err != nil {
			return err
		}
		return o.state.Ready(space, workflow.Now(ctx))
	})
	o.advance(ctx, "vacant", quietly(func(next *onboarding.State, now time.Time) { next.AskList(space, now) }))
	if !o.during(ctx, onboarding.Handover, (*onboarding.State).HandedOver) {
		return
	}
	o.pursue(ctx, func() error { return lastingDo(ctx, effects.AllotSpace, o.state.AllotOrder(workflow.Now(ctx))) })
	o.advance(ctx, "closed", quietly((*onboarding.State).Complete))
}
