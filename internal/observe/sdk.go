package observe

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.temporal.io/sdk/client"
)

// sdkBuckets reach from a local activity to a case that waits for a worker.
var sdkBuckets = []float64{.001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300}

// handler keeps what Temporal's SDK counts. One name may come with several
// sets of tags, so the collector declares nothing beforehand.
type handler struct {
	kept *kept
	tags map[string]string
}

type kept struct {
	mu      sync.RWMutex
	metrics map[string]prometheus.Metric
}

func newHandler() *handler {
	return &handler{kept: &kept{metrics: map[string]prometheus.Metric{}}}
}

// Describe declares nothing: see handler.
func (h *handler) Describe(chan<- *prometheus.Desc) {}

// Collect hands over everything counted so far.
func (h *handler) Collect(out chan<- prometheus.Metric) {
	h.kept.mu.RLock()
	defer h.kept.mu.RUnlock()
	for _, metric := range h.kept.metrics {
		out <- metric
	}
}

// WithTags is the handler with further labels.
func (h *handler) WithTags(tags map[string]string) client.MetricsHandler {
	all := maps.Clone(h.tags)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, tags)
	return &handler{kept: h.kept, tags: all}
}

// Counter is named as Prometheus wants it: …_total.
func (h *handler) Counter(name string) client.MetricsCounter {
	counter := of(h, name+"_total", func(o prometheus.Opts) prometheus.Counter { return prometheus.NewCounter(prometheus.CounterOpts(o)) })
	return added{counter}
}

// Gauge keeps the last value.
func (h *handler) Gauge(name string) client.MetricsGauge {
	return set{of(h, name, func(o prometheus.Opts) prometheus.Gauge { return prometheus.NewGauge(prometheus.GaugeOpts(o)) })}
}

// Timer is a histogram in seconds: …_seconds.
func (h *handler) Timer(name string) client.MetricsTimer {
	return timed{of(h, name+"_seconds", func(o prometheus.Opts) prometheus.Histogram {
		return prometheus.NewHistogram(prometheus.HistogramOpts{Name: o.Name, Help: o.Help, ConstLabels: o.ConstLabels, Buckets: sdkBuckets})
	})}
}

// of is the one metric of that name and these tags.
func of[M prometheus.Metric](h *handler, name string, fresh func(prometheus.Opts) M) M {
	name = strings.ReplaceAll(name, "-", "_")
	key := name
	for _, tag := range slices.Sorted(maps.Keys(h.tags)) {
		key += "\x00" + tag + "\x01" + h.tags[tag]
	}
	h.kept.mu.RLock()
	found, ok := h.kept.metrics[key].(M)
	h.kept.mu.RUnlock()
	if ok {
		return found
	}
	h.kept.mu.Lock()
	defer h.kept.mu.Unlock()
	if found, ok := h.kept.metrics[key].(M); ok {
		return found
	}
	made := fresh(prometheus.Opts{Name: name, Help: "Counted by Temporal's SDK.", ConstLabels: h.tags})
	h.kept.metrics[key] = made
	return made
}

type added struct{ counter prometheus.Counter }

func (a added) Inc(n int64) { a.counter.Add(float64(max(n, 0))) }

type set struct{ gauge prometheus.Gauge }

func (s set) Update(value float64) { s.gauge.Set(value) }

type timed struct{ histogram prometheus.Histogram }

func (t timed) Record(took time.Duration) { t.histogram.Observe(took.Seconds()) }
