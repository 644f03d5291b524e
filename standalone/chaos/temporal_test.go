package chaos_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	"linli/internal/pg"
	"linli/standalone/temporal"
)

// The test binary is also the Temporal process: the variables name the data
// folder of the database and the port.
const (
	temporalData = "CHAOS_TEMPORAL_DATA"
	temporalPort = "CHAOS_TEMPORAL_PORT"
	temporalLog  = "CHAOS_TEMPORAL_LOG"
)

// serveTemporal runs until it is killed. Without its database it gives up and
// is started again.
func serveTemporal() error {
	cluster, err := pg.Attach(os.Getenv(temporalData))
	if err != nil {
		return err
	}
	port, err := strconv.Atoi(os.Getenv(temporalPort))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	server, err := temporal.Start(ctx, temporal.Config{Cluster: cluster, Port: port, LogFile: os.Getenv(temporalLog)})
	if err != nil {
		return err
	}
	if got := server.FrontendAddress(); got != fmt.Sprintf("127.0.0.1:%d", port) {
		return fmt.Errorf("Temporal came up at %s, not at port %d", got, port)
	}
	fmt.Println("ready", time.Now().Format(time.RFC3339Nano))
	select {}
}
