package funduse_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"linli/approval"
	"linli/approval/funduse"
)

// orders calls each with every order of the events.
func orders(events []string, each func(order []string)) {
	var permute func(n int)
	permute = func(n int) {
		if n == 1 {
			each(slices.Clone(events))
			return
		}
		for i := range n {
			permute(n - 1)
			j := 0
			if n%2 == 0 {
				j = i
			}
			events[j], events[n-1] = events[n-1], events[j]
		}
	}
	permute(len(events))
}

// TestEveryOrderOfSixActsEndsAlike has six people come in each of the 720
// orders. Whoever comes too early is told so and comes again: the same six
// acts are taken, the vote says the same, the money leaves once.
func TestEveryOrderOfSixActsEndsAlike(t *testing.T) {
	t.Parallel()
	begin := start()
	begin.Parameters.Committee.QuorumNum = 1
	begin.Parameters.Committee.QuorumDen = 1 // the verdict needs all three ballots, whatever they say
	seen := map[string]int{}
	orders([]string{"m1 approve", "m2 approve", "m3 reject", "c1 approve", "k1 approve", "q1 approve"}, func(order []string) {
		p := newPlay(t, begin)
		p.watch = p.observe
		p.run()
		waiting := slices.Clone(order)
		for range order {
			waiting = slices.DeleteFunc(waiting, func(line string) bool {
				taken := p.offer(line) == nil
				p.run()
				return taken
			})
		}
		if len(waiting) > 0 || p.s.Payment.Status != funduse.Paid || p.s.Stage != funduse.NoticeAfter {
			t.Fatalf("%v: %v never taken, payment %q at %s", order, waiting, p.s.Payment.Status, p.s.Stage)
		}
		if p.sent != 1 || p.settled != 1 || p.reserved != 1 || p.released != 0 || p.s.Verdict.For != 2 || p.s.Verdict.Against != 1 {
			t.Fatalf("%v: sent %d, settled %d, reserved %d, released %d, %+v", order, p.sent, p.settled, p.reserved, p.released, p.s.Verdict)
		}
		seen[fmt.Sprint(order)]++
	})
	if len(seen) != 720 {
		t.Errorf("%d orders were played", len(seen))
	}
}

// TestEveryOrderOfRivalEventsKeepsTheInvariants lets acts and the clock compete
// in each of the 720 orders, once with the workflow acting after every event
// and once with all of them arriving before it acts. What is taken depends on
// the order here; that the case stays sound does not.
func TestEveryOrderOfRivalEventsKeepsTheInvariants(t *testing.T) {
	t.Parallel()
	for name, events := range map[string][]string{
		"a ballot and a recusal of one person, the clock": {"m1 approve", "m1 recuse", "m2 approve", "m3 reject", "r1 reject", "tick"},
		"a vote, the deadline and an end from outside":    {"m1 approve", "m2 reject", "m3 approve", "tick", "tick", "a1 terminate"},
		"charity, cashier and checker against withdrawal": {"m1 approve", "m2 approve", "c1 approve", "k1 approve", "q1 approve", "h1 withdraw"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ends := map[string]int{}
			for _, atOnce := range []bool{true, false} {
				orders(slices.Clone(events), func(order []string) {
					p := newPlay(t, start())
					p.roster = rosterOf("m1 m2 m3 +r1")
					p.watch = p.observe
					p.run()
					for _, line := range order {
						_ = p.offer(line) // refused or not is the case's business
						if atOnce {
							p.run()
						}
					}
					p.run()
					if p.s.Ended() && p.s.Reserved {
						t.Fatalf("%v: ended %s and still holds the money", order, p.s.Status)
					}
					if withdrawn := slices.ContainsFunc(p.s.Acts, func(a approval.Accepted) bool { return a.Action == approval.Withdraw }); withdrawn && p.sent > 0 {
						t.Fatalf("%v: withdrawn and paid", order)
					}
					ends[fmt.Sprint(p.s.Status, " at ", p.s.Stage)]++
				})
			}
			t.Logf("ends: %v", ends)
			if len(ends) < 2 {
				t.Errorf("every order ended alike, %v: the events do not compete", ends)
			}
		})
	}
}

// TestAHundredThousandSequences plays short random sequences of what people and
// the clock do on the way of the money, the workflow acting after most of them.
// The invariants are looked at on every change; TestWhateverAnybodyDoes plays
// fewer and whole courses.
func TestAHundredThousandSequences(t *testing.T) {
	t.Parallel()
	straight := []string{"m1 approve", "m2 approve", "m3 approve", "c1 approve", "k1 approve", "q1 approve"}
	detours := []string{
		"m1 reject", "m1 recuse", "m1 abstain", "m2 reject", "m3 reject", "r1 approve", "r1 reject", "c1 reject", "c1 return",
		"k1 return", "k1 reject", "q1 return", "q1 reject", "h1 correct", "h1 withdraw", "a1 terminate", "tick", "tick",
	}
	seed := rand.Uint64()
	dice := rand.New(rand.NewPCG(seed, 0))
	var played []string
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("seed %d, sequence %q", seed, played)
		}
	})
	ends := map[string]int{}
	for range 100_000 {
		p := newPlay(t, start())
		p.quick, p.watch, p.roster, played = true, p.observe, rosterOf("m1 m2 m3 +r1"), nil
		p.run()
		for range 8 + dice.IntN(9) {
			events := straight
			if dice.IntN(4) == 0 {
				events = detours
			}
			line := events[dice.IntN(len(events))]
			played = append(played, line)
			_ = p.offer(line) // refused or not is the case's business
			if dice.IntN(4) > 0 {
				p.run()
			}
		}
		p.run()
		if p.s.Ended() && p.s.Reserved {
			t.Fatalf("ended %s and still holds the money", p.s.Status)
		}
		ends[fmt.Sprint(p.s.Status, " at ", p.s.Stage)]++
		ends[fmt.Sprint("payment ", p.s.Payment.Status)]++
	}
	t.Logf("ends: %v", ends)
	if len(ends) < 10 || ends["payment "+string(funduse.Paid)] < 1000 {
		t.Errorf("hardly anything happens: %v", ends)
	}
}

// offer plays one line as it comes; nil if it was taken.
func (p *play) offer(line string) error {
	words := strings.Fields(line)
	if words[0] == "tick" {
		p.tick()
		return nil
	}
	return p.take(p.act(words[0], approval.Action(words[1]), words[2:]))
}
