package bench_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	sdkworker "go.temporal.io/sdk/worker"

	"linli/bench"
	"linli/internal/pg"
	"linli/standalone/temporal"
)

// The test binary is also the Temporal process and the bare worker; variables
// say which, and where everything is.
const (
	temporalData    = "BENCH_TEMPORAL_DATA"
	temporalAddress = "BENCH_TEMPORAL_ADDRESS"
	temporalLog     = "BENCH_TEMPORAL_LOG"
	bareAddress     = "BENCH_BARE_TEMPORAL"
	bareRows        = "BENCH_BARE_ROWS"
)

func TestMain(m *testing.M) {
	var serve func() error
	switch {
	case os.Getenv(temporalData) != "":
		serve = serveTemporal
	case os.Getenv(bareAddress) != "":
		serve = serveBare
	default:
		os.Exit(m.Run())
	}
	fmt.Fprintln(os.Stderr, serve())
	os.Exit(1)
}

// serveTemporal runs until it is killed.
func serveTemporal() error {
	cluster, err := pg.Attach(os.Getenv(temporalData))
	if err != nil {
		return err
	}
	_, at, err := net.SplitHostPort(os.Getenv(temporalAddress))
	if err != nil {
		return err
	}
	port, err := strconv.Atoi(at)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	server, err := temporal.Start(ctx, temporal.Config{Cluster: cluster, Port: port, LogFile: os.Getenv(temporalLog)})
	if err != nil {
		return err
	}
	if got := server.FrontendAddress(); got != os.Getenv(temporalAddress) {
		return fmt.Errorf("Temporal came up at %s, not at %s", got, os.Getenv(temporalAddress))
	}
	select {}
}

// serveBare runs the bare worker until it is killed; it finds Temporal again
// after a restart.
func serveBare() error {
	connected, err := client.NewLazyClient(dialling(os.Getenv(bareAddress)))
	if err != nil {
		return err
	}
	rows, err := pgxpool.New(context.Background(), os.Getenv(bareRows))
	if err != nil {
		return err
	}
	return bench.NewBareWorker(connected, rows).Run(sdkworker.InterruptCh())
}

// dialling is how the bare lines reach Temporal: as Linli does, without packing
// what is sent.
func dialling(address string) client.Options {
	return client.Options{
		HostPort: address, Namespace: temporal.DefaultNamespace, Logger: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)),
		ConnectionOptions: client.ConnectionOptions{GrpcCompression: &client.GrpcCompressionNone{}},
	}
}

// known takes "no such workflow" for an answer.
func known(err error) error {
	var absent *serviceerror.NotFound
	if errors.As(err, &absent) {
		return nil
	}
	return err
}

func number(t testing.TB, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	value, err := strconv.Atoi(text)
	if err != nil || value < 1 {
		t.Fatalf("%s=%q: want a whole number from 1", name, text)
	}
	return value
}

func length(t testing.TB, name string, otherwise time.Duration) time.Duration {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	value, err := time.ParseDuration(text)
	if err != nil || value <= 0 {
		t.Fatalf("%s=%q: want a length of time such as 5s", name, text)
	}
	return value
}
