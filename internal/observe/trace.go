package observe

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/exaring/otelpgx"
	"github.com/jackc/pgx/v5"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.temporal.io/sdk/contrib/opentelemetry"
	"go.temporal.io/sdk/interceptor"
)

// Traces follow one request from HTTP through the Update of a case to its
// activities and their SQL. The nil Traces is off and costs nothing. Close
// sends what is still held.
type Traces struct {
	provider *sdktrace.TracerProvider
	carrier  propagation.TextMapPropagator
}

// Trace sends spans by OTLP over HTTP to a collector such as
// http://127.0.0.1:4318; an empty address switches tracing off. Headers,
// sampling and the like come from OpenTelemetry's own variables.
func Trace(ctx context.Context, collector, service string) (*Traces, error) {
	if collector == "" {
		return nil, nil
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(strings.TrimRight(collector, "/")+"/v1/traces"))
	if err != nil {
		return nil, fmt.Errorf("opening the trace collector: %w", err)
	}
	return traces(sdktrace.NewBatchSpanProcessor(masking{exporter}), service), nil
}

func traces(processor sdktrace.SpanProcessor, service string) *Traces {
	named := resource.NewSchemaless(attribute.String("service.name", service))
	return &Traces{
		provider: sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(processor), sdktrace.WithResource(named)),
		carrier:  propagation.TraceContext{}, // no baggage: it would carry foreign text into histories
	}
}

// Close sends what is still held, as long as ctx allows.
func (t *Traces) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}

// HTTP starts a trace per request. A trace the caller brings is linked, not
// continued: anybody may send one.
func (t *Traces) HTTP(next http.Handler) http.Handler {
	if t == nil {
		return next
	}
	return otelhttp.NewHandler(next, "request", otelhttp.WithTracerProvider(t.provider), otelhttp.WithPropagators(t.carrier),
		otelhttp.WithPublicEndpointFn(func(*http.Request) bool { return true }))
}

// Temporal carries the trace in the headers of calls to a case and of the
// activities it starts; nil when tracing is off.
func (t *Traces) Temporal() (interceptor.Interceptor, error) {
	if t == nil {
		return nil, nil
	}
	return opentelemetry.NewTracingInterceptor(opentelemetry.TracerOptions{
		Tracer: t.provider.Tracer("temporal"), TextMapPropagator: t.carrier, DisableBaggage: true, AllowInvalidParentSpans: true,
	})
}

// SQL traces statements, never their arguments; nil when tracing is off.
func (t *Traces) SQL() pgx.QueryTracer {
	if t == nil {
		return nil
	}
	return otelpgx.NewTracer(otelpgx.WithTracerProvider(t.provider),
		otelpgx.WithDisableAcquireTracer(), otelpgx.WithDisableConnectionDetailsInAttributes())
}

// nameSpan names the request's span by its route template.
func nameSpan(ctx context.Context, method, route string) {
	span := trace.SpanFromContext(ctx)
	span.SetName(method + " " + route)
	span.SetAttributes(attribute.String("http.route", route))
}
