package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"linli/approval"
	"linli/approval/engagement"
	"linli/approval/funduse"
	"linli/store/sqlgen"
)

// BookShare books an operator's share as a donation with its receipt record and
// ties it to its period, in one transaction. The same key and income again
// names the first; another income under the key is refused. A worker's store
// only.
func (s *Store) BookShare(ctx context.Context, order engagement.ShareOrder) (incomeID string, err error) {
	if err := order.Income.Validate(order.At); err != nil {
		return "", err
	}
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		entry, first, err := bookIncome(ctx, q, funduse.IncomeOrder{
			FundID: order.FundID, Key: order.Key, Income: order.Income, By: order.By, At: order.At,
		})
		if err != nil {
			return err
		}
		if incomeID, err = q.IncomeOfEntry(ctx, entry); err != nil || !first {
			return err
		}
		return q.InsertShareIncome(ctx, sqlgen.InsertShareIncomeParams{CaseID: order.CaseID, Period: order.Period, IncomeID: incomeID})
	})
	return incomeID, err
}

// Moments answers when civil dates begin: at midnight in Shanghai. Where a day
// lasts otherwise, for training, they are counted from the opening of the case.
func (s *Store) Moments(_ context.Context, q engagement.DateQuestion) ([]time.Time, error) {
	starts, err := approval.CivilDate(q.StartsOn, "starts_on")
	if err != nil {
		return nil, err
	}
	moments := make([]time.Time, 0, len(q.Dates))
	for _, date := range q.Dates {
		day, err := approval.CivilDate(date, "dates")
		if err != nil {
			return nil, err
		}
		if s.dayLength > 0 {
			day = q.OpenedAt.Add(time.Duration(day.Sub(starts).Hours()/24) * s.dayLength)
		}
		moments = append(moments, stored(day))
	}
	return moments, nil
}

// KeepEngagement keeps the readable copy and the public bulletin; a copy of an
// earlier step changes nothing. A worker's store only.
func (s *Store) KeepEngagement(ctx context.Context, view engagement.View) error {
	body, err := json.Marshal(view)
	if err != nil {
		return err
	}
	starts, err := civilDay(view.Term.From, "starts_on")
	if err != nil {
		return err
	}
	ends, err := civilDay(view.Term.To, "ends_on")
	if err != nil {
		return err
	}
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		kept, err := q.KeepEngagement(ctx, sqlgen.KeepEngagementParams{
			CaseID: view.CaseID, Seq: int32(view.Seq), Scope: string(view.Scope), OperatorID: view.Operator.ID, OperatorName: view.Operator.Name,
			SpaceID: view.Space.ID, SpaceName: view.Space.Name, Stage: string(view.Stage), Status: string(view.Status), StartsOn: starts, EndsOn: ends,
			Given: int64(view.Given), Body: body, OpenedAt: stored(view.OpenedAt), ClosedAt: orNever(view.ClosedAt),
		})
		if err != nil || kept == 0 {
			return err
		}
		return keepBulletin(ctx, q, view)
	})
	if err != nil {
		return fmt.Errorf("keeping engagement %s: %w", view.CaseID, err)
	}
	return nil
}

func keepBulletin(ctx context.Context, q *sqlgen.Queries, view engagement.View) error {
	bulletin := view.Bulletin()
	body, err := json.Marshal(bulletin)
	if err != nil {
		return err
	}
	var words []string
	for _, service := range bulletin.Services {
		words = append(words, service.Name, service.Kind.ZH)
	}
	return q.KeepBulletin(ctx, sqlgen.KeepBulletinParams{
		CaseID: view.CaseID, Seq: int32(view.Seq), Scope: string(view.Scope), Title: bulletin.Operator + " " + bulletin.Space,
		Words: strings.Join(words, " "), Running: view.Status == approval.Running, Body: body, OpenedAt: stored(view.OpenedAt),
	})
}

// Engagement reads one engagement; one the person in ctx may not see is absent.
func (s *Store) Engagement(ctx context.Context, caseID string) (view engagement.View, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		body, err := q.EngagementByID(ctx, caseID)
		if err != nil {
			return absent(err, "运营事项", "engagement")
		}
		return json.Unmarshal(body, &view)
	})
	return view, err
}

// Engagements lists the engagements the person in ctx may see, newest first.
func (s *Store) Engagements(ctx context.Context, filter engagement.Filter, page approval.Page) (views []engagement.View, next string, err error) {
	before, beforeID, err := backwards(page)
	if err != nil {
		return nil, "", err
	}
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.Engagements(ctx, sqlgen.EngagementsParams{
			Scope: string(filter.Scope), Status: string(filter.Status), OperatorID: filter.OperatorID, BeforeAt: before, BeforeID: beforeID, UpTo: int32(page.Limit + 1),
		})
		if err != nil {
			return err
		}
		rows, next = pageOf(rows, page, func(last sqlgen.EngagementsRow) string {
			return cursorOf(last.OpenedAt.Format(time.RFC3339Nano), last.CaseID)
		})
		views = make([]engagement.View, len(rows))
		for i, row := range rows {
			if err := json.Unmarshal(row.Body, &views[i]); err != nil {
				return fmt.Errorf("reading engagement %s: %w", row.CaseID, err)
			}
		}
		return nil
	})
	return views, next, err
}

// Bulletins lists what running operators offer, for everybody, newest first.
func (s *Store) Bulletins(ctx context.Context, filter approval.BulletinFilter, page approval.Page) (bulletins []approval.Bulletin, next string, err error) {
	before, beforeID, err := backwards(page)
	if err != nil {
		return nil, "", err
	}
	pattern, err := searchPattern(filter.Search)
	if err != nil {
		return nil, "", err
	}
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.Bulletins(ctx, sqlgen.BulletinsParams{
			Scope: string(filter.Scope), Pattern: pattern, BeforeAt: before, BeforeID: beforeID, UpTo: int32(page.Limit + 1),
		})
		if err != nil {
			return err
		}
		rows, next = pageOf(rows, page, func(last sqlgen.BulletinsRow) string {
			return cursorOf(last.OpenedAt.Format(time.RFC3339Nano), last.CaseID)
		})
		bulletins = make([]approval.Bulletin, len(rows))
		for i, row := range rows {
			if err := json.Unmarshal(row.Body, &bulletins[i]); err != nil {
				return fmt.Errorf("reading the bulletin of %s: %w", row.CaseID, err)
			}
		}
		return nil
	})
	return bulletins, next, err
}

// Bulletin is what one running operator offers, for everybody.
func (s *Store) Bulletin(ctx context.Context, caseID string) (bulletin approval.Bulletin, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		body, err := q.BulletinByID(ctx, caseID)
		if err != nil {
			return absent(err, "运营主体", "operator")
		}
		return json.Unmarshal(body, &bulletin)
	})
	return bulletin, err
}
