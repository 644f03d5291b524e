package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"linli/approval"
	"linli/store/sqlgen"
)

// Publish puts a notice up with the times of its first publication, however
// often it is called; its period ends by the calendar. The same id with other
// content is refused: a published notice never changes (I11).
func (s *Store) Publish(ctx context.Context, notice approval.Notice) (published approval.Notice, err error) {
	if notice.PublishedAt.IsZero() {
		return approval.Notice{}, errors.New("publishing notice " + notice.ID + ": it has no time of publication")
	}
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		published, err = s.publish(ctx, q, notice)
		return err
	})
	if err != nil {
		return approval.Notice{}, fmt.Errorf("publishing notice %s: %w", notice.ID, err)
	}
	return published, nil
}

func (s *Store) publish(ctx context.Context, q *sqlgen.Queries, notice approval.Notice) (approval.Notice, error) {
	if row, err := q.Notice(ctx, notice.ID); !none(err) {
		return firstPublication(row, err, notice)
	}
	count, err := s.counter(ctx, q)
	if err != nil {
		return approval.Notice{}, err
	}
	ends, err := count(notice.PublishedAt, notice.Days, notice.DayKind)
	if err != nil {
		return approval.Notice{}, err
	}
	notice.PublishedAt, notice.EndsAt = stored(notice.PublishedAt), stored(ends)
	params, err := noticeRow(ctx, q, notice)
	if err != nil {
		return approval.Notice{}, err
	}
	inserted, err := q.InsertNotice(ctx, params)
	if err != nil {
		return approval.Notice{}, err
	}
	if inserted == 0 { // somebody published it in between
		row, err := q.Notice(ctx, notice.ID)
		return firstPublication(row, err, notice)
	}
	return notice, nil
}

func firstPublication(row sqlgen.Notice, err error, again approval.Notice) (approval.Notice, error) {
	if err != nil {
		return approval.Notice{}, err
	}
	first, err := noticeOf(row)
	if err != nil {
		return approval.Notice{}, err
	}
	again.PublishedAt, again.EndsAt = first.PublishedAt, first.EndsAt
	if approval.ContentHash(first) != approval.ContentHash(again) {
		return approval.Notice{}, approval.Errorf(approval.KeyReused, "此公告已发布，内容不能更改。", "This notice is published; its content does not change.").At("id")
	}
	return first, nil
}

// noticeRow fixes the names of that day: a notice does not change when an
// office or a person is renamed.
func noticeRow(ctx context.Context, q *sqlgen.Queries, notice approval.Notice) (sqlgen.InsertNoticeParams, error) {
	scopeNames, err := q.ScopeNames(ctx, string(notice.Scope))
	if err != nil {
		return sqlgen.InsertNoticeParams{}, err
	}
	ids := []string{}
	for _, ballot := range notice.Vote.Ballots {
		ids = append(ids, ballot.Member)
	}
	persons, err := q.PersonNames(ctx, ids)
	if err != nil {
		return sqlgen.InsertNoticeParams{}, err
	}
	names := []approval.PersonName{}
	for _, person := range persons {
		names = append(names, approval.PersonName{ID: person.ID, Name: person.Name})
	}
	return sqlgen.InsertNoticeParams{
		ID: notice.ID, CaseID: notice.CaseID, Scope: string(notice.Scope), Title: notice.Title, Purpose: notice.Purpose,
		Body: approval.CanonicalJSON(notice), ScopeNames: scopeNames, Names: approval.CanonicalJSON(names),
		PublishedAt: notice.PublishedAt, EndsAt: notice.EndsAt,
	}, nil
}

func noticeOf(row sqlgen.Notice) (notice approval.Notice, err error) {
	if err := json.Unmarshal(row.Body, &notice); err != nil {
		return notice, fmt.Errorf("reading notice %s: %w", row.ID, err)
	}
	return notice, nil
}

// PublicNotices lists notices for everybody, newest first.
func (s *Store) PublicNotices(ctx context.Context, filter approval.NoticeFilter, page approval.Page, now time.Time) (views []approval.NoticeView, next string, err error) {
	before, beforeID, err := backwards(page)
	if err != nil {
		return nil, "", err
	}
	pattern, err := searchPattern(filter.Search)
	if err != nil {
		return nil, "", err
	}
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.Notices(ctx, sqlgen.NoticesParams{
			Scope: string(filter.Scope), Pattern: pattern, Open: filter.Open, Now: now,
			BeforeAt: before, BeforeID: beforeID, UpTo: int32(page.Limit + 1),
		})
		if err != nil {
			return err
		}
		rows, next = pageOf(rows, page, func(last sqlgen.Notice) string { return cursorOf(last.PublishedAt.Format(time.RFC3339Nano), last.ID) })
		views, err = noticeViews(ctx, q, rows, now)
		return err
	})
	return views, next, err
}

// PublicNotice reads one notice with everything that was added to it.
func (s *Store) PublicNotice(ctx context.Context, id string, now time.Time) (view approval.NoticeView, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		row, err := q.Notice(ctx, id)
		if err != nil {
			return absent(err, "公告", "notice")
		}
		views, err := noticeViews(ctx, q, []sqlgen.Notice{row}, now)
		if err == nil {
			view = views[0]
		}
		return err
	})
	return view, err
}

func noticeViews(ctx context.Context, q *sqlgen.Queries, rows []sqlgen.Notice, now time.Time) ([]approval.NoticeView, error) {
	ids := make([]string, len(rows))
	at := make(map[string]int, len(rows))
	views := make([]approval.NoticeView, len(rows))
	for i, row := range rows {
		notice, err := noticeOf(row)
		if err != nil {
			return nil, err
		}
		ids[i], at[row.ID] = row.ID, i
		views[i] = approval.NoticeView{
			Notice: notice, ScopeNames: row.ScopeNames, Notes: []approval.NoticeNote{}, Objections: []approval.ObjectionView{},
			Open: now.Before(notice.EndsAt),
		}
		if err := json.Unmarshal(row.Names, &views[i].Names); err != nil {
			return nil, fmt.Errorf("reading the names of notice %s: %w", row.ID, err)
		}
	}
	notes, err := q.NotesOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, row := range notes {
		view := &views[at[row.NoticeID]]
		view.Notes = append(view.Notes, note(row))
	}
	objections, err := q.ObjectionsOf(ctx, ids)
	for _, row := range objections {
		view := &views[at[row.NoticeID]]
		view.Objections = append(view.Objections, objectionView(row.ID, row.Text, row.Status, row.Answer, row.FiledAt, row.AnsweredAt))
	}
	return views, err
}

// AddNote adds a visible note beside a notice; the same id again changes
// nothing, with other content it is refused.
func (s *Store) AddNote(ctx context.Context, added approval.NoticeNote) error {
	added.At = stored(added.At)
	return s.tx(ctx, func(q *sqlgen.Queries) error {
		inserted, err := q.InsertNote(ctx, sqlgen.InsertNoteParams{
			ID: added.ID, NoticeID: added.NoticeID, Kind: added.Kind, Text: storable(added.Text), Author: added.By, At: added.At,
		})
		if err != nil || inserted == 1 {
			return err
		}
		row, err := q.Note(ctx, added.ID)
		if err != nil {
			return err
		}
		if earlier := note(row); earlier.NoticeID != added.NoticeID || earlier.Kind != added.Kind || earlier.Text != storable(added.Text) {
			return approval.Errorf(approval.KeyReused, "此附注已发布，内容不能更改。", "This note is published; its content does not change.").At("id")
		}
		return nil
	})
}

func note(row sqlgen.NoticeNote) approval.NoticeNote {
	return approval.NoticeNote{ID: row.ID, NoticeID: row.NoticeID, Kind: row.Kind, Text: row.Text, By: row.Author, At: row.At}
}
