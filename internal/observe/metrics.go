package observe

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.temporal.io/sdk/client"

	"linli/approval"
)

// Metrics is what one process counts. Make one with NewMetrics; it is safe for
// concurrent use.
type Metrics struct {
	registry    *prometheus.Registry
	sdk         *handler
	requests    *prometheus.CounterVec
	requestTime *prometheus.HistogramVec
	refusals    *prometheus.CounterVec
	acts        *prometheus.CounterVec
	rules       *prometheus.HistogramVec
	activities  *prometheus.HistogramVec
	ledger      *prometheus.CounterVec
	payouts     *prometheus.CounterVec
}

// NewMetrics makes the metrics of one process.
func NewMetrics() *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(), sdk: newHandler()}
	m.requests = counter("linli_http_requests_total", "Requests answered, by route template.", "method", "route", "status")
	m.requestTime = histogram("linli_http_request_seconds", "Time to answer, by route template.", prometheus.DefBuckets, "method", "route")
	m.refusals = counter("linli_refusals_total", "Requests refused, by code.", "code")
	m.acts = counter("linli_acts_total", "Acts on tasks by outcome: accepted, pending (the outcome is not known yet) or refused.", "action", "outcome")
	m.rules = histogram("linli_rule_evaluation_seconds", "Time to evaluate one stage of a rule set, by outcome.",
		[]float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1}, "stage", "outcome")
	m.activities = histogram("linli_activity_seconds", "Time of one attempt at an effect: done, refused or failed.", prometheus.DefBuckets, "activity", "result")
	m.ledger = counter("linli_ledger_operations_total", "Movements of money asked of the ledger by cases: booked, refused or failed.", "operation", "result")
	m.payouts = counter("linli_payouts_total", "Answers of the bank about payouts, by status; unknown if it brought no receipt.", "call", "result")
	m.registry.MustRegister(m.sdk, m.requests, m.requestTime, m.refusals, m.acts, m.rules, m.activities, m.ledger, m.payouts,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
}

func histogram(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
}

// Handler answers in the text format Prometheus reads.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}

// SDK is where Temporal's SDK counts.
func (m *Metrics) SDK() client.MetricsHandler { return m.sdk }

// Answered counts a request under its route template, never its path: paths
// hold ids and codes. The span of the request is named after it.
func (m *Metrics) Answered(ctx context.Context, method, route string, status int, took time.Duration) {
	if route == "" {
		method, route = "any", "none" // whatever a stranger asks for must not become a label
	}
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.requestTime.WithLabelValues(method, route).Observe(took.Seconds())
	nameSpan(ctx, method, route)
}

// Refused counts a refusal that was answered.
func (m *Metrics) Refused(code approval.Code) { m.refusals.WithLabelValues(string(code)).Inc() }

// Acted counts an act that reached, or should have reached, its case.
func (m *Metrics) Acted(action approval.Action, err error) {
	outcome := "accepted"
	switch {
	case err == nil:
	case approval.Refusal(err) != nil && approval.CodeOf(err) != approval.Unavailable:
		outcome = "refused"
	default:
		outcome = "pending"
	}
	m.acts.WithLabelValues(string(action), outcome).Inc()
}

// Evaluated counts an evaluation of rules; outcome is the evidence's or error.
func (m *Metrics) Evaluated(stage, outcome string, took time.Duration) {
	m.rules.WithLabelValues(stage, outcome).Observe(took.Seconds())
}

// Paid counts an answer of the bank to a call, pay or query.
func (m *Metrics) Paid(call, result string) { m.payouts.WithLabelValues(call, result).Inc() }
