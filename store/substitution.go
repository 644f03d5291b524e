package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"linli/approval"
	"linli/store/sqlgen"
)

// NameSubstitute records a substitution after the domain allowed it for by.
func (s *Store) NameSubstitute(ctx context.Context, wanted approval.Substitution, by approval.Person, now time.Time) (approval.Substitution, error) {
	err := s.tx(ctx, func(q *sqlgen.Queries) error {
		absentPerson, err := q.PersonRow(ctx, wanted.Absent)
		if err != nil {
			return blame(absent(err, "人员", "person"), "absent")
		}
		substitute, err := q.PersonRow(ctx, wanted.Substitute)
		if err != nil {
			return blame(absent(err, "人员", "person"), "substitute")
		}
		wanted.ID, wanted.Scope, wanted.CreatedAt, wanted.CreatedBy = newID("sub"), approval.Scope(absentPerson.Scope), stored(now), by.ID
		wanted.AbsentName, wanted.SubstituteName = absentPerson.Name, substitute.Name
		if err := wanted.Validate(now); err != nil {
			return err
		}
		if err := wanted.MayName(by, approval.Scope(substitute.Scope)); err != nil {
			return err
		}
		first, _ := time.Parse(time.DateOnly, wanted.FirstOn) // Validate has parsed both
		last, _ := time.Parse(time.DateOnly, wanted.LastOn)
		return q.InsertSubstitution(ctx, sqlgen.InsertSubstitutionParams{
			ID: wanted.ID, Absent: wanted.Absent, Substitute: wanted.Substitute, Scope: string(wanted.Scope),
			FirstOn: first, LastOn: last, Reason: wanted.Reason, CreatedAt: wanted.CreatedAt, CreatedBy: by.ID,
		})
	})
	return wanted, err
}

// Substitutions lists those the caller may see, newest first.
func (s *Store) Substitutions(ctx context.Context, page approval.Page) (found []approval.Substitution, next string, err error) {
	parts, err := cursorParts(page, 1)
	if err != nil {
		return nil, "", err
	}
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.Substitutions(ctx, sqlgen.SubstitutionsParams{Before: parts[0], UpTo: int32(page.Limit + 1)})
		if err != nil {
			return err
		}
		rows, next = pageOf(rows, page, func(last sqlgen.SubstitutionsRow) string { return cursorOf(last.ID) })
		found = make([]approval.Substitution, 0, len(rows))
		for _, row := range rows {
			one := substitution(sqlgen.SubstitutionRowRow{
				ID: row.ID, Absent: row.Absent, Substitute: row.Substitute, Scope: row.Scope, FirstOn: row.FirstOn, LastOn: row.LastOn,
				Reason: row.Reason, CreatedAt: row.CreatedAt, CreatedBy: row.CreatedBy, EndedAt: row.EndedAt,
			})
			one.AbsentName, one.SubstituteName = row.AbsentName, row.SubstituteName
			found = append(found, one)
		}
		return nil
	})
	return found, next, err
}

// EndSubstitution ends one at once; what was done under it stays done.
func (s *Store) EndSubstitution(ctx context.Context, id, by string, now time.Time) (ended approval.Substitution, err error) {
	at := stored(now)
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		row, err := q.SubstitutionRow(ctx, id)
		if err != nil {
			return absent(err, "代理", "substitution")
		}
		ended = substitution(row)
		if row.EndedAt != nil {
			return nil
		}
		changed, err := q.EndSubstitution(ctx, sqlgen.EndSubstitutionParams{At: &at, By: &by, ID: id})
		if err == nil && changed == 0 {
			return approval.Errorf(approval.Forbidden, "只有本人、书记或管理员可以结束代理。", "Only the person, a secretary or an administrator ends a substitution.")
		}
		ended.EndedAt = at
		return err
	})
	return ended, err
}

// StandIn is person acting for absent at a time: his own id, the absent's
// grants, and For saying whose they are.
func (s *Store) StandIn(ctx context.Context, person approval.Person, absentID string, at time.Time) (acting approval.Person, err error) {
	err = s.system(ctx, func(q *sqlgen.Queries) error {
		if err := substitutes(ctx, q, absentID, person.ID, at); err != nil {
			return err
		}
		rows, err := q.GrantsOf(ctx, []string{absentID})
		acting = approval.Person{ID: person.ID, For: absentID, Grants: make([]approval.Grant, 0, len(rows))}
		for _, row := range rows {
			acting.Grants = append(acting.Grants, approval.Grant{Role: approval.Role(row.Role), Scope: approval.Scope(row.Scope)})
		}
		return err
	})
	return acting, err
}

func substitutes(ctx context.Context, q *sqlgen.Queries, absentID, substituteID string, at time.Time) error {
	year, month, day := at.In(approval.Shanghai).Date()
	_, err := q.ActiveSubstitution(ctx, sqlgen.ActiveSubstitutionParams{
		Absent: absentID, Substitute: substituteID, Day: time.Date(year, month, day, 0, 0, 0, 0, time.UTC),
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return approval.Errorf(approval.NotEligible, "您目前不是此人的代理人。",
			"You do not substitute that person at present.").At("on_behalf_of")
	}
	return err
}

func substitution(row sqlgen.SubstitutionRowRow) approval.Substitution {
	return approval.Substitution{
		ID: row.ID, Absent: row.Absent, Substitute: row.Substitute, Scope: approval.Scope(row.Scope),
		FirstOn: row.FirstOn.Format(time.DateOnly), LastOn: row.LastOn.Format(time.DateOnly), Reason: row.Reason,
		CreatedAt: row.CreatedAt, CreatedBy: row.CreatedBy, EndedAt: orZero(row.EndedAt),
	}
}

// blame puts a field on a refusal and leaves a fault alone.
func blame(err error, field string) error {
	if refused := approval.Refusal(err); refused != nil {
		return refused.At(field)
	}
	return err
}
