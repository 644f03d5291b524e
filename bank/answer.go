package bank

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// answer is what came back from one call: a fault of the way (err), or a
// status and a body.
type answer struct {
	asked  call
	status int
	body   []byte
	err    error
}

func (a answer) failure(kind Kind, cause error) *Error {
	return &Error{Kind: kind, Doing: a.asked.doing, Key: a.asked.key, HTTPStatus: a.status, Err: cause}
}

// problem is the bank's own refusal of the call; its code is empty where the
// answer is not in the bank's format, as from a proxy.
func (a answer) problem() Problem {
	var problem Problem
	if err := json.Unmarshal(a.body, &problem); err != nil {
		return Problem{}
	}
	return problem
}

// definite returns nil for an answer that must hold what was asked for. Only
// the bank's own words on a 4xx are a definite no; all else proves nothing.
func (a answer) definite() error {
	if a.err != nil {
		return a.failure(OutcomeUnknown, a.err)
	}
	if a.status == http.StatusOK || a.status == http.StatusAccepted {
		return nil
	}
	problem := a.problem()
	kind := OutcomeUnknown
	if named, ok := kindOfCode[problem.Code]; ok && a.status >= 400 && a.status < 500 {
		kind = named
	}
	failure := a.failure(kind, nil)
	failure.Detail = shorten(problem.Detail)
	return failure
}

func (a answer) receipt() (Receipt, error) {
	if err := a.definite(); err != nil {
		return Receipt{}, err
	}
	var receipt Receipt
	if err := json.Unmarshal(a.body, &receipt); err != nil {
		return Receipt{}, a.failure(OutcomeUnknown, fmt.Errorf("decoding the receipt: %w", err))
	}
	if !ValidKey(receipt.Key) || receipt.Status == "" {
		return Receipt{}, a.failure(OutcomeUnknown, errors.New("the answer is not a receipt"))
	}
	if err := receipt.wellFormed(); err != nil {
		return Receipt{}, a.failure(BadReceipt, err)
	}
	if receipt.Key != a.asked.key {
		return Receipt{}, a.failure(BadReceipt, fmt.Errorf("the receipt is for key %q", receipt.Key))
	}
	return receipt, nil
}

func shorten(text string) string {
	const most = 200
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most]) + "…"
}
