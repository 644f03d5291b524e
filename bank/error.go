package bank

import (
	"errors"
	"fmt"
	"strings"
)

// Kind says what a call without a receipt means for the payment.
type Kind string

// Only OutcomeUnknown may be repeated as it stands. The other kinds are about
// this call: they never prove that an earlier call under the same key did not
// pay, so ask Query before giving an order up.
const (
	OutcomeUnknown Kind = "outcome_unknown" // timeout, lost connection, 5xx, foreign answer: repeat or query the SAME key
	BadSignature   Kind = "bad_signature"   // wrong secret, altered message, or a clock off by more than Window
	KeyReused      Kind = "key_reused"      // the bank holds another order under this key
	InvalidOrder   Kind = "invalid_order"   // the order is malformed; nothing was sent, or the bank did not take it
	BadReceipt     Kind = "bad_receipt"     // an answer for another key or amount, or lacking what it promises: a person must look
)

// Error is a call to the bank, or a callback from it, that brought no receipt.
type Error struct {
	Kind       Kind
	Doing      string // a gerund: paying, querying …
	Key        string // may be empty
	HTTPStatus int    // 0 if no answer came
	Detail     string // the bank's own words, shortened; may be empty
	Err        error  // the cause on this side; may be nil
}

// Error renders the call, the kind and the cause; it holds no account number.
func (e *Error) Error() string {
	parts := []string{strings.TrimSpace(e.Doing + " " + e.Key), string(e.Kind)}
	if e.HTTPStatus != 0 {
		parts = append(parts, fmt.Sprintf("HTTP %d", e.HTTPStatus))
	}
	if e.Detail != "" {
		parts = append(parts, e.Detail)
	}
	if e.Err != nil {
		parts = append(parts, e.Err.Error())
	}
	return strings.Join(parts, ": ")
}

// Unwrap gives the cause, such as context.DeadlineExceeded.
func (e *Error) Unwrap() error { return e.Err }

// Retryable tells whether the same call under the same key can bring a receipt.
func (e *Error) Retryable() bool { return e.Kind == OutcomeUnknown }

// KindOf returns the kind inside err, or "" if the error is not of this package.
func KindOf(err error) Kind {
	var failure *Error
	if errors.As(err, &failure) {
		return failure.Kind
	}
	return ""
}

// Problem is the bank's refusal of a call, as application/problem+json. It is
// never a refusal of a payment: that is a Receipt.
type Problem struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// The codes of a Problem. Any other code, and any of these on a 5xx, leaves the
// outcome unknown.
const (
	CodeBadSignature = "bad_signature"
	CodeReplayed     = "replayed" // the nonce was used before: sign afresh and repeat
	CodeKeyReused    = "key_reused"
	CodeInvalidOrder = "invalid_order"
	CodeUnknownKey   = "unknown_key"
	CodeUnavailable  = "unavailable"
)

var kindOfCode = map[string]Kind{
	CodeBadSignature: BadSignature,
	CodeKeyReused:    KeyReused,
	CodeInvalidOrder: InvalidOrder,
}
