package bench

import (
	"context"

	"go.temporal.io/sdk/client"
)

// OpenAndPlay takes one whole case from its opening to its end.
func OpenAndPlay(ctx context.Context, line *Line) (id string, err error) {
	whole, err := line.OpenWhole(ctx)
	if err != nil {
		return "", err
	}
	return whole.ID(), play(ctx, whole)
}

// History tells how large the history of a closed case is, once it has closed.
func History(ctx context.Context, engine client.Client, id string) (events, bytes int64, err error) {
	if err := engine.GetWorkflow(ctx, id, "").Get(ctx, nil); err != nil {
		return 0, 0, err
	}
	described, err := engine.DescribeWorkflowExecution(ctx, id, "")
	if err != nil {
		return 0, 0, err
	}
	info := described.GetWorkflowExecutionInfo()
	return info.GetHistoryLength(), info.GetHistorySizeBytes(), nil
}
