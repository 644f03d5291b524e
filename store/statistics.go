package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"linli/approval"
	"linli/approval/funduse"
	"linli/approval/statistics"
	"linli/store/sqlgen"
)

// Statistics reads the facts a plan counts; row security shows those of the
// person in ctx.
func (s *Store) Statistics(ctx context.Context, plan statistics.Plan) (facts statistics.Facts, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		facts = statistics.Facts{}
		for _, read := range []func(context.Context, *sqlgen.Queries, statistics.Plan, *statistics.Facts) error{
			countedGround, countedMovements, countedEngagements, countedMicroProjects,
		} {
			if err := read(ctx, q, plan, &facts); err != nil {
				return err
			}
		}
		return nil
	})
	return facts, err
}

func countedGround(ctx context.Context, q *sqlgen.Queries, plan statistics.Plan, facts *statistics.Facts) error {
	scope, ends := string(plan.Scope), plan.Ends()
	divisions, err := q.CountedDivisions(ctx, sqlgen.CountedDivisionsParams{Scope: scope, Ends: ends})
	for _, row := range divisions {
		facts.Divisions = append(facts.Divisions, statistics.Division{
			Scope: approval.Scope(row.Path), Name: approval.Text{ZH: row.NameZh, EN: row.NameEn}, At: row.CreatedAt,
		})
	}
	if err != nil {
		return err
	}
	ages, err := q.CountedAges(ctx, sqlgen.CountedAgesParams{Scope: scope, Ends: ends})
	for _, row := range ages {
		facts.Ages = append(facts.Ages, statistics.Stated{Scope: approval.Scope(row.Scope), Age: statistics.Age(row.Age), At: row.StatedAt})
	}
	if err != nil {
		return err
	}
	funds, err := q.CountedFunds(ctx, sqlgen.CountedFundsParams{Scope: scope, Ends: ends})
	for _, row := range funds {
		facts.Funds = append(facts.Funds, statistics.Opened{Scope: approval.Scope(row.Scope), At: row.OpenedAt})
	}
	if err != nil {
		return err
	}
	operators, err := q.CountedOperators(ctx, sqlgen.CountedOperatorsParams{Scope: scope, Ends: ends})
	for _, row := range operators {
		facts.Operators = append(facts.Operators, statistics.Registered{Scope: approval.Scope(row.Scope), At: row.RegisteredAt})
	}
	return err
}

func countedMovements(ctx context.Context, q *sqlgen.Queries, plan statistics.Plan, facts *statistics.Facts) error {
	rows, err := q.CountedMovements(ctx, sqlgen.CountedMovementsParams{Scope: string(plan.Scope), Bounds: plan.Bounds(), Ends: plan.Ends()})
	for _, row := range rows {
		facts.Movements = append(facts.Movements, statistics.Movement{
			Scope: approval.Scope(row.Scope), Period: int(row.Period), Entry: row.Entry, Account: row.Account, Amount: approval.Fen(row.Amount),
		})
	}
	return err
}

func countedEngagements(ctx context.Context, q *sqlgen.Queries, plan statistics.Plan, facts *statistics.Facts) error {
	rows, err := q.CountedEngagements(ctx, sqlgen.CountedEngagementsParams{Scope: string(plan.Scope), Ends: plan.Ends()})
	for _, row := range rows {
		facts.Engagements = append(facts.Engagements, statistics.Engagement{
			Scope: approval.Scope(row.Scope), Operator: row.OperatorID, Services: row.Services, FitOut: approval.Fen(row.FitOut),
			RunningCost: approval.Fen(row.RunningCost), Begun: row.OpenedAt, Ended: orZero(row.ClosedAt),
		})
	}
	return err
}

func countedMicroProjects(ctx context.Context, q *sqlgen.Queries, plan statistics.Plan, facts *statistics.Facts) error {
	rows, err := q.CountedMicroProjects(ctx, sqlgen.CountedMicroProjectsParams{
		Scope: string(plan.Scope), Ends: plan.Ends(), Category: string(funduse.Micro),
	})
	for _, row := range rows {
		facts.Micro = append(facts.Micro, statistics.MicroProject{Scope: approval.Scope(row.Scope), Paid: row.PaidAt, Returned: row.ReturnedAt})
	}
	return err
}

// CommunityAge is what was last stated of a community; nothing is no fault.
func (s *Store) CommunityAge(ctx context.Context, scope approval.Scope) (stated statistics.AgeStatement, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		stated, err = communityAge(ctx, q, scope)
		return err
	})
	return stated, err
}

func communityAge(ctx context.Context, q *sqlgen.Queries, scope approval.Scope) (statistics.AgeStatement, error) {
	row, err := q.CommunityAge(ctx, string(scope))
	if errors.Is(err, pgx.ErrNoRows) {
		return statistics.AgeStatement{Scope: scope}, nil
	}
	return statistics.AgeStatement{Scope: scope, Age: statistics.Age(row.Age), By: row.StatedBy, At: row.StatedAt}, err
}

// StateCommunityAge adds an office's word on a community. What holds already is
// not stated again.
func (s *Store) StateCommunityAge(ctx context.Context, wanted statistics.AgeStatement) (stated statistics.AgeStatement, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		if stated, err = communityAge(ctx, q, wanted.Scope); err != nil || stated.Age == wanted.Age {
			return err
		}
		stated = wanted
		stated.At = stored(wanted.At)
		return q.AddCommunityAge(ctx, sqlgen.AddCommunityAgeParams{
			Scope: string(wanted.Scope), Age: string(wanted.Age), StatedAt: stated.At, StatedBy: wanted.By,
		})
	})
	return stated, err
}
