package sandbox

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"time"
)

// Nasty draws a bad day from a seed: what happens to the n-th request for a key
// depends on seed, key and n alone, so a run repeats whatever the scheduling.
type Nasty struct {
	Seed          uint64   `json:"seed"`
	Chance        int      `json:"chance"`                 // percent, of each single nastiness
	RefuseChance  int      `json:"refuseChance"`           // percent, of a refusal on first booking
	MaxLatency    Duration `json:"maxLatency,omitzero"`    // 0 means no latency
	MaxProcessing Duration `json:"maxProcessing,omitzero"` // 0 means settled at once
	CalmAfter     int      `json:"calmAfter"`              // requests per key and operation after which it behaves; 0 means 5
}

func (n Nasty) draw(on Operation, key string, attempt int) Behaviour {
	calmAfter := n.CalmAfter
	if calmAfter == 0 {
		calmAfter = 5
	}
	if attempt > calmAfter {
		return Behaviour{}
	}
	hash := fnv.New64a()
	fmt.Fprintf(hash, "%s\n%s\n%d", on, key, attempt)
	dice := rand.New(rand.NewPCG(n.Seed, hash.Sum64()))
	hit := func(percent int) bool { return dice.IntN(100) < percent }
	fault := func() Fault {
		if !hit(n.Chance) {
			return None
		}
		return []Fault{Error, Reset, Hang}[dice.IntN(3)]
	}
	span := func(most Duration) Duration {
		if most <= 0 || !hit(n.Chance) {
			return 0
		}
		return Duration(dice.Int64N(int64(most)) + 1)
	}
	drawn := Behaviour{Latency: span(n.MaxLatency), Before: fault(), After: fault(), Processing: span(n.MaxProcessing)}
	if hit(n.RefuseChance) {
		drawn.Refuse = "账户状态异常，已退回"
	}
	drawn.Callback = CallbackManner{Drop: hit(n.Chance), Reorder: hit(n.Chance), Delay: span(Duration(time.Second))}
	if hit(n.Chance) {
		drawn.Callback.Copies = 1 + dice.IntN(3)
	}
	return drawn
}
