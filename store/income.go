package store

import (
	"context"
	"time"

	"linli/approval"
	"linli/approval/funduse"
	"linli/store/sqlgen"
)

// incomeSources names the account each kind of income comes from.
var incomeSources = map[funduse.IncomeKind]string{
	funduse.ResidentDonation: "donor",
	funduse.DirectedDonation: "donor",
	funduse.OperatorShare:    "operator_share",
	funduse.MarketIncome:     "market",
	funduse.MicroBusiness:    "micro_business",
}

// AddIncome books an income with its receipt record. A directed donation
// becomes an earmark with an account of its own. The same key and income
// again returns the first.
func (s *Store) AddIncome(ctx context.Context, order funduse.IncomeOrder) (income funduse.Income, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		entry, _, err := bookIncome(ctx, q, order)
		if err != nil {
			return err
		}
		income, err = incomeOf(ctx, q, sqlgen.IncomesParams{EntryID: entry, UpTo: 1})
		return err
	})
	return income, err
}

// bookIncome opens the transaction of an income and, the first time, fills it.
func bookIncome(ctx context.Context, q *sqlgen.Queries, order funduse.IncomeOrder) (entry string, first bool, err error) {
	entry, first, err = book(ctx, q, booking{
		fundID: order.FundID, kind: "income", key: order.Key, content: order.Income, memo: order.Income.Memo, at: order.At, by: order.By,
	})
	if err == nil && first {
		err = recordIncome(ctx, q, entry, order)
	}
	return entry, first, err
}

func recordIncome(ctx context.Context, q *sqlgen.Queries, entry string, order funduse.IncomeOrder) error {
	in, earmarkID := order.Income, ""
	if in.Earmark != nil {
		earmarkID = newID("em")
		allowed := make([]string, 0, len(in.Earmark.Categories))
		for _, category := range in.Earmark.Categories {
			allowed = append(allowed, string(category))
		}
		err := q.InsertEarmark(ctx, sqlgen.InsertEarmarkParams{
			ID: earmarkID, FundID: order.FundID, Purpose: in.Earmark.Purpose, Categories: allowed, CreatedAt: stored(order.At),
		})
		if err != nil {
			return err
		}
	}
	source := account(order.FundID, incomeSources[in.Kind])
	if err := transfer(ctx, q, entry, order.FundID, source, spendable(order.FundID, earmarkID), in.Amount); err != nil {
		return err
	}
	return insertIncome(ctx, q, entry, earmarkID, order)
}

func insertIncome(ctx context.Context, q *sqlgen.Queries, entry, earmarkID string, order funduse.IncomeOrder) error {
	in, id := order.Income, newID("in")
	received, err := civilDay(in.ReceivedOn, "received_on")
	if err != nil {
		return err
	}
	issued, err := civilDay(in.Receipt.IssuedOn, "receipt/issued_on")
	if err != nil {
		return err
	}
	err = q.InsertIncome(ctx, sqlgen.InsertIncomeParams{
		ID: id, FundID: order.FundID, TransactionID: entry, Kind: string(in.Kind), Amount: int64(in.Amount), EarmarkID: orNull(earmarkID),
		Payer: in.Payer, PayerCreditCode: in.PayerCreditCode, Anonymous: in.Anonymous, Memo: in.Memo,
		ReceivedOn: received, RecordedAt: stored(order.At), RecordedBy: order.By,
	})
	if err != nil {
		return err
	}
	return q.InsertReceipt(ctx, sqlgen.InsertReceiptParams{
		IncomeID: id, Code: in.Receipt.Code, Number: in.Receipt.Number, Item: in.Receipt.Item, Payer: in.Payer,
		Amount: int64(in.Amount), IssuedOn: issued, Absence: string(in.Receipt.Absence), Reason: in.Receipt.Reason,
	})
}

// Incomes lists a fund's incomes, newest first.
func (s *Store) Incomes(ctx context.Context, fundID string, page approval.Page) (incomes []funduse.Income, next string, err error) {
	after, err := cursorParts(page, 1)
	if err != nil {
		return nil, "", err
	}
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		if _, err := q.Fund(ctx, fundID); err != nil {
			return absent(err, "基金", "fund")
		}
		rows, err := q.Incomes(ctx, sqlgen.IncomesParams{FundID: fundID, Before: after[0], UpTo: int32(page.Limit + 1)})
		rows, next = pageOf(rows, page, func(last sqlgen.IncomesRow) string { return cursorOf(last.ID) })
		for _, row := range rows {
			incomes = append(incomes, incomeFrom(row))
		}
		return err
	})
	return incomes, next, err
}

// Income is one income; one the caller cannot see is not there.
func (s *Store) Income(ctx context.Context, id string) (income funduse.Income, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		income, err = incomeOf(ctx, q, sqlgen.IncomesParams{IncomeID: id, UpTo: 1})
		return err
	})
	return income, err
}

// ReverseIncome undoes a wrong income by its mirror image, once, and only
// while its money is where it was booked. The record and its receipt stay.
func (s *Store) ReverseIncome(ctx context.Context, order funduse.ReversalOrder) (income funduse.Income, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		income, err = incomeOf(ctx, q, sqlgen.IncomesParams{IncomeID: order.IncomeID, UpTo: 1})
		if err != nil {
			return err
		}
		reversal, first, err := book(ctx, q, booking{
			fundID: income.FundID, kind: "reversal", key: order.Key, content: order.IncomeID + "\n" + order.Reason,
			memo: order.Reason, reverses: income.EntryID, at: order.At, by: order.By,
		})
		if err == nil && first {
			err = mirror(ctx, q, reversal, income)
		}
		if err != nil {
			return err
		}
		income, err = incomeOf(ctx, q, sqlgen.IncomesParams{IncomeID: order.IncomeID, UpTo: 1})
		return err
	})
	return income, err
}

func mirror(ctx context.Context, q *sqlgen.Queries, reversal string, income funduse.Income) error {
	if err := covered(ctx, q, spendable(income.FundID, income.EarmarkID), income.Amount); err != nil {
		return err
	}
	return q.PostMirror(ctx, sqlgen.PostMirrorParams{Reversal: reversal, Original: income.EntryID})
}

func incomeOf(ctx context.Context, q *sqlgen.Queries, which sqlgen.IncomesParams) (funduse.Income, error) {
	rows, err := q.Incomes(ctx, which)
	if err != nil {
		return funduse.Income{}, err
	}
	if len(rows) == 0 {
		return funduse.Income{}, approval.Errorf(approval.NotFound, "没有这笔收入。", "There is no such income.")
	}
	return incomeFrom(rows[0]), nil
}

func incomeFrom(row sqlgen.IncomesRow) funduse.Income {
	income := funduse.Income{
		ID: row.ID, FundID: row.FundID, EarmarkID: orEmpty(row.EarmarkID), EntryID: row.TransactionID,
		RecordedAt: row.RecordedAt, RecordedBy: row.RecordedBy,
		NewIncome: funduse.NewIncome{
			Kind: funduse.IncomeKind(row.Kind), Amount: approval.Fen(row.Amount), Payer: row.Payer, PayerCreditCode: row.PayerCreditCode,
			Anonymous: row.Anonymous, Memo: row.Memo, ReceivedOn: row.ReceivedOn.Format(time.DateOnly),
			Receipt: funduse.Receipt{
				Code: row.Code, Number: row.Number, Item: row.Item, IssuedOn: row.IssuedOn.Format(time.DateOnly),
				Absence: funduse.Absence(row.Absence), Reason: row.Reason,
			},
		},
	}
	if row.EarmarkID != nil {
		income.Earmark = &funduse.Earmark{Purpose: orEmpty(row.Purpose), Categories: categories(row.Categories)}
	}
	if row.ReversalID != nil {
		income.Reversal = &funduse.Reversal{EntryID: *row.ReversalID, Reason: orEmpty(row.ReversalReason), At: orZero(row.ReversedAt), By: orEmpty(row.ReversedBy)}
	}
	return income
}

func civilDay(date, field string) (time.Time, error) {
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return day, approval.Errorf(approval.Invalid, "日期须写成2026-01-31的样式。", "The date must look like 2026-01-31.").At(field)
	}
	return day, nil
}
