package server

import (
	"context"
	"time"

	"linli/approval"
	"linli/approval/funduse"
)

// Incomes are what a fund receives.
type Incomes interface {
	AddIncome(ctx context.Context, order funduse.IncomeOrder) (funduse.Income, error)
	Incomes(ctx context.Context, fundID string, page approval.Page) (incomes []funduse.Income, next string, err error)
	Income(ctx context.Context, id string) (funduse.Income, error)
	ReverseIncome(ctx context.Context, order funduse.ReversalOrder) (funduse.Income, error)
}

func (s *Server) incomeRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "/v1/funds/{id}/incomes", Operation: "listIncomes", Allow: Holding(donorReaders...), Handle: read(s.incomes)},
		{Method: "POST", Path: "/v1/funds/{id}/incomes", Operation: "recordIncome", Allow: Holding(approval.CharityOfficer), Handle: write(s.recordIncome)},
		{Method: "POST", Path: "/v1/incomes/{id}/reversal", Operation: "reverseIncome", Allow: Holding(approval.CharityOfficer), Handle: write(s.reverseIncome)},
	}
}

// donorReaders see who gave: names of donors are personal data (Charity Law
// art. 82).
var donorReaders = []approval.Role{approval.CharityOfficer, approval.Secretary, approval.Supervisor, approval.Auditor}

type incomeAnswer struct {
	ID         string    `json:"id"`
	FundID     string    `json:"fund_id"`
	EarmarkID  string    `json:"earmark_id,omitempty"`
	EntryID    string    `json:"entry_id"`
	RecordedAt time.Time `json:"recorded_at"`
	RecordedBy string    `json:"recorded_by"`
	funduse.NewIncome
	Yuan     string            `json:"amount_yuan"`
	Capital  string            `json:"amount_capital"` // as the receipt writes it out
	Reversal *funduse.Reversal `json:"reversal,omitempty"`
}

func incomeOf(income funduse.Income) incomeAnswer {
	return incomeAnswer{
		ID: income.ID, FundID: income.FundID, EarmarkID: income.EarmarkID, EntryID: income.EntryID, RecordedAt: income.RecordedAt,
		RecordedBy: income.RecordedBy, NewIncome: income.NewIncome, Yuan: income.Amount.Yuan(), Capital: income.Amount.Capital(),
		Reversal: income.Reversal,
	}
}

func (s *Server) incomes(ctx context.Context, c call) (list[incomeAnswer], error) {
	if err := s.permitAtFund(ctx, c, c.Param("id"), donorReaders...); err != nil {
		return list[incomeAnswer]{}, err
	}
	found, next, err := s.records.Incomes(ctx, c.Param("id"), c.Page)
	return listOf(rendered(found, incomeOf), next), err
}

func (s *Server) recordIncome(ctx context.Context, c call, in funduse.NewIncome) (incomeAnswer, error) {
	if err := s.permitAtFund(ctx, c, c.Param("id"), approval.CharityOfficer); err != nil {
		return incomeAnswer{}, err
	}
	if err := in.Validate(c.Now); err != nil {
		return incomeAnswer{}, err
	}
	income, err := s.records.AddIncome(ctx, funduse.IncomeOrder{
		FundID: c.Param("id"), Key: ledgerKey(c), Income: in, By: c.Person.ID, At: c.Now,
	})
	return incomeOf(income), err
}

type newReversal struct {
	Reason string `json:"reason"`
}

func (s *Server) reverseIncome(ctx context.Context, c call, in newReversal) (incomeAnswer, error) {
	income, err := s.records.Income(ctx, c.Param("id"))
	if err != nil {
		return incomeAnswer{}, err
	}
	if err := s.permitAtFund(ctx, c, income.FundID, approval.CharityOfficer); err != nil {
		return incomeAnswer{}, err
	}
	order := funduse.ReversalOrder{IncomeID: income.ID, Key: ledgerKey(c), Reason: in.Reason, By: c.Person.ID, At: c.Now}
	if err := order.Validate(); err != nil {
		return incomeAnswer{}, err
	}
	income, err = s.records.ReverseIncome(ctx, order)
	return incomeOf(income), err
}

// permitAtFund refuses a fund the caller cannot see as absent, and one he sees
// without the role as forbidden.
func (s *Server) permitAtFund(ctx context.Context, c call, fundID string, roles ...approval.Role) error {
	fund, err := s.records.Fund(ctx, fundID)
	if err != nil {
		return err
	}
	return approval.Permit(c.Person, fund.Scope, roles...)
}
