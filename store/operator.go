package store

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"linli/approval"
	"linli/approval/contract"
	"linli/approval/operator"
	"linli/store/sqlgen"
)

// OperatorNames lists the registered operators but one, for finding doubles.
func (s *Store) OperatorNames(ctx context.Context, without string) (names []operator.Named, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.OperatorNames(ctx, without)
		for _, row := range rows {
			names = append(names, operator.Named{ID: row.ID, Name: row.Name, CreditCode: approval.CreditCode(row.CreditCode)})
		}
		return err
	})
	return names, err
}

// RegisterOperator adds an operator; a credit code registered already is refused
// by the database, however many try at once.
func (s *Store) RegisterOperator(ctx context.Context, scope approval.Scope, details operator.Details, by string, at time.Time) (registered operator.Operator, err error) {
	id := newID("op")
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		err := q.InsertOperator(ctx, sqlgen.InsertOperatorParams{
			ID: id, Scope: string(scope), Name: details.Name, CreditCode: string(details.CreditCode), CodeReason: details.CodeReason,
			NameReason: details.NameReason, Kind: string(details.Kind), LegalRepresentative: details.LegalRepresentative,
			FoundedOn: date(details.FoundedOn), Address: details.Address, RegisteredAt: stored(at), RegisteredBy: by,
		})
		if err != nil {
			return err
		}
		if err := setContact(ctx, q, id, scope, details, by, at); err != nil {
			return err
		}
		registered, err = operatorOf(ctx, q, id)
		return err
	})
	return registered, err
}

// ChangeOperator corrects an operator; the state before stays on record. It
// refuses if the version the caller saw is no longer the latest.
func (s *Store) ChangeOperator(ctx context.Context, id string, change operator.Change, by string, at time.Time) (changed operator.Operator, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		before, err := operatorOf(ctx, q, id)
		if err != nil {
			return err
		}
		rows, err := q.ChangeOperator(ctx, sqlgen.ChangeOperatorParams{
			ID: id, Version: int32(change.Version), Name: change.Name, CreditCode: string(change.CreditCode), CodeReason: change.CodeReason,
			NameReason: change.NameReason, Kind: string(change.Kind), LegalRepresentative: change.LegalRepresentative,
			FoundedOn: date(change.FoundedOn), Address: change.Address, ChangedAt: stored(at), ChangedBy: by, ChangeReason: change.Reason,
		})
		if err != nil {
			return err
		}
		if rows == 0 {
			return stale(before.Version)
		}
		if err := setContact(ctx, q, id, before.Scope, change.Details, by, at); err != nil {
			return err
		}
		changed, err = operatorOf(ctx, q, id)
		return err
	})
	return changed, err
}

// stale refuses a change of something that has moved on.
func stale(version int) *approval.Error {
	return approval.Errorf(approval.StaleContent, "此内容已是第%[1]d版，请重新查看后再修改。",
		"This is at version %[1]d by now; look at it again before changing it.", version).At("version")
}

func setContact(ctx context.Context, q *sqlgen.Queries, id string, scope approval.Scope, details operator.Details, by string, at time.Time) error {
	return q.SetOperatorContact(ctx, sqlgen.SetOperatorContactParams{
		OperatorID: id, Scope: string(scope), Contact: details.Contact, Phone: details.Phone, ChangedAt: stored(at), ChangedBy: by,
	})
}

// Operators lists operators, newest first.
func (s *Store) Operators(ctx context.Context, filter operator.Filter, page approval.Page) (operators []operator.Operator, next string, err error) {
	before, err := cursorParts(page, 1)
	if err != nil {
		return nil, "", err
	}
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.Operators(ctx, sqlgen.OperatorsParams{
			Before: before[0], Search: filter.Search, Mine: filter.ActsFor, UpTo: int32(page.Limit + 1),
		})
		rows, next = pageOf(rows, page, func(last sqlgen.OperatorsRow) string { return cursorOf(last.ID) })
		for _, row := range rows {
			operators = append(operators, operatorFrom(sqlgen.OperatorRow(row)))
		}
		return err
	})
	return operators, next, err
}

// Operator is one operator; the contact is empty for whoever may not know it.
func (s *Store) Operator(ctx context.Context, id string) (found operator.Operator, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		found, err = operatorOf(ctx, q, id)
		return err
	})
	return found, err
}

func operatorOf(ctx context.Context, q *sqlgen.Queries, id string) (operator.Operator, error) {
	row, err := q.Operator(ctx, id)
	return operatorFrom(row), absent(err, "运营主体", "operator")
}

func operatorFrom(row sqlgen.OperatorRow) operator.Operator {
	details := operator.Details{
		Name: row.Name, CreditCode: approval.CreditCode(row.CreditCode), CodeReason: row.CodeReason, NameReason: row.NameReason,
		Kind: operator.Kind(row.Kind), LegalRepresentative: row.LegalRepresentative, FoundedOn: civil(row.FoundedOn),
		Address: row.Address, Contact: row.Contact, Phone: row.Phone,
	}
	found := operator.Operator{
		ID: row.ID, Details: details, Scope: approval.Scope(row.Scope), Version: int(row.Version),
		RegisteredAt: row.RegisteredAt, RegisteredBy: row.RegisteredBy, ChangedAt: row.ChangedAt, ChangedBy: row.ChangedBy,
	}
	if row.ID != "" {
		found.Doubts = details.Doubtful()
	}
	return found
}

// OperatorVersions is everything the register ever said of an operator, newest
// first.
func (s *Store) OperatorVersions(ctx context.Context, id string) (versions []approval.Version, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		if _, err := operatorOf(ctx, q, id); err != nil {
			return err
		}
		rows, err := q.OperatorVersions(ctx, id)
		for _, row := range rows {
			versions = append(versions, approval.Version{Version: int(row.Version), Content: row.Content, At: row.At, By: row.By})
		}
		return err
	})
	return versions, err
}

// LinkActor lets a plain account act for an operator; a link with an id is made
// once, however often it is delivered.
func (s *Store) LinkActor(ctx context.Context, operatorID string, actor operator.Actor) error {
	return s.tx(ctx, func(q *sqlgen.Queries) error {
		return q.LinkOperatorPerson(ctx, sqlgen.LinkOperatorPersonParams{
			ID: cmp.Or(actor.ID, newID("oa")), OperatorID: operatorID, PersonID: actor.PersonID, Position: actor.Position,
			LinkedAt: stored(actor.LinkedAt), LinkedBy: actor.LinkedBy,
		})
	})
}

// EndActor ends what LinkActor began; it stays on record. The same ending again
// changes nothing and ends no later link.
func (s *Store) EndActor(ctx context.Context, operatorID string, actor operator.Actor) error {
	at := stored(actor.EndedAt)
	return s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.EndOperatorPerson(ctx, sqlgen.EndOperatorPersonParams{
			OperatorID: operatorID, PersonID: actor.PersonID, EndedAt: &at, EndedBy: &actor.EndedBy, EndReason: actor.EndReason,
		})
		if err == nil && rows == 0 {
			err = pgx.ErrNoRows
		}
		return absent(err, "运营主体经办人员", "person acting for the operator")
	})
}

// Actors lists who acts and acted for an operator.
func (s *Store) Actors(ctx context.Context, operatorID string) (actors []operator.Actor, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.OperatorPeople(ctx, operatorID)
		for _, row := range rows {
			actors = append(actors, operator.Actor{
				PersonID: row.PersonID, Name: row.Name, Position: row.Position, LinkedAt: row.LinkedAt, LinkedBy: row.LinkedBy,
				EndedAt: orZero(row.EndedAt), EndedBy: row.EndedBy, EndReason: row.EndReason,
			})
		}
		return err
	})
	return actors, err
}

// RunningCases are the running cases of an operator, for whoever says who acts
// for it; nobody else learns of any.
func (s *Store) RunningCases(ctx context.Context, operatorID string) (cases []string, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		cases, err = q.RunningCasesOf(ctx, operatorID)
		return err
	})
	return cases, err
}

// Acting are the persons who act for an operator now, in what capacity. A
// worker's store, or one that reads the register's people.
func (s *Store) Acting(ctx context.Context, operatorID string) (acting []contract.Signatory, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		acting, err = actingFor(ctx, q, operatorID)
		return err
	})
	return acting, err
}

func actingFor(ctx context.Context, q *sqlgen.Queries, operatorID string) ([]contract.Signatory, error) {
	rows, err := q.ActingFor(ctx, operatorID)
	var acting []contract.Signatory
	for _, row := range rows {
		acting = append(acting, contract.Signatory{Person: row.PersonID, Capacity: row.Position})
	}
	return acting, err
}

// ActsFor tells whether the person acts for the operator now.
func (s *Store) ActsFor(ctx context.Context, operatorID, person string) (acts bool, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		acts, err = q.ActsFor(ctx, sqlgen.ActsForParams{OperatorID: operatorID, PersonID: person})
		return err
	})
	return acts, err
}

// date is a civil date for the database; "" is null. It has been validated.
func date(text string) *time.Time {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return nil
	}
	return &day
}

// civil is a civil date as the domain writes it; null is "".
func civil(day *time.Time) string {
	if day == nil {
		return ""
	}
	return day.Format(time.DateOnly)
}

func jsonOf(v any) json.RawMessage { return approval.CanonicalJSON(v) }
