package chaos_test

import (
	"context"
	"fmt"
	"sync"
	"syscall"
	"testing"
	"time"

	"linli/internal/pg"
)

// postgres is the database server, durable as in a deployment.
type postgres struct {
	dir    string
	deaths func(death)

	mu      sync.Mutex
	cluster *pg.Cluster
	down    sync.WaitGroup // a kill whose restart is not over
}

func startPostgres(t testing.TB, dir string, deaths func(death)) *postgres {
	t.Helper()
	p := &postgres{dir: dir, deaths: deaths}
	if err := p.open(t.Context()); err != nil {
		t.Fatalf("starting PostgreSQL: %v", err)
	}
	t.Cleanup(func() {
		p.down.Wait()
		p.mu.Lock()
		defer p.mu.Unlock()
		if err := p.cluster.Stop(context.Background()); err != nil {
			t.Logf("stopping PostgreSQL: %v", err)
		}
	})
	return p
}

func (p *postgres) open(ctx context.Context) error {
	cluster, err := pg.Start(ctx, pg.Config{DataDir: p.dir})
	if err != nil {
		return err
	}
	if p.cluster != nil && cluster.Port() != p.cluster.Port() {
		return fmt.Errorf("the database came back on port %d, not on %d", cluster.Port(), p.cluster.Port())
	}
	p.cluster = cluster
	return nil
}

// kill ends the postmaster and starts it again after the pause; it returns at
// once. A second kill waits for its turn.
func (p *postgres) kill(t testing.TB, pause time.Duration) bool {
	if !p.mu.TryLock() {
		return false
	}
	if syscall.Kill(p.cluster.PID(), syscall.SIGKILL) != nil {
		p.mu.Unlock()
		return false
	}
	<-p.cluster.Done()
	p.deaths(death{process: "postgres", at: time.Now(), killed: true})
	p.down.Go(func() {
		defer p.mu.Unlock()
		_ = p.cluster.Stop(context.Background()) // frees the folder; the server is dead already
		<-time.After(pause)
		if err := p.open(context.Background()); err != nil {
			t.Errorf("PostgreSQL did not come back: %v", err)
		}
	})
	return true
}
