package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"linli/approval"
	"linli/approval/space"
	"linli/store/sqlgen"
)

// StartImport puts an import on record as running; repeating it changes nothing.
func (s *Store) StartImport(ctx context.Context, begun space.Import) error {
	return s.tx(ctx, func(q *sqlgen.Queries) error {
		return q.StartImport(ctx, sqlgen.StartImportParams{
			ID: begun.ID, Scope: string(begun.Scope), Kind: string(begun.Kind), AttachmentID: begun.AttachmentID,
			StartedAt: stored(begun.StartedAt), StartedBy: begun.StartedBy,
		})
	})
}

// ProgressImport says how many of how many rows are done, at once and outside the
// import's own transaction.
func (s *Store) ProgressImport(ctx context.Context, id string, done, total int) error {
	return s.tx(ctx, func(q *sqlgen.Queries) error {
		return q.ProgressImport(ctx, sqlgen.ProgressImportParams{ID: id, RowsDone: int32(done), RowsTotal: int32(total)})
	})
}

// Import is how far one is; one the caller cannot see is not there.
func (s *Store) Import(ctx context.Context, id string) (found space.Import, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		found, err = importOf(ctx, q, id)
		return err
	})
	return found, err
}

// ImportRefused ends an import whose workbook could not be taken; nothing of it is.
func (s *Store) ImportRefused(ctx context.Context, id string, problems []space.Problem, at time.Time) (space.Import, error) {
	return s.ending(ctx, id, at, func(*sqlgen.Queries, space.Import) (space.Report, error) { return space.Refused(problems), nil })
}

// ImportSpaces carries the rows of a workbook into the inventory and ends the
// import in the same transaction: all of it or, with a problem, nothing. An import
// that is over is returned as it ended.
func (s *Store) ImportSpaces(ctx context.Context, id string, rows []space.Row, at time.Time) (space.Import, error) {
	return s.ending(ctx, id, at, func(q *sqlgen.Queries, begun space.Import) (space.Report, error) {
		locked, err := q.LockSpacesOf(ctx, sqlgen.LockSpacesOfParams{Scope: string(begun.Scope), Today: today()})
		if err != nil {
			return space.Report{}, err
		}
		plain := make([]sqlgen.SpacesRow, 0, len(locked))
		for _, row := range locked {
			plain = append(plain, sqlgen.SpacesRow(row))
		}
		existing, err := spacesFrom(plain)
		if err != nil {
			return space.Report{}, err
		}
		plan := space.PlanImport(existing, rows)
		if len(plan.Problems) > 0 {
			return plan.Report(), nil
		}
		for _, details := range plan.Create {
			if _, err := insertSpace(ctx, q, begun.Scope, details, begun.StartedBy, at); err != nil {
				return space.Report{}, err
			}
		}
		for spaceID, change := range plan.Change {
			if err := updateSpace(ctx, q, spaceID, change, begun.StartedBy, at); err != nil {
				return space.Report{}, err
			}
		}
		return plan.Report(), nil
	})
}

// ImportNeeds replaces a community's needs list and ends the import, as
// ImportSpaces does.
func (s *Store) ImportNeeds(ctx context.Context, id string, list space.NeedList, at time.Time) (space.Import, error) {
	return s.ending(ctx, id, at, func(q *sqlgen.Queries, begun space.Import) (space.Report, error) {
		before, err := needsOf(ctx, q, begun.Scope)
		if err != nil {
			return space.Report{}, err
		}
		highest, err := q.HighestOwnNeed(ctx, string(begun.Scope))
		if err != nil {
			return space.Report{}, err
		}
		list := list.Numbered(before, int(highest))
		list.Scope, list.ChangedAt, list.ChangedBy = begun.Scope, at, begun.StartedBy
		if list.Version == before.Version && list.Same(before) {
			return space.ReportNeeds(before, list), nil
		}
		if problem, stale := list.Stale(before); stale {
			return space.Refused([]space.Problem{problem}), nil
		}
		_, err = setNeeds(ctx, q, list)
		return space.ReportNeeds(before, list), err
	})
}

func (s *Store) ending(ctx context.Context, id string, at time.Time, run func(q *sqlgen.Queries, begun space.Import) (space.Report, error)) (over space.Import, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		free, err := q.TryLock(ctx, "import/"+id)
		if err != nil {
			return err
		}
		if !free {
			return approval.InFlight()
		}
		if over, err = importOf(ctx, q, id); err != nil || over.Status != space.ImportRunning {
			return err
		}
		report, err := run(q, over)
		if err != nil {
			return err
		}
		status, ended := space.ImportDone, stored(at)
		if len(report.Problems) > 0 {
			status = space.ImportRefused
		}
		err = q.EndImport(ctx, sqlgen.EndImportParams{
			ID: id, Status: status, RowsTotal: int32(over.Total), RowsDone: int32(over.Total), Report: jsonOf(report), EndedAt: &ended,
		})
		if err != nil {
			return err
		}
		over, err = importOf(ctx, q, id)
		return err
	})
	return over, err
}

func importOf(ctx context.Context, q *sqlgen.Queries, id string) (space.Import, error) {
	row, err := q.ImportOf(ctx, id)
	if err != nil {
		return space.Import{}, absent(err, "导入", "import")
	}
	found := space.Import{
		ID: row.ID, Scope: approval.Scope(row.Scope), Kind: space.ImportKind(row.Kind), AttachmentID: row.AttachmentID, Status: row.Status,
		Total: int(row.RowsTotal), Done: int(row.RowsDone), StartedAt: row.StartedAt, StartedBy: row.StartedBy, EndedAt: orZero(row.EndedAt),
	}
	if row.Report != nil {
		found.Report = &space.Report{}
		if err := json.Unmarshal(row.Report, found.Report); err != nil {
			return found, fmt.Errorf("reading the report of %s: %w", id, err)
		}
	}
	return found, nil
}
