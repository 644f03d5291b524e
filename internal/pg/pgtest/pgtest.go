// Package pgtest gives tests a real PostgreSQL: one disposable cluster per
// test process, made on first use, and a fresh database per test.
//
// Nothing is left behind, however the process ends: the server dies with it
// by the kernel's parent-death signal, and a watcher that sees the process's
// pipe close removes the files. There is no TestMain to remember.
package pgtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"linli/internal/pg"
)

// A process has one cluster; the second start would cost every test a second.
var shared = sync.OnceValues(start)

var databases atomic.Int64

// Cluster returns the cluster all tests of this process share.
func Cluster(t testing.TB) *pg.Cluster {
	t.Helper()
	cluster, err := shared()
	if err != nil {
		t.Fatalf("starting the test cluster: %v", err)
	}
	return cluster
}

// Database makes an empty database for one test, drops it when the test ends,
// and returns the administrator's address of it.
func Database(t testing.TB) string {
	t.Helper()
	cluster := Cluster(t)
	name := fmt.Sprintf("test_%d", databases.Add(1))
	administer(t, cluster, "CREATE DATABASE "+name)
	t.Cleanup(func() { administer(t, cluster, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	return cluster.SuperDSN(name)
}

func administer(t testing.TB, cluster *pg.Cluster, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, cluster.SuperDSN("postgres"))
	if err != nil {
		t.Fatalf("connecting to the test cluster: %v", err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func start() (*pg.Cluster, error) {
	dir, err := os.MkdirTemp(root(), "linli-pgtest-")
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(dir, 0o755); err != nil { // the server's user must get in
		return nil, err
	}
	if err := watch(dir); err != nil {
		return nil, fmt.Errorf("starting the cleaner: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	return pg.Start(ctx, pg.Config{DataDir: dir, Disposable: true})
}

// root is a folder another user can enter, whatever TMPDIR says.
func root() string {
	if os.Geteuid() == 0 {
		return "/tmp"
	}
	return os.TempDir()
}

// cleaner waits for the end of its input, which only the death of the test
// process brings, then for the server to end, for at most ten seconds.
const cleaner = `read -r _
pid=$(head -n 1 "$0/postgres/cluster/postmaster.pid" 2>/dev/null)
n=0
while [ -n "$pid" ] && [ "$n" -lt 100 ] && kill -0 "$pid" 2>/dev/null; do n=$((n+1)); sleep 0.1; done
rm -rf -- "$0"`

// watch starts the cleaner. The pipe's writing end is a bare descriptor: an
// os.File nobody refers to would be closed by the garbage collector, this one
// only by the end of the process.
func watch(dir string) error {
	var pipe [2]int
	if err := syscall.Pipe2(pipe[:], syscall.O_CLOEXEC); err != nil {
		return err
	}
	input := os.NewFile(uintptr(pipe[0]), "lifeline")
	defer input.Close()
	cmd := exec.Command("/bin/sh", "-c", cleaner, dir)
	cmd.Dir = "/"
	cmd.Stdin = input
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C must not reach it
	return cmd.Start()
}
