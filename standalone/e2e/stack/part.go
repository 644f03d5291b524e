package stack

import (
	"context"
	"sync"
	"testing"
	"time"
)

// Part is a process of the system, here a goroutine: it can be stopped as a
// deployment would stop it, and started again.
type Part struct {
	name string
	run  func(context.Context) error

	mu    sync.Mutex
	stop  context.CancelFunc
	ended chan error
}

// Start starts the part; one that runs is left alone.
func (p *Part) Start(t testing.TB) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stop != nil {
		return
	}
	// It outlives the test's own context, which ends before the cleanups.
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	p.stop, p.ended = stop, ended
	go func() { ended <- p.run(ctx) }()
}

// Stop asks the part to end and waits until it has; what it was doing, it
// finishes or gives up as it would in a deployment.
func (p *Part) Stop(t testing.TB) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stop == nil {
		return
	}
	p.stop()
	select {
	case err := <-p.ended:
		if err != nil {
			t.Errorf("the %s ended with: %v", p.name, err)
		}
	case <-time.After(patience):
		t.Errorf("the %s did not end in %s", p.name, patience)
	}
	p.stop = nil
}
