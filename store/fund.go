package store

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"linli/approval"
	"linli/approval/funduse"
	"linli/store/sqlgen"
)

// RegisterCharity adds a charity that may host funds if it is qualified.
func (s *Store) RegisterCharity(ctx context.Context, charity funduse.NewCharity, by string, at time.Time) (funduse.RegisteredCharity, error) {
	row := sqlgen.Charity{
		ID: newID("ch"), Scope: string(charity.Scope), Name: charity.Name, CreditCode: charity.CreditCode,
		PublicFundraising: charity.PublicFundraising, RegisteredAt: stored(at), RegisteredBy: by,
	}
	err := s.tx(ctx, func(q *sqlgen.Queries) error { return q.InsertCharity(ctx, sqlgen.InsertCharityParams(row)) })
	return registeredCharity(row), err
}

// Charities lists the charities, newest first.
func (s *Store) Charities(ctx context.Context, page approval.Page) (charities []funduse.RegisteredCharity, next string, err error) {
	after, err := cursorParts(page, 1)
	if err != nil {
		return nil, "", err
	}
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.Charities(ctx, sqlgen.CharitiesParams{Before: after[0], UpTo: int32(page.Limit + 1)})
		rows, next = pageOf(rows, page, func(last sqlgen.Charity) string { return cursorOf(last.ID) })
		for _, row := range rows {
			charities = append(charities, registeredCharity(row))
		}
		return err
	})
	return charities, next, err
}

func registeredCharity(row sqlgen.Charity) funduse.RegisteredCharity {
	return funduse.RegisteredCharity{
		ID: row.ID, Scope: approval.Scope(row.Scope), Name: row.Name, CreditCode: row.CreditCode,
		PublicFundraising: row.PublicFundraising, RegisteredAt: row.RegisteredAt,
	}
}

// OpenFund opens a community's fund with its accounts and, if there is one,
// its opening balance. The same key and fund again returns the first.
func (s *Store) OpenFund(ctx context.Context, fund funduse.NewFund, key, by string, at time.Time) (opened funduse.Fund, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		id, hash := newID("f"), approval.ContentHash(fund)
		earlier, err := q.FundByKey(ctx, key)
		switch {
		case err == nil && earlier.BodyHash != hash:
			return funduse.Reused()
		case err == nil:
			opened, err = fundOf(ctx, q, earlier.ID)
			return err
		case !errors.Is(err, pgx.ErrNoRows):
			return err
		}
		err = q.InsertFund(ctx, sqlgen.InsertFundParams{
			ID: id, Scope: string(fund.Scope), CharityID: fund.CharityID, Name: fund.Name, AgreementNo: fund.AgreementNo,
			Households: positive(fund.Households), OpenedAt: stored(at), OpenedBy: by, Key: key, BodyHash: hash,
		})
		if err != nil {
			return err
		}
		if err := bookOpening(ctx, q, id, fund.Opening, key, by, at); err != nil {
			return err
		}
		opened, err = fundOf(ctx, q, id)
		return err
	})
	return opened, err
}

func bookOpening(ctx context.Context, q *sqlgen.Queries, fundID string, amount approval.Fen, key, by string, at time.Time) error {
	if amount == 0 {
		return nil
	}
	id, _, err := book(ctx, q, booking{fundID: fundID, kind: "opening", key: key, content: fundID, at: at, by: by})
	if err != nil {
		return err
	}
	return transfer(ctx, q, id, fundID, account(fundID, charityClearing), account(fundID, fundAvailable), amount)
}

// Funds lists the funds the caller sees with their balances, newest first.
func (s *Store) Funds(ctx context.Context, page approval.Page) (funds []funduse.Fund, next string, err error) {
	after, err := cursorParts(page, 1)
	if err != nil {
		return nil, "", err
	}
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.Funds(ctx, sqlgen.FundsParams{Before: after[0], UpTo: int32(page.Limit + 1)})
		if err != nil {
			return err
		}
		rows, next = pageOf(rows, page, func(last sqlgen.FundsRow) string { return cursorOf(last.ID) })
		funds, err = withBalances(ctx, q, rows)
		return err
	})
	return funds, next, err
}

// Fund is one fund with its balance; a fund the caller cannot see is not there.
func (s *Store) Fund(ctx context.Context, id string) (fund funduse.Fund, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		fund, err = fundOf(ctx, q, id)
		return err
	})
	return fund, err
}

func fundOf(ctx context.Context, q *sqlgen.Queries, id string) (funduse.Fund, error) {
	row, err := q.Fund(ctx, id)
	if err != nil {
		return funduse.Fund{}, absent(err, "基金", "fund")
	}
	funds, err := withBalances(ctx, q, []sqlgen.FundsRow{sqlgen.FundsRow(row)})
	if err != nil {
		return funduse.Fund{}, err
	}
	return funds[0], nil
}

func withBalances(ctx context.Context, q *sqlgen.Queries, rows []sqlgen.FundsRow) ([]funduse.Fund, error) {
	ids := make([]string, 0, len(rows))
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	accounts, err := q.BalancesNow(ctx, ids)
	if err != nil {
		return nil, err
	}
	balances := map[string]*funduse.Balance{}
	for _, account := range accounts {
		if balances[account.FundID] == nil {
			balances[account.FundID] = &funduse.Balance{Earmarks: []funduse.EarmarkBalance{}}
		}
		addBalance(balances[account.FundID], sqlgen.BalancesAtRow(account))
	}
	funds := make([]funduse.Fund, 0, len(rows))
	for _, row := range rows {
		fund := funduse.Fund{
			ID: row.ID, Scope: approval.Scope(row.Scope), Name: row.Name, CharityID: row.CharityID, CharityName: row.CharityName,
			AgreementNo: row.AgreementNo, OpenedAt: row.OpenedAt, Balance: *balances[row.ID],
		}
		if row.Households != nil {
			fund.Households = *row.Households
		}
		funds = append(funds, fund)
	}
	return funds, nil
}

func addBalance(balance *funduse.Balance, row sqlgen.BalancesAtRow) {
	amount := approval.Fen(row.Balance)
	switch row.Kind {
	case fundAvailable:
		balance.Available = amount
	case fundReserved:
		balance.Reserved = amount
	case fundTransit:
		balance.Transit = amount
	default:
		balance.Earmarked += amount
		balance.Earmarks = append(balance.Earmarks, funduse.EarmarkBalance{
			ID: orEmpty(row.EarmarkID), Purpose: orEmpty(row.Purpose), Categories: categories(row.Categories), Available: amount,
		})
	}
}

// FundBalance is the balance as it stood at a time: everything booked up to
// and including it. It never changes afterwards, as nothing is booked back.
func (s *Store) FundBalance(ctx context.Context, id string, at time.Time) (balance funduse.Balance, err error) {
	balance = funduse.Balance{At: stored(at), Earmarks: []funduse.EarmarkBalance{}}
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		if _, err := q.Fund(ctx, id); err != nil {
			return absent(err, "基金", "fund")
		}
		rows, err := q.BalancesAt(ctx, sqlgen.BalancesAtParams{FundID: id, At: balance.At})
		for _, row := range rows {
			addBalance(&balance, row)
		}
		return err
	})
	return balance, err
}

// FundEntries lists what was booked, newest first.
func (s *Store) FundEntries(ctx context.Context, id string, page approval.Page) (entries []funduse.Entry, next string, err error) {
	before, err := entriesBefore(page)
	if err != nil {
		return nil, "", err
	}
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		if _, err := q.Fund(ctx, id); err != nil {
			return absent(err, "基金", "fund")
		}
		rows, err := q.Entries(ctx, sqlgen.EntriesParams{FundID: id, Before: before, UpTo: int32(page.Limit + 1)})
		if err != nil {
			return err
		}
		rows, next = pageOf(rows, page, func(last sqlgen.EntriesRow) string { return cursorOf(strconv.FormatInt(last.Number, 10)) })
		entries, err = withLines(ctx, q, rows)
		return err
	})
	return entries, next, err
}

func entriesBefore(page approval.Page) (int64, error) {
	parts, err := cursorParts(page, 1)
	if err != nil || parts[0] == "" {
		return 1<<63 - 1, err
	}
	before, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil {
		return 0, approval.Errorf(approval.Invalid, "翻页位置无效，请从第一页重新查询。",
			"The cursor is not valid; start again from the first page.").At("cursor")
	}
	return before, nil
}

func withLines(ctx context.Context, q *sqlgen.Queries, rows []sqlgen.EntriesRow) ([]funduse.Entry, error) {
	entries, place, ids := make([]funduse.Entry, 0, len(rows)), map[string]int{}, make([]string, 0, len(rows))
	for i, row := range rows {
		place[row.ID] = i
		ids = append(ids, row.ID)
		entries = append(entries, funduse.Entry{
			ID: row.ID, Number: row.Number, Kind: row.Kind, CaseID: orEmpty(row.CaseID), Memo: row.Memo,
			Reverses: orEmpty(row.Reverses), At: row.At, By: row.By,
		})
	}
	lines, err := q.EntryLines(ctx, ids)
	for _, line := range lines {
		entry := &entries[place[line.TransactionID]]
		entry.Lines = append(entry.Lines, funduse.EntryLine{
			Account: line.Kind, EarmarkID: orEmpty(line.EarmarkID), PayeeID: orEmpty(line.PayeeID), Amount: approval.Fen(line.Amount),
		})
	}
	return entries, err
}

func positive(n int64) *int64 {
	if n <= 0 {
		return nil
	}
	return &n
}

func categories(names []string) []funduse.Category {
	known := make([]funduse.Category, 0, len(names))
	for _, name := range names {
		known = append(known, funduse.Category(name))
	}
	return known
}
