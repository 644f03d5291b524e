package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"linli/approval"
	"linli/approval/funduse"
	"linli/store/sqlgen"
)

// The kinds of ledger account; a fund's own are named after fund and kind.
const (
	fundAvailable   = "fund_available"
	fundReserved    = "fund_reserved"
	fundTransit     = "fund_transit"
	charityClearing = "charity_clearing"
)

// byWorkflow signs what a case books; who decided stands in the case.
const byWorkflow = "workflow"

// booking is a ledger transaction to be; content is what its key is bound to.
type booking struct {
	fundID   string
	kind     string
	key      string
	content  any
	caseID   string
	memo     string
	reverses string
	at       time.Time
	by       string
}

// book opens a transaction in the ledger and locks the fund to the end of the
// database transaction. first is false if the key has booked this before;
// then there is nothing left to do.
func book(ctx context.Context, q *sqlgen.Queries, b booking) (id string, first bool, err error) {
	id, key, hash := newID("lt"), b.kind+":"+b.key, approval.ContentHash(b.content)
	rows, err := q.BookTransaction(ctx, sqlgen.BookTransactionParams{
		ID: id, FundID: b.fundID, Kind: b.kind, Key: key, BodyHash: hash, CaseID: orNull(b.caseID), Memo: b.memo,
		Reverses: orNull(b.reverses), At: stored(b.at), By: b.by,
	})
	if err != nil || rows == 1 {
		return id, true, err
	}
	earlier, err := q.TransactionByKey(ctx, key)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && earlier.BodyHash != hash {
		return "", false, funduse.Reused() // no rows: booked by somebody whose fund the caller cannot see
	}
	return earlier.ID, false, err
}

// transfer moves money inside the fund of a transaction just booked.
func transfer(ctx context.Context, q *sqlgen.Queries, transaction, fundID, source, destination string, amount approval.Fen) error {
	return q.PostTransfer(ctx, sqlgen.PostTransferParams{
		Booked: transaction, Fund: fundID, Source: source, Destination: destination, Amount: int64(amount),
	})
}

func account(fundID, kind string) string { return fundID + "/" + kind }

// spendable is where unheld money lies: the earmark's account or the fund's.
func spendable(fundID, earmarkID string) string {
	if earmarkID != "" {
		return account(fundID, earmarkID)
	}
	return account(fundID, fundAvailable)
}

// covered refuses if the account holds less than the amount; the fund must be
// locked, or the answer is worth nothing.
func covered(ctx context.Context, q *sqlgen.Queries, accountID string, amount approval.Fen) error {
	balance, err := q.AccountBalance(ctx, accountID)
	if err != nil {
		return absent(err, "专项资金", "earmark")
	}
	if approval.Fen(balance) < amount {
		return funduse.Short(amount, approval.Fen(balance))
	}
	return nil
}

// Reserve holds money for a case; a case holds money once at a time.
func (s *Store) Reserve(ctx context.Context, order funduse.ReserveOrder) error {
	if err := order.Amount.Validate("amount"); err != nil {
		return err
	}
	content := order
	content.At = time.Time{}
	return s.tx(ctx, func(q *sqlgen.Queries) error {
		id, first, err := book(ctx, q, booking{
			fundID: order.FundID, kind: "reserve", key: order.Key, content: content, caseID: order.CaseID, at: order.At, by: byWorkflow,
		})
		if err != nil || !first {
			return err
		}
		source := spendable(order.FundID, order.EarmarkID)
		if err := covered(ctx, q, source, order.Amount); err != nil {
			return err
		}
		if err := transfer(ctx, q, id, order.FundID, source, account(order.FundID, fundReserved), order.Amount); err != nil {
			return err
		}
		return q.InsertReservation(ctx, sqlgen.InsertReservationParams{
			CaseID: order.CaseID, FundID: order.FundID, EarmarkID: orNull(order.EarmarkID), Amount: int64(order.Amount), At: stored(order.At),
		})
	})
}

// Release gives back what the case holds, once; if it holds nothing it does
// nothing. Money on its way to the bank is refused: nobody knows yet whose it is.
func (s *Store) Release(ctx context.Context, order funduse.ReleaseOrder) error {
	content := order
	content.At = time.Time{}
	err := s.move(ctx, booking{
		kind: "release", key: order.Key, content: content, caseID: order.CaseID, memo: order.Reason, at: order.At, by: byWorkflow,
	}, func(q *sqlgen.Queries, id string, held sqlgen.Reservation) error {
		rows, err := q.ReleaseReservation(ctx, sqlgen.ReleaseReservationParams{CaseID: order.CaseID, At: stored(order.At)})
		switch {
		case err != nil:
			return err
		case rows == 0 && held.Status == string(funduse.HoldingPaid):
			return errNothingHeld
		case rows == 0:
			return wrongStep(held.Status)
		}
		return transfer(ctx, q, id, held.FundID, account(held.FundID, fundReserved),
			spendable(held.FundID, orEmpty(held.EarmarkID)), approval.Fen(held.Amount))
	})
	if errors.Is(err, errNothingHeld) {
		return nil
	}
	return err
}

// errNothingHeld rolls a movement back that has nothing to move.
var errNothingHeld = errors.New("the case holds no money")

// move books a movement of money a case holds. step runs under the lock of
// the fund, with what the case holds then.
func (s *Store) move(ctx context.Context, b booking, step func(q *sqlgen.Queries, id string, held sqlgen.Reservation) error) error {
	return s.tx(ctx, func(q *sqlgen.Queries) error {
		fundID, err := q.CaseFund(ctx, b.caseID)
		if errors.Is(err, pgx.ErrNoRows) {
			return errNothingHeld
		}
		if err != nil {
			return err
		}
		b.fundID = fundID
		id, first, err := book(ctx, q, b)
		if err != nil || !first {
			return err
		}
		held, err := q.LiveReservation(ctx, b.caseID)
		if errors.Is(err, pgx.ErrNoRows) || err == nil && held.FundID != fundID {
			return errNothingHeld
		}
		if err != nil {
			return err
		}
		return step(q, id, held)
	})
}

// moved is move for movements that cannot do without a holding.
func (s *Store) moved(ctx context.Context, b booking, step func(q *sqlgen.Queries, id string, held sqlgen.Reservation) error) error {
	err := s.move(ctx, b, step)
	if errors.Is(err, errNothingHeld) {
		return approval.Errorf(approval.Conflict, "本案没有预留资金。", "The case holds no money.")
	}
	return err
}

func wrongStep(status string) error {
	return approval.Errorf(approval.Conflict, "本案资金处于“%[1]s”状态，不能这样办理，或付款批次不符。",
		"The case's money is %[2]s, which does not admit this step or this payment attempt.", holdingName(status), status)
}

func holdingName(status string) string {
	switch funduse.HoldingStatus(status) {
	case funduse.HoldingHeld:
		return "已预留"
	case funduse.HoldingSent:
		return "付款在途"
	case funduse.HoldingPaid:
		return "已支付"
	}
	return status
}

// Holding is what the case holds, was paid or last released.
func (s *Store) Holding(ctx context.Context, caseID string) (holding funduse.Holding, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		row, err := q.HoldingOf(ctx, caseID)
		holding = funduse.Holding{
			CaseID: row.CaseID, Attempt: int(row.Attempt), FundID: row.FundID, EarmarkID: orEmpty(row.EarmarkID),
			Amount: approval.Fen(row.Amount), Status: funduse.HoldingStatus(row.Status), PayeeID: orEmpty(row.PayeeID),
			PaymentKey: orEmpty(row.PaymentKey), BankReference: orEmpty(row.BankReference), Returned: approval.Fen(row.Returned),
		}
		return absent(err, "预留资金", "holding")
	})
	return holding, err
}

// Reconcile checks the books against themselves and returns every difference;
// it sees the funds its caller sees, all of them under the worker's role.
func (s *Store) Reconcile(ctx context.Context) (differences []funduse.Difference, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.Reconcile(ctx)
		differences = make([]funduse.Difference, 0, len(rows))
		for _, row := range rows {
			differences = append(differences, funduse.Difference{
				FundID: row.FundID, Check: row.Rule, Subject: row.Subject,
				Booked: approval.Fen(row.Booked), Derived: approval.Fen(row.Derived),
			})
		}
		return err
	})
	return differences, err
}

// orNull stores "" as null.
func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func orEmpty(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
