package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"linli/bank"
)

const (
	shortestWait = 5 * time.Millisecond // so that a clock that stands still does not spin
	longestRetry = 30 * time.Second
)

// follow accompanies one booked payment to its end: settles it when due and
// calls back. After a restart it is taken up again, so a callback may come
// twice but an unacknowledged one is never forgotten.
func (b *Bank) follow(key string) {
	got, _, err := b.ledger.find(key, b.now())
	manner, processing := got.plan.Callback, got.processing()
	if err == nil && got.final == nil && !manner.Reorder {
		b.background(func() { b.notify(key, manner, processing) })
	}
	for err == nil && got.final == nil {
		if !b.wait(max(got.plan.DueAt.Sub(b.now()), shortestWait)) {
			return
		}
		got, _, err = b.ledger.find(key, b.now())
	}
	if err != nil {
		b.log.Error("the bank cannot settle", "key", key, "error", err)
		return
	}
	if !b.notify(key, manner, *got.final) {
		return
	}
	if manner.Reorder {
		b.notify(key, manner, processing)
	}
	if err := b.ledger.markNotified(key, b.now()); err != nil {
		b.log.Error("the bank cannot note a callback", "key", key, "error", err)
	}
}

// notify sends a receipt with its extra copies, each until acknowledged, and
// tells whether all were; false also when callbacks are off, dropped or given up.
func (b *Bank) notify(key string, manner CallbackManner, receipt bank.Receipt) bool {
	if b.config.CallbackURL == "" || manner.Drop || !b.wait(time.Duration(manner.Delay)) {
		return false
	}
	for range 1 + manner.Copies {
		if !b.sendUntilTaken(receipt) {
			b.log.Warn("gave a callback up", "key", key, "status", receipt.Status)
			return false
		}
	}
	return true
}

func (b *Bank) sendUntilTaken(receipt bank.Receipt) bool {
	pause := b.config.CallbackRetry
	for range b.config.CallbackAttempts {
		err := b.send(receipt)
		if err == nil {
			return true
		}
		b.log.Debug("a callback was not taken", "key", receipt.Key, "error", err)
		if !b.wait(pause) {
			return false
		}
		pause = min(2*pause, longestRetry)
	}
	return false
}

func (b *Bank) send(receipt bank.Receipt) error {
	body, err := json.Marshal(receipt)
	if err != nil {
		return fmt.Errorf("encoding a callback: %w", err)
	}
	request, err := http.NewRequestWithContext(b.life, http.MethodPost, b.config.CallbackURL, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("addressing a callback: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set(bank.KeyHeader, receipt.Key)
	if err := b.outgoing.Sign(request, body); err != nil {
		return err
	}
	response, err := b.caller.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return fmt.Errorf("the customer answered HTTP %d", response.StatusCode)
	}
	return nil
}
