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
	"syscall"
	"testing"
	"time"

	"linli/internal/pg"
)

// A process has one cluster; the second start would cost every test a second.
var shared = sync.OnceValues(start)

// Cluster returns the cluster all tests of this process share.
func Cluster(t testing.TB) *pg.Cluster {
	t.Helper()
	cluster, err := shared()
	if err != nil {
		t.Fatalf("starting the test cluster: %v", err)
	}
	return cluster
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

// memory is where Linux keeps files in memory. Tests make and drop a database
// each, which there takes a third of the time.
const (
	memory     = "/dev/shm"
	tmpfs      = 0x01021994
	enoughFree = 2 << 30 // containers often give it 64 MiB
)

// root is a folder another user can enter, whatever TMPDIR says.
func root() string {
	var in syscall.Statfs_t
	if err := syscall.Statfs(memory, &in); err == nil && in.Type == tmpfs && int64(in.Bavail)*in.Bsize >= enoughFree {
		return memory
	}
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
