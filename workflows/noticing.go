package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"linli/approval"
)

// publish puts the notice of the running stage up; its clock starts when it
// was really published.
func (c *course[S]) publish(ctx workflow.Context, draft func(now time.Time) approval.Notice) {
	stage := c.stage()
	var notice approval.Notice
	c.pursue(ctx, func() error {
		notice = draft(workflow.Now(ctx))
		published, err := lasting(ctx, effects.Publish, notice)
		notice.PublishedAt, notice.EndsAt = published.PublishedAt, published.EndsAt
		return err
	})
	c.advance(ctx, "published", func(next S, _ time.Time) error {
		if next.Base().Stage == stage {
			next.Base().Published(notice)
		}
		return nil
	})
}

// makePublic makes the answers to objections public. The lock is free by then:
// if that is refused for a while, other acts go on.
func (c *course[S]) makePublic(ctx workflow.Context, answers []approval.Objection) {
	for _, answer := range answers {
		c.insist(ctx, func() error { return lastingDo(ctx, effects.AnswerObjection, answer) })
	}
}
