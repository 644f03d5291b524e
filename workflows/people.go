package workflows

import (
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"linli/approval/contract"
)

// operated is the state of a case that is some operator's business.
type operated[S any] interface {
	caseState[S]
	OperatorID() string
	Moved(acting []contract.Signatory) (joined, gone []string)
	Replace(acting []contract.Signatory, now time.Time)
}

// heed follows who acts for the operator by the register, at whatever stage the
// case is. The signal says no more than that something has changed; the case asks
// the register itself, so that of several changes the last one counts in whatever
// order they are told. A fresh case asks once unasked, as soon as it can be found
// by whoever tells it: what changed while it was on its way was told to nobody.
// heeded reports whether nothing that was told is still to be carried out.
func heed[S operated[S]](ctx workflow.Context, c *course[S], fresh bool, found func() bool) (heeded func() bool) {
	changes := workflow.GetSignalChannel(ctx, MessagePeople)
	fresh = fresh && workflow.GetVersion(ctx, "people", workflow.DefaultVersion, 1) != workflow.DefaultVersion
	busy := fresh
	workflow.Go(ctx, func(ctx workflow.Context) {
		if fresh {
			_ = workflow.Await(ctx, found)
			learn(ctx, c)
			busy = false
		}
		for {
			var operatorID string
			changes.Receive(ctx, &operatorID)
			busy = true
			learn(ctx, c)
			busy = false
		}
	})
	return func() bool { return !busy && changes.Len() == 0 }
}

// learn asks the register and records what has moved, if anything has.
func learn[S operated[S]](ctx workflow.Context, c *course[S]) {
	var acting []contract.Signatory
	c.pursue(ctx, func() (err error) {
		acting, err = local(ctx, effects.Acting, c.state.OperatorID())
		return err
	})
	joined, gone := c.state.Moved(acting)
	still := func() bool {
		joined, gone := c.state.Moved(acting)
		return len(joined)+len(gone) > 0
	}
	c.record(ctx, step{kind: "people_changed", note: moves(joined, gone), still: still}, quietly(func(next S, now time.Time) {
		next.Replace(acting, now)
	}))
}

// moves notes who came and who went.
func moves(joined, gone []string) string {
	var words []string
	for _, person := range joined {
		words = append(words, "+"+person)
	}
	for _, person := range gone {
		words = append(words, "-"+person)
	}
	return strings.Join(words, " ")
}
