package replay

import (
	"time"

	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/workflow"
)

// transcript is what the code said while it was replayed, in its order.
type transcript struct {
	outcomes   map[string]outcome // of updates, by id
	inputs     map[string][]any   // of updates, by id, as the code read them
	activities []called
	timers     []time.Duration
	result     outcome
}

type outcome struct {
	value any
	err   error
}

type called struct {
	name string
	args []any
}

// listener writes the transcript; it changes nothing.
type listener struct {
	interceptor.WorkerInterceptorBase
	seen *transcript
}

func (l *listener) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	in := &inbound{seen: l.seen}
	in.Next = next
	return in
}

type inbound struct {
	interceptor.WorkflowInboundInterceptorBase
	seen *transcript
}

func (i *inbound) Init(next interceptor.WorkflowOutboundInterceptor) error {
	out := &outbound{seen: i.seen}
	out.Next = next
	return i.Next.Init(out)
}

func (i *inbound) ExecuteWorkflow(ctx workflow.Context, in *interceptor.ExecuteWorkflowInput) (any, error) {
	value, err := i.Next.ExecuteWorkflow(ctx, in)
	i.seen.result = outcome{value: value, err: err}
	return value, err
}

func (i *inbound) ExecuteUpdate(ctx workflow.Context, in *interceptor.UpdateInput) (any, error) {
	id := workflow.GetCurrentUpdateInfo(ctx).ID
	i.seen.inputs[id] = in.Args
	value, err := i.Next.ExecuteUpdate(ctx, in)
	i.seen.outcomes[id] = outcome{value: value, err: err}
	return value, err
}

type outbound struct {
	interceptor.WorkflowOutboundInterceptorBase
	seen *transcript
}

func (o *outbound) ExecuteActivity(ctx workflow.Context, name string, args ...any) workflow.Future {
	o.seen.activities = append(o.seen.activities, called{name: name, args: args})
	return o.Next.ExecuteActivity(ctx, name, args...)
}

func (o *outbound) NewTimer(ctx workflow.Context, d time.Duration) workflow.Future {
	o.seen.timers = append(o.seen.timers, d)
	return o.Next.NewTimer(ctx, d)
}

func (o *outbound) NewTimerWithOptions(ctx workflow.Context, d time.Duration, options workflow.TimerOptions) workflow.Future {
	o.seen.timers = append(o.seen.timers, d)
	return o.Next.NewTimerWithOptions(ctx, d, options)
}
