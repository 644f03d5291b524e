package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"linli/approval"
	"linli/store/sqlgen"
)

// Divisions is the whole scope tree, city first.
func (s *Store) Divisions(ctx context.Context) ([]approval.Division, error) {
	divisions := []approval.Division{}
	err := s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.Scopes(ctx)
		for _, row := range rows {
			divisions = append(divisions, approval.Division{Path: approval.Scope(row.Path), NameZH: row.NameZh, NameEN: row.NameEn})
		}
		return err
	})
	return divisions, err
}

// AddDivision adds a node below an existing one; a city has none above.
func (s *Store) AddDivision(ctx context.Context, division approval.Division, by string, now time.Time) error {
	return s.tx(ctx, func(q *sqlgen.Queries) error {
		params := sqlgen.InsertScopeParams{
			Path: string(division.Path), NameZh: division.NameZH, NameEn: division.NameEN, CreatedAt: stored(now), CreatedBy: by,
		}
		if i := strings.LastIndexByte(params.Path, '/'); i >= 0 {
			parent := params.Path[:i]
			params.Parent = &parent
		}
		return q.InsertScope(ctx, params)
	})
}

// CreateAccount makes a person with a way to log in and the first grants. An
// ID in the request is used as it is, which lets a fixture name its people.
func (s *Store) CreateAccount(ctx context.Context, wanted approval.NewAccount, passwordHash, by string, now time.Time) (account approval.Account, err error) {
	id, at := wanted.ID, stored(now)
	if id == "" {
		id = newID("p")
	}
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		if err := q.InsertPerson(ctx, sqlgen.InsertPersonParams{
			ID: id, Name: wanted.Name, Scope: string(wanted.Scope), CreatedAt: at, CreatedBy: by,
		}); err != nil {
			return err
		}
		if err := q.InsertAccount(ctx, sqlgen.InsertAccountParams{
			Person: id, Username: wanted.Username, Scope: string(wanted.Scope), PasswordHash: passwordHash,
			PasswordChangedAt: at, CreatedAt: at, CreatedBy: by,
		}); err != nil {
			return err
		}
		if err := insertGrants(ctx, q, id, wanted.Grants, by, at); err != nil {
			return err
		}
		account, err = accountOf(ctx, q, id)
		return err
	})
	return account, err
}

// AccountID finds a person by username, for fixtures and the command line.
func (s *Store) AccountID(ctx context.Context, username string) (id string, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		id, err = q.AccountIDByUsername(ctx, username)
		return absent(err, "账户", "account")
	})
	return id, err
}

// Accounts lists accounts, newest first.
func (s *Store) Accounts(ctx context.Context, filter approval.AccountFilter, page approval.Page) (accounts []approval.Account, next string, err error) {
	parts, err := cursorParts(page, 1)
	if err != nil {
		return nil, "", err
	}
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.AccountRows(ctx, sqlgen.AccountRowsParams{
			Scope: string(filter.Scope), Role: string(filter.Role), Search: filter.Search, Before: parts[0], UpTo: int32(page.Limit + 1),
		})
		if err != nil {
			return err
		}
		rows, next = pageOf(rows, page, func(last sqlgen.AccountRowsRow) string { return cursorOf(last.Person) })
		accounts = make([]approval.Account, 0, len(rows))
		for _, row := range rows {
			accounts = append(accounts, accountFrom(sqlgen.AccountRowRow(row)))
		}
		return addGrants(ctx, q, accounts)
	})
	return accounts, next, err
}

// SetGrants makes the person's grants what wanted says, as far as by
// administers them: grants outside his scope stay, and he cannot add any
// there.
func (s *Store) SetGrants(ctx context.Context, by approval.Person, id string, wanted []approval.Grant, now time.Time) (account approval.Account, err error) {
	at := stored(now)
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		if _, err := q.LockPerson(ctx, id); err != nil {
			return err
		}
		if account, err = accountOf(ctx, q, id); err != nil {
			return err
		}
		added := without(wanted, account.Grants)
		if err := approval.MayGrant(by, id, added); err != nil {
			return err
		}
		for _, grant := range without(account.Grants, wanted) {
			if !by.Holds(approval.Administrator, grant.Scope) {
				continue
			}
			if _, err := q.RevokeGrant(ctx, sqlgen.RevokeGrantParams{
				At: &at, By: &by.ID, Person: id, Role: string(grant.Role), Scope: string(grant.Scope),
			}); err != nil {
				return err
			}
		}
		if err := insertGrants(ctx, q, id, added, by.ID, at); err != nil {
			return err
		}
		account, err = accountOf(ctx, q, id)
		return err
	})
	return account, err
}

// Disable closes an account and, in the same transaction, ends its sessions
// and revokes its tokens for good. Repeating it changes nothing.
func (s *Store) Disable(ctx context.Context, id, by, reason string, now time.Time) (account approval.Account, err error) {
	at := stored(now)
	err = s.atomic(ctx, func(ctx context.Context) error {
		err := s.tx(ctx, func(q *sqlgen.Queries) error {
			if account, err = accountOf(ctx, q, id); err != nil {
				return err
			}
			if !account.DisabledAt.IsZero() {
				return nil
			}
			changed, err := q.DisableAccount(ctx, sqlgen.DisableAccountParams{At: &at, By: &by, Reason: reason, Person: id})
			if err == nil && changed == 0 {
				return outsideScope()
			}
			account.DisabledAt, account.Reason = at, reason
			return err
		})
		if err != nil {
			return err
		}
		return s.system(ctx, func(q *sqlgen.Queries) error {
			if err := q.EndSessionsOf(ctx, sqlgen.EndSessionsOfParams{At: &at, Person: id, Keep: []byte{}}); err != nil {
				return err
			}
			return q.RevokeTokensOf(ctx, sqlgen.RevokeTokensOfParams{Person: id, RevokedAt: &at})
		})
	})
	return account, err
}

// Enable opens a disabled account again; its old sessions and tokens stay dead.
func (s *Store) Enable(ctx context.Context, id string) (account approval.Account, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		if account, err = accountOf(ctx, q, id); err != nil || account.DisabledAt.IsZero() {
			return err
		}
		changed, err := q.EnableAccount(ctx, id)
		if err == nil && changed == 0 {
			return outsideScope()
		}
		account.DisabledAt, account.Reason = time.Time{}, ""
		return err
	})
	return account, err
}

func outsideScope() *approval.Error {
	return approval.Errorf(approval.Forbidden, "此账户不在您的管理范围内。", "This account is outside your administration.")
}

func insertGrants(ctx context.Context, q *sqlgen.Queries, person string, grants []approval.Grant, by string, at time.Time) error {
	for _, grant := range grants {
		if err := q.InsertGrant(ctx, sqlgen.InsertGrantParams{
			ID: newID("g"), Person: person, Role: string(grant.Role), Scope: string(grant.Scope), GrantedAt: at, GrantedBy: by,
		}); err != nil {
			return err
		}
	}
	return nil
}

func accountOf(ctx context.Context, q *sqlgen.Queries, id string) (approval.Account, error) {
	row, err := q.AccountRow(ctx, id)
	if err != nil {
		return approval.Account{}, absent(err, "账户", "account")
	}
	one := []approval.Account{accountFrom(row)}
	err = addGrants(ctx, q, one)
	return one[0], err
}

func addGrants(ctx context.Context, q *sqlgen.Queries, accounts []approval.Account) error {
	ids := make([]string, len(accounts))
	for i := range accounts {
		ids[i] = accounts[i].ID
	}
	rows, err := q.GrantsOf(ctx, ids)
	for _, row := range rows {
		i := slices.Index(ids, row.Person)
		accounts[i].Grants = append(accounts[i].Grants, approval.Grant{Role: approval.Role(row.Role), Scope: approval.Scope(row.Scope)})
	}
	return err
}

func accountFrom(row sqlgen.AccountRowRow) approval.Account {
	return approval.Account{
		ID: row.Person, Username: row.Username, Name: row.Name, Scope: approval.Scope(row.Scope), Grants: []approval.Grant{},
		CreatedAt: row.CreatedAt, DisabledAt: orZero(row.DisabledAt), Reason: row.DisabledReason,
	}
}

// without is the grants of list that are not in other, each once.
func without(list, other []approval.Grant) []approval.Grant {
	var rest []approval.Grant
	for _, grant := range list {
		if !slices.Contains(other, grant) && !slices.Contains(rest, grant) {
			rest = append(rest, grant)
		}
	}
	return rest
}
