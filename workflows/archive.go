package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"
)

// ArchiveClosed seals the histories of closed cases. A schedule starts it
// again and again; the activity takes whatever earlier sweeps have missed.
func ArchiveClosed(ctx workflow.Context) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 10 * time.Minute, HeartbeatTimeout: time.Minute, RetryPolicy: patient,
	})
	return workflow.ExecuteActivity(ctx, effects.ArchiveClosed).Get(ctx, nil)
}
