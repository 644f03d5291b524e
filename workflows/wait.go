package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"linli/approval"
	"linli/approval/funduse"
)

const (
	firstRetry = time.Minute
	lastRetry  = time.Hour
)

// insist repeats a step of the procedure that is refused, such as one that
// needs a calendar year nobody has loaded, until it is not. The case stands
// still meanwhile and says why.
func (f *fundUse) insist(ctx workflow.Context, try func() error) {
	f.repeat(ctx, func() bool { return false }, try)
}

// pursue is insist for a step without a point once the case has ended.
func (f *fundUse) pursue(ctx workflow.Context, try func() error) {
	f.repeat(ctx, func() bool { return f.state.Ended() }, try)
}

func (f *fundUse) repeat(ctx workflow.Context, moot func() bool, try func() error) {
	var told *approval.Error // what this step made the case say
	for wait := firstRetry; !moot(); wait = min(2*wait, lastRetry) {
		err := try()
		if f.blocked == told {
			f.blocked = nil
		}
		if err == nil {
			return
		}
		if told = approval.Refusal(err); told == nil {
			told = approval.Errorf(approval.Unavailable, "系统暂时无法继续办理此事项。", "The system cannot go on with this case for now: %[1]s", err)
		}
		f.blocked = told
		workflow.GetLogger(ctx).Error("The case stands still.", "case", f.caseID, "code", told.Code)
		workflow.GetMetricsHandler(ctx).WithTags(map[string]string{"code": string(told.Code)}).Counter(CounterStandsStill).Inc(1)
		atMost(ctx, wait, moot)
	}
	if f.blocked == told {
		f.blocked = nil
	}
}

// conclude waits until a stage is decided and takes the step that closes it;
// it reports whether it did, or the case has left the stage otherwise.
func (f *fundUse) conclude(ctx workflow.Context, stage approval.Stage, decided func(*funduse.State) bool, kind string, change func(next *funduse.State, now time.Time) error) bool {
	// Somebody may act while the step waits its turn: it closes what it saw
	// decided or nothing.
	still := func() bool { return f.state.Stage == stage && decided(f.state) }
	for f.during(ctx, stage, decided) {
		if f.record(ctx, step{kind: kind, still: still}, change) {
			return true
		}
	}
	return false
}

// during waits at a stage until it is decided, ringing reminders and due times
// on the way. It reports whether the case is still at that stage.
func (f *fundUse) during(ctx workflow.Context, stage approval.Stage, decided func(*funduse.State) bool) bool {
	settled := func() bool { return f.state.Stage != stage || decided(f.state) }
	for !settled() {
		alarm := f.state.NextAlarm()
		sooner := func() bool {
			next := f.state.NextAlarm()
			return !next.IsZero() && (alarm.IsZero() || next.Before(alarm))
		}
		if alarm.IsZero() {
			_ = workflow.Await(ctx, func() bool { return settled() || sooner() })
			continue
		}
		if !atMost(ctx, alarm.Sub(workflow.Now(ctx)), func() bool { return settled() || sooner() }) {
			f.ring(ctx)
		}
	}
	return f.state.Stage == stage
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
func (f *fundUse) ring(ctx workflow.Context) {
	f.pursue(ctx, func() error {
		if err := f.lock.Lock(ctx); err != nil {
			return err
		}
		defer f.lock.Unlock()
		now := workflow.Now(ctx)
		if alarm := f.state.NextAlarm(); alarm.IsZero() || alarm.After(now) {
			return nil
		}
		next, s := f.state.Clone(), step{kind: "clock", key: fmt.Sprintf("clock/%d", f.seq+1)}
		for _, task := range next.Ring(now) {
			s.notify = append(s.notify, funduse.Alert(task)...)
		}
		return f.commit(ctx, next, s)
	})
}
