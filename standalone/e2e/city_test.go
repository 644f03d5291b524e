package e2e

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"linli/approval"
	"linli/internal/demo/city"
	"linli/standalone/e2e/stack"
)

// stopping ends a context once a word was written to it.
type stopping struct {
	bytes.Buffer
	word string
	stop context.CancelCauseFunc
}

func (s *stopping) Write(text []byte) (int, error) {
	if strings.Contains(string(text), s.word) {
		s.stop(errStopped)
	}
	return s.Buffer.Write(text)
}

var errStopped = errors.New("stopped by the test")

// A small city is made through the API, interrupted on the way, taken up again,
// and then agrees with the system's own statistics to the fen.
func TestACityIsTakenUpWhereItStopped(t *testing.T) {
	t.Parallel()
	w := open(t, stack.Options{Empty: true, DayLength: 5 * time.Second})
	options := city.Options{URL: w.URL, AdminPassword: w.AdminPassword, Percent: 5, Seed: 3, Workers: 6}

	ctx, stop := context.WithCancelCause(t.Context())
	options.Out = &stopping{word: "事项", stop: stop}
	if _, err := city.Make(ctx, options); !errors.Is(err, errStopped) {
		t.Fatalf("it ended with %v", err)
	}
	var progress bytes.Buffer
	options.Out = &progress
	report, err := city.Make(t.Context(), options)
	t.Log("\n" + progress.String())
	if err != nil {
		t.Fatal(err)
	}
	if report.Scale.Operators != 24 || report.Scale.OldProjects+report.Scale.NewProjects != 40 {
		t.Errorf("made %+v", report.Scale)
	}
}

// refuseCity: no sample city is made where deadlines follow the calendar.
func (w *world) refuseCity() {
	w.t.Helper()
	var out bytes.Buffer
	_, err := city.Make(w.t.Context(), city.Options{URL: w.URL, AdminPassword: w.AdminPassword, Percent: 5, Seed: 3, Workers: 6, Out: &out})
	if approval.CodeOf(err) != approval.Forbidden || out.Len() > 0 {
		w.t.Errorf("it ended with %v and said %q", err, out.String())
	}
}
