package observe

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"

	"linli/approval"
)

// movements are the activities that move money in the ledger.
var movements = []string{"Reserve", "Release", "SendPayment", "SettlePayment", "ReturnPayment", "RefundUnused", "Recover"}

// Effects counts every attempt at an activity of a worker.
func (m *Metrics) Effects() interceptor.Interceptor { return &effects{metrics: m} }

type effects struct {
	interceptor.InterceptorBase
	metrics *Metrics
}

func (e *effects) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	counted := &effect{metrics: e.metrics}
	counted.Next = next
	return counted
}

type effect struct {
	interceptor.ActivityInboundInterceptorBase
	metrics *Metrics
}

func (e *effect) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	began := time.Now()
	out, err := e.Next.ExecuteActivity(ctx, in)
	e.metrics.performed(activity.GetInfo(ctx).ActivityType.Name, err, time.Since(began))
	return out, err
}

func (m *Metrics) performed(name string, err error, took time.Duration) {
	result := "done"
	switch {
	case err == nil:
	case refused(err):
		result = "refused"
	default:
		result = "failed"
	}
	m.activities.WithLabelValues(name, result).Observe(took.Seconds())
	if slices.Contains(movements, name) {
		if err == nil {
			result = "booked"
		}
		m.ledger.WithLabelValues(name, result).Inc()
	}
}

// refused: a refusal, before or after the worker has put it on the wire.
func refused(err error) bool {
	var wire *temporal.ApplicationError
	return approval.Refusal(err) != nil || errors.As(err, &wire) && wire.NonRetryable()
}
