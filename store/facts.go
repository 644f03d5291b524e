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

// FundFacts is what a district's criteria may look at: the fund, the earmark
// ("" = none), the payee and the community, as booked now; sums of the year
// run from 1 January (Shanghai) to at. An unknown payee or earmark is a fact,
// not a refusal; an unknown fund is refused.
func (s *Store) FundFacts(ctx context.Context, fundID, earmarkID, payeeID string, at time.Time) (
	fund funduse.FundFacts, earmark funduse.EarmarkFacts, payee funduse.PayeeFacts, community funduse.CommunityFacts, err error) {
	year := time.Date(at.In(approval.Shanghai).Year(), time.January, 1, 0, 0, 0, 0, approval.Shanghai)
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		row, err := q.FundNumbers(ctx, sqlgen.FundNumbersParams{FundID: fundID, YearStart: stored(year), At: stored(at)})
		if err != nil {
			return absent(err, "基金", "fund")
		}
		fund = funduse.FundFacts{
			Available: row.Available, Reserved: row.Reserved, SpentThisYear: row.Spent, OpenCases: row.OpenCases, CommitteeMembers: row.Members,
		}
		community = funduse.CommunityFacts{Scope: row.Scope, HouseKnown: row.Households != nil}
		if row.Households != nil {
			community.Households = *row.Households
		}
		if earmark, err = earmarkFacts(ctx, q, fundID, earmarkID); err != nil {
			return err
		}
		payee, err = payeeFacts(ctx, q, approval.Scope(row.Scope), sqlgen.PayeeNumbersParams{PayeeID: payeeID, YearStart: stored(year), At: stored(at)})
		return err
	})
	return fund, earmark, payee, community, err
}

func earmarkFacts(ctx context.Context, q *sqlgen.Queries, fundID, earmarkID string) (funduse.EarmarkFacts, error) {
	row, err := q.EarmarkNumbers(ctx, sqlgen.EarmarkNumbersParams{FundID: fundID, EarmarkID: earmarkID})
	if errors.Is(err, pgx.ErrNoRows) {
		return funduse.EarmarkFacts{Categories: []string{}}, nil
	}
	return funduse.EarmarkFacts{Present: err == nil, Available: row.Balance, Categories: row.Categories}, err
}

func payeeFacts(ctx context.Context, q *sqlgen.Queries, scope approval.Scope, params sqlgen.PayeeNumbersParams) (funduse.PayeeFacts, error) {
	paid, err := q.PayeeNumbers(ctx, params)
	if errors.Is(err, pgx.ErrNoRows) {
		return funduse.PayeeFacts{}, nil
	}
	if err != nil {
		return funduse.PayeeFacts{}, err
	}
	facts := funduse.PayeeFacts{Known: true, PaidThisYear: paid}
	roster, err := rosterOf(ctx, q, scope, params.PayeeID, params.At)
	for _, member := range roster {
		if member.Interested {
			facts.InterestedMembers++
		}
	}
	return facts, err
}
