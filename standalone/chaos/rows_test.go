package chaos_test

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"linli/approval"
	"linli/audit"
)

// row is one written step of a case.
type row struct {
	Seq, Attempt int
	Key, Kind    string
	Superseded   bool
	Record       string
}

func (r row) record() (record approval.Record, err error) {
	return record, json.Unmarshal([]byte(r.Record), &record)
}

// counting are a case's steps that count, by number; it refuses gaps, doubles
// and a chain that does not hold.
func (s *system) counting(ctx context.Context, caseID string) (counting map[int]row, all []row, err error) {
	steps, err := s.store.Steps(ctx, caseID)
	if err != nil {
		return nil, nil, err
	}
	if err := audit.VerifySteps(steps); err != nil {
		return nil, nil, err
	}
	all, err = query[row](ctx, s, `
		SELECT e.seq, e.attempt, e.key, e.kind, e.record, EXISTS (SELECT 1 FROM case_event_superseded AS s
			WHERE s.case_id = e.case_id AND s.seq = e.seq AND s.attempt = e.attempt) AS superseded
		FROM case_events AS e WHERE e.case_id = $1 ORDER BY e.position`, caseID)
	if err != nil {
		return nil, nil, err
	}
	counting = map[int]row{}
	for _, r := range all {
		if r.Superseded {
			continue
		}
		if earlier, twice := counting[r.Seq]; twice {
			return nil, nil, fmt.Errorf("step %d counts twice: %s and %s", r.Seq, earlier.Key, r.Key)
		}
		counting[r.Seq] = r
	}
	for seq := range len(counting) {
		if _, there := counting[seq+1]; !there {
			return nil, nil, fmt.Errorf("step %d of %d is missing", seq+1, len(counting))
		}
	}
	return counting, all, nil
}

// caseRow is a case as the copy has it.
type caseRow struct{ ID, Status string }

// query reads rows with the administrator's eyes.
func query[T any](ctx context.Context, s *system, sql string, args ...any) ([]T, error) {
	conn, err := pgx.Connect(ctx, s.super)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	rows, err := conn.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByNameLax[T])
}

// number reads one number.
func (s *system) number(ctx context.Context, sql string, args ...any) (int64, error) {
	found, err := query[struct{ N int64 }](ctx, s, sql, args...)
	if err != nil || len(found) != 1 {
		return 0, fmt.Errorf("%s: %d rows, %w", sql, len(found), err)
	}
	return found[0].N, nil
}

// holding is what the ledger says of one case.
type holding struct {
	CaseID        string
	Status        string
	Amount        int64
	PaymentKey    *string
	BankReference *string
}

func (s *system) holdings(ctx context.Context) ([]holding, error) {
	return query[holding](ctx, s, `SELECT case_id, status, amount, payment_key, bank_reference FROM reservations ORDER BY case_id, attempt`)
}
