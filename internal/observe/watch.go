package observe

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// readTimeout bounds one reading; Prometheus gives up after ten seconds.
const readTimeout = 8 * time.Second

// Reading is one gauge as it was read; Labels follow the names the Gauge
// declares.
type Reading struct {
	Gauge  *prometheus.Desc
	Value  float64
	Labels []string
}

// Watch exports gauges that must be asked for. They are read when somebody
// looks, at most once per every; a reading that fails exports nothing rather
// than what was true before, and linli_watch_up tells.
func (m *Metrics) Watch(group string, every time.Duration, log *slog.Logger, read func(context.Context) ([]Reading, error)) {
	m.registry.MustRegister(&watch{group: group, every: every, log: log, read: read})
}

var watchUp = gauge("linli_watch_up", "1 if the last reading of a group of gauges succeeded.", "group")

type watch struct {
	group string
	every time.Duration
	log   *slog.Logger
	read  func(context.Context) ([]Reading, error)

	mu   sync.Mutex
	at   time.Time
	last []Reading // watchUp included
}

// Describe declares nothing: which stages have tasks changes.
func (w *watch) Describe(chan<- *prometheus.Desc) {}

// Collect reads, or repeats what was read a moment ago.
func (w *watch) Collect(out chan<- prometheus.Metric) {
	for _, reading := range w.current() {
		out <- prometheus.MustNewConstMetric(reading.Gauge, prometheus.GaugeValue, reading.Value, reading.Labels...)
	}
}

func (w *watch) current() []Reading {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.at.IsZero() && time.Since(w.at) < w.every {
		return w.last
	}
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	read, err := w.read(ctx)
	w.at = time.Now()
	if err != nil {
		w.log.Warn("Some gauges could not be read.", "group", w.group, "error", err)
		w.last = []Reading{{watchUp, 0, []string{w.group}}}
		return w.last
	}
	w.last = append(read, Reading{watchUp, 1, []string{w.group}})
	return w.last
}
