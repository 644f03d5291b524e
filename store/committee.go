package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"linli/approval"
	"linli/approval/funduse"
	"linli/store/sqlgen"
)

// Committee is the roster to freeze when a review opens: the community's
// members as they stand, those with an interest in the payee marked (I4), be it
// declared for that payee or known from the register of related parties.
// A community without a committee has an empty roster, which stops the case.
func (s *Store) Committee(ctx context.Context, scope approval.Scope, payeeID string) (roster []approval.Member, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		roster, err = rosterOf(ctx, q, scope, payeeID, time.Now())
		return err
	})
	return roster, err
}

func rosterOf(ctx context.Context, q *sqlgen.Queries, scope approval.Scope, payeeID string, at time.Time) ([]approval.Member, error) {
	_, rows, err := committeeRows(ctx, q, scope, payeeID)
	if err != nil {
		return nil, err
	}
	related, err := payeeInterests(ctx, q, payeeID, at)
	roster := make([]approval.Member, 0, len(rows))
	for _, row := range rows {
		member := approval.Member{ID: row.PersonID, Seats: row.Seats, Reserve: row.Reserve}
		if row.Relation != "" {
			member.Interested = true
			member.Reason = "与收款方有利害关系：" + approval.Relation(row.Relation).Name().ZH
		} else if at := slices.IndexFunc(related, func(r payeeInterest) bool { return r.PersonID == row.PersonID }); at >= 0 {
			member.Interested = true
			member.Reason = "与收款方有利害关系：" + related[at].Relation.Name().ZH + "（关联方登记：" + related[at].operator + "）"
		}
		roster = append(roster, member)
	}
	return roster, err
}

// StandingCommittee is the committee as people read it; version 0 if it was
// never set.
func (s *Store) StandingCommittee(ctx context.Context, scope approval.Scope) (standing funduse.StandingCommittee, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		standing, err = standingCommittee(ctx, q, scope)
		return err
	})
	return standing, err
}

// SetCommittee replaces the list by a new version; the old ones stay on
// record. It refuses if the version the caller saw is no longer the latest.
func (s *Store) SetCommittee(ctx context.Context, order funduse.CommitteeOrder) (standing funduse.StandingCommittee, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		latest, err := q.LatestCommittee(ctx, string(order.Scope))
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		if int(latest.Version) != order.Version {
			return approval.Errorf(approval.StaleContent, "名单已是第%[1]d版，请重新查看后再修改。",
				"The list is at version %[1]d by now; look at it again before changing it.", latest.Version).At("version")
		}
		if err := insertCommittee(ctx, q, order); err != nil {
			return err
		}
		standing, err = standingCommittee(ctx, q, order.Scope)
		return err
	})
	return standing, err
}

func insertCommittee(ctx context.Context, q *sqlgen.Queries, order funduse.CommitteeOrder) error {
	version := int32(order.Version + 1)
	err := q.InsertCommittee(ctx, sqlgen.InsertCommitteeParams{
		Scope: string(order.Scope), Version: version, SetAt: stored(order.At), SetBy: order.By,
	})
	if err != nil {
		return err
	}
	for i, member := range order.Members {
		seats := member.Seats
		if seats == nil {
			seats = []approval.Seat{}
		}
		err := q.InsertCommitteeMember(ctx, sqlgen.InsertCommitteeMemberParams{
			Scope: string(order.Scope), Version: version, Position: int32(i + 1), PersonID: member.PersonID, Seats: seats, Reserve: member.Reserve,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func standingCommittee(ctx context.Context, q *sqlgen.Queries, scope approval.Scope) (funduse.StandingCommittee, error) {
	latest, rows, err := committeeRows(ctx, q, scope, "")
	standing := funduse.StandingCommittee{
		Scope: scope, Version: int(latest.Version), SetAt: latest.SetAt, SetBy: latest.SetBy, Members: []funduse.CommitteeMember{},
	}
	for _, row := range rows {
		standing.Members = append(standing.Members, funduse.CommitteeMember{
			PersonID: row.PersonID, Name: row.Name, Seats: row.Seats, Reserve: row.Reserve,
		})
	}
	return standing, err
}

func committeeRows(ctx context.Context, q *sqlgen.Queries, scope approval.Scope, payeeID string) (sqlgen.Committee, []sqlgen.CommitteeMembersRow, error) {
	latest, err := q.LatestCommittee(ctx, string(scope))
	if errors.Is(err, pgx.ErrNoRows) {
		return latest, nil, nil
	}
	if err != nil {
		return latest, nil, err
	}
	rows, err := q.CommitteeMembers(ctx, sqlgen.CommitteeMembersParams{Scope: string(scope), Version: latest.Version, PayeeID: payeeID})
	return latest, rows, err
}

// ScopeOf finds the scope whose path ends in a code, such as a community's.
func (s *Store) ScopeOf(ctx context.Context, leaf string) (scope approval.Scope, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		path, err := q.ScopeByLeaf(ctx, leaf)
		scope = approval.Scope(path)
		return absent(err, "社区", "community")
	})
	return scope, err
}
