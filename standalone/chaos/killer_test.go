package chaos_test

import (
	"context"
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

// point is a line a process may be told to die at, at the latest the so-manieth
// time it passes: where it passes once in a while, the first time.
type point struct {
	name   string
	passes int
	late   bool // nobody comes there before a notice has stood for its days
}

var points = map[string][]point{
	"api": {
		{name: "operation.stored", passes: 3}, {name: "operation.answered", passes: 3}, // before the case hears of it, and after everybody has
		{name: "update.before", passes: 3}, {name: "update.after", passes: 3},
		{name: "redeliver.claimed", passes: 1}, {name: "redeliver.sent", passes: 1},
	},
	"worker": {
		{name: "journal.written", passes: 3}, {name: "journal.committed", passes: 3}, // before and after the commit of a step
		{name: "pay.before", passes: 1}, {name: "pay.after", passes: 1}, // the bank has answered, nobody knows
		{name: "settle.before", passes: 1}, {name: "settle.after", passes: 1}, // the history knows, the ledger does not
		{name: "publish.before", passes: 1}, {name: "publish.after", passes: 1},
		{name: "hold.before", passes: 1}, {name: "hold.after", passes: 1}, // the space is held, the case does not know
		{name: "free.before", passes: 1}, {name: "free.after", passes: 1},
		{name: "call.before", passes: 1}, {name: "call.after", passes: 1}, // the list is closed, the call does not know
		{name: "contract.drawn", passes: 1, late: true}, {name: "contract.sealed", passes: 2, late: true}, // bytes without a row
		{name: "share.before", passes: 1, late: true}, {name: "share.after", passes: 1, late: true}, // the ledger knows, the engagement does not
	},
}

// killer decides, from one seed, who dies when and where.
type killer struct {
	mu       sync.Mutex
	dice     map[string]*rand.Rand
	armed    bool // people are playing: lives may have a point to die at
	overtime bool // enough were killed, but not at every point
	calm     bool // the bank was killed and has forgotten its bad days
	deaths   []death
	decks    map[string][]point // points that have not had their turn
}

func newKiller(seed uint64) *killer {
	k := &killer{dice: map[string]*rand.Rand{}, decks: map[string][]point{}}
	for _, who := range []string{"api", "worker", "temporal", "bank", "postgres", "killer"} {
		hash := fnv.New64a()
		_, _ = hash.Write([]byte(who)) // never fails, by its documentation
		k.dice[who] = rand.New(rand.NewPCG(seed, hash.Sum64()))
	}
	return k
}

func (k *killer) arm(armed, overtime bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.armed, k.overtime = armed, overtime
}

func (k *killer) life(process string) life {
	k.mu.Lock()
	defer k.mu.Unlock()
	dice := k.dice[process]
	l := life{pause: time.Duration(dice.IntN(1500)) * time.Millisecond}
	if k.armed && len(points[process]) > 0 && dice.IntN(10) < k.likely(process) {
		at := k.deal(process)
		l.point = fmt.Sprintf("%s:%d", at.name, 1+dice.IntN(at.passes))
	}
	return l
}

// likely is how many of ten lives are told where to die: most of them while
// nobody has died at some point of theirs, and none any more when only points of
// others are waited for.
func (k *killer) likely(process string) int {
	missed := k.missed()
	switch {
	case slices.ContainsFunc(points[process], func(p point) bool { return slices.Contains(missed, p.name) }):
		return 9
	case k.overtime:
		return 0
	}
	return 5
}

// deal names the next point of a shuffled deck, those nobody has died at yet
// first, and of these those that are reached early: every point comes up
// equally often.
func (k *killer) deal(process string) point {
	deck := k.decks[process]
	if len(deck) == 0 {
		deck = slices.Clone(points[process])
		k.dice[process].Shuffle(len(deck), func(i, j int) { deck[i], deck[j] = deck[j], deck[i] })
	}
	missed := k.missed()
	next := slices.IndexFunc(deck, func(p point) bool { return slices.Contains(missed, p.name) && !p.late })
	if next < 0 {
		next = max(0, slices.IndexFunc(deck, func(p point) bool { return slices.Contains(missed, p.name) }))
	}
	dealt := deck[next]
	k.decks[process] = slices.Delete(deck, next, next+1)
	return dealt
}

// died remembers a death. A point nobody died at although it was meant comes up
// again.
func (k *killer) died(d death) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.deaths = append(k.deaths, d)
	meant, _, _ := strings.Cut(d.meant, ":")
	if i := slices.IndexFunc(points[d.process], func(p point) bool { return p.name == meant }); i >= 0 && d.point == "" {
		k.decks[d.process] = append(k.decks[d.process], points[d.process][i])
	}
	k.calm = k.calm || d.process == "bank"
}

// missing are the points nobody has died at in the whole run.
func (k *killer) missing() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.missed()
}

func (k *killer) missed() (missed []string) {
	reached := map[string]bool{}
	for _, d := range k.deaths {
		name, _, _ := strings.Cut(d.point, ":")
		reached[name] = true
	}
	for _, process := range slices.Sorted(maps.Keys(points)) {
		for _, point := range points[process] {
			if !reached[point.name] {
				missed = append(missed, point.name)
			}
		}
	}
	return missed
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

// hunt kills at random moments until there were so many deaths and somebody has
// died at every point. Mostly it waits for the system to be at work again, since
// nothing is lost where nothing is done; sometimes it kills what has not even
// come up. A system that is no longer at work at all fails the test.
func (k *killer) hunt(t testing.TB, g *game, wanted int) {
	t.Helper()
	k.arm(true, false)
	defer k.arm(false, false)
	begun, dice := time.Now(), k.dice["killer"]
	for enough := false; !enough && !t.Failed(); enough = k.kills(begun) >= wanted && len(k.missing()) == 0 {
		hasty := dice.IntN(8) == 0
		rest := time.Duration(100+dice.IntN(1200)) * time.Millisecond
		for since := time.Now(); time.Since(since) < rest || !hasty && !g.oracle.progress(k.last()); time.Sleep(50 * time.Millisecond) {
			if time.Since(since) > patience {
				t.Errorf("nobody could do anything for %s although nobody was killed:\n%s", patience, g.s.diagnosis())
				return
			}
		}
		if k.kills(begun) >= wanted+2*killsOfARound {
			t.Errorf("%d were killed and nobody at %v", k.kills(begun), k.missing())
			return
		}
		overtime := k.kills(begun) >= wanted
		if k.arm(true, overtime); !overtime || !k.nudge(g.s) {
			k.strike(t, g, dice)
		}
		k.enrage(t.Context(), g)
	}
}

// nudge kills whoever is not going to die at a missing point, so that the next
// life may; it reports whether it had anything to say.
func (k *killer) nudge(s *system) bool {
	missing := k.missing()
	for _, p := range []*process{s.api, s.worker} {
		ours := slices.ContainsFunc(points[p.name], func(p point) bool { return slices.Contains(missing, p.name) })
		if ours && !p.due(missing, time.Minute) {
			p.kill()
			return true
		}
	}
	return len(missing) > 0
}

func (k *killer) strike(t testing.TB, g *game, dice *rand.Rand) {
	t.Helper()
	switch who := dice.IntN(100); {
	case who < 40:
		k.spare(g.s.worker, dice)
	case who < 70:
		k.spare(g.s.api, dice)
	case who < 82:
		g.s.temporal.kill()
	case who < 88:
		g.s.bank.kill()
	default:
		g.s.postgres.kill(t, time.Duration(dice.IntN(1500))*time.Millisecond)
	}
}

// enrage gives a new bank its bad days, once it is up.
func (k *killer) enrage(ctx context.Context, g *game) {
	k.mu.Lock()
	calm := k.calm
	k.calm = false
	k.mu.Unlock()
	if calm && g.s.badDays(ctx, g.seed) != nil { // it is not up yet
		k.mu.Lock()
		k.calm = true
		k.mu.Unlock()
	}
}

// spare leaves most lives the time to die where they were told to, and more of
// it where nobody has died yet.
func (k *killer) spare(p *process, dice *rand.Rand) {
	if !p.due(k.missing(), 25*time.Second) && (!p.due(nil, 8*time.Second) || dice.IntN(3) == 0) {
		p.kill()
	}
}

// summary counts deaths by process and by point, and tells how soon after a
// kill of each kind an act was accepted again.
func (k *killer) summary(since time.Time, taken []time.Time) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	count, waits, points, gaveUp := map[string]int{}, map[string][]time.Duration{}, map[string]int{}, 0
	for _, d := range k.deaths {
		switch {
		case d.at.Before(since):
			continue
		case !d.killed:
			gaveUp++
			continue
		case d.point != "":
			point, _, _ := strings.Cut(d.point, ":")
			points[point]++
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
	fmt.Fprintf(&text, "; gave up %d; at points", gaveUp)
	for _, point := range slices.Sorted(maps.Keys(points)) {
		fmt.Fprintf(&text, " %s %d", point, points[point])
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
