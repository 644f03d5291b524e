package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"linli/approval"
	"linli/store/sqlgen"
)

// saveTasks makes rows and inbox follow the tasks; of several states of one
// task the last counts.
func saveTasks(ctx context.Context, q *sqlgen.Queries, caseID string, tasks []approval.Task) error {
	if len(tasks) == 0 {
		return nil
	}
	rows := make([]sqlgen.UpsertTasksParams, 0, len(tasks))
	last := map[string]approval.Task{}
	var ids []string
	for _, task := range tasks {
		rows = append(rows, taskRow(task))
		if _, seen := last[task.ID]; !seen {
			ids = append(ids, task.ID)
		}
		last[task.ID] = task
	}
	var failed error
	q.UpsertTasks(ctx, rows).Exec(func(_ int, err error) { failed = cmp.Or(failed, err) })
	if failed != nil {
		return failed
	}
	if err := q.ClearInbox(ctx, ids); err != nil {
		return err
	}
	var fill sqlgen.FillInboxParams
	for _, id := range ids {
		for _, seat := range inboxSeats(last[id]) {
			fill.Seats, fill.TaskIds = append(fill.Seats, seat), append(fill.TaskIds, id)
			fill.DueAts = append(fill.DueAts, dueOrUndated(last[id]))
		}
	}
	if len(fill.Seats) == 0 {
		return nil
	}
	return q.FillInbox(ctx, fill)
}

// inboxSeats: a standing task waits for nobody and is in no inbox.
func inboxSeats(task approval.Task) []string {
	if task.Status != approval.TaskOpen || task.Kind == approval.Standing {
		return nil
	}
	return seatsOf(task.Persons, task.Role, task.Scope)
}

func dueOrUndated(task approval.Task) time.Time {
	if task.DueAt.IsZero() {
		return undated
	}
	return stored(task.DueAt)
}

// Inbox lists the open tasks the person in ctx, or anybody that person stands
// in for today, may act on: most urgent first, undated last. Standing tasks
// are not in it.
func (s *Store) Inbox(ctx context.Context, page approval.Page, now time.Time) ([]approval.TaskView, string, error) {
	parts, err := cursorParts(page, 2)
	if err != nil {
		return nil, "", err
	}
	after, err := instantOr(parts[0], time.Unix(0, 0))
	if err != nil {
		return nil, "", err
	}
	actors, err := s.actors(ctx, now)
	if err != nil {
		return nil, "", err
	}
	var views []approval.TaskView
	for _, actor := range actors {
		found, err := s.inboxOf(ctx, actor, after, parts[1], page.Limit+1, now)
		if err != nil {
			return nil, "", err
		}
		views = append(views, found...)
	}
	slices.SortStableFunc(views, byUrgency)
	views = slices.CompactFunc(views, func(a, b approval.TaskView) bool { return a.ID == b.ID })
	views, next := pageOf(views, page, func(last approval.TaskView) string {
		return cursorOf(dueOrUndated(last.Task).Format(time.RFC3339Nano), last.ID)
	})
	return views, next, nil
}

func byUrgency(a, b approval.TaskView) int {
	return cmp.Or(dueOrUndated(a.Task).Compare(dueOrUndated(b.Task)), cmp.Compare(a.ID, b.ID))
}

// inboxOf reads with the eyes of whose seat is taken: a substitute sees what
// the absent person would.
func (s *Store) inboxOf(ctx context.Context, actor approval.Person, after time.Time, afterID string, limit int, now time.Time) (views []approval.TaskView, err error) {
	seen := approval.Person{ID: cmp.Or(actor.For, actor.ID), Grants: actor.Grants}
	err = s.lone(WithPerson(ctx, seen), "off", func(q *sqlgen.Queries) error {
		rows, err := q.Inbox(ctx, sqlgen.InboxParams{
			AfterAt: after, AfterID: afterID, Actors: []string{actor.ID, seen.ID}, StandingIn: actor.For != "", UpTo: int32(limit),
		})
		views = make([]approval.TaskView, 0, len(rows))
		for _, row := range rows {
			task := approval.Task{
				ID: row.ID, CaseID: row.Case.ID, Stage: approval.Stage(row.Stage), Round: int(row.Round), Seat: row.Seat,
				Kind: approval.TaskKind(row.Kind), Persons: row.Persons, Role: approval.Role(row.Role), Scope: approval.Scope(row.Scope),
				Excluded: row.Excluded, Actions: actions(row.Actions), ContentHash: row.ContentHash, Parent: row.Parent, Days: int(row.Days),
				OpenedAt: row.OpenedAt, RemindAt: orZero(row.RemindAt), DueAt: orZero(row.DueAt), Reminded: row.Reminded,
				Escalated: row.Escalated, Status: approval.TaskStatus(row.Status),
			}
			views = append(views, approval.TaskView{Task: task, Case: snapshot(row.Case), Overdue: overdue(task, now), Mine: true})
		}
		return err
	})
	return views, err
}

// actors is the person in ctx and, unless already standing in for somebody,
// the same person once for everybody he stands in for today.
func (s *Store) actors(ctx context.Context, now time.Time) ([]approval.Person, error) {
	self := personOf(ctx)
	if self.ID == "" {
		return nil, nil
	}
	actors := []approval.Person{self}
	if self.For != "" {
		return actors, nil
	}
	year, month, day := now.In(approval.Shanghai).Date()
	err := s.lone(ctx, "on", func(q *sqlgen.Queries) error {
		rows, err := q.StandsInFor(ctx, sqlgen.StandsInForParams{Substitute: self.ID, Today: time.Date(year, month, day, 0, 0, 0, 0, time.UTC)})
		actors = actors[:1] // a retried transaction starts over
		for _, row := range rows {
			if last := actors[len(actors)-1]; last.For != row.Absent {
				actors = append(actors, approval.Person{ID: self.ID, For: row.Absent})
			}
			last := &actors[len(actors)-1]
			last.Grants = append(last.Grants, approval.Grant{Role: approval.Role(row.Role), Scope: approval.Scope(row.Scope)})
		}
		return err
	})
	return actors, err
}

// CaseTasks lists all tasks of a case in the order they were opened; how the
// ballots of a sealed round closed theirs is left out.
func (s *Store) CaseTasks(ctx context.Context, caseID string, now time.Time) (views []approval.TaskView, err error) {
	actors, err := s.actors(ctx, now)
	if err != nil {
		return nil, err
	}
	err = s.lone(ctx, "off", func(q *sqlgen.Queries) error {
		row, err := q.CaseByID(ctx, caseID)
		if err != nil {
			return absent(err, "事项", "case")
		}
		rows, err := q.CaseTasks(ctx, caseID)
		views = make([]approval.TaskView, 0, len(rows))
		for _, each := range rows {
			task := taskOf(each)
			views = append(views, approval.TaskView{Task: task, Case: snapshot(row), Overdue: overdue(task, now), Mine: mine(task, actors)})
		}
		return err
	})
	return views, err
}

// Task reads one task of a case, with the eyes of the person in ctx; whether it
// waits for that person is left to whoever knows in whose place that is.
func (s *Store) Task(ctx context.Context, caseID, id string, now time.Time) (view approval.TaskView, err error) {
	err = s.lone(ctx, "off", func(q *sqlgen.Queries) error {
		row, err := q.CaseTask(ctx, sqlgen.CaseTaskParams{CaseID: caseID, ID: id})
		if errors.Is(err, pgx.ErrNoRows) {
			if _, err := q.CaseByID(ctx, caseID); err != nil {
				return absent(err, "事项", "case")
			}
			return approval.Errorf(approval.NotFound, "没有这项任务。", "There is no such task.").At("task")
		}
		task := taskOf(row.CaseTask)
		view = approval.TaskView{Task: task, Case: snapshot(row.Case), Overdue: overdue(task, now)}
		return err
	})
	return view, err
}

func mine(task approval.Task, actors []approval.Person) bool {
	return task.Status == approval.TaskOpen && slices.ContainsFunc(actors, func(actor approval.Person) bool {
		return task.Eligible(actor, "") == nil
	})
}

func overdue(task approval.Task, now time.Time) bool {
	return task.Status == approval.TaskOpen && !task.DueAt.IsZero() && !now.Before(task.DueAt)
}
