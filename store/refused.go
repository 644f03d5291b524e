package store

import (
	"context"
	"strconv"

	"linli/approval"
	"linli/store/sqlgen"
)

// KeepRefusal appends a refused attempt.
func (s *Store) KeepRefusal(ctx context.Context, attempt approval.RefusedAttempt) error {
	return s.system(ctx, func(q *sqlgen.Queries) error {
		return q.InsertRefusal(ctx, sqlgen.InsertRefusalParams{
			At: stored(attempt.At), Actor: attempt.Actor, BehalfOf: attempt.BehalfOf, Operation: attempt.Operation,
			Code: string(attempt.Code), Field: attempt.Field, DetailZh: attempt.Detail.ZH, DetailEn: attempt.Detail.EN,
			CaseID: attempt.CaseID, TaskID: attempt.TaskID, Key: attempt.Key, Scope: string(attempt.Scope),
			RequestID: attempt.RequestID, Ip: attempt.IP,
		})
	})
}

// RefusedAttempts lists attempts by people whose home lies in the auditor's
// scope, newest first.
func (s *Store) RefusedAttempts(ctx context.Context, filter approval.RefusalFilter, page approval.Page) (found []approval.RefusedAttempt, next string, err error) {
	parts, err := cursorParts(page, 1)
	if err != nil {
		return nil, "", err
	}
	before := int64(0)
	if parts[0] != "" {
		if before, err = strconv.ParseInt(parts[0], 10, 64); err != nil || before < 1 {
			return nil, "", badCursor()
		}
	}
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.RefusalRows(ctx, sqlgen.RefusalRowsParams{
			Before: before, CaseID: filter.CaseID, Actor: filter.Actor, Code: string(filter.Code), UpTo: int32(page.Limit + 1),
		})
		if err != nil {
			return err
		}
		rows, next = pageOf(rows, page, func(last sqlgen.RefusalRowsRow) string { return cursorOf(strconv.FormatInt(last.ID, 10)) })
		found = make([]approval.RefusedAttempt, 0, len(rows))
		for _, row := range rows {
			found = append(found, approval.RefusedAttempt{
				ID: row.ID, At: row.At, Actor: row.Actor, BehalfOf: row.BehalfOf, Operation: row.Operation,
				Code: approval.Code(row.Code), Field: row.Field, Detail: approval.Text{ZH: row.DetailZh, EN: row.DetailEn},
				CaseID: row.CaseID, TaskID: row.TaskID, Key: row.Key, Scope: approval.Scope(row.Scope), RequestID: row.RequestID,
			})
		}
		return nil
	})
	return found, next, err
}
