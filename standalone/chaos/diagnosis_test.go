package chaos_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"go.temporal.io/sdk/client"

	"linli/internal/app"
)

// diagnosis says what every part does and lacks. The processes write where
// their goroutines stand into their logs, and end of it.
func (s *system) diagnosis() string {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var text strings.Builder
	for _, part := range []struct {
		name string
		ask  func(context.Context) error
	}{
		{"PostgreSQL", func(ctx context.Context) error { _, err := s.number(ctx, `SELECT 1::bigint AS n`); return err }},
		{"Temporal", func(ctx context.Context) error {
			_, err := s.engine.CheckHealth(ctx, &client.CheckHealthRequest{})
			return err
		}},
		{"bank", func(ctx context.Context) error { return app.Healthy(ctx, s.bankURL+"/healthz") }},
		{"worker", func(ctx context.Context) error { return app.Ready(ctx, s.config.WorkerListen) }},
		{"API", func(ctx context.Context) error { return app.Ready(ctx, s.config.Listen) }},
	} {
		asking, cancel := context.WithTimeout(ctx, 5*time.Second)
		if err := part.ask(asking); err != nil {
			fmt.Fprintf(&text, "  %s is not ready: %v\n", part.name, err)
		} else {
			fmt.Fprintf(&text, "  %s answers\n", part.name)
		}
		cancel()
	}
	for _, p := range []*process{s.temporal, s.bank, s.worker, s.api} {
		fmt.Fprintf(&text, "  process %s: %s; it said last:\n%s", p.name, p.state(), p.lastWords())
		p.dump()
	}
	return text.String()
}

// state is what the process is doing, and how its last life ended.
func (p *process) state() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running == nil {
		return fmt.Sprintf("not running, lived %d times, last ended by %s", p.lived, p.end)
	}
	return fmt.Sprintf("running for %.0fs as pid %d, its life no. %d, the last ended by %s",
		time.Since(p.since).Seconds(), p.running.Process.Pid, p.lived, p.end)
}

// lastWords are the last lines of the process's log, cut to what can be read.
func (p *process) lastWords() string {
	raw, err := os.ReadFile(p.log.Name())
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	var text strings.Builder
	for _, line := range lines[max(0, len(lines)-4):] {
		fmt.Fprintf(&text, "    %.300s\n", line)
	}
	return text.String()
}

// dump lets the process write where its goroutines stand.
func (p *process) dump() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running != nil {
		_ = p.running.Process.Signal(syscall.SIGQUIT) // it may have ended this moment
	}
}
