package chaos_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// TestMain lets this binary be the Temporal process.
func TestMain(m *testing.M) {
	if os.Getenv(temporalData) != "" {
		fmt.Fprintln(os.Stderr, serveTemporal())
		os.Exit(1)
	}
	os.Exit(m.Run())
}

const killsOfARound = 40

// TestNothingIsLostWhoeverIsKilled plays rounds until so many processes were
// killed as CHAOS_KILLS says.
func TestNothingIsLostWhoeverIsKilled(t *testing.T) {
	seed := number(t, "CHAOS_SEED", rand.Uint64()%1_000_000)
	kills := int(number(t, "CHAOS_KILLS", killsOfARound))
	t.Logf("CHAOS_SEED=%d CHAOS_KILLS=%d", seed, kills)
	k := newKiller(seed)
	g := begin(t, seed, k)
	for round, dead := 1, 0; dead < kills && !t.Failed(); round++ {
		begun := time.Now()
		dead += g.oneRound(t, k, round, min(killsOfARound, kills-dead))
		for _, problem := range g.check(t.Context()) {
			t.Errorf("seed %d, round %d: %s", seed, round, problem)
		}
		_, cases := g.oracle.snapshot()
		t.Logf("seed %d, round %d, %.0fs: %d cases, %d acts, %s;%s", seed, round, time.Since(begun).Seconds(),
			len(cases), len(g.oracle.taken), g.s.reached(t.Context()), k.summary(begun, g.oracle.taken))
	}
}

// begin brings the system and its people up.
func begin(t *testing.T, seed uint64, k *killer) *game {
	t.Helper()
	begun := time.Now()
	s := startSystem(t, folder(t), k)
	ctx := t.Context()
	s.ready(ctx)
	s.ground(ctx)
	s.until(ctx, "the bank has bad days", func(ctx context.Context) error { return s.badDays(ctx, seed) })
	g := assemble(ctx, s, seed)
	t.Logf("the system is up after %.0fs", time.Since(begun).Seconds())
	return g
}

// oneRound plays while the killer hunts, then lets everything come to rest,
// and returns how many were killed.
func (g *game) oneRound(t *testing.T, k *killer, round, kills int) int {
	t.Helper()
	begun := time.Now()
	over, quiet := make(chan struct{}), make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		defer close(quiet)
		g.round(ctx, over)
	}()
	k.hunt(t, g, kills)
	close(over)
	late := time.AfterFunc(patience, cancel) // whoever has no answer by then never gets one
	defer late.Stop()
	<-quiet
	ctx = t.Context()
	g.s.ready(ctx)
	g.settled(ctx)
	return k.kills(begun)
}

// folder keeps its content when the test fails, for whoever looks for why.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "linli-chaos-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() || os.Getenv("CHAOS_LOG") != "" {
			t.Logf("the processes' logs are in %s", dir)
			return
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func number(t *testing.T, name string, usual uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return usual
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}
