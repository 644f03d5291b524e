package store

import (
	"context"
	"encoding/json"
	"time"

	"linli/approval"
	"linli/store/sqlgen"
)

// Calendars is every year that is loaded, oldest first: what
// approval.NewCalendar takes.
func (s *Store) Calendars(ctx context.Context) ([]approval.CalendarYear, error) {
	years := []approval.CalendarYear{}
	err := s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.Calendars(ctx)
		if err != nil {
			return err
		}
		for _, row := range rows {
			var year approval.CalendarYear
			if err := json.Unmarshal(row.Content, &year); err != nil {
				return err
			}
			years = append(years, year)
		}
		return nil
	})
	return years, err
}

// CalendarOf reads one year.
func (s *Store) CalendarOf(ctx context.Context, year int) (found approval.CalendarYear, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		row, err := q.CalendarOf(ctx, int32(year))
		if err != nil {
			return absent(err, "年度工作日安排", "calendar of that year")
		}
		return json.Unmarshal(row.Content, &found)
	})
	return found, err
}

// PutCalendar stores a valid year in place of what was there.
func (s *Store) PutCalendar(ctx context.Context, year approval.CalendarYear, by string, now time.Time) error {
	if _, err := approval.NewCalendar([]approval.CalendarYear{year}); err != nil {
		return err
	}
	content, err := json.Marshal(year)
	if err != nil {
		return err
	}
	return s.tx(ctx, func(q *sqlgen.Queries) error {
		return q.PutCalendar(ctx, sqlgen.PutCalendarParams{Year: int32(year.Year), Content: content, UpdatedAt: stored(now), UpdatedBy: by})
	})
}
