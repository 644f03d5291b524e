package pgtest_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"linli/internal/pg/pgtest"
)

func TestEachDatabaseStartsEmpty(t *testing.T) {
	ctx := context.Background()
	for range 2 {
		conn, err := pgx.Connect(ctx, pgtest.Database(t))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(ctx)
		if _, err := conn.Exec(ctx, "CREATE TABLE note (id int)"); err != nil {
			t.Fatalf("the second database holds the first one's table: %v", err)
		}
	}
}

func TestOneClusterServesTheWholeProcess(t *testing.T) {
	if first, second := pgtest.Cluster(t), pgtest.Cluster(t); first != second {
		t.Fatalf("two clusters in one process: pids %d and %d", first.PID(), second.PID())
	}
}
