package store

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"linli/approval"
	"linli/store/sqlgen"
)

// Option changes how a store works; see WithDayLength.
type Option func(*Store)

// WithDayLength makes a day last d instead of following the calendar: for
// training and demonstration only, never where a deadline is a legal one.
// Zero keeps the calendar.
func WithDayLength(d time.Duration) Option {
	return func(s *Store) {
		s.dayLength = max(d, 0)
		if s.dayLength > 0 {
			slog.Warn("deadlines do not follow the calendar: training or demonstration only", "day_length", s.dayLength)
		}
	}
}

// counter returns the end of n days after start.
type counter func(start time.Time, n int, kind approval.DayKind) (time.Time, error)

// counter counts by the calendar as it stands in this transaction.
func (s *Store) counter(ctx context.Context, q *sqlgen.Queries) (counter, error) {
	if s.dayLength > 0 {
		return func(start time.Time, n int, _ approval.DayKind) (time.Time, error) {
			if n < 1 || n > approval.MaxDays {
				return time.Time{}, approval.Errorf(approval.Invalid, "期限天数无效。", "The number of days is not valid.").At("days")
			}
			return start.Add(time.Duration(n) * s.dayLength), nil
		}, nil
	}
	calendar, err := calendarIn(ctx, q)
	if err != nil {
		return nil, err
	}
	return calendar.Deadline, nil
}

// Calendar is the working-day calendar in force, every loaded year.
func (s *Store) Calendar(ctx context.Context) (calendar *approval.Calendar, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		calendar, err = calendarIn(ctx, q)
		return err
	})
	return calendar, err
}

func calendarIn(ctx context.Context, q *sqlgen.Queries) (*approval.Calendar, error) {
	rows, err := q.Calendars(ctx)
	if err != nil {
		return nil, err
	}
	years := make([]approval.CalendarYear, len(rows))
	for i, row := range rows {
		if err := json.Unmarshal(row.Content, &years[i]); err != nil {
			return nil, fmt.Errorf("reading the calendar of %d: %w", row.Year, err)
		}
	}
	return approval.NewCalendar(years)
}

// setDeadlines fills in when tasks that allow days and have no due time yet
// are reminded of and due, and returns those, in the order of the tasks.
func (s *Store) setDeadlines(ctx context.Context, q *sqlgen.Queries, tasks []approval.Task) ([]approval.TaskDeadline, error) {
	var set []approval.TaskDeadline
	var count counter
	for i := range tasks {
		task := &tasks[i]
		if task.Days < 1 || !task.DueAt.IsZero() {
			continue
		}
		if count == nil {
			var err error
			if count, err = s.counter(ctx, q); err != nil {
				return nil, err
			}
		}
		deadline, err := deadlineOf(*task, count)
		if err != nil {
			return nil, err
		}
		task.RemindAt, task.DueAt = deadline.RemindAt, deadline.DueAt
		set = append(set, deadline)
	}
	return set, nil
}

// deadlineOf reminds a day before the task is due, or halfway through the only
// day.
func deadlineOf(task approval.Task, count counter) (approval.TaskDeadline, error) {
	due, err := count(task.ClockStart(), task.Days, approval.WorkingDays)
	if err != nil {
		return approval.TaskDeadline{}, err
	}
	remind := task.ClockStart().Add(due.Sub(task.ClockStart()) / 2)
	if task.Days > 1 {
		if remind, err = count(task.ClockStart(), task.Days-1, approval.WorkingDays); err != nil {
			return approval.TaskDeadline{}, err
		}
	}
	return approval.TaskDeadline{TaskID: task.ID, RemindAt: stored(remind), DueAt: stored(due)}, nil
}
