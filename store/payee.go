package store

import (
	"context"
	"errors"
	"time"

	"linli/approval"
	"linli/approval/funduse"
	"linli/approval/operator"
	"linli/store/sqlgen"
)

var errNoSealer = errors.New("this store has no key to seal with; see Sealing")

// RegisterPayee stores a payee with the account number sealed. The same
// account at the same scope is refused: one account, one payee.
func (s *Store) RegisterPayee(ctx context.Context, payee funduse.NewPayee, by string, at time.Time) (registered funduse.RegisteredPayee, err error) {
	number, err := funduse.ParseAccount(payee.Account)
	if err != nil {
		return registered, err
	}
	if s.sealer == nil {
		return registered, errNoSealer
	}
	id := newID("py")
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		err := q.InsertPayee(ctx, sqlgen.InsertPayeeParams{
			ID: id, Scope: string(payee.Scope), Name: payee.Name, Bank: payee.Bank, AccountCipher: s.sealer.seal(id, number),
			AccountMasked: number.Masked(), AccountDigest: s.sealer.Digest(number), RegisteredAt: stored(at), RegisteredBy: by,
		})
		if err != nil {
			return err
		}
		registered, err = payeeOf(ctx, q, id)
		return err
	})
	return registered, err
}

// Payees lists the payees the caller sees, newest first, accounts masked.
func (s *Store) Payees(ctx context.Context, page approval.Page) (payees []funduse.RegisteredPayee, next string, err error) {
	after, err := cursorParts(page, 1)
	if err != nil {
		return nil, "", err
	}
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.Payees(ctx, sqlgen.PayeesParams{Before: after[0], UpTo: int32(page.Limit + 1)})
		if err != nil {
			return err
		}
		rows, next = pageOf(rows, page, func(last sqlgen.PayeesRow) string { return cursorOf(last.ID) })
		payees, err = withInterests(ctx, q, rows)
		return err
	})
	return payees, next, err
}

// Payee is one payee; one the caller cannot see is not there.
func (s *Store) Payee(ctx context.Context, id string) (payee funduse.RegisteredPayee, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		payee, err = payeeOf(ctx, q, id)
		return err
	})
	return payee, err
}

// PayeeAccount opens the account number, for the payment itself and nothing
// else: only the worker's role may read what is sealed.
func (s *Store) PayeeAccount(ctx context.Context, payeeID string) (opened funduse.PayeeAccount, err error) {
	if s.sealer == nil {
		return opened, errNoSealer
	}
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		row, err := q.SealedPayee(ctx, payeeID)
		if err != nil {
			return absent(err, "收款方", "payee")
		}
		number, err := s.sealer.open(row.ID, row.AccountCipher)
		opened = funduse.PayeeAccount{PayeeID: row.ID, Name: row.Name, Bank: row.Bank, Account: number}
		return err
	})
	return opened, err
}

// DeclareInterest records a person's relation to a payee; from then on the
// person is out of every roster that decides on that payee.
func (s *Store) DeclareInterest(ctx context.Context, payeeID string, interest funduse.Interest) (payee funduse.RegisteredPayee, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		if _, err := q.Payee(ctx, payeeID); err != nil {
			return absent(err, "收款方", "payee")
		}
		err := q.InsertInterest(ctx, sqlgen.InsertInterestParams{
			PayeeID: payeeID, PersonID: interest.PersonID, Relation: string(interest.Relation), Note: interest.Note,
			DeclaredAt: stored(interest.DeclaredAt), DeclaredBy: interest.DeclaredBy,
		})
		if err != nil {
			return err
		}
		payee, err = payeeOf(ctx, q, payeeID)
		return err
	})
	return payee, err
}

func payeeOf(ctx context.Context, q *sqlgen.Queries, id string) (funduse.RegisteredPayee, error) {
	row, err := q.Payee(ctx, id)
	if err != nil {
		return funduse.RegisteredPayee{}, absent(err, "收款方", "payee")
	}
	payees, err := withInterests(ctx, q, []sqlgen.PayeesRow{sqlgen.PayeesRow(row)})
	if err != nil {
		return funduse.RegisteredPayee{}, err
	}
	return payees[0], nil
}

func withInterests(ctx context.Context, q *sqlgen.Queries, rows []sqlgen.PayeesRow) ([]funduse.RegisteredPayee, error) {
	payees, place, ids := make([]funduse.RegisteredPayee, 0, len(rows)), map[string]int{}, make([]string, 0, len(rows))
	for i, row := range rows {
		place[row.ID] = i
		ids = append(ids, row.ID)
		payees = append(payees, funduse.RegisteredPayee{
			Payee: funduse.Payee{ID: row.ID, Name: row.Name, Bank: row.Bank, AccountMasked: row.AccountMasked, AccountDigest: row.AccountDigest},
			Scope: approval.Scope(row.Scope), RegisteredAt: row.RegisteredAt, RegisteredBy: row.RegisteredBy, Interests: []funduse.Interest{},
			Operators: []operator.Named{}, Related: []operator.Interest{},
		})
	}
	declared, err := q.Interests(ctx, ids)
	for _, row := range declared {
		payee := &payees[place[row.PayeeID]]
		payee.Interests = append(payee.Interests, funduse.Interest{
			PersonID: row.PersonID, Relation: approval.Relation(row.Relation), Note: row.Note, DeclaredAt: row.DeclaredAt, DeclaredBy: row.DeclaredBy,
		})
	}
	if err != nil {
		return nil, err
	}
	return payees, withOperators(ctx, q, payees, ids)
}

// withOperators adds what the register of related parties says of payees.
func withOperators(ctx context.Context, q *sqlgen.Queries, payees []funduse.RegisteredPayee, ids []string) error {
	linked, err := operatorsOf(ctx, q, ids, time.Now())
	if err != nil || len(linked) == 0 {
		return err
	}
	for i := range payees {
		if linked[payees[i].ID] == nil {
			continue
		}
		payees[i].Operators = linked[payees[i].ID]
		related, err := payeeInterests(ctx, q, payees[i].ID, time.Now())
		if err != nil {
			return err
		}
		for _, interest := range related {
			payees[i].Related = append(payees[i].Related, interest.Interest)
		}
	}
	return nil
}
