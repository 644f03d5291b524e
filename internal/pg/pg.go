// Package pg runs a private PostgreSQL cluster inside a data folder, so that
// one command brings the whole system up on a machine that has none.
//
// It decides where the server binaries come from (this machine, Debian's
// package, an npm package), which user runs them (PostgreSQL refuses root),
// which loopback port they use, and that nothing outlives the program: the
// server dies with its parent, and one left behind by a killed parent is
// stopped before the next start.
//
// It refuses to run twice on one data folder, to open data written by another
// major version, and to listen anywhere but on the loopback interface. It is
// for one machine; production points the program at a real server instead.
package pg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Superuser is the name of the cluster's administrator role.
const Superuser = "postgres"

// Config says where a cluster lives and who hears about its start.
type Config struct {
	DataDir string // created when absent; holds the lock, the password, the log and the data

	// Log receives short progress sentences (Chinese, then English). May be nil.
	Log func(string)

	// Disposable gives up durability (no fsync, small buffers) for speed.
	// For tests only: a power cut destroys the data.
	Disposable bool
}

// Cluster is one running PostgreSQL server, owned by this process.
type Cluster struct {
	place    place
	port     int
	password string
	server   *postmaster
	lock     *os.File

	stopOnce sync.Once
	stopErr  error
}

// Start returns once the server accepts connections; the first start on a data
// folder also creates the cluster (about two seconds). It is refused with a
// *RunningError while another process holds the folder.
func Start(ctx context.Context, cfg Config) (_ *Cluster, err error) {
	if cfg.Log == nil {
		cfg.Log = func(string) {}
	}
	dir, err := dataDir(cfg.DataDir)
	if err != nil {
		return nil, err
	}
	lock, err := acquire(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			lock.Close()
		}
	}()
	place, err := settle(dir, cfg.Log)
	if err != nil {
		return nil, err
	}
	bin, err := binaries(ctx, place, cfg.Log)
	if err != nil {
		return nil, err
	}
	if place, err = settle(dir, cfg.Log); err != nil { // an installation may have brought the user postgres
		return nil, err
	}
	if err := place.stopOrphan(ctx, cfg.Log); err != nil {
		return nil, err
	}
	password, err := initialise(ctx, place, bin, cfg)
	if err != nil {
		return nil, err
	}
	cluster := &Cluster{place: place, password: password, lock: lock}
	if err := cluster.launch(ctx, bin, cfg); err != nil {
		return nil, err
	}
	return cluster, nil
}

// Port is the loopback TCP port the server listens on; it stays the same over
// restarts as long as nobody else takes it.
func (c *Cluster) Port() int { return c.port }

// PID is the process id of the postmaster.
func (c *Cluster) PID() int { return c.server.cmd.Process.Pid }

// Done is closed when the server process has ended, for whatever reason.
func (c *Cluster) Done() <-chan struct{} { return c.server.done }

// Stop ends all sessions and the server, waits for it and frees the data
// folder; past ctx's deadline (or 30 seconds) it stops without a checkpoint,
// from which the next start recovers. Further calls return the first result.
func (c *Cluster) Stop(ctx context.Context) error {
	c.stopOnce.Do(func() {
		ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
		defer cancel()
		c.stopErr = errors.Join(c.server.stop(ctx), c.lock.Close())
	})
	return c.stopErr
}

func dataDir(dir string) (string, error) {
	if dir == "" {
		return "", errors.New("pg: no data folder given")
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("resolving data folder %s: %w", dir, err)
	}
	if err := os.MkdirAll(abs, 0o755); err != nil {
		return "", fmt.Errorf("creating data folder: %w", err)
	}
	return filepath.EvalSymlinks(abs)
}
