package chaos_test

import (
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// points are the places a process may be told to die at.
var points = map[string][]string{
	"api":    {"operation.stored", "operation.answered", "update.before", "update.after", "redeliver.claimed", "redeliver.sent"},
	"worker": {"journal.written", "journal.committed", "pay.before", "pay.after", "settle.before", "settle.after", "publish.before", "publish.after"},
}

// killer decides, from one seed, who dies when and where.
type killer struct {
	mu     sync.Mutex
	dice   map[string]*rand.Rand
	armed  bool // people are playing: lives may have a place to die at
	deaths []death
	decks  map[string][]string // places that have not had their turn
}

func newKiller(seed uint64) *killer {
	k := &killer{dice: map[string]*rand.Rand{}, decks: map[string][]string{}}
	for _, who := range []string{"api", "worker", "temporal", "bank", "postgres", "killer"} {
		hash := fnv.New64a()
		_, _ = hash.Write([]byte(who)) // never fails, by its documentation
		k.dice[who] = rand.New(rand.NewPCG(seed, hash.Sum64()))
	}
	return k
}

func (k *killer) arm(armed bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.armed = armed
}

func (k *killer) life(process string) life {
	k.mu.Lock()
	defer k.mu.Unlock()
	dice := k.dice[process]
	l := life{pause: time.Duration(dice.IntN(2000)) * time.Millisecond}
	if k.armed && len(points[process]) > 0 && dice.IntN(10) < 9 {
		l.point = fmt.Sprintf("%s:%d", k.deal(process), 1+dice.IntN(3))
	}
	return l
}

// deal names the next place of a shuffled deck: every place comes up equally
// often.
func (k *killer) deal(process string) string {
	if len(k.decks[process]) == 0 {
		k.decks[process] = slices.Clone(points[process])
		k.dice[process].Shuffle(len(k.decks[process]), func(i, j int) {
			deck := k.decks[process]
			deck[i], deck[j] = deck[j], deck[i]
		})
	}
	place := k.decks[process][0]
	k.decks[process] = k.decks[process][1:]
	return place
}

func (k *killer) died(d death) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.deaths = append(k.deaths, d)
}

// kills counts the deaths by SIGKILL since a moment.
func (k *killer) kills(since time.Time) int {
	k.mu.Lock()
	defer k.mu.Unlock()
	n := 0
	for _, d := range k.deaths {
		if d.killed && d.at.After(since) {
			n++
		}
	}
	return n
}

// last is when somebody died by SIGKILL.
func (k *killer) last() (at time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, d := range k.deaths {
		if d.killed {
			at = d.at
		}
	}
	return at
}

// hunt kills at random moments until there were so many deaths. Mostly it
// waits for the system to be at work again, since nothing is lost where
// nothing is done; sometimes it kills what has not even come up.
func (k *killer) hunt(t testing.TB, g *game, wanted int) {
	t.Helper()
	k.arm(true)
	defer k.arm(false)
	begun, dice := time.Now(), k.dice["killer"]
	for k.kills(begun) < wanted {
		select {
		case <-t.Context().Done():
			return
		case <-time.After(time.Duration(200+dice.IntN(1800)) * time.Millisecond):
		}
		if last := k.last(); !g.oracle.progress(last) && time.Since(last) < 15*time.Second && dice.IntN(8) > 0 {
			continue
		}
		k.strike(t, g.s, dice)
	}
}

func (k *killer) strike(t testing.TB, s *system, dice *rand.Rand) {
	t.Helper()
	switch who := dice.IntN(100); {
	case who < 42:
		spare(s.worker, dice)
	case who < 74:
		spare(s.api, dice)
	case who < 87:
		s.temporal.kill()
	default:
		s.postgres.kill(t, time.Duration(dice.IntN(2000))*time.Millisecond)
	}
}

// spare leaves most lives the time to die where they were told to.
func spare(p *process, dice *rand.Rand) {
	if !p.due() || dice.IntN(3) == 0 {
		p.kill()
	}
}

// summary counts deaths by process and by place, and tells how soon after a
// kill of each kind an act was accepted again.
func (k *killer) summary(since time.Time, taken []time.Time) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	count, waits, places, gaveUp := map[string]int{}, map[string][]time.Duration{}, map[string]int{}, 0
	for _, d := range k.deaths {
		switch {
		case d.at.Before(since):
			continue
		case !d.killed:
			gaveUp++
			continue
		case d.point != "":
			place, _, _ := strings.Cut(d.point, ":")
			places[place]++
		}
		count[d.process]++
		if i, _ := slices.BinarySearchFunc(taken, d.at, time.Time.Compare); i < len(taken) {
			waits[d.process] = append(waits[d.process], taken[i].Sub(d.at))
		}
	}
	var text strings.Builder
	for _, process := range slices.Sorted(maps.Keys(count)) {
		slices.Sort(waits[process])
		fmt.Fprintf(&text, " %s %d (next act after %s)", process, count[process], spread(waits[process]))
	}
	fmt.Fprintf(&text, "; gave up %d; at places", gaveUp)
	for _, place := range slices.Sorted(maps.Keys(places)) {
		fmt.Fprintf(&text, " %s %d", place, places[place])
	}
	return text.String()
}

// spread is the median and the longest of sorted durations.
func spread(sorted []time.Duration) string {
	if len(sorted) == 0 {
		return "none"
	}
	return fmt.Sprintf("median %.1fs, most %.1fs", sorted[len(sorted)/2].Seconds(), sorted[len(sorted)-1].Seconds())
}
