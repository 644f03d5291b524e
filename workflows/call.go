package workflows

import (
	"context"

	"go.temporal.io/sdk/workflow"

	"linli/activities"
)

// effects names activities for typed calls; it is never dereferenced.
var effects *activities.Activities

// local reads our own database, or records a step, inside the workflow task.
func local[In, Out any](ctx workflow.Context, effect func(context.Context, In) (Out, error), in In) (Out, error) {
	var out Out
	err := workflow.ExecuteLocalActivity(workflow.WithLocalActivityOptions(ctx, ours), effect, in).Get(ctx, &out)
	return out, FromWire(err)
}

// lasting runs an effect on our own database that nobody can take back: it
// moves money or is read by the public. What led to it, and its input, stand in
// the history before it begins. Run inside the workflow task it would outlive a
// worker whose decision was lost, and the case would go on by another one.
func lasting[In, Out any](ctx workflow.Context, effect func(context.Context, In) (Out, error), in In) (Out, error) {
	var out Out
	err := workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, kept), effect, in).Get(ctx, &out)
	return out, FromWire(err)
}

// lastingDo is lasting for an effect that answers nothing.
func lastingDo[In any](ctx workflow.Context, effect func(context.Context, In) error, in In) error {
	return FromWire(workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, kept), effect, in).Get(ctx, nil))
}

// remote runs an effect whose input, result and worker must stand in the
// history.
func remote[In, Out any](ctx workflow.Context, effect func(context.Context, In) (Out, error), in In) (Out, error) {
	var out Out
	err := workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, outside), effect, in).Get(ctx, &out)
	return out, FromWire(err)
}
