package observe

import (
	"context"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// masking redacts spans before they leave the process: an error's text ends up
// in a span just as it does in a log.
type masking struct{ sdktrace.SpanExporter }

// withheld are attributes that hold what a caller sent: a path with a receipt
// code, an address, a browser.
var withheld = []attribute.Key{"url.path", "url.full", "url.query", "http.target", "http.url",
	"client.address", "network.peer.address", "network.peer.port", "user_agent.original", "http.user_agent", "http.client_ip"}

// ExportSpans hands on the spans without what nobody may see.
func (m masking) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	masked := make([]sdktrace.ReadOnlySpan, len(spans))
	for i, span := range spans {
		masked[i] = maskedSpan{span}
	}
	return m.SpanExporter.ExportSpans(ctx, masked)
}

type maskedSpan struct{ sdktrace.ReadOnlySpan }

func (s maskedSpan) Name() string { return Mask(s.ReadOnlySpan.Name()) }

func (s maskedSpan) Status() sdktrace.Status {
	status := s.ReadOnlySpan.Status()
	status.Description = Mask(status.Description)
	return status
}

func (s maskedSpan) Attributes() []attribute.KeyValue { return maskAll(s.ReadOnlySpan.Attributes()) }

func (s maskedSpan) Events() []sdktrace.Event {
	events := slices.Clone(s.ReadOnlySpan.Events())
	for i := range events {
		events[i].Attributes = maskAll(events[i].Attributes)
	}
	return events
}

func maskAll(attributes []attribute.KeyValue) []attribute.KeyValue {
	masked := make([]attribute.KeyValue, 0, len(attributes))
	for _, each := range attributes {
		switch {
		case slices.Contains(withheld, each.Key):
			continue
		case secretName(string(each.Key)):
			each.Value = attribute.StringValue(hidden)
		case each.Value.Type() == attribute.STRING:
			each.Value = attribute.StringValue(Mask(each.Value.AsString()))
		}
		masked = append(masked, each)
	}
	return masked
}
