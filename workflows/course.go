package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"linli/approval"
)

// caseState is what the runner needs of a procedure's state; S is a pointer.
type caseState[S any] interface {
	Base() *approval.Course
	Clone() S
	Check(act approval.Act, now time.Time) error
	Apply(act approval.Act, seq int, now time.Time) approval.Accepted
	Messages(act approval.Accepted) []approval.Message
	Snapshot() approval.CaseSnapshot
	Waiting() approval.Waiting
	NextAlarm() time.Time
	Ring(now time.Time) []approval.Task
	Alert(task approval.Task) []approval.Message
}

// course runs one case of any procedure: it takes acts, records steps, waits,
// rings and insists. The state is replaced, never changed in place: a step is
// applied to a copy, recorded, and only then becomes the state.
type course[S caseState[S]] struct {
	*journal
	state    S
	receipts map[string]approval.Receipt // by act: whoever repeats an act gets its one receipt
	blocked  *approval.Error             // why the case cannot go on by itself
	// taken runs under the lock right after an act, before anything else
	// happens to the case; followed runs when the lock is free again. Either
	// may be nil.
	taken    func(ctx workflow.Context, accepted approval.Accepted) error
	followed func(ctx workflow.Context, accepted approval.Accepted)
}

func newCourse[S caseState[S]](ctx workflow.Context, state S) *course[S] {
	return &course[S]{journal: newJournal(ctx, state.Base().CaseID), state: state, receipts: map[string]approval.Receipt{}}
}

// begin records the open case with its standing tasks.
func (c *course[S]) begin(ctx workflow.Context) {
	c.insist(ctx, func() error {
		if err := c.lock.Lock(ctx); err != nil {
			return err
		}
		defer c.lock.Unlock()
		_, err := c.write(ctx, step{kind: "opened", key: "open"}, c.state.Snapshot(), nil, c.state.Base().Tasks)
		return err
	})
}

// rest lets running acts end: Updates still running when a workflow returns
// would be dropped.
func (c *course[S]) rest(ctx workflow.Context) {
	_ = workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
}

// answer registers the messages. Handlers run the moment they are registered,
// so the state is complete by now.
func (c *course[S]) answer(ctx workflow.Context) error {
	if err := workflow.SetQueryHandler(ctx, MessageWaiting, c.waiting); err != nil {
		return err
	}
	return workflow.SetUpdateHandlerWithOptions(ctx, MessageAct, c.act, workflow.UpdateHandlerOptions{Validator: c.check})
}

func (c *course[S]) waiting() (approval.Waiting, error) {
	waiting := c.state.Waiting()
	waiting.Blocked = c.blocked
	return waiting, nil
}

func (c *course[S]) check(ctx workflow.Context, act approval.Act) error {
	return ToWire(c.state.Check(act, workflow.Now(ctx)))
}

// act takes one act and carries out what it means outside the case.
func (c *course[S]) act(ctx workflow.Context, act approval.Act) (approval.Receipt, error) {
	// An act that was accepted is finished even if the run is cancelled meanwhile.
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	accepted, err := c.take(ctx, act)
	if err != nil {
		return approval.Receipt{}, ToWire(err)
	}
	if c.followed != nil {
		c.followed(ctx, accepted)
	}
	return c.receipts[act.ID], nil
}

// take records an act; a repeated one is accepted as it was and nothing
// follows from it again. The check is repeated under the lock, because another
// act may have been taken since the validator passed this one.
func (c *course[S]) take(ctx workflow.Context, act approval.Act) (accepted approval.Accepted, err error) {
	if err := c.lock.Lock(ctx); err != nil {
		return accepted, err
	}
	defer c.lock.Unlock()
	now := workflow.Now(ctx)
	if err := c.state.Check(act, now); err != nil {
		return accepted, err
	}
	if c.state.Base().Done(act.ID) != nil {
		return accepted, nil
	}
	next := c.state.Clone()
	accepted = next.Apply(act, c.seq+1, now)
	if err := c.commit(ctx, next, step{kind: "acted", key: act.ID, act: &act, notify: next.Messages(accepted)}); err != nil {
		return accepted, err
	}
	c.receipts[act.ID] = receipt(accepted, c.caseID, c.state.Base().Stage)
	if c.taken == nil {
		return accepted, nil
	}
	return accepted, c.taken(ctx, accepted)
}

func receipt(accepted approval.Accepted, caseID string, stage approval.Stage) approval.Receipt {
	return approval.Receipt{CaseID: caseID, TaskID: accepted.TaskID, Seq: accepted.Seq, Action: accepted.Action, Stage: stage, At: accepted.At}
}

// commit records a step and makes next the state. The caller holds the lock.
func (c *course[S]) commit(ctx workflow.Context, next S, s step) error {
	deadlines, err := c.write(ctx, s, next.Snapshot(), c.state.Base().Tasks, next.Base().Tasks)
	if err != nil {
		return err
	}
	next.Base().SetDeadlines(deadlines)
	c.state = next
	return nil
}

// amend changes what the case remembers without a step of its own: something
// an effect that is on record already has made true.
func (c *course[S]) amend(change func(next S)) {
	next := c.state.Clone()
	change(next)
	c.state = next
}

// advance changes the case by one recorded step of the procedure itself and
// reports whether the step was taken.
func (c *course[S]) advance(ctx workflow.Context, kind string, change func(next S, now time.Time) error) bool {
	return c.record(ctx, step{kind: kind}, change)
}

// record takes a step unless the case has ended, or the step has lost its
// point, while it was on its way.
func (c *course[S]) record(ctx workflow.Context, s step, change func(next S, now time.Time) error) (taken bool) {
	c.pursue(ctx, func() error {
		if err := c.lock.Lock(ctx); err != nil {
			return err
		}
		defer c.lock.Unlock()
		if c.ended() || (s.still != nil && !s.still()) {
			return nil
		}
		next := c.state.Clone()
		if err := change(next, workflow.Now(ctx)); err != nil {
			return err
		}
		if s.notify = nil; next.Base().Ended() {
			s.notify = next.Messages(approval.Accepted{})
		}
		s.key = fmt.Sprintf("%s/%d", s.kind, c.seq+1)
		err := c.commit(ctx, next, s)
		taken = err == nil
		return err
	})
	return taken
}

func (c *course[S]) ended() bool           { return c.state.Base().Ended() }
func (c *course[S]) stage() approval.Stage { return c.state.Base().Stage }

// quietly makes a change that cannot fail usable where one that can is asked for.
func quietly[S any](change func(next S, now time.Time)) func(next S, now time.Time) error {
	return func(next S, now time.Time) error {
		change(next, now)
		return nil
	}
}
