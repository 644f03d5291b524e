package server_test

import (
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"linli/server"
	"linli/store"
)

func TestASystemSaysWhetherPeoplePractiseOnIt(t *testing.T) {
	w := newWorld(t)
	for _, length := range []time.Duration{0, 20 * time.Second} {
		surface, err := server.New(server.Config{
			PublicURL: "http://127.0.0.1", Records: w.store, Scoped: store.WithPerson, Bucket: w.bucket, Now: w.now, DayLength: length,
			Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		})
		fatal(t, err)
		w.http.Config.Handler = surface.Handler()
		answer := w.ask(asked{method: "GET", path: "/v1/system"})
		answer.want(t, 200, "")
		if got := strings.Contains(string(answer.raw), `"practice":true`); got != (length > 0) {
			t.Errorf("days of %s: %s", length, answer.raw)
		}
	}
}
