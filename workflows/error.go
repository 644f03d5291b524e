package workflows

import (
	"errors"

	"go.temporal.io/sdk/temporal"

	"linli/approval"
)

// ToWire turns a refusal into a non-retryable application error whose type is
// the refusal's code; without it the SDK would retry a refusal and lose its
// code. Faults pass unchanged and are retried, and so does Unavailable: it
// decides nothing and asks to be tried again. Taken for an answer it would
// stand in the history as the outcome of the act, whoever repeats it.
func ToWire(err error) error {
	refusal := approval.Refusal(err)
	if refusal == nil || refusal.Code == approval.Unavailable {
		return err
	}
	return temporal.NewNonRetryableApplicationError(refusal.Error(), string(refusal.Code), nil, *refusal)
}

// FromWire restores the refusal inside an error that crossed a boundary.
func FromWire(err error) error {
	var wire *temporal.ApplicationError
	if !errors.As(err, &wire) || !wire.HasDetails() {
		return err
	}
	var refusal approval.Error
	if wire.Details(&refusal) != nil || refusal.Code == "" {
		return err
	}
	return &refusal
}
