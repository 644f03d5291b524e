package sandbox_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"linli/bank"
	"linli/bank/sandbox"
)

// model is what the customer knows: for each key the order first handed in and
// the last receipt it was shown.
type model struct {
	*world
	orders map[string]bank.Order
	shown  map[string]bank.Receipt
	clock  *atomic.Int64
	hasty  *bank.Client
	dir    string
}

// Any interleaving of paying, querying, faults, passing time, restarts and torn
// writes books a key at most once, never takes back what a receipt said, and
// keeps the sums.
func TestAnyInterleavingBooksAKeyAtMostOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := newModel(rt)
		defer func() { m.close(); os.RemoveAll(m.dir) }()
		rt.Repeat(map[string]func(*rapid.T){
			"pay":       m.pay,
			"query":     m.query,
			"misbehave": m.misbehave,
			"time":      func(rt *rapid.T) { m.clock.Add(rapid.Int64Range(1, 20).Draw(rt, "seconds") * int64(time.Second)) },
			"restart":   func(*rapid.T) { m.restart() },
			"tear":      m.tear,
			"":          m.check,
		})
	})
}

func newModel(rt *rapid.T) *model {
	dir, err := os.MkdirTemp("", "bank")
	if err != nil {
		rt.Fatal(err)
	}
	m := &model{orders: map[string]bank.Order{}, shown: map[string]bank.Receipt{}, clock: &atomic.Int64{}, dir: dir}
	start := time.Date(2025, 6, 2, 9, 0, 0, 0, time.UTC)
	now := func() time.Time { return start.Add(time.Duration(m.clock.Load())) }
	m.world = open(rt, sandbox.Config{BookPath: filepath.Join(dir, "book.jsonl"), Now: now})
	m.client = m.clientWith(bank.Config{Timeout: 5 * time.Second, Now: now})
	m.hasty = m.clientWith(bank.Config{Timeout: 20 * time.Millisecond, Now: now})
	return m
}

func drawKey(rt *rapid.T) string {
	return fmt.Sprintf("case-%d/payout/1", rapid.IntRange(1, 3).Draw(rt, "case"))
}

func (m *model) pay(rt *rapid.T) {
	order := orderOf(drawKey(rt))
	order.Amount = int64(rapid.SampledFrom([]int{880_000, 880_000, 880_000, 990_000}).Draw(rt, "fen"))
	receipt, err := m.hasty.Pay(rt.Context(), order)
	first, booked := m.booked(order.Key)
	switch {
	case err == nil:
		m.believe(rt, receipt)
		if !booked || first.Digest() != order.Digest() {
			rt.Fatalf("a receipt for an order that is not the booked one: %+v", receipt)
		}
	case bank.KindOf(err) == bank.KeyReused:
		if !booked || first.Digest() == order.Digest() {
			rt.Fatalf("the booked order itself was refused: %v", err)
		}
	case bank.KindOf(err) != bank.OutcomeUnknown:
		rt.Fatal(err)
	}
}

// booked tells which order the book holds under a key, and that it never changes.
func (m *model) booked(key string) (bank.Order, bool) {
	for _, amount := range []int64{880_000, 990_000} {
		order := orderOf(key)
		order.Amount = amount
		for _, payment := range wantBalanced(m.t, m.client).Payments {
			if payment.Digest != order.Digest() {
				continue
			}
			if first, ok := m.orders[key]; ok && first != order {
				m.t.Fatalf("the order under %s changed", key)
			}
			m.orders[key] = order
			return order, true
		}
	}
	return bank.Order{}, false
}

func (m *model) query(rt *rapid.T) {
	key := drawKey(rt)
	receipt, err := m.client.Query(rt.Context(), key)
	if err != nil {
		rt.Fatal(err)
	}
	if receipt.Status == bank.Unknown {
		if last, ok := m.shown[key]; ok {
			rt.Fatalf("forgotten: %+v", last)
		}
		return
	}
	m.believe(rt, receipt)
}

// believe compares a receipt with the last one shown for its key.
func (m *model) believe(rt *rapid.T, receipt bank.Receipt) {
	last, ok := m.shown[receipt.Key]
	if ok && (last.BankReference != receipt.BankReference || last.Amount != receipt.Amount) {
		rt.Fatalf("%+v became %+v", last, receipt)
	}
	if ok && last.Status.Final() && last != receipt {
		rt.Fatalf("the final %+v became %+v", last, receipt)
	}
	m.shown[receipt.Key] = receipt
}

func (m *model) misbehave(rt *rapid.T) {
	faults := rapid.SampledFrom([]sandbox.Fault{sandbox.None, sandbox.Error, sandbox.Reset, sandbox.Hang})
	behaviour := sandbox.Behaviour{
		Before: faults.Draw(rt, "before"), After: faults.Draw(rt, "after"),
		Refuse:     rapid.SampledFrom([]string{"", "", "退票"}).Draw(rt, "refuse"),
		Processing: sandbox.Duration(rapid.IntRange(0, 2).Draw(rt, "processing")) * sandbox.Duration(15*time.Second),
	}
	m.behave(sandbox.Program{Queue: []sandbox.Behaviour{behaviour, behaviour}})
}

// tear is a crash in the middle of a write that nobody was told of.
func (m *model) tear(rt *rapid.T) {
	if err := m.bank.Close(); err != nil {
		rt.Fatal(err)
	}
	file, err := os.OpenFile(m.config.BookPath, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		rt.Fatal(err)
	}
	torn := `{"seq":1,"kind":"received","key":"case-1/payout/1"}`
	_, err = file.WriteString(torn[:rapid.IntRange(1, len(torn)).Draw(rt, "bytes")])
	if err := file.Close(); err != nil {
		rt.Fatal(err)
	}
	if err != nil {
		rt.Fatal(err)
	}
	m.start()
}

func (m *model) check(rt *rapid.T) {
	wantBalanced(rt, m.client)
	for i := range 3 {
		key := fmt.Sprintf("case-%d/payout/1", i+1)
		taken, moved := m.bookings(key)
		last := m.shown[key]
		if taken > 1 || moved > taken || last.Status == bank.Succeeded && moved != 1 || last.Status == bank.Refused && moved != 0 {
			rt.Fatalf("%s: taken %d times, moved money %d times, last shown %+v", key, taken, moved, last)
		}
	}
}
