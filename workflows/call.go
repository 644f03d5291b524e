package workflows

import (
	"context"

	"go.temporal.io/sdk/workflow"

	"linli/activities"
)

// effects names activities for typed calls; it is never dereferenced.
var effects *activities.Activities

// local runs an effect on our own database inside the workflow task.
func local[In, Out any](ctx workflow.Context, effect func(context.Context, In) (Out, error), in In) (Out, error) {
	var out Out
	err := workflow.ExecuteLocalActivity(workflow.WithLocalActivityOptions(ctx, ours), effect, in).Get(ctx, &out)
	return out, FromWire(err)
}

// localDo is local for an effect that answers nothing.
func localDo[In any](ctx workflow.Context, effect func(context.Context, In) error, in In) error {
	return FromWire(workflow.ExecuteLocalActivity(workflow.WithLocalActivityOptions(ctx, ours), effect, in).Get(ctx, nil))
}

// remote runs an effect whose input, result and worker must stand in the
// history.
func remote[In, Out any](ctx workflow.Context, effect func(context.Context, In) (Out, error), in In) (Out, error) {
	var out Out
	err := workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, outside), effect, in).Get(ctx, &out)
	return out, FromWire(err)
}
