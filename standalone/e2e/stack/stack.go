// Package stack runs all of Linli for a test: a real PostgreSQL database, a
// real Temporal namespace, a worker, the HTTP API and the practice bank, each
// wired as the program itself wires them. Nothing is replaced and no clock is
// faked; only a day may be made shorter.
//
// A process has one PostgreSQL and one Temporal server; every stack has its
// own database and namespace, so that tests do not see each other. Worker and
// API can be stopped and started in the middle of a case.
package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"linli/approval/funduse"
	"linli/bank/sandbox"
	"linli/config"
	"linli/internal/app"
	"linli/internal/fonts"
	"linli/internal/observe"
	"linli/standalone/temporal/temporaltest"
	"linli/store"
	"linli/workflows"
)

// Options are how a stack differs from the usual one.
type Options struct {
	DayLength time.Duration // of a day in deadlines; 0 follows the calendar
	Manual    bool          // cases are paid by hand instead of by the bank's interface
	Empty     bool          // nothing but the city and its administrator
}

// Stack is one running system.
type Stack struct {
	URL           string // of the API and the public pages
	BankURL       string
	BankToken     string // opens the bank's book and behaviour
	AdminPassword string
	Config        config.Config
	Keys          app.Keys
	Bank          *sandbox.Bank
	Temporal      client.Client
	Engine        *workflows.Client
	Store         *store.Store // with a worker's eyes: the archive and what else no route shows
	People        map[string]string
	API, Worker   *Part
}

var stacks atomic.Int64

// Start runs a stack until the test ends.
func Start(t testing.TB, options Options) *Stack {
	t.Helper()
	server := temporaltest.Start(t)
	s := &Stack{Temporal: server.Client, Engine: workflows.NewClient(server.Client), AdminPassword: adminPassword, BankToken: bankToken}
	s.Config = settings(t, options)
	s.Config.TemporalAddress, s.Config.TemporalNamespace = server.Address, server.Namespace
	s.Config.OwnerDatabaseURL, s.Config.APIDatabaseURL, s.Config.WorkerDatabaseURL = s.database(t, options)
	var err error
	if s.Keys, err = app.LoadKeys(s.Config); err != nil {
		t.Fatalf("reading the keys: %v", err)
	}
	log := logger(t, stacks.Add(1))
	s.startParts(t, log)
	if s.Store, err = store.Open(t.Context(), s.Config.WorkerDatabaseURL); err != nil {
		t.Fatalf("opening the database: %v", err)
	}
	t.Cleanup(s.Store.Close)
	return s
}

// settings are those of a machine of its own, with doors already chosen.
func settings(t testing.TB, options Options) config.Config {
	t.Helper()
	blobs := (&url.URL{Scheme: "file", Path: t.TempDir(), RawQuery: "no_tmp_dir=true"}).String()
	c := config.Config{
		Gateway: funduse.HTTP, CharityAccount: "370300000000000001", LogLevel: "info",
		DayLength: options.DayLength, BlobURL: blobs, FontFiles: fonts.Debian,
	}
	if options.Manual {
		c.Gateway = funduse.Manual
	}
	if err := app.NewKeyFiles(keyFolder(t), &c); err != nil {
		t.Fatalf("making the keys: %v", err)
	}
	return c
}

func (s *Stack) startParts(t testing.TB, log *slog.Logger) {
	t.Helper()
	// The address must be the same after a restart: links are made with it.
	listener := listen(t, "127.0.0.1:0")
	s.Config.Listen = listener.Addr().String()
	s.URL = "http://" + s.Config.Listen
	s.Config.PublicURL = s.URL
	s.startBank(t, log)
	s.Worker = &Part{name: "worker", run: func(ctx context.Context) error { return app.Work(ctx, s.Config, s.Keys, log) }}
	s.API = &Part{name: "API", run: func(ctx context.Context) error {
		if opened := listener; opened != nil {
			listener = nil
			return app.ServeOn(ctx, opened, s.Config, s.Keys, log)
		}
		return app.Serve(ctx, s.Config, s.Keys, log)
	}}
	for _, part := range []*Part{s.Worker, s.API} {
		part.Start(t)
		t.Cleanup(func() { part.Stop(t) })
	}
	s.Ready(t)
}

// Ready waits until the API answers that nothing is missing.
func (s *Stack) Ready(t testing.TB) {
	t.Helper()
	Until(t, "the API is ready", func() (bool, string) {
		response, err := http.Get(s.URL + "/readyz")
		if err != nil {
			return false, err.Error()
		}
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		return response.StatusCode == http.StatusOK, string(body)
	})
}

func listen(t testing.TB, address string) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatalf("listening: %v", err)
	}
	return listener
}

// patience is how long anything may take on a machine that is busy.
const patience = 4 * time.Minute

// Until polls a condition; what it last saw is told when it never holds.
func Until(t testing.TB, what string, holds func() (ok bool, saw string)) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		ok, saw := holds()
		if ok {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("waited %s in vain until %s; last saw: %s", patience, what, saw)
		}
		select {
		case <-t.Context().Done():
			t.Fatalf("the test ended before %s", what)
		case <-time.After(25 * time.Millisecond):
		}
	}
}

// logger is silent unless LINLI_TEST_LOG names a folder for logs.
func logger(t testing.TB, number int64) *slog.Logger {
	t.Helper()
	folder := os.Getenv("LINLI_TEST_LOG")
	if folder == "" {
		return slog.New(slog.DiscardHandler)
	}
	file, err := os.Create(filepath.Join(folder, fmt.Sprintf("stack-%d-%s.log", number, filepath.Base(t.Name()))))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := file.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
			t.Error(err)
		}
	})
	return observe.NewLog(file, slog.LevelDebug)
}
