package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"time"

	"linli/bank"
)

func (b *Bank) pay(w http.ResponseWriter, r *http.Request, body []byte) {
	order, problem := readOrder(r, body)
	if problem != nil {
		refuse(w, http.StatusBadRequest, bank.CodeInvalidOrder, problem.Error())
		return
	}
	manner := b.behaviour(Pay, order.Key)
	// Whether the caller still waits does not matter to a bank: only its own
	// shutdown ends the latency early, and then nothing is booked.
	if !b.wait(time.Duration(manner.Latency)) {
		refuse(w, http.StatusServiceUnavailable, bank.CodeUnavailable, "the bank is closing")
		return
	}
	if b.fail(w, r, manner.Before) {
		return
	}
	got, err := b.take(order, manner)
	if errors.Is(err, errKeyReused) {
		refuse(w, http.StatusConflict, bank.CodeKeyReused, err.Error())
		return
	}
	if err != nil {
		b.unavailable(w, err)
		return
	}
	if b.fail(w, r, manner.After) {
		return
	}
	answerReceipt(w, got.receipt())
}

func readOrder(r *http.Request, body []byte) (bank.Order, error) {
	var order bank.Order
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&order); err != nil {
		return bank.Order{}, errors.New("the body is not an order")
	}
	if decoder.More() {
		return bank.Order{}, errors.New("the body is more than one order")
	}
	if r.Header.Get(bank.KeyHeader) != order.Key {
		return bank.Order{}, errors.New("the Idempotency-Key header is not the order's key")
	}
	return order, order.Validate()
}

// take books the order unless its key is booked, and sees to its callbacks.
func (b *Bank) take(order bank.Order, manner Behaviour) (payment, error) {
	now := b.now()
	decide := func() plan {
		reason := b.standingRefusal(order)
		if reason == "" {
			reason = manner.Refuse
		}
		return plan{Refuse: reason, DueAt: now.Add(time.Duration(manner.Processing)), Callback: manner.Callback}
	}
	got, fresh, err := b.ledger.accept(order, decide, now)
	if err != nil {
		return payment{}, err
	}
	if fresh {
		b.log.Info("booked an order", "order", order, "status", got.receipt().Status, "reference", got.reference)
		b.background(func() { b.follow(order.Key) })
	}
	return got, nil
}

func (b *Bank) query(w http.ResponseWriter, r *http.Request, _ []byte) {
	key := r.PathValue("key")
	manner := b.behaviour(Query, key)
	if !b.wait(time.Duration(manner.Latency)) {
		refuse(w, http.StatusServiceUnavailable, bank.CodeUnavailable, "the bank is closing")
		return
	}
	if b.fail(w, r, manner.Before) {
		return
	}
	got, found, err := b.ledger.find(key, b.now())
	switch {
	case err != nil:
		b.unavailable(w, err)
	case !found:
		refuse(w, http.StatusNotFound, bank.CodeUnknownKey, "no order was received under this key")
	default:
		answerReceipt(w, got.receipt())
	}
}

func answerReceipt(w http.ResponseWriter, receipt bank.Receipt) {
	status := http.StatusOK
	if !receipt.Status.Final() {
		status = http.StatusAccepted
	}
	answer(w, status, receipt)
}

func (b *Bank) unavailable(w http.ResponseWriter, err error) {
	b.log.Error("the bank cannot work", "error", err)
	refuse(w, http.StatusServiceUnavailable, bank.CodeUnavailable, "the bank cannot work at present")
}

// fail plays a fault and tells whether the request is over.
func (b *Bank) fail(w http.ResponseWriter, r *http.Request, fault Fault) bool {
	switch fault {
	case Error:
		http.Error(w, "upstream connect error or disconnect/reset before headers", http.StatusServiceUnavailable)
	case Reset:
		reset(w)
	case Hang:
		select {
		case <-r.Context().Done():
		case <-b.life.Done():
		}
		reset(w)
	default:
		return false
	}
	return true
}

// reset drops the connection without an answer, with RST where it is TCP.
func reset(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}
