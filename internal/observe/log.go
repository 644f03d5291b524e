package observe

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"

	"go.opentelemetry.io/otel/trace"
)

// NewLog writes one JSON object per line; what nobody may see is left out of
// it, whoever logs. A line written during a traced request names its trace.
func NewLog(w io.Writer, level slog.Leveler) *slog.Logger {
	return slog.New(&traced{slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: redact})})
}

// redact is called for every field outside groups and within; groups
// themselves are never handed to it, their names are.
func redact(groups []string, field slog.Attr) slog.Attr {
	if len(groups) == 0 && (field.Key == slog.TimeKey || field.Key == slog.LevelKey) {
		return field
	}
	if secretName(field.Key) || slices.ContainsFunc(groups, secretName) {
		return slog.String(field.Key, hidden)
	}
	return slog.Attr{Key: Mask(field.Key), Value: redacted(field.Value)}
}

func redacted(value slog.Value) slog.Value {
	switch value.Kind() {
	case slog.KindString:
		return slog.StringValue(Mask(value.String()))
	case slog.KindInt64, slog.KindUint64:
		return scalar(value, value.String())
	case slog.KindFloat64:
		return scalar(value, strconv.FormatFloat(value.Float64(), 'f', -1, 64))
	case slog.KindAny:
		return composed(value.Any())
	}
	return value
}

// scalar keeps a number as one unless it is somebody's.
func scalar(value slog.Value, text string) slog.Value {
	if masked := Mask(text); masked != text {
		return slog.StringValue(masked)
	}
	return value
}

// composed redacts what JSON would make of a value, field by field.
func composed(value any) slog.Value {
	switch value := value.(type) {
	case nil:
		return slog.AnyValue(nil)
	case error:
		return slog.StringValue(Mask(value.Error()))
	case []byte:
		return slog.StringValue(fmt.Sprintf("[%d bytes]", len(value)))
	case fmt.Stringer:
		return slog.StringValue(Mask(value.String()))
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return slog.StringValue(Mask(fmt.Sprintf("%+v", value)))
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return slog.StringValue(Mask(string(raw)))
	}
	return slog.AnyValue(walk(tree))
}

// walk redacts a decoded JSON value in place.
func walk(tree any) any {
	switch node := tree.(type) {
	case string:
		return Mask(node)
	case json.Number:
		if masked := Mask(node.String()); masked != node.String() {
			return masked
		}
	case []any:
		for i := range node {
			node[i] = walk(node[i])
		}
	case map[string]any:
		for name, below := range node {
			if secretName(name) {
				node[name] = hidden
			} else {
				node[name] = walk(below)
			}
		}
	}
	return tree
}

// traced adds the trace a line belongs to.
type traced struct{ slog.Handler }

func (t *traced) Handle(ctx context.Context, record slog.Record) error {
	if span := trace.SpanContextFromContext(ctx); span.IsSampled() {
		record = record.Clone()
		record.AddAttrs(slog.String("trace_id", span.TraceID().String()))
	}
	return t.Handler.Handle(ctx, record)
}

func (t *traced) WithAttrs(fields []slog.Attr) slog.Handler {
	return &traced{t.Handler.WithAttrs(fields)}
}

func (t *traced) WithGroup(name string) slog.Handler { return &traced{t.Handler.WithGroup(name)} }
