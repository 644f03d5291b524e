package store

import (
	"time"

	"linli/approval"
	"linli/store/sqlgen"
)

func taskRow(task approval.Task) sqlgen.UpsertTasksParams {
	offered := make([]string, len(task.Actions))
	for i, action := range task.Actions {
		offered[i] = string(action)
	}
	return sqlgen.UpsertTasksParams{
		ID: task.ID, CaseID: task.CaseID, Stage: string(task.Stage), Round: int32(task.Round), Seat: task.Seat, Kind: string(task.Kind),
		Persons: orNone(task.Persons), Role: string(task.Role), Scope: string(task.Scope), Excluded: orNone(task.Excluded), Actions: offered,
		ContentHash: task.ContentHash, Parent: task.Parent, Days: int32(task.Days), OpenedAt: stored(task.OpenedAt),
		RemindAt: orNever(task.RemindAt), DueAt: orNever(task.DueAt), Reminded: task.Reminded, Escalated: task.Escalated,
		Status: string(task.Status), ClosedBy: task.ClosedBy, ClosedAs: string(task.ClosedAs), ClosedAt: orNever(task.ClosedAt),
	}
}

func taskOf(row sqlgen.CaseTask) approval.Task {
	return approval.Task{
		ID: row.ID, CaseID: row.CaseID, Stage: approval.Stage(row.Stage), Round: int(row.Round), Seat: row.Seat, Kind: approval.TaskKind(row.Kind),
		Persons: row.Persons, Role: approval.Role(row.Role), Scope: approval.Scope(row.Scope), Excluded: row.Excluded, Actions: actions(row.Actions),
		ContentHash: row.ContentHash, Parent: row.Parent, Days: int(row.Days), OpenedAt: row.OpenedAt,
		RemindAt: orZero(row.RemindAt), DueAt: orZero(row.DueAt), Reminded: row.Reminded, Escalated: row.Escalated,
		Status: approval.TaskStatus(row.Status), ClosedBy: row.ClosedBy, ClosedAs: approval.Action(row.ClosedAs), ClosedAt: orZero(row.ClosedAt),
	}
}

func actions(names []string) []approval.Action {
	offered := make([]approval.Action, len(names))
	for i, name := range names {
		offered[i] = approval.Action(name)
	}
	return offered
}

func orNone(texts []string) []string {
	if texts == nil {
		return []string{}
	}
	return texts
}

// orNever is a time as the database keeps it; the zero time is null.
func orNever(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = stored(at)
	return &at
}

// instantOr reads a time out of a cursor; an empty one is the fallback.
func instantOr(text string, fallback time.Time) (time.Time, error) {
	if text == "" {
		return fallback, nil
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return at, approval.Errorf(approval.Invalid, "翻页位置无效，请从第一页重新查询。", "The cursor is not valid; start again from the first page.").At("cursor")
	}
	return at, nil
}
