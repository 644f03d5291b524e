package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"linli/approval"
	"linli/internal/crashpoint"
)

// sender delivers a stored payload; its answer is the operation's answer.
type sender func(ctx context.Context, payload json.RawMessage) (json.RawMessage, error)

// redeliveries is how many pending operations of a kind one sweep takes.
const redeliveries = 50

// pendingAnswer says that a write is stored and will be delivered: the caller
// asks at href, or repeats the request with the same key.
type pendingAnswer struct {
	Operation string                   `json:"operation"`
	Status    approval.OperationStatus `json:"status"`
	Href      string                   `json:"href"`
}

// deliver is a write that reaches beyond the database. prepare checks and
// completes the request and has no effect; its payload is stored as pending;
// then send carries it out and its answer is stored. send must be idempotent
// by something in the payload: after a crash, a timeout or a fault the payload
// is sent again, by a retry or by Redeliver. A refusal by send is final; any
// other error, Unavailable included, answers 202.
func deliver[In, Payload, Out any](s *Server, kind string,
	prepare func(ctx context.Context, c call, in In) (Payload, error),
	send func(ctx context.Context, payload Payload) (Out, error)) echo.HandlerFunc {
	s.senders[kind] = senderOf(send)
	return func(ec echo.Context) error {
		c, in, op, err := keyed[In](ec)
		if err != nil {
			return err
		}
		op.Kind = kind
		ctx := ec.Request().Context()
		payload, err := prepare(ctx, c, in)
		if err != nil {
			return s.unprepared(ec, c, op, err)
		}
		if op.Payload, err = json.Marshal(payload); err != nil {
			return fmt.Errorf("storing a payload: %w", err)
		}
		return s.claimAndSend(ec, c, op)
	}
}

// unprepared answers a request that can no longer be prepared, as when the act
// it repeats has closed its task: what its key has stored counts first.
func (s *Server) unprepared(ec echo.Context, c call, op approval.Operation, why error) error {
	earlier, found, err := s.records.OperationUnder(ec.Request().Context(), op)
	switch {
	case err != nil:
		return err
	case !found:
		return why
	case earlier.Status != approval.OperationPending:
		return replay(ec, earlier, true)
	}
	return s.claimAndSend(ec, c, op) // with the payload stored first
}

func senderOf[Payload, Out any](send func(ctx context.Context, payload Payload) (Out, error)) sender {
	return func(ctx context.Context, raw json.RawMessage) (json.RawMessage, error) {
		var payload Payload
		if err := json.Unmarshal(raw, &payload); err != nil {
			return nil, fmt.Errorf("reading a stored payload: %w", err)
		}
		out, err := send(ctx, payload)
		if err != nil {
			return nil, err
		}
		return json.Marshal(out)
	}
}

func (s *Server) claimAndSend(ec echo.Context, c call, op approval.Operation) error {
	ctx := ec.Request().Context()
	kept, claimed, err := s.records.Claim(ctx, op, c.Now)
	if err != nil {
		return err
	}
	if !claimed {
		return replay(ec, kept, true)
	}
	crashpoint.Here("operation.stored")
	answer, err := s.senders[kept.Kind](ctx, kept.Payload)
	if putOff(err) {
		s.log.WarnContext(ctx, "delivery put off", "error", err, "operation", kept.ID, "kind", kept.Kind, "request_id", c.RequestID)
		ec.Response().Header().Set(echo.HeaderLocation, "/v1/operations/"+kept.ID)
		return ec.JSON(http.StatusAccepted, pendingAnswer{
			Operation: kept.ID, Status: approval.OperationPending, Href: "/v1/operations/" + kept.ID,
		})
	}
	kept = answered(kept, answer, err, c.English, c.RequestID)
	// The answer is already decided elsewhere: store it even if the caller left.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	if storeErr := s.records.Complete(ctx, kept, s.config.Now()); storeErr != nil {
		s.log.ErrorContext(ctx, "storing an answer", "error", storeErr, "operation", kept.ID)
	}
	crashpoint.Here("operation.answered")
	if err != nil {
		return err
	}
	return replay(ec, kept, false)
}

// putOff errors leave the operation pending.
func putOff(err error) bool {
	refused := approval.Refusal(err)
	return err != nil && (refused == nil || !final(refused))
}

// answered is the operation with its final answer in it.
func answered(op approval.Operation, answer json.RawMessage, err error, english bool, requestID string) approval.Operation {
	op.Status, op.HTTPStatus, op.Answer = approval.OperationDone, http.StatusOK, answer
	if err != nil {
		op.Status = approval.OperationRefused
		op.HTTPStatus, op.Answer = render(approval.Refusal(err), english, requestID)
	}
	return op
}

// Redeliver sends again every pending operation whose claim has expired, and
// returns how many got their answer. Several servers may sweep at once.
func (s *Server) Redeliver(ctx context.Context) (int, error) {
	done := 0
	var faults []error
	for kind, send := range s.senders {
		pending, err := s.records.PendingOperations(ctx, s.config.Now().Add(-approval.OperationLease), kind, redeliveries)
		if err != nil {
			return done, err
		}
		for _, op := range pending {
			answered, err := s.redeliver(ctx, op, send) // one failure must not hold up the rest
			if err != nil {
				faults = append(faults, fmt.Errorf("delivering %s again: %w", op.ID, err))
			}
			if answered {
				done++
			}
		}
	}
	return done, errors.Join(faults...)
}

func (s *Server) redeliver(ctx context.Context, op approval.Operation, send sender) (done bool, err error) {
	claimed, err := s.records.Reclaim(ctx, op.ID, s.config.Now())
	if err != nil || !claimed {
		return false, err
	}
	crashpoint.Here("redeliver.claimed")
	answer, err := send(ctx, op.Payload)
	crashpoint.Here("redeliver.sent")
	if putOff(err) {
		return false, err
	}
	op = answered(op, answer, err, false, "")
	return true, s.records.Complete(ctx, op, s.config.Now())
}
