package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"linli/activities"
	"linli/approval"
	"linli/approval/onboarding"
)

// CallResult is how a call ended.
type CallResult struct {
	Status approval.CaseStatus `json:"status"`
	Reason string              `json:"reason,omitempty"`
	Steps  int                 `json:"steps"` // recorded steps
}

// calling runs one call. What the cases report comes by signal, and so does
// what it tells them: neither is lost while the other side is down.
type calling struct {
	*course[*onboarding.CallState]
	told []onboarding.Told // the last word to each candidate
}

// OperatorCall is a call for operators of one space (招引): it takes applications
// until the deadline, waits until each is reviewed and scored, ranks them, and
// lets the next in rank move up until one has taken the space over.
func OperatorCall(ctx workflow.Context, start onboarding.CallStart) (CallResult, error) {
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	c := &calling{course: newCourse(ctx, onboarding.NewCall(start))}
	if err := c.answer(ctx); err != nil {
		return CallResult{}, err
	}
	c.begin(ctx)
	c.hear(ctx)
	c.run(ctx)
	c.end(ctx)
	c.rest(ctx)
	return CallResult{Status: c.state.Status, Reason: c.state.Reason, Steps: c.seq}, nil
}

func (c *calling) run(ctx workflow.Context) {
	for !c.ended() {
		switch c.stage() {
		case onboarding.Collecting:
			c.collect(ctx)
		case onboarding.Judging:
			c.conclude(ctx, onboarding.Judging, (*onboarding.CallState).Judged, "ranked", quietly((*onboarding.CallState).Award))
		case onboarding.Awarding:
			c.award(ctx)
		}
	}
}

// hear takes the cases' reports, each as a step on record.
func (c *calling) hear(ctx workflow.Context) {
	reports := workflow.GetSignalChannel(ctx, MessageCandidate)
	workflow.Go(ctx, func(ctx workflow.Context) {
		for {
			var report onboarding.Report
			reports.Receive(ctx, &report)
			c.record(ctx, step{kind: "reported", note: report.Candidate.CaseID + " " + string(report.Status)},
				quietly(func(next *onboarding.CallState, _ time.Time) { next.Hear(report) }))
		}
	})
}

// collect waits for the deadline and asks for the definite list.
func (c *calling) collect(ctx workflow.Context) {
	if !c.during(ctx, onboarding.Collecting, func(s *onboarding.CallState) bool { return s.Due(workflow.Now(ctx)) }) {
		return
	}
	applicants := c.close(ctx)
	c.advance(ctx, "collected", quietly(func(next *onboarding.CallState, now time.Time) { next.Close(applicants, now) }))
}

func (c *calling) close(ctx workflow.Context) (applicants []string) {
	c.insist(ctx, func() (err error) {
		applicants, err = lasting(ctx, effects.CloseCall, activities.CallMoment{CallID: c.caseID, At: workflow.Now(ctx)})
		return err
	})
	return applicants
}

// award tells the candidates where they stand and lets the next move up until
// the space is taken over or nobody is left.
func (c *calling) award(ctx workflow.Context) {
	for c.stage() == onboarding.Awarding && !c.state.Decided() {
		best := c.state.Turn() // before telling: it may change on the way
		c.tell(ctx)
		_ = workflow.Await(ctx, func() bool { return c.ended() || c.state.Decided() || c.state.Turn() != best })
	}
	c.conclude(ctx, onboarding.Awarding, (*onboarding.CallState).Decided, "awarded", quietly((*onboarding.CallState).CloseAward))
}

// end tells everybody that it is over, gives the space free for others and makes
// the outcome public. A case whose start was put off may not be there yet: it
// reads that the call is over if it begins after EndCall, and is told again if it
// began before.
func (c *calling) end(ctx workflow.Context) {
	if c.state.Applicants == nil { // ended before the deadline
		applicants := c.close(ctx)
		c.amend(func(next *onboarding.CallState) { next.Applicants = applicants })
	}
	missed := c.tell(ctx)
	var outcome *approval.CallOutcome
	version := workflow.GetVersion(ctx, "call_outcome", workflow.DefaultVersion, 2)
	if version >= 1 {
		outcome = c.state.Outcome()
	}
	c.insist(ctx, func() error {
		return lastingDo(ctx, effects.EndCall, activities.CallMoment{CallID: c.caseID, At: workflow.Now(ctx), Outcome: outcome})
	})
	if version >= 2 {
		for _, told := range missed {
			c.say(ctx, told)
		}
	}
}

// tell sends every candidate what has not been said to it yet, and returns what
// reached nobody.
func (c *calling) tell(ctx workflow.Context) (missed []onboarding.Told) {
	for _, told := range c.state.Words() {
		if c.said(told) {
			continue
		}
		if !c.say(ctx, told) {
			missed = append(missed, told)
		}
		c.told = append(c.told, told)
	}
	return missed
}

func (c *calling) say(ctx workflow.Context, told onboarding.Told) (heard bool) {
	c.insist(ctx, func() (err error) {
		heard, err = signal(ctx, told.CaseID, MessageCallSays, told.Word)
		return err
	})
	return heard
}

func (c *calling) said(told onboarding.Told) bool {
	for i := len(c.told) - 1; i >= 0; i-- {
		if c.told[i].CaseID == told.CaseID {
			return c.told[i] == told
		}
	}
	return false
}

// signal sends a message to another case; heard is false if that has ended.
func signal(ctx workflow.Context, caseID, name string, message any) (heard bool, err error) {
	err = workflow.SignalExternalWorkflow(ctx, caseID, "", name, message).Get(ctx, nil)
	var gone *temporal.UnknownExternalWorkflowExecutionError
	if errors.As(err, &gone) {
		return false, nil
	}
	return err == nil, err
}

// listen hears the call's words at whatever stage the case is.
func (o *onboard) listen(ctx workflow.Context) {
	if !o.state.Called() {
		return
	}
	words := workflow.GetSignalChannel(ctx, MessageCallSays)
	workflow.Go(ctx, func(ctx workflow.Context) {
		for {
			var word onboarding.Word
			words.Receive(ctx, &word)
			still := func() bool { return o.state.Heard(word) }
			o.record(ctx, step{kind: "called", still: still}, quietly(func(next *onboarding.State, now time.Time) { next.Hear(word, now) }))
		}
	})
}

// rank reports the result to the call and waits for its word. A call that has
// ended meanwhile has no word any more: it is over for the case, too.
func (o *onboard) rank(ctx workflow.Context) {
	if !o.report(ctx) {
		o.outlive(ctx, o.callOver())
	}
	o.during(ctx, onboarding.Ranking, func(*onboarding.State) bool { return false })
}

// callOver is what a call would say that can speak no more.
func (o *onboard) callOver() onboarding.Word {
	return onboarding.Word{Place: o.state.Place, Over: true, Reason: "招引已结束"}
}

// outlive ends the case as its call would have.
func (o *onboard) outlive(ctx workflow.Context, over onboarding.Word) {
	o.advance(ctx, "call_over", quietly(func(next *onboarding.State, now time.Time) { next.Hear(over, now) }))
}

// report tells the call how far the case has come; heard is false if there is
// no call any more.
func (o *onboard) report(ctx workflow.Context) (heard bool) {
	if !o.state.Called() {
		return false
	}
	o.insist(ctx, func() (err error) {
		heard, err = signal(ctx, o.state.Application.CallID, MessageCandidate, o.state.Report())
		return err
	})
	return heard
}
