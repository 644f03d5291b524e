package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"linli/approval"
	"linli/store/sqlgen"
)

// Once runs a write whose whole effect lies in this database, and stores its
// answer under the key in the same transaction: both are there or neither is.
// Store calls that run makes with its ctx join that transaction. A repetition
// gets the stored operation and replayed is true; while the first is still
// running it is refused. An error from run leaves no trace: see Keep.
func (s *Store) Once(ctx context.Context, op approval.Operation, now time.Time,
	run func(ctx context.Context) (status int, answer json.RawMessage, err error)) (kept approval.Operation, replayed bool, err error) {
	err = s.again(ctx, "on", nil, func(tx pgx.Tx) error {
		kept, replayed, err = once(ctx, tx, op, now, run)
		return err
	})
	return kept, replayed, refusal(err)
}

func once(ctx context.Context, tx pgx.Tx, op approval.Operation, now time.Time,
	run func(ctx context.Context) (int, json.RawMessage, error)) (approval.Operation, bool, error) {
	q := sqlgen.New(tx)
	earlier, found, err := lockKey(ctx, q, op)
	if err != nil || found {
		return earlier, found, err
	}
	if err := identify(ctx, tx, "off"); err != nil {
		return op, false, err
	}
	status, answer, err := run(context.WithValue(ctx, txKey{}, tx))
	if err != nil {
		return op, false, err
	}
	if err := identify(ctx, tx, "on"); err != nil {
		return op, false, err
	}
	op.Status, op.HTTPStatus, op.Answer = approval.OperationDone, status, answer
	return insertOperation(ctx, q, op, now)
}

// Keep stores the refusal a keyed write ended in, so that a repetition hears
// the same. If the key was answered meanwhile, that answer stands.
func (s *Store) Keep(ctx context.Context, op approval.Operation, now time.Time) (kept approval.Operation, err error) {
	err = s.system(ctx, func(q *sqlgen.Queries) error {
		earlier, found, err := lockKey(ctx, q, op)
		if err != nil || found {
			kept = earlier
			return err
		}
		kept, _, err = insertOperation(ctx, q, op, now)
		return err
	})
	return kept, err
}

// Claim stores a write that reaches beyond the database as pending, payload
// included, before anything is sent. claimed is true when the caller is to
// deliver it: the first time, or when an earlier claim outlived
// approval.OperationLease; its payload is then the one stored first.
func (s *Store) Claim(ctx context.Context, op approval.Operation, now time.Time) (kept approval.Operation, claimed bool, err error) {
	if kept, claimed, err = s.claimFresh(ctx, op, now); claimed || err != nil {
		return kept, claimed, err
	}
	err = s.system(ctx, func(q *sqlgen.Queries) error {
		earlier, found, err := lockKey(ctx, q, op)
		switch {
		case err != nil:
			return err
		case !found:
			op.Status = approval.OperationPending
			claimed = true
			kept, _, err = insertOperation(ctx, q, op, now)
			return err
		}
		kept, claimed = earlier, false
		if earlier.Status != approval.OperationPending {
			return nil
		}
		claimed, err = reclaim(ctx, q, earlier.ID, now)
		if err == nil && !claimed {
			return approval.InFlight()
		}
		return err
	})
	return kept, claimed, err
}

// claimFresh is Claim for a key nobody has used, as nearly all are: one
// statement that stores nothing if the key is held or known.
func (s *Store) claimFresh(ctx context.Context, op approval.Operation, now time.Time) (kept approval.Operation, claimed bool, err error) {
	op.Status, op.CreatedAt = approval.OperationPending, stored(now)
	err = s.lone(ctx, "on", func(q *sqlgen.Queries) error {
		rows, err := q.ClaimFreshKey(ctx, sqlgen.ClaimFreshKeyParams{
			ID: op.ID, Actor: op.Actor, Key: op.Key, Operation: op.Name, BodyHash: op.BodyHash, Kind: op.Kind,
			Payload: op.Payload, Status: string(op.Status), At: op.CreatedAt, Lock: lockName(op),
		})
		claimed = rows == 1
		return err
	})
	return op, claimed, err
}

// Reclaim takes a pending operation over for another delivery; false when it
// was answered or somebody else took it.
func (s *Store) Reclaim(ctx context.Context, id string, now time.Time) (claimed bool, err error) {
	err = s.system(ctx, func(q *sqlgen.Queries) error {
		claimed, err = reclaim(ctx, q, id, now)
		return err
	})
	return claimed, err
}

func reclaim(ctx context.Context, q *sqlgen.Queries, id string, now time.Time) (bool, error) {
	rows, err := q.ReclaimOperation(ctx, sqlgen.ReclaimOperationParams{
		ID: id, Now: stored(now), Stale: stored(now.Add(-approval.OperationLease)),
	})
	return rows == 1, err
}

// Complete stores the one answer of a pending operation; a second answer to
// the same operation changes nothing.
func (s *Store) Complete(ctx context.Context, op approval.Operation, now time.Time) error {
	at := stored(now)
	return s.lone(ctx, "on", func(q *sqlgen.Queries) error {
		_, err := q.CompleteOperation(ctx, sqlgen.CompleteOperationParams{
			ID: op.ID, Status: string(op.Status), HttpStatus: int32(op.HTTPStatus), Response: op.Answer, DoneAt: &at,
		})
		return err
	})
}

// PendingOperations lists operations of a kind last claimed before olderThan,
// oldest first, for the sweeper that delivers them again.
func (s *Store) PendingOperations(ctx context.Context, olderThan time.Time, kind string, limit int) ([]approval.Operation, error) {
	var pending []approval.Operation
	err := s.system(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.PendingOperations(ctx, sqlgen.PendingOperationsParams{
			Kind: kind, OlderThan: stored(olderThan), UpTo: int32(limit),
		})
		pending = make([]approval.Operation, 0, len(rows))
		for _, row := range rows {
			pending = append(pending, operation(row))
		}
		return err
	})
	return pending, err
}

// Operation reads one keyed write; only its own actor finds it.
func (s *Store) Operation(ctx context.Context, actor, id string) (op approval.Operation, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		row, err := q.OperationByID(ctx, sqlgen.OperationByIDParams{ID: id, Actor: actor})
		op = operation(row)
		return absent(err, "办理请求", "operation")
	})
	return op, err
}

// OperationUnder finds what is stored under the key of op, refusing another
// request's key.
func (s *Store) OperationUnder(ctx context.Context, op approval.Operation) (earlier approval.Operation, found bool, err error) {
	err = s.lone(ctx, "on", func(q *sqlgen.Queries) error {
		earlier, found, err = underKey(ctx, q, op)
		return err
	})
	return earlier, found, err
}

// lockKey holds the key to the end of the transaction and returns the earlier
// operation under it, refusing another request's key. It never waits: fifty
// repetitions at once must not hold fifty connections.
func lockKey(ctx context.Context, q *sqlgen.Queries, op approval.Operation) (earlier approval.Operation, found bool, err error) {
	free, err := q.TryLock(ctx, lockName(op))
	if err != nil {
		return op, false, err
	}
	if !free {
		return op, false, approval.InFlight()
	}
	return underKey(ctx, q, op)
}

func lockName(op approval.Operation) string { return "operation/" + op.Actor + "/" + op.Key }

func underKey(ctx context.Context, q *sqlgen.Queries, op approval.Operation) (earlier approval.Operation, found bool, err error) {
	row, err := q.OperationByKey(ctx, sqlgen.OperationByKeyParams{Actor: op.Actor, Key: op.Key})
	if errors.Is(err, pgx.ErrNoRows) {
		return op, false, nil
	}
	if err != nil {
		return op, false, err
	}
	earlier = operation(row)
	return earlier, true, earlier.Same(op)
}

func insertOperation(ctx context.Context, q *sqlgen.Queries, op approval.Operation, now time.Time) (approval.Operation, bool, error) {
	op.CreatedAt = stored(now)
	params := sqlgen.InsertOperationParams{
		ID: op.ID, Actor: op.Actor, Key: op.Key, Operation: op.Name, BodyHash: op.BodyHash, Kind: op.Kind,
		Payload: op.Payload, Status: string(op.Status), HttpStatus: int32(op.HTTPStatus), Response: op.Answer,
		CreatedAt: op.CreatedAt, ClaimedAt: op.CreatedAt,
	}
	if op.Status != approval.OperationPending {
		op.DoneAt = op.CreatedAt
		params.DoneAt = &op.DoneAt
	}
	return op, false, q.InsertOperation(ctx, params)
}

func operation(row sqlgen.Operation) approval.Operation {
	return approval.Operation{
		ID: row.ID, Actor: row.Actor, Key: row.Key, Name: row.Operation, BodyHash: row.BodyHash, Kind: row.Kind,
		Payload: row.Payload, Status: approval.OperationStatus(row.Status), HTTPStatus: int(row.HttpStatus),
		Answer: row.Response, Attempts: int(row.Attempts), CreatedAt: row.CreatedAt, DoneAt: orZero(row.DoneAt),
	}
}

// NewOperationID names an operation before it is stored, so that an answer
// can carry it.
func (s *Store) NewOperationID() string { return newID("op") }
