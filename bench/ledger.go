package bench

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"linli/approval"
	"linli/approval/funduse"
	"linli/store"
)

// OpenFunds opens so many funds, each in a community of its own, and returns
// their ids. The books are the API's; an administrator adds the communities.
func OpenFunds(ctx context.Context, s *store.Store, count int) ([]string, error) {
	now := time.Now()
	ctx = store.WithPerson(ctx, approval.Person{ID: "bench", Grants: []approval.Grant{
		{Role: approval.Administrator, Scope: "370300"}, {Role: approval.CharityOfficer, Scope: "370300"},
	}})
	charities, _, err := s.Charities(ctx, approval.Page{Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(charities) == 0 {
		return nil, fmt.Errorf("there is no charity to host funds")
	}
	var funds []string
	for i := range count {
		scope := approval.Scope(fmt.Sprintf("370300/370303/370303001/%012d", 370303001100+i))
		if err := s.AddDivision(ctx, approval.Division{Path: scope, NameZH: fmt.Sprintf("测速社区%d(示例)", i), NameEN: fmt.Sprintf("Bench community %d (sample)", i)}, "bench", now); err != nil {
			return nil, fmt.Errorf("adding %s: %w", scope, err)
		}
		fund, err := s.OpenFund(ctx, funduse.NewFund{
			Scope: scope, Name: fmt.Sprintf("测速基金%d(示例)", i), CharityID: charities[0].ID, AgreementNo: fmt.Sprintf("测速-%d(示例)", i), Opening: 1_000_000_000,
		}, "bench-fund-"+string(scope), "bench", now)
		if err != nil {
			return nil, fmt.Errorf("opening a fund in %s: %w", scope, err)
		}
		funds = append(funds, fund.ID)
	}
	return funds, nil
}

// Ledger reserves money as a worker does, one booking per act, spread over the
// funds.
func Ledger(ctx context.Context, s *store.Store, funds []string, writers int, length time.Duration) (Sample, error) {
	run := time.Now().UnixNano()
	var n atomic.Int64
	return load(ctx, writers, length, func(ctx context.Context, w *watch) error {
		i := n.Add(1)
		id := fmt.Sprintf("bench-ledger-%d-%d", run, i)
		return w.time(func() error {
			return s.Reserve(ctx, funduse.ReserveOrder{Key: id, CaseID: id, FundID: funds[int(i)%len(funds)], Amount: 1, At: time.Now()})
		})
	})
}
