package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"

	"linli/activities"
	"linli/bank"
	"linli/config"
	"linli/internal/observe"
	"linli/internal/rulebook"
	"linli/store"
	"linli/workflows"
)

// polling: Temporal lists a poller for five minutes after it was last seen,
// and one that lives asks every minute at least.
const polling = 2 * time.Minute

// farewell is how long the last spans may take to leave.
const farewell = 3 * time.Second

// sight is what operators see of one process.
type sight struct {
	metrics *observe.Metrics
	traces  *observe.Traces
	exposed io.Closer
	log     *slog.Logger
}

// watch opens the metrics and traces the settings ask for. Close it.
func watch(ctx context.Context, c config.Config, service string, log *slog.Logger) (*sight, error) {
	s := &sight{metrics: observe.NewMetrics(), log: log}
	var err error
	if s.traces, err = observe.Trace(ctx, c.TraceCollector, service); err != nil {
		return nil, err
	}
	if s.exposed, err = s.metrics.Expose(c.MetricsListen); err != nil {
		return nil, errors.Join(err, s.traces.Close(ctx))
	}
	return s, nil
}

// close sends the spans still held, even when ctx has ended.
func (s *sight) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	if err := errors.Join(s.exposed.Close(), s.traces.Close(ctx)); err != nil {
		s.log.Warn("Metrics or traces did not close well.", "error", err)
	}
}

// through lets the SDK count and trace its calls.
func (s *sight) through(options *client.Options) error {
	options.MetricsHandler = s.metrics.SDK()
	options.Interceptors = []interceptor.ClientInterceptor{s.metrics.Effects()}
	tracing, err := s.traces.Temporal()
	if tracing != nil {
		options.Interceptors = append(options.Interceptors, tracing)
	}
	return err
}

// database opens a role's door with what is to be seen of it.
func (s *sight) database(ctx context.Context, d door, c config.Config) (*store.Store, error) {
	return d.open(ctx, store.WithDayLength(c.DayLength), store.WithTracer(s.traces.SQL()))
}

// rules is the rule book with its evaluations counted.
func (s *sight) rules(db *store.Store) *rulebook.Book {
	book := rulebook.New(db)
	book.Evaluated = s.metrics.Evaluated
	return book
}

func (s *sight) api(db *store.Store, connected client.Client) {
	s.metrics.WatchPending(s.log, db.PendingBacklog)
	s.metrics.WatchWorkers(s.log, func(ctx context.Context) (map[string]int, error) { return pollers(ctx, connected) })
}

func (s *sight) worker(db *store.Store) {
	s.metrics.WatchBacklog(s.log, db.Backlog)
	s.metrics.WatchBooks(s.log, func(ctx context.Context) (int, error) {
		differences, err := db.Reconcile(ctx)
		for _, difference := range differences {
			s.log.Error("The books differ.", "fund", difference.FundID, "check", difference.Check, "subject", difference.Subject,
				"booked", difference.Booked, "derived", difference.Derived)
		}
		return len(differences), err
	})
}

// pollers counts who asks for work.
func pollers(ctx context.Context, connected client.Client) (map[string]int, error) {
	seen := map[string]int{}
	for kind, queue := range map[string]enumspb.TaskQueueType{
		"workflow": enumspb.TASK_QUEUE_TYPE_WORKFLOW, "activity": enumspb.TASK_QUEUE_TYPE_ACTIVITY,
	} {
		described, err := connected.DescribeTaskQueue(ctx, workflows.TaskQueue, queue)
		if err != nil {
			return nil, err
		}
		seen[kind] = 0
		for _, poller := range described.GetPollers() {
			if time.Since(poller.GetLastAccessTime().AsTime()) < polling {
				seen[kind]++
			}
		}
	}
	return seen, nil
}

// countedBank counts what the bank answers.
type countedBank struct {
	activities.Gateway
	paid func(call, result string)
}

// Pay hands the order in.
func (b countedBank) Pay(ctx context.Context, order bank.Order) (bank.Receipt, error) {
	receipt, err := b.Gateway.Pay(ctx, order)
	b.paid("pay", answered(receipt, err))
	return receipt, err
}

// Query asks for the outcome.
func (b countedBank) Query(ctx context.Context, key string) (bank.Receipt, error) {
	receipt, err := b.Gateway.Query(ctx, key)
	b.paid("query", answered(receipt, err))
	return receipt, err
}

func answered(receipt bank.Receipt, err error) string {
	if err != nil {
		return string(bank.Unknown)
	}
	return string(receipt.Status)
}
