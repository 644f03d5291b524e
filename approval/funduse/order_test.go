package funduse_test

import (
	"fmt"
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

// offer plays one line as it comes; nil if it was taken.
func (p *play) offer(line string) error {
	words := strings.Fields(line)
	if words[0] == "tick" {
		p.tick()
		return nil
	}
	return p.take(p.act(words[0], approval.Action(words[1]), words[2:]))
}
