package pgtest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"linli/internal/pg"
)

// shelf makes and drops the databases over one connection.
var shelf struct {
	sync.Mutex
	conn  *pgx.Conn
	made  int
	ended []string
}

// Database makes an empty database for one test and returns the
// administrator's address of it; it is gone some time after the test.
func Database(t testing.TB) string {
	t.Helper()
	return Copy(t, "template1")
}

// Copy is Database with what template holds, to which nobody may be connected.
func Copy(t testing.TB, template string) string {
	t.Helper()
	cluster := Cluster(t)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	shelf.Lock()
	defer shelf.Unlock()
	name, err := add(ctx, cluster, template)
	if err != nil {
		t.Fatalf("making a database for the test: %v", err)
	}
	t.Cleanup(func() {
		shelf.Lock()
		defer shelf.Unlock()
		shelf.ended = append(shelf.ended, name)
	})
	return cluster.SuperDSN(name)
}

// add drops the databases of ended tests first: not when they end, because
// PostgreSQL then waits for the sessions that are still leaving.
func add(ctx context.Context, cluster *pg.Cluster, template string) (string, error) {
	if shelf.conn == nil || shelf.conn.IsClosed() {
		conn, err := pgx.Connect(ctx, cluster.SuperDSN("postgres"))
		if err != nil {
			return "", err
		}
		shelf.conn = conn
	}
	for len(shelf.ended) > 0 {
		if _, err := shelf.conn.Exec(ctx, "DROP DATABASE "+shelf.ended[0]+" WITH (FORCE)"); err != nil {
			return "", err
		}
		shelf.ended = shelf.ended[1:]
	}
	shelf.made++
	name := fmt.Sprintf("test_%d", shelf.made)
	_, err := shelf.conn.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+template)
	return name, err
}
