// Package temporaltest gives tests a real Temporal server on a real
// PostgreSQL: one server per test process, made on first use, and a fresh
// namespace per test. The stock test environment does not de-duplicate
// updates, keep timers over a restart or race deadlines; this does.
//
// The server ends with the test process and its cluster is disposable.
package temporaltest

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"

	"linli/internal/pg/pgtest"
	"linli/standalone/temporal"
)

// Server is one test's view of the shared server.
type Server struct {
	Address   string
	Namespace string        // this test's own
	Client    client.Client // of that namespace, closed when the test ends
}

var shared struct {
	once   sync.Once
	server *temporal.Server
	err    error
}

var namespaces atomic.Int64

// Start returns the shared server with a new namespace in it.
func Start(t testing.TB) Server {
	t.Helper()
	server := process(t)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	name := fmt.Sprintf("test-%d", namespaces.Add(1))
	if err := server.EnsureNamespace(ctx, name); err != nil {
		t.Fatalf("making namespace %s: %v", name, err)
	}
	quiet := sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))
	c, err := client.DialContext(ctx, client.Options{HostPort: server.FrontendAddress(), Namespace: name, Logger: quiet})
	if err != nil {
		t.Fatalf("dialling the test server: %v", err)
	}
	t.Cleanup(c.Close)
	return Server{Address: server.FrontendAddress(), Namespace: name, Client: c}
}

func process(t testing.TB) *temporal.Server {
	t.Helper()
	cluster := pgtest.Cluster(t)
	shared.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		shared.server, shared.err = temporal.Start(ctx, temporal.Config{Cluster: cluster, LogFile: logFile()})
	})
	if shared.err != nil {
		t.Fatalf("starting the test server: %v", shared.err)
	}
	return shared.server
}

// logFile is thrown away unless LINLI_TEST_TEMPORAL_LOG names a folder: the
// server's last words at the end of a test process mean nothing.
func logFile() string {
	if dir := os.Getenv("LINLI_TEST_TEMPORAL_LOG"); dir != "" {
		return filepath.Join(dir, fmt.Sprintf("temporal-%d.log", os.Getpid()))
	}
	return os.DevNull
}
