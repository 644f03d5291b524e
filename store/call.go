package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"linli/approval"
	"linli/approval/onboarding"
	"linli/store/sqlgen"
)

// OpenCall adds a call, once; a space somebody holds in its term, or for which
// another call is out, is refused; so is one whose operator may still renew.
func (s *Store) OpenCall(ctx context.Context, start onboarding.CallStart) error {
	first, last, err := termOf(start.Call.StartsOn, start.Call.EndsOn)
	if err != nil {
		return err
	}
	return s.tx(ctx, func(q *sqlgen.Queries) error {
		space := start.Call.Space
		if err := q.LockSpace(ctx, space.ID); err != nil {
			return err
		}
		if _, err := q.Call(ctx, start.CaseID); !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		if err := vacant(ctx, q, space.ID, "", start.CaseID, space.Number, first, last); err != nil {
			return err
		}
		if err := yielded(ctx, q, space.ID, start.CaseID, "", first); err != nil {
			return err
		}
		rows, err := q.InsertCall(ctx, sqlgen.InsertCallParams{
			ID: start.CaseID, StartsOn: first, EndsOn: last, DeadlineAt: stored(start.Call.DeadlineAt), Content: approval.CanonicalJSON(start.Call),
			Parameters: approval.CanonicalJSON(start.Parameters),
			RuleID:     start.Pin.ID, RuleVersion: int32(start.Pin.Version), RuleHash: start.Pin.Hash, OpenedAt: stored(start.OpenedAt), OpenedBy: start.Opener,
			SpaceID: space.ID,
		})
		if err == nil && rows == 0 {
			return absent(pgx.ErrNoRows, "阵地", "space")
		}
		return err
	})
}

// FileUnderCall counts an application in, once. After the deadline, or once the
// call is closed, it is refused, whoever asked first: closing waits for those
// that are being counted in.
func (s *Store) FileUnderCall(ctx context.Context, callID, caseID, operatorID string, at time.Time) error {
	return s.tx(ctx, func(q *sqlgen.Queries) error {
		if err := q.LockCall(ctx, callID); err != nil {
			return err
		}
		filed, err := q.FiledUnderCall(ctx, sqlgen.FiledUnderCallParams{CallID: callID, CaseID: caseID})
		if err != nil || filed {
			return err
		}
		row, err := q.Call(ctx, callID)
		if err != nil {
			return absent(err, "招引", "call")
		}
		call, err := callFrom(row)
		if err != nil {
			return err
		}
		if row.ClosedAt != nil || !at.Before(call.DeadlineAt) {
			return onboarding.CallClosed()
		}
		_, err = q.FileUnderCall(ctx, sqlgen.FileUnderCallParams{
			CallID: callID, CaseID: caseID, OperatorID: operatorID, FiledAt: stored(at), FiledBy: personOf(ctx).ID,
		})
		return err
	})
}

// CloseCall takes no more applications and lists all that were taken. A
// worker's store only.
func (s *Store) CloseCall(ctx context.Context, callID string, at time.Time) (applicants []string, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		if err := q.LockCall(ctx, callID); err != nil {
			return err
		}
		if err := q.CloseCall(ctx, sqlgen.CloseCallParams{ID: callID, At: orNever(at)}); err != nil {
			return err
		}
		applicants, err = q.CallApplicants(ctx, callID)
		return err
	})
	return applicants, err
}

// EndCall gives the space free for others and keeps how the call ended. A
// worker's store only.
func (s *Store) EndCall(ctx context.Context, callID string, outcome *approval.CallOutcome, at time.Time) error {
	var kept json.RawMessage
	if outcome != nil {
		kept = approval.CanonicalJSON(outcome)
	}
	return s.tx(ctx, func(q *sqlgen.Queries) error {
		return q.EndCall(ctx, sqlgen.EndCallParams{ID: callID, At: orNever(at), Outcome: kept})
	})
}

// Call is one call.
func (s *Store) Call(ctx context.Context, id string) (view onboarding.CallView, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		row, err := q.Call(ctx, id)
		if err != nil {
			return absent(err, "招引", "call")
		}
		view, err = callView(row)
		return err
	})
	return view, err
}

// Calls lists calls at or below a scope ("" = all), newest first; open ones only
// if asked for.
func (s *Store) Calls(ctx context.Context, scope approval.Scope, open bool, page approval.Page, now time.Time) (views []onboarding.CallView, next string, err error) {
	before, beforeID, err := backwards(page)
	if err != nil {
		return nil, "", err
	}
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.Calls(ctx, sqlgen.CallsParams{
			Scope: string(scope), Open: open, Now: stored(now), BeforeAt: before, BeforeID: beforeID, UpTo: int32(page.Limit + 1),
		})
		if err != nil {
			return err
		}
		rows, next = pageOf(rows, page, func(last sqlgen.CallsRow) string { return cursorOf(last.OpenedAt.Format(time.RFC3339Nano), last.ID) })
		for _, row := range rows {
			view, err := callView(sqlgen.CallRow(row))
			if err != nil {
				return err
			}
			views = append(views, view)
		}
		return nil
	})
	return views, next, err
}

func callView(row sqlgen.CallRow) (onboarding.CallView, error) {
	call, err := callFrom(row)
	if err != nil {
		return onboarding.CallView{}, err
	}
	var parameters onboarding.Parameters
	if err := json.Unmarshal(row.Parameters, &parameters); err != nil {
		return onboarding.CallView{}, fmt.Errorf("reading the rules of the call %s: %w", row.ID, err)
	}
	var outcome *approval.CallOutcome
	if len(row.Outcome) > 0 {
		if err := json.Unmarshal(row.Outcome, &outcome); err != nil {
			return onboarding.CallView{}, fmt.Errorf("reading the outcome of the call %s: %w", row.ID, err)
		}
	}
	return onboarding.CallView{
		Outcome: outcome,
		CaseID:  row.ID, Scope: approval.Scope(row.Scope), Call: call, OpenedAt: row.OpenedAt, ClosedAt: orZero(row.ClosedAt), EndedAt: orZero(row.EndedAt),
		Pin: approval.RulePin{ID: row.RuleID, Version: int(row.RuleVersion), Hash: row.RuleHash}, Parameters: parameters,
	}, nil
}

func callFrom(row sqlgen.CallRow) (call onboarding.Call, err error) {
	if err = json.Unmarshal(row.Content, &call); err != nil {
		err = fmt.Errorf("reading the call %s: %w", row.ID, err)
	}
	return call, err
}
