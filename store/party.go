package store

import (
	"context"
	"time"

	"linli/approval"
	"linli/approval/operator"
	"linli/store/sqlgen"
)

// AddParty records an owner or manager of an operator.
func (s *Store) AddParty(ctx context.Context, operatorID string, party operator.NewParty, by string, at time.Time) error {
	return s.tx(ctx, func(q *sqlgen.Queries) error {
		return q.InsertParty(ctx, sqlgen.InsertPartyParams{
			ID: newID("pt"), OperatorID: operatorID, Name: party.Name, Capacity: string(party.Capacity), Percent: int32(party.Percent),
			PersonID: orNull(party.PersonID), AddedAt: stored(at), AddedBy: by,
		})
	})
}

// EndParty ends it; it stays on record.
func (s *Store) EndParty(ctx context.Context, operatorID, id string, ending operator.Ending) error {
	return s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.EndParty(ctx, sqlgen.EndPartyParams{
			ID: id, OperatorID: operatorID, EndedOn: date(ending.EndedOn), EndReason: ending.EndReason, EndedBy: &ending.EndedBy,
		})
		return ended(rows, err)
	})
}

// DeclareTie records what a person is to an operator or one of its owners.
func (s *Store) DeclareTie(ctx context.Context, operatorID string, tie operator.NewTie, by string, at time.Time) error {
	return s.tx(ctx, func(q *sqlgen.Queries) error {
		return q.InsertTie(ctx, sqlgen.InsertTieParams{
			ID: newID("ti"), OperatorID: operatorID, PartyID: orNull(tie.PartyID), PersonID: tie.PersonID, Relation: string(tie.Relation),
			Note: tie.Note, DeclaredAt: stored(at), DeclaredBy: by,
		})
	})
}

// EndTie ends it; it stays on record and counts for some years more.
func (s *Store) EndTie(ctx context.Context, operatorID, id string, ending operator.Ending) error {
	return s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.EndTie(ctx, sqlgen.EndTieParams{
			ID: id, OperatorID: operatorID, EndedOn: date(ending.EndedOn), EndReason: ending.EndReason, EndedBy: &ending.EndedBy,
		})
		return ended(rows, err)
	})
}

func ended(rows int64, err error) error {
	if err == nil && rows == 0 {
		return approval.Errorf(approval.Conflict, "没有这条登记，或已经终止，或您无权终止。",
			"There is no such entry, it has ended already, or it is not yours to end.")
	}
	return err
}

// RelatedParties is the register of one operator as far as the caller sees it.
func (s *Store) RelatedParties(ctx context.Context, operatorID string) (parties []operator.Party, ties []operator.Tie, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		byOperator, err := register(ctx, q, []string{operatorID})
		parties, ties = byOperator[operatorID].parties, byOperator[operatorID].ties
		return err
	})
	return parties, ties, err
}

// OperatorInterests is everybody the register keeps out of what concerns an
// operator at the time, as far as the caller sees it; a worker sees all.
func (s *Store) OperatorInterests(ctx context.Context, operatorID string, at time.Time) (found []operator.Interest, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		byOperator, err := register(ctx, q, []string{operatorID})
		entry := byOperator[operatorID]
		found = operator.Interests(operatorID, entry.parties, entry.ties, at)
		return err
	})
	return found, err
}

// LinkPayee declares whether a payee is an operator or one of its owners.
func (s *Store) LinkPayee(ctx context.Context, link operator.PayeeLink) error {
	return s.tx(ctx, func(q *sqlgen.Queries) error {
		return q.InsertPayeeLink(ctx, sqlgen.InsertPayeeLinkParams{
			PayeeID: link.PayeeID, OperatorID: link.OperatorID, PartyID: orNull(link.PartyID), Same: link.Same, Reason: link.Reason,
			DeclaredAt: stored(link.DeclaredAt), DeclaredBy: link.DeclaredBy,
		})
	})
}

type registered struct {
	parties []operator.Party
	ties    []operator.Tie
}

func register(ctx context.Context, q *sqlgen.Queries, operators []string) (map[string]registered, error) {
	found := map[string]registered{}
	parties, err := q.Parties(ctx, operators)
	if err != nil {
		return nil, err
	}
	for _, row := range parties {
		entry := found[row.OperatorID]
		entry.parties = append(entry.parties, operator.Party{
			ID: row.ID, NewParty: operator.NewParty{
				Name: row.Name, Capacity: operator.Capacity(row.Capacity), Percent: int(row.Percent), PersonID: orEmpty(row.PersonID),
			},
			AddedAt: row.AddedAt, AddedBy: row.AddedBy, Ending: operator.Ending{EndedOn: civil(row.EndedOn), EndReason: row.EndReason, EndedBy: row.EndedBy},
		})
		found[row.OperatorID] = entry
	}
	ties, err := q.Ties(ctx, operators)
	for _, row := range ties {
		entry := found[row.OperatorID]
		entry.ties = append(entry.ties, operator.Tie{
			ID: row.ID, NewTie: operator.NewTie{
				PersonID: row.PersonID, PartyID: orEmpty(row.PartyID), Relation: approval.Relation(row.Relation), Note: row.Note,
			},
			DeclaredAt: row.DeclaredAt, DeclaredBy: row.DeclaredBy, Ending: operator.Ending{EndedOn: civil(row.EndedOn), EndReason: row.EndReason, EndedBy: row.EndedBy},
		})
		found[row.OperatorID] = entry
	}
	return found, err
}

// payeeInterest is a reason the register gives to keep a person out of what a
// payee is paid.
type payeeInterest struct {
	operator.Interest
	operator string // its name
}

// payeeInterests are those reasons at a time: the interests in every operator the
// payee is or belongs to an owner of.
func payeeInterests(ctx context.Context, q *sqlgen.Queries, payeeID string, at time.Time) ([]payeeInterest, error) {
	linked, err := operatorsOf(ctx, q, []string{payeeID}, at)
	if err != nil || len(linked[payeeID]) == 0 {
		return nil, err
	}
	var ids []string
	for _, one := range linked[payeeID] {
		ids = append(ids, one.ID)
	}
	byOperator, err := register(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	var found []payeeInterest
	for _, one := range linked[payeeID] {
		for _, interest := range operator.Interests(one.ID, byOperator[one.ID].parties, byOperator[one.ID].ties, at) {
			found = append(found, payeeInterest{Interest: interest, operator: one.Name})
		}
	}
	return found, nil
}

// operatorsOf names, per payee, the operators it is or belongs to an owner of.
func operatorsOf(ctx context.Context, q *sqlgen.Queries, payees []string, at time.Time) (map[string][]operator.Named, error) {
	rows, err := q.OperatorsOfPayees(ctx, sqlgen.OperatorsOfPayeesParams{Payees: payees, Since: *date(operator.StillCounts(at))})
	found := map[string][]operator.Named{}
	for _, row := range rows {
		found[row.PayeeID] = append(found[row.PayeeID], operator.Named{ID: row.OperatorID, Name: row.Name, CreditCode: approval.CreditCode(row.CreditCode)})
	}
	return found, err
}
