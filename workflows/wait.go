package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"linli/approval"
)

const (
	firstRetry = time.Minute
	lastRetry  = time.Hour
)

// insist repeats a step of the procedure that is refused, such as one that
// needs a calendar year nobody has loaded, until it is not. The case stands
// still meanwhile and says why.
func (c *course[S]) insist(ctx workflow.Context, try func() error) {
	c.repeat(ctx, func() bool { return false }, try)
}

// pursue is insist for a step without a point once the case has ended.
func (c *course[S]) pursue(ctx workflow.Context, try func() error) {
	c.repeat(ctx, func() bool { return c.ended() }, try)
}

func (c *course[S]) repeat(ctx workflow.Context, moot func() bool, try func() error) {
	var told *approval.Error // what this step made the case say
	for wait := firstRetry; !moot(); wait = min(2*wait, lastRetry) {
		err := try()
		if c.blocked == told {
			c.blocked = nil
		}
		if err == nil {
			return
		}
		if told = approval.Refusal(err); told == nil {
			told = approval.Errorf(approval.Unavailable, "系统暂时无法继续办理此事项。", "The system cannot go on with this case for now: %[1]s", err)
		}
		c.blocked = told
		workflow.GetLogger(ctx).Error("The case stands still.", "case", c.caseID, "code", told.Code)
		workflow.GetMetricsHandler(ctx).WithTags(map[string]string{"code": string(told.Code)}).Counter(CounterStandsStill).Inc(1)
		atMost(ctx, wait, moot)
	}
	if c.blocked == told {
		c.blocked = nil
	}
}

// conclude waits until a stage is decided and takes the step that closes it;
// it reports whether it did, or the case has left the stage otherwise.
func (c *course[S]) conclude(ctx workflow.Context, stage approval.Stage, decided func(S) bool, kind string, change func(next S, now time.Time) error) bool {
	// Somebody may act while the step waits its turn: it closes what it saw
	// decided or nothing.
	still := func() bool { return c.stage() == stage && decided(c.state) }
	for c.during(ctx, stage, decided) {
		if c.record(ctx, step{kind: kind, still: still}, change) {
			return true
		}
	}
	return false
}

// during waits at a stage until it is decided, ringing reminders and due times
// on the way. It reports whether the case is still at that stage.
func (c *course[S]) during(ctx workflow.Context, stage approval.Stage, decided func(S) bool) bool {
	settled := func() bool { return c.stage() != stage || decided(c.state) }
	for !settled() {
		alarm := c.state.NextAlarm()
		sooner := func() bool {
			next := c.state.NextAlarm()
			return !next.IsZero() && (alarm.IsZero() || next.Before(alarm))
		}
		if alarm.IsZero() {
			_ = workflow.Await(ctx, func() bool { return settled() || sooner() })
			continue
		}
		if !atMost(ctx, alarm.Sub(workflow.Now(ctx)), func() bool { return settled() || sooner() }) {
			c.ring(ctx)
		}
	}
	return c.stage() == stage
}

// atMost waits for a condition, but not longer than that, and reports whether it
// holds. It stops the timer: one left behind would wake the case days later for
// nothing and put four events into its history.
func atMost(ctx workflow.Context, wait time.Duration, condition func() bool) bool {
	timer, stop := workflow.WithCancel(ctx)
	defer stop()
	holds, _ := workflow.AwaitWithTimeout(timer, wait, condition)
	return holds
}

// ring lets the clock speak: it reminds and escalates, it never decides. An
// alarm whose task was done meanwhile leaves nothing to say.
func (c *course[S]) ring(ctx workflow.Context) {
	c.pursue(ctx, func() error {
		if err := c.lock.Lock(ctx); err != nil {
			return err
		}
		defer c.lock.Unlock()
		now := workflow.Now(ctx)
		if alarm := c.state.NextAlarm(); alarm.IsZero() || alarm.After(now) {
			return nil
		}
		next, s := c.state.Clone(), step{kind: "clock", key: fmt.Sprintf("clock/%d", c.seq+1)}
		for _, task := range next.Ring(now) {
			s.notify = append(s.notify, next.Alert(task)...)
		}
		return c.commit(ctx, next, s)
	})
}
