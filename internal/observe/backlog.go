package observe

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"linli/approval"
)

const (
	soon   = 15 * time.Second // between two readings that cost little
	seldom = 5 * time.Minute  // between two that read every posting
)

var (
	tasksOpen     = gauge("linli_tasks_open", "Open tasks of people.", "stage")
	tasksOverdue  = gauge("linli_tasks_overdue", "Open tasks past their deadline.", "stage")
	taskAge       = gauge("linli_task_oldest_age_seconds", "Age of the oldest open task.", "stage")
	casesRunning  = gauge("linli_cases_running", "Cases under way.", "stage")
	payoutsSent   = gauge("linli_payouts_sent", "Payouts on their way whose outcome is not booked.")
	payoutAge     = gauge("linli_payout_oldest_age_seconds", "Since when the oldest of them is on its way.")
	archiveQueue  = gauge("linli_archive_waiting", "Closed cases whose history is not sealed.")
	archiveLag    = gauge("linli_archive_oldest_age_seconds", "Since when the first of them is closed.")
	operations    = gauge("linli_operations_pending", "Keyed writes whose outcome is not stored.")
	operationAge  = gauge("linli_operation_oldest_age_seconds", "Age of the oldest of them.")
	differences   = gauge("linli_ledger_differences", "Differences the books show against themselves.")
	workerPollers = gauge("linli_worker_pollers", "Workers that asked for work in the last two minutes.", "kind")
)

func gauge(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

// WatchBacklog exports what waits in the deployment; several processes may
// export the same, so take the maximum.
func (m *Metrics) WatchBacklog(log *slog.Logger, backlog func(context.Context, time.Time) (approval.Backlog, error)) {
	m.Watch("backlog", soon, log, func(ctx context.Context) ([]Reading, error) {
		now := time.Now()
		waits, err := backlog(ctx, now)
		if err != nil {
			return nil, err
		}
		read := slices.Concat(waiters(payoutsSent, payoutAge, waits.Payouts, now), waiters(archiveQueue, archiveLag, waits.Unsealed, now))
		for _, stage := range slices.Sorted(maps.Keys(waits.Running)) {
			read = append(read, Reading{casesRunning, float64(waits.Running[stage]), []string{string(stage)}})
		}
		for _, tasks := range waits.Tasks {
			stage := []string{string(tasks.Stage)}
			read = append(read, Reading{tasksOpen, float64(tasks.Open), stage}, Reading{tasksOverdue, float64(tasks.Overdue), stage},
				Reading{taskAge, age(tasks.Oldest, now), stage})
		}
		return read, nil
	})
}

// WatchPending exports the keyed writes whose outcome is still open.
func (m *Metrics) WatchPending(log *slog.Logger, pending func(context.Context) (approval.Waiters, error)) {
	m.Watch("operations", soon, log, func(ctx context.Context) ([]Reading, error) {
		waits, err := pending(ctx)
		return waiters(operations, operationAge, waits, time.Now()), err
	})
}

// WatchBooks exports how many differences the ledger shows against itself: 0,
// or somebody must look at once.
func (m *Metrics) WatchBooks(log *slog.Logger, reconcile func(context.Context) (int, error)) {
	m.Watch("books", seldom, log, func(ctx context.Context) ([]Reading, error) {
		found, err := reconcile(ctx)
		return []Reading{{differences, float64(found), nil}}, err
	})
}

// WatchWorkers exports how many workers ask for work, by kind of work. It is
// asked by the API, because a worker that is gone cannot tell.
func (m *Metrics) WatchWorkers(log *slog.Logger, pollers func(context.Context) (map[string]int, error)) {
	m.Watch("workers", soon, log, func(ctx context.Context) ([]Reading, error) {
		seen, err := pollers(ctx)
		var read []Reading
		for _, kind := range slices.Sorted(maps.Keys(seen)) {
			read = append(read, Reading{workerPollers, float64(seen[kind]), []string{kind}})
		}
		return read, err
	})
}

func waiters(count, oldest *prometheus.Desc, waits approval.Waiters, now time.Time) []Reading {
	return []Reading{{count, float64(waits.Count), nil}, {oldest, age(waits.Oldest, now), nil}}
}

// age is 0 where nothing waits.
func age(since, now time.Time) float64 {
	if since.IsZero() {
		return 0
	}
	return max(now.Sub(since).Seconds(), 0)
}
