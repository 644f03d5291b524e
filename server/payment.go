package server

import (
	"context"

	"linli/approval"
	"linli/approval/funduse"
	"linli/poster"
)

// paymentOrder reads the voucher of a case that has come to be paid. It names
// the fund and what was booked: whoever may read the case but not the fund has
// no business with it.
func (s *Server) paymentOrder(ctx context.Context, c call) (poster.PaymentOrder, error) {
	row, err := s.readCase(ctx, c)
	if err != nil {
		return poster.PaymentOrder{}, err
	}
	tasks, err := s.records.CaseTasks(ctx, row.CaseID, c.Now)
	if err != nil {
		return poster.PaymentOrder{}, err
	}
	payout := lastRound(tasks, funduse.Payout)
	if len(payout) == 0 {
		return poster.PaymentOrder{}, approval.Errorf(approval.Conflict, "本事项尚未进入拨付环节，没有付款通知单。",
			"The case has not come to be paid; there is no payment order yet.")
	}
	steps, err := s.records.CaseSteps(ctx, row.CaseID)
	if err != nil {
		return poster.PaymentOrder{}, err
	}
	proposal, err := s.records.Proposal(ctx, row.CaseID, payout[0].ContentHash)
	if err != nil {
		return poster.PaymentOrder{}, err
	}
	fund, err := s.records.Fund(ctx, proposal.FundID)
	if err != nil {
		return poster.PaymentOrder{}, err
	}
	paid, err := s.settled(ctx, fund.ID, row)
	return poster.PaymentOrder{
		CaseID: row.CaseID, Title: proposal.Title, Fund: fund.Name, Charity: fund.CharityName,
		Payee: proposal.Payee.Name, Bank: proposal.Payee.Bank, Account: proposal.Payee.AccountMasked, Amount: proposal.Amount,
		Maker: signatory(payout, steps, funduse.SeatMaker), Checker: signatory(payout, steps, funduse.SeatChecker),
		BankReference: paid.Memo, PaidAt: paid.At, IssuedAt: payout[0].OpenedAt,
		ContentHash: payout[0].ContentHash, Pin: row.Pin,
	}, err
}

// settled is the booking of the case's one payment (I2); empty until then. It
// cannot be older than the case.
func (s *Server) settled(ctx context.Context, fundID string, row approval.CaseView) (funduse.Entry, error) {
	page := approval.Page{Limit: maxLimit}
	for {
		entries, next, err := s.records.FundEntries(ctx, fundID, page)
		if err != nil {
			return funduse.Entry{}, err
		}
		for _, entry := range entries {
			switch {
			case entry.Kind == "settle" && entry.CaseID == row.CaseID:
				return entry, nil
			case entry.At.Before(row.OpenedAt):
				return funduse.Entry{}, nil
			}
		}
		if page.Cursor = next; next == "" {
			return funduse.Entry{}, nil
		}
	}
}

// signatory is who approved at the seat; a substitute is named with whom he
// stood in for.
func signatory(tasks []approval.TaskView, steps []approval.StepView, seat string) poster.Signatory {
	for _, task := range tasks {
		if task.Seat != seat || task.ClosedAs != approval.Approve {
			continue
		}
		for _, step := range steps {
			if step.TaskID == task.ID && step.Action == approval.Approve && !step.Superseded {
				return poster.Signatory{Name: personName(steps, step.Person), For: personName(steps, step.For), At: step.At}
			}
		}
	}
	return poster.Signatory{}
}

// personName is a person's name if the case has it, else the id.
func personName(steps []approval.StepView, id string) string {
	for _, step := range steps {
		if step.Person == id && step.PersonName != "" {
			return step.PersonName
		}
	}
	return id
}
