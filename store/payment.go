package store

import (
	"context"
	"strings"
	"time"

	"linli/approval"
	"linli/approval/funduse"
	"linli/store/sqlgen"
)

// SendPayment marks the money a case holds as sent to the bank under the
// attempt's key. The amount must be the whole holding.
func (s *Store) SendPayment(ctx context.Context, order funduse.SendOrder) error {
	content := order
	content.At = time.Time{}
	return s.moved(ctx, booking{
		kind: "send", key: order.Key, content: content, caseID: order.CaseID, at: order.At, by: byWorkflow,
	}, func(q *sqlgen.Queries, id string, held sqlgen.Reservation) error {
		if approval.Fen(held.Amount) != order.Amount {
			return approval.Errorf(approval.Conflict, "付款金额%[1]s元与预留金额%[2]s元不符。",
				"The payment of %[1]s yuan is not the reserved %[2]s yuan.", order.Amount.Yuan(), approval.Fen(held.Amount).Yuan()).At("amount")
		}
		rows, err := q.SendReservation(ctx, sqlgen.SendReservationParams{
			CaseID: order.CaseID, PayeeID: order.PayeeID, PaymentKey: order.Key, At: stored(order.At),
		})
		if err != nil || rows == 0 {
			return firstOf(err, wrongStep(held.Status))
		}
		return transfer(ctx, q, id, held.FundID, account(held.FundID, fundReserved), account(held.FundID, fundTransit), order.Amount)
	})
}

// SettlePayment books the attempt as paid. It happens at most once per case
// (I2), and only for the attempt in transit.
func (s *Store) SettlePayment(ctx context.Context, order funduse.SettleOrder) error {
	var err error
	if order.BankReference, err = bankReference(order.BankReference); err != nil {
		return err
	}
	content := order
	content.At = time.Time{}
	return s.moved(ctx, booking{
		kind: "settle", key: order.Key, content: content, caseID: order.CaseID, memo: order.BankReference, at: order.At, by: byWorkflow,
	}, func(q *sqlgen.Queries, id string, held sqlgen.Reservation) error {
		rows, err := q.SettleReservation(ctx, sqlgen.SettleReservationParams{
			CaseID: order.CaseID, PaymentKey: order.Key, Gateway: order.Gateway, BankReference: order.BankReference, At: stored(order.At),
		})
		if err != nil || rows == 0 {
			return firstOf(err, wrongStep(held.Status))
		}
		payee := account(held.FundID, orEmpty(held.PayeeID))
		err = q.OpenPayeeAccount(ctx, sqlgen.OpenPayeeAccountParams{
			ID: payee, FundID: held.FundID, PayeeID: held.PayeeID, OpenedAt: stored(order.At),
		})
		if err != nil {
			return err
		}
		return transfer(ctx, q, id, held.FundID, account(held.FundID, fundTransit), payee, approval.Fen(held.Amount))
	})
}

// ReturnPayment books that the bank refused the attempt: the case holds the
// money again, and a further attempt needs a key of its own.
func (s *Store) ReturnPayment(ctx context.Context, order funduse.ReturnOrder) error {
	content := order
	content.At = time.Time{}
	return s.moved(ctx, booking{
		kind: "return", key: order.Key, content: content, caseID: order.CaseID, memo: order.Reason, at: order.At, by: byWorkflow,
	}, func(q *sqlgen.Queries, id string, held sqlgen.Reservation) error {
		rows, err := q.ReturnReservation(ctx, sqlgen.ReturnReservationParams{
			CaseID: order.CaseID, PaymentKey: order.Key, At: stored(order.At),
		})
		if err != nil || rows == 0 {
			return firstOf(err, wrongStep(held.Status))
		}
		return transfer(ctx, q, id, held.FundID, account(held.FundID, fundTransit), account(held.FundID, fundReserved), approval.Fen(held.Amount))
	})
}

// RefundUnused books money the payee did not need and sent back.
func (s *Store) RefundUnused(ctx context.Context, order funduse.RefundOrder) error {
	return s.takeBack(ctx, "refund", order)
}

// Recover books money that came back after an upheld objection.
func (s *Store) Recover(ctx context.Context, order funduse.RefundOrder) error {
	return s.takeBack(ctx, "recovery", order)
}

// takeBack returns money to where it was reserved from; all that comes back
// together never exceeds what was paid.
func (s *Store) takeBack(ctx context.Context, kind string, order funduse.RefundOrder) error {
	if err := order.Amount.Validate("amount"); err != nil {
		return err
	}
	var err error
	if order.BankReference, err = bankReference(order.BankReference); err != nil {
		return err
	}
	content := order
	content.At = time.Time{}
	return s.moved(ctx, booking{
		kind: kind, key: order.Key, content: content, caseID: order.CaseID, memo: order.BankReference, at: order.At, by: byWorkflow,
	}, func(q *sqlgen.Queries, id string, held sqlgen.Reservation) error {
		if held.Status != string(funduse.HoldingPaid) {
			return wrongStep(held.Status)
		}
		if open := approval.Fen(held.Amount - held.Returned); order.Amount > open {
			return approval.Errorf(approval.Conflict, "退回金额%[1]s元超过已付未退的%[2]s元。",
				"%[1]s yuan cannot come back: only %[2]s yuan are paid and not yet returned.", order.Amount.Yuan(), open.Yuan()).At("amount")
		}
		if err := refunded(ctx, q, id, held, order); err != nil {
			return err
		}
		return transfer(ctx, q, id, held.FundID, account(held.FundID, orEmpty(held.PayeeID)),
			spendable(held.FundID, orEmpty(held.EarmarkID)), order.Amount)
	})
}

func refunded(ctx context.Context, q *sqlgen.Queries, id string, held sqlgen.Reservation, order funduse.RefundOrder) error {
	err := q.InsertRefund(ctx, sqlgen.InsertRefundParams{
		TransactionID: id, CaseID: order.CaseID, Attempt: held.Attempt, Amount: int64(order.Amount), BankReference: order.BankReference,
	})
	if err != nil {
		return err
	}
	return q.GrowReturned(ctx, sqlgen.GrowReturnedParams{CaseID: order.CaseID, Amount: int64(order.Amount), At: stored(order.At)})
}

// bankReference is the reference without the spaces of a careless paste; it
// refuses one nobody could look up at the bank.
func bankReference(reference string) (string, error) {
	trimmed := strings.TrimSpace(reference)
	if trimmed == "" || len(trimmed) > maxReference {
		return "", approval.Errorf(approval.Invalid, "须填写银行流水号（不超过%[1]d个字符）。",
			"Enter the bank's reference number (at most %[1]d characters).", maxReference).At("bank_reference")
	}
	return trimmed, nil
}

const maxReference = 64

// firstOf is the fault if there is one, else the refusal.
func firstOf(fault, refused error) error {
	if fault != nil {
		return fault
	}
	return refused
}
