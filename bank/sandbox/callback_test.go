package sandbox_test

import (
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"linli/bank"
	"linli/bank/sandbox"
)

func jsonLog(w io.Writer) *slog.Logger { return slog.New(slog.NewJSONHandler(w, nil)) }

func (w *world) untilNotified(t *testing.T) {
	t.Helper()
	eventually(t, "the final callback is noted", func() bool { return strings.Contains(w.bookText(), `"kind":"notified"`) })
}

func TestCallbacks(t *testing.T) {
	soon := sandbox.Duration(150 * time.Millisecond)
	for name, c := range map[string]struct {
		manner sandbox.Behaviour
		refuse int // calls the customer turns away first
		want   []bank.Status
	}{
		"one":          {sandbox.Behaviour{}, 0, []bank.Status{bank.Succeeded}},
		"refusal":      {sandbox.Behaviour{Refuse: "退票"}, 0, []bank.Status{bank.Refused}},
		"retried":      {sandbox.Behaviour{}, 4, []bank.Status{bank.Succeeded}},
		"two":          {sandbox.Behaviour{Processing: soon}, 0, []bank.Status{bank.Processing, bank.Succeeded}},
		"doubled":      {sandbox.Behaviour{Callback: sandbox.CallbackManner{Copies: 2}}, 0, []bank.Status{bank.Succeeded, bank.Succeeded, bank.Succeeded}},
		"out of order": {sandbox.Behaviour{Processing: soon, Callback: sandbox.CallbackManner{Reorder: true}}, 0, []bank.Status{bank.Succeeded, bank.Processing}},
		"late":         {sandbox.Behaviour{Callback: sandbox.CallbackManner{Delay: soon}}, 0, []bank.Status{bank.Succeeded}},
	} {
		t.Run(name, func(t *testing.T) {
			customer := newCustomer(t, c.refuse)
			w := newWorldWith(t, sandbox.Config{CallbackURL: customer.url, Program: sandbox.Program{Default: c.manner}})
			paid, err := w.client.Pay(t.Context(), orderOf(key))
			if err != nil {
				t.Fatal(err)
			}
			w.untilNotified(t)
			if got := customer.statuses(); !slices.Equal(got, c.want) {
				t.Errorf("called back %v, want %v", got, c.want)
			}
			customer.wantNoFaults(t)
			for _, receipt := range customer.receipts() {
				if err := receipt.Matches(orderOf(key)); err != nil || receipt.BankReference != paid.BankReference {
					t.Errorf("%+v does not fit %+v: %v", receipt, paid, err)
				}
			}
		})
	}
}

func TestADroppedCallbackNeverComesNotEvenAfterARestart(t *testing.T) {
	customer := newCustomer(t, 0)
	w := newWorldWith(t, sandbox.Config{CallbackURL: customer.url})
	w.behave(sandbox.Program{Queue: []sandbox.Behaviour{{Callback: sandbox.CallbackManner{Drop: true}}}})
	if _, err := w.client.Pay(t.Context(), orderOf(key)); err != nil {
		t.Fatal(err)
	}
	w.restart()
	// A second, undropped payment shows that callbacks do flow.
	if _, err := w.client.Pay(t.Context(), orderOf(key+"b")); err != nil {
		t.Fatal(err)
	}
	w.untilNotified(t)
	w.restart()
	if err := w.bank.Close(); err != nil {
		t.Fatal(err)
	}
	customer.wantNoFaults(t)
	if taken := customer.receipts(); len(taken) != 1 || taken[0].Key != key+"b" {
		t.Errorf("called back %+v", taken)
	}
}

func TestAnUnacknowledgedCallbackIsTakenUpAgainAfterARestart(t *testing.T) {
	customer := newCustomer(t, 3)
	w := newWorldWith(t, sandbox.Config{CallbackURL: customer.url, CallbackAttempts: 2})
	if _, err := w.client.Pay(t.Context(), orderOf(key)); err != nil {
		t.Fatal(err)
	}
	tried := func(n int) func() bool {
		return func() bool { customer.mu.Lock(); defer customer.mu.Unlock(); return customer.tries >= n }
	}
	eventually(t, "the bank gives up after two tries", tried(2))
	w.restart()
	w.untilNotified(t)
	if got := customer.statuses(); !slices.Equal(got, []bank.Status{bank.Succeeded}) {
		t.Errorf("called back %v", got)
	}
	w.restart()
	if err := w.bank.Close(); err != nil {
		t.Fatal(err)
	}
	if got := customer.statuses(); len(got) != 1 {
		t.Errorf("an acknowledged callback came again: %v", got)
	}
}
