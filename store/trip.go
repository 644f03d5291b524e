package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"linli/store/sqlgen"
)

// Most of what an act costs the database are round trips, so statements travel
// together where nothing is lost by it: begin with the identity, writes that
// wait for no answer with each other, and a statement that needs no
// transaction around it with the identity alone.

// within runs fn in a transaction of its own for the person in ctx. What lead
// queues travels with the beginning.
func (s *Store) within(ctx context.Context, system string, lead func(q *sqlgen.Queries) error, fn func(tx pgx.Tx) error) (err error) {
	batch := &pgx.Batch{}
	batch.BeginTx(pgx.TxOptions{})
	batch.Queue(setIdentity, identity(ctx, system)...)
	if lead != nil {
		if err := lead(sqlgen.New(queue{batch})); err != nil {
			return err
		}
	}
	begun := s.pool.SendBatch(ctx, batch)
	tx := begun.Tx()
	err = begun.Close()
	if tx == nil {
		return err
	}
	defer func() {
		if undone := tx.Rollback(ctx); undone != nil && !errors.Is(undone, pgx.ErrTxClosed) && err == nil {
			err = undone
		}
	}()
	if err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// lone runs statements each of which is a transaction of its own, one round
// trip for the person in ctx: for reads, and for a write that is one
// statement. Inside Once they join the outer transaction.
func (s *Store) lone(ctx context.Context, system string, fn func(q *sqlgen.Queries) error) error {
	if _, ok := ctx.Value(txKey{}).(pgx.Tx); ok {
		return s.run(ctx, system, fn)
	}
	return refusal(fn(sqlgen.New(single{pool: s.pool, identity: identity(ctx, system)})))
}

// single sends every statement with the identity before it. PostgreSQL takes
// what is sent together for one transaction.
type single struct {
	pool     *pgxpool.Pool
	identity []any
}

func (s single) send(ctx context.Context, sql string, args []any) pgx.BatchResults {
	batch := &pgx.Batch{}
	batch.Queue(setIdentity, s.identity...)
	batch.Queue(sql, args...)
	results := s.pool.SendBatch(ctx, batch)
	_, _ = results.Exec() // its error is that of the statement as well
	return results
}

// Exec runs a statement.
func (s single) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	results := s.send(ctx, sql, args)
	tag, err := results.Exec()
	return tag, errors.Join(err, results.Close())
}

// Query reads rows; closing them gives the connection back.
func (s single) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	results := s.send(ctx, sql, args)
	rows, err := results.Query()
	if err != nil {
		return nil, errors.Join(err, results.Close())
	}
	return &lastRows{Rows: rows, results: results}, nil
}

// QueryRow reads one row; scanning it gives the connection back.
func (s single) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	results := s.send(ctx, sql, args)
	return lastRow{row: results.QueryRow(), results: results}
}

// SendBatch is not for lone statements.
func (s single) SendBatch(_ context.Context, batch *pgx.Batch) pgx.BatchResults {
	return pgx.FailedBatchResults(batch, errAlone)
}

type lastRow struct {
	row     pgx.Row
	results pgx.BatchResults
}

// Scan reads the row.
func (r lastRow) Scan(into ...any) error {
	err := r.row.Scan(into...)
	if closed := r.results.Close(); err == nil {
		err = closed
	}
	return err
}

type lastRows struct {
	pgx.Rows
	results pgx.BatchResults
	failed  error
}

// Close ends the reading.
func (r *lastRows) Close() {
	r.Rows.Close()
	if err := r.results.Close(); r.failed == nil {
		r.failed = err
	}
}

// Err is what went wrong until now.
func (r *lastRows) Err() error {
	if err := r.Rows.Err(); err != nil {
		return err
	}
	return r.failed
}

// queue keeps writes whose answers nobody waits for until they are sent
// together: a statement that reads is refused.
type queue struct{ batch *pgx.Batch }

// Exec queues the statement; how it ended is told when the queue is sent.
func (q queue) Exec(_ context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	q.batch.Queue(sql, args...)
	return pgconn.CommandTag{}, nil
}

// Query is refused.
func (q queue) Query(context.Context, string, ...any) (pgx.Rows, error) { return nil, errQueued }

// QueryRow is refused.
func (q queue) QueryRow(context.Context, string, ...any) pgx.Row { return unread{} }

// SendBatch queues a batch behind what is queued already.
func (q queue) SendBatch(_ context.Context, batch *pgx.Batch) pgx.BatchResults {
	q.batch.QueuedQueries = append(q.batch.QueuedQueries, batch.QueuedQueries...)
	return unread{}
}

// together sends the writes that fn queues in one round trip of the
// transaction.
func together(ctx context.Context, tx sqlgen.DBTX, fn func(q *sqlgen.Queries) error) error {
	batch := &pgx.Batch{}
	if err := fn(sqlgen.New(queue{batch})); err != nil || batch.Len() == 0 {
		return err
	}
	return tx.SendBatch(ctx, batch).Close()
}

// unread stands for the results of what is queued.
type unread struct{}

func (unread) Exec() (pgconn.CommandTag, error) { return pgconn.CommandTag{}, nil }
func (unread) Query() (pgx.Rows, error)         { return nil, errQueued }
func (unread) QueryRow() pgx.Row                { return unread{} }
func (unread) Scan(...any) error                { return errQueued }
func (unread) Close() error                     { return nil }
func (unread) Tx() pgx.Tx                       { return nil }

var (
	errAlone  = errors.New("several statements at once need a transaction")
	errQueued = errors.New("a queued statement has no answer to read")
)
