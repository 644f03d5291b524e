package store

import (
	"context"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"linli/approval"
	"linli/store/sqlgen"
)

// Backlog counts what waits at now. It sees everything under the worker's role
// only.
func (s *Store) Backlog(ctx context.Context, now time.Time) (backlog approval.Backlog, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		tasks, err := q.TaskBacklog(ctx, &now)
		if err != nil {
			return err
		}
		backlog = approval.Backlog{Running: map[approval.Stage]int{}}
		for _, row := range tasks {
			backlog.Tasks = append(backlog.Tasks, approval.TaskBacklog{
				Stage: approval.Stage(row.Stage), Open: int(row.Open), Overdue: int(row.Overdue), Oldest: row.OldestAt,
			})
		}
		cases, err := q.CaseCounts(ctx)
		if err != nil {
			return err
		}
		for _, row := range cases {
			backlog.Running[approval.Stage(row.Stage)] = int(row.Running)
		}
		payouts, err := q.PayoutBacklog(ctx)
		if err != nil {
			return err
		}
		unsealed, err := q.ArchiveBacklog(ctx)
		backlog.Payouts = waiters(payouts.Sent, payouts.OldestAt)
		backlog.Unsealed = waiters(unsealed.Waiting, unsealed.OldestAt)
		return err
	})
	return backlog, err
}

// PendingBacklog counts the keyed writes whose outcome is not stored yet.
func (s *Store) PendingBacklog(ctx context.Context) (pending approval.Waiters, err error) {
	err = s.system(ctx, func(q *sqlgen.Queries) error {
		row, err := q.OperationBacklog(ctx)
		pending = waiters(row.Pending, row.OldestAt)
		return err
	})
	return pending, err
}

// waiters: without any there is no oldest, whatever the database says.
func waiters(count int64, oldest time.Time) approval.Waiters {
	if count == 0 {
		return approval.Waiters{}
	}
	return approval.Waiters{Count: int(count), Oldest: oldest}
}

// Migrated tells whether the schema is at least the one this program was
// written for. A newer one is fine: a migration runs under the release before.
func (s *Store) Migrated(ctx context.Context) error {
	want, err := newestMigration()
	if err != nil {
		return err
	}
	var version int64
	err = s.pool.QueryRow(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&version)
	if err != nil {
		return fmt.Errorf("reading the version of the schema: %w", err)
	}
	if version < want {
		return fmt.Errorf("the schema is at version %d, this program needs %d: run linli migrate", version, want)
	}
	return nil
}

func newestMigration() (newest int64, err error) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return 0, err
	}
	for _, file := range files {
		number, _, _ := strings.Cut(strings.TrimPrefix(file, "migrations/"), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("reading the number of %s: %w", file, err)
		}
		newest = max(newest, version)
	}
	return newest, nil
}
