package worker

import (
	"context"

	"go.temporal.io/sdk/interceptor"

	"linli/workflows"
)

// refusals turns a refusal returned by an activity into a non-retryable error
// that keeps its code. Without it the SDK retries refusals for ever and their
// codes are lost.
type refusals struct {
	interceptor.WorkerInterceptorBase
}

func (r *refusals) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	i := &refusing{}
	i.Next = next
	return i
}

type refusing struct {
	interceptor.ActivityInboundInterceptorBase
}

func (r *refusing) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	out, err := r.Next.ExecuteActivity(ctx, in)
	return out, workflows.ToWire(err)
}
