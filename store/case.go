package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"linli/approval"
	"linli/store/sqlgen"
)

// Case reads one case; one the person in ctx may not see is absent.
func (s *Store) Case(ctx context.Context, id string) (view approval.CaseView, err error) {
	err = s.lone(ctx, "off", func(q *sqlgen.Queries) error {
		row, err := q.CaseByID(ctx, id)
		view = caseView(row)
		return absent(err, "事项", "case")
	})
	return view, err
}

// Cases lists the cases the person in ctx may see, newest first.
func (s *Store) Cases(ctx context.Context, filter approval.CaseFilter, page approval.Page) (views []approval.CaseView, next string, err error) {
	before, beforeID, err := backwards(page)
	if err != nil {
		return nil, "", err
	}
	pattern, err := searchPattern(filter.Search)
	if err != nil {
		return nil, "", err
	}
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.Cases(ctx, sqlgen.CasesParams{
			Scope: string(filter.Scope), Status: string(filter.Status), Stage: string(filter.Stage), Pattern: pattern,
			BeforeAt: before, BeforeID: beforeID, UpTo: int32(page.Limit + 1),
		})
		if err != nil {
			return err
		}
		rows, next = pageOf(rows, page, func(last sqlgen.Case) string { return cursorOf(last.OpenedAt.Format(time.RFC3339Nano), last.ID) })
		views = make([]approval.CaseView, 0, len(rows))
		for _, row := range rows {
			views = append(views, caseView(row))
		}
		return nil
	})
	return views, next, err
}

// CaseSteps is the audit trail of a case in the order it was written; ballots
// of a sealed round show that they were cast, not how.
func (s *Store) CaseSteps(ctx context.Context, caseID string) (steps []approval.StepView, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		if _, err := q.CaseByID(ctx, caseID); err != nil {
			return absent(err, "事项", "case")
		}
		rows, err := q.CaseSteps(ctx, caseID)
		steps = make([]approval.StepView, 0, len(rows))
		for _, row := range rows {
			steps = append(steps, approval.StepView{
				Seq: int(row.Seq), Kind: row.Kind, At: row.At, Stage: approval.Stage(row.Stage), TaskID: row.TaskID, Seat: row.Seat,
				Action: approval.Action(row.Action), Person: row.Person, PersonName: row.PersonName, For: row.ActingFor,
				Comment: row.Comment, Envelope: row.Envelope, Note: row.Note, Superseded: row.Superseded,
			})
		}
		return err
	})
	return steps, err
}

// CaseEvidence lists the binding evaluations of a case, oldest first.
func (s *Store) CaseEvidence(ctx context.Context, caseID string) (found []approval.Evidence, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		if _, err := q.CaseByID(ctx, caseID); err != nil {
			return absent(err, "事项", "case")
		}
		rows, err := q.CaseEvidence(ctx, caseID)
		if err != nil {
			return err
		}
		found = make([]approval.Evidence, len(rows))
		for i, row := range rows {
			if err := json.Unmarshal(row, &found[i]); err != nil {
				return fmt.Errorf("reading evidence of case %s: %w", caseID, err)
			}
		}
		return nil
	})
	return found, err
}

func caseRow(record approval.Record) sqlgen.UpsertCaseParams {
	c := record.Case
	return sqlgen.UpsertCaseParams{
		ID: record.CaseID, Procedure: c.Procedure, Scope: string(c.Scope), Title: storable(c.Title), Amount: int64(c.Amount), Stage: string(c.Stage),
		StageNameZh: c.StageName.ZH, StageNameEn: c.StageName.EN, NextZh: c.Next.ZH, NextEn: c.Next.EN, Status: string(c.Status),
		Reason: storable(c.Reason), Proposer: c.Proposer, ContentHash: c.ContentHash, RuleID: c.Pin.ID, RuleVersion: int32(c.Pin.Version),
		RuleHash: c.Pin.Hash, Sealed: c.Sealed, OpenedAt: stored(c.OpenedAt), ClosedAt: orNever(c.ClosedAt),
		Seq: int32(record.Seq), UpdatedAt: stored(record.At),
	}
}

func snapshot(row sqlgen.Case) approval.CaseSnapshot {
	return approval.CaseSnapshot{
		Procedure: row.Procedure, Scope: approval.Scope(row.Scope), Title: row.Title, Amount: approval.Fen(row.Amount),
		Stage: approval.Stage(row.Stage), StageName: approval.Text{ZH: row.StageNameZh, EN: row.StageNameEn},
		Next: approval.Text{ZH: row.NextZh, EN: row.NextEn}, Status: approval.CaseStatus(row.Status), Reason: row.Reason,
		Proposer: row.Proposer, ContentHash: row.ContentHash,
		Pin:    approval.RulePin{ID: row.RuleID, Version: int(row.RuleVersion), Hash: row.RuleHash},
		Sealed: row.Sealed, OpenedAt: row.OpenedAt, ClosedAt: orZero(row.ClosedAt),
	}
}

func caseView(row sqlgen.Case) approval.CaseView {
	return approval.CaseView{CaseID: row.ID, CaseSnapshot: snapshot(row), Seq: int(row.Seq), UpdatedAt: row.UpdatedAt}
}

// backwards reads the cursor of a list ordered newest first.
func backwards(page approval.Page) (before time.Time, beforeID string, err error) {
	parts, err := cursorParts(page, 2)
	if err != nil {
		return before, "", err
	}
	before, err = instantOr(parts[0], undated)
	return before, parts[1], err
}

const maxSearch = 60 // characters

// searchPattern turns what somebody typed into a pattern that means just that.
func searchPattern(search string) (string, error) {
	search = strings.TrimSpace(storable(search))
	if search == "" {
		return "", nil
	}
	if len([]rune(search)) > maxSearch {
		return "", approval.Errorf(approval.Invalid, "搜索内容不能超过%[1]d个字。", "A search has at most %[1]d characters.", maxSearch).At("search")
	}
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(search) + "%", nil
}
