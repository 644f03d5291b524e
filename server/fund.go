package server

import (
	"context"
	"time"

	"linli/approval"
	"linli/approval/funduse"
)

// Funds are the communities' accounts. Each reader sees the funds of his
// scope; any other fund is not there.
type Funds interface {
	RegisterCharity(ctx context.Context, charity funduse.NewCharity, by string, at time.Time) (funduse.RegisteredCharity, error)
	Charities(ctx context.Context, page approval.Page) (charities []funduse.RegisteredCharity, next string, err error)
	OpenFund(ctx context.Context, fund funduse.NewFund, key, by string, at time.Time) (funduse.Fund, error)
	Funds(ctx context.Context, page approval.Page) (funds []funduse.Fund, next string, err error)
	Fund(ctx context.Context, id string) (funduse.Fund, error)
	FundBalance(ctx context.Context, id string, at time.Time) (funduse.Balance, error)
	FundEntries(ctx context.Context, id string, page approval.Page) (entries []funduse.Entry, next string, err error)
}

func (s *Server) fundRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "/v1/charities", Operation: "listCharities", Allow: SignedIn(), Handle: read(s.charities)},
		{Method: "POST", Path: "/v1/charities", Operation: "registerCharity", Allow: Holding(approval.Administrator), Handle: write(s.registerCharity)},
		{Method: "GET", Path: "/v1/funds", Operation: "listFunds", Allow: SignedIn(), Handle: read(s.funds)},
		{Method: "POST", Path: "/v1/funds", Operation: "openFund", Allow: Holding(approval.CharityOfficer, approval.Administrator), Handle: write(s.openFund)},
		{Method: "GET", Path: "/v1/funds/{id}", Operation: "readFund", Allow: SignedIn(), Handle: read(s.fund)},
		{Method: "GET", Path: "/v1/funds/{id}/balance", Operation: "readBalance", Allow: SignedIn(), Handle: read(s.balance)},
		{Method: "GET", Path: "/v1/funds/{id}/entries", Operation: "listEntries", Allow: SignedIn(), Handle: read(s.entries)},
	}
}

// money is an amount in an answer: exact fen, and yuan to read.
type money struct {
	Amount approval.Fen `json:"amount"`
	Yuan   string       `json:"amount_yuan"`
}

func moneyOf(amount approval.Fen) money { return money{Amount: amount, Yuan: amount.Yuan()} }

type balanceAnswer struct {
	Total     money           `json:"total"`
	Available money           `json:"available"`
	Earmarked money           `json:"earmarked"`
	Reserved  money           `json:"reserved"`
	Transit   money           `json:"transit"`
	Earmarks  []earmarkAnswer `json:"earmarks"`
	At        time.Time       `json:"at"`
}

type earmarkAnswer struct {
	ID         string             `json:"id"`
	Purpose    string             `json:"purpose"`
	Categories []funduse.Category `json:"categories"`
	money
}

func balanceOf(balance funduse.Balance, at time.Time) balanceAnswer {
	answer := balanceAnswer{
		Total: moneyOf(balance.Total()), Available: moneyOf(balance.Available), Earmarked: moneyOf(balance.Earmarked),
		Reserved: moneyOf(balance.Reserved), Transit: moneyOf(balance.Transit), At: at,
		Earmarks: make([]earmarkAnswer, 0, len(balance.Earmarks)),
	}
	for _, earmark := range balance.Earmarks {
		answer.Earmarks = append(answer.Earmarks, earmarkAnswer{
			ID: earmark.ID, Purpose: earmark.Purpose, Categories: earmark.Categories, money: moneyOf(earmark.Available),
		})
	}
	return answer
}

type fundAnswer struct {
	ID          string         `json:"id"`
	Scope       approval.Scope `json:"scope"`
	Name        string         `json:"name"`
	CharityID   string         `json:"charity_id"`
	CharityName string         `json:"charity_name"`
	AgreementNo string         `json:"agreement_no"`
	Households  int64          `json:"households,omitempty"`
	OpenedAt    time.Time      `json:"opened_at"`
	Balance     balanceAnswer  `json:"balance"`
}

func fundOf(fund funduse.Fund, now time.Time) fundAnswer {
	return fundAnswer{
		ID: fund.ID, Scope: fund.Scope, Name: fund.Name, CharityID: fund.CharityID, CharityName: fund.CharityName,
		AgreementNo: fund.AgreementNo, Households: fund.Households, OpenedAt: fund.OpenedAt, Balance: balanceOf(fund.Balance, now),
	}
}

type entryAnswer struct {
	ID       string       `json:"id"`
	Number   int64        `json:"number"`
	Kind     string       `json:"kind"`
	CaseID   string       `json:"case_id,omitempty"`
	Memo     string       `json:"memo,omitempty"`
	Reverses string       `json:"reverses,omitempty"`
	At       time.Time    `json:"at"`
	By       string       `json:"by"`
	Lines    []lineAnswer `json:"lines"`
}

type lineAnswer struct {
	Account   string `json:"account"`
	EarmarkID string `json:"earmark_id,omitempty"`
	PayeeID   string `json:"payee_id,omitempty"`
	money
}

func entryOf(entry funduse.Entry) entryAnswer {
	answer := entryAnswer{
		ID: entry.ID, Number: entry.Number, Kind: entry.Kind, CaseID: entry.CaseID, Memo: entry.Memo, Reverses: entry.Reverses,
		At: entry.At, By: entry.By, Lines: make([]lineAnswer, 0, len(entry.Lines)),
	}
	for _, line := range entry.Lines {
		answer.Lines = append(answer.Lines, lineAnswer{
			Account: line.Account, EarmarkID: line.EarmarkID, PayeeID: line.PayeeID, money: moneyOf(line.Amount),
		})
	}
	return answer
}

// rendered turns what the records hold into what the contract shows.
func rendered[In, Out any](items []In, one func(In) Out) []Out {
	answers := make([]Out, 0, len(items))
	for _, item := range items {
		answers = append(answers, one(item))
	}
	return answers
}

func (s *Server) charities(ctx context.Context, c call) (list[funduse.RegisteredCharity], error) {
	found, next, err := s.records.Charities(ctx, c.Page)
	return listOf(found, next), err
}

func (s *Server) registerCharity(ctx context.Context, c call, in funduse.NewCharity) (funduse.RegisteredCharity, error) {
	if err := in.Validate(); err != nil {
		return funduse.RegisteredCharity{}, err
	}
	if err := approval.Permit(c.Person, in.Scope, approval.Administrator); err != nil {
		return funduse.RegisteredCharity{}, err
	}
	return s.records.RegisterCharity(ctx, in, c.Person.ID, c.Now)
}

func (s *Server) funds(ctx context.Context, c call) (list[fundAnswer], error) {
	found, next, err := s.records.Funds(ctx, c.Page)
	return listOf(rendered(found, func(fund funduse.Fund) fundAnswer { return fundOf(fund, c.Now) }), next), err
}

func (s *Server) openFund(ctx context.Context, c call, in funduse.NewFund) (fundAnswer, error) {
	if err := in.Validate(); err != nil {
		return fundAnswer{}, err
	}
	if err := approval.Permit(c.Person, in.Scope, approval.CharityOfficer, approval.Administrator); err != nil {
		return fundAnswer{}, err
	}
	fund, err := s.records.OpenFund(ctx, in, ledgerKey(c), c.Person.ID, c.Now)
	return fundOf(fund, c.Now), err
}

func (s *Server) fund(ctx context.Context, c call) (fundAnswer, error) {
	fund, err := s.records.Fund(ctx, c.Param("id"))
	return fundOf(fund, c.Now), err
}

func (s *Server) balance(ctx context.Context, c call) (balanceAnswer, error) {
	at := c.Now
	if text := c.Query("at"); text != "" {
		var err error
		if at, err = time.Parse(time.RFC3339, text); err != nil || at.After(c.Now) {
			return balanceAnswer{}, approval.Errorf(approval.Invalid, "查询时间须写成2026-01-31T12:00:00+08:00的样式，且不能晚于现在。",
				"The time must look like 2026-01-31T12:00:00+08:00 and not lie in the future.").At("at")
		}
	}
	balance, err := s.records.FundBalance(ctx, c.Param("id"), at)
	return balanceOf(balance, at), err
}

func (s *Server) entries(ctx context.Context, c call) (list[entryAnswer], error) {
	found, next, err := s.records.FundEntries(ctx, c.Param("id"), c.Page)
	return listOf(rendered(found, entryOf), next), err
}

// ledgerKey keeps the keys of different people apart.
func ledgerKey(c call) string { return c.Person.ID + "/" + c.Key }
