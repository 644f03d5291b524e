package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"linli/approval"
	"linli/approval/space"
	"linli/store/sqlgen"
)

// Needs is a community's needs list as it stands; version 0 if it was never set.
func (s *Store) Needs(ctx context.Context, community approval.Scope) (list space.NeedList, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		list, err = needsOf(ctx, q, community)
		return err
	})
	return list, err
}

// SetNeeds replaces the list by a new version; the old ones stay on record. The
// list carries the version the caller saw: if it is no longer the latest, the
// change is refused.
func (s *Store) SetNeeds(ctx context.Context, list space.NeedList) (set space.NeedList, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		set, err = setNeeds(ctx, q, list)
		return err
	})
	return set, err
}

func setNeeds(ctx context.Context, q *sqlgen.Queries, list space.NeedList) (space.NeedList, error) {
	latest, err := needsOf(ctx, q, list.Scope)
	if err != nil {
		return list, err
	}
	if latest.Version != list.Version {
		return list, stale(latest.Version)
	}
	if list.Needs == nil {
		list.Needs = []space.Need{}
	}
	err = q.InsertNeeds(ctx, sqlgen.InsertNeedsParams{
		Scope: string(list.Scope), Version: int32(list.Version + 1), Needs: jsonOf(list.Needs), ChangedAt: stored(list.ChangedAt), ChangedBy: list.ChangedBy,
	})
	if err != nil {
		return list, err
	}
	return needsOf(ctx, q, list.Scope)
}

// NeedVersions lists the versions of a community's list, newest first.
func (s *Store) NeedVersions(ctx context.Context, community approval.Scope) (versions []space.NeedList, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.NeedVersions(ctx, string(community))
		for _, row := range rows {
			list, err := needList(row)
			if err != nil {
				return err
			}
			versions = append(versions, list)
		}
		return err
	})
	return versions, err
}

func needsOf(ctx context.Context, q *sqlgen.Queries, community approval.Scope) (space.NeedList, error) {
	row, err := q.LatestNeeds(ctx, string(community))
	if errors.Is(err, pgx.ErrNoRows) {
		return space.NeedList{Scope: community, Needs: []space.Need{}}, nil
	}
	if err != nil {
		return space.NeedList{}, err
	}
	return needList(row)
}

func needList(row sqlgen.NeedList) (space.NeedList, error) {
	list := space.NeedList{Scope: approval.Scope(row.Scope), Version: int(row.Version), ChangedAt: row.ChangedAt, ChangedBy: row.ChangedBy}
	if err := json.Unmarshal(row.Needs, &list.Needs); err != nil {
		return list, fmt.Errorf("reading the needs of %s: %w", row.Scope, err)
	}
	return list, nil
}
