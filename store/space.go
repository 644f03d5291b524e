package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"linli/approval"
	"linli/approval/space"
	"linli/store/sqlgen"
)

// RegisterSpace adds a space to a community's inventory.
func (s *Store) RegisterSpace(ctx context.Context, scope approval.Scope, details space.Details, by string, at time.Time) (registered space.Space, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		id, err := insertSpace(ctx, q, scope, details, by, at)
		if err != nil {
			return err
		}
		registered, err = spaceOf(ctx, q, id)
		return err
	})
	return registered, err
}

func insertSpace(ctx context.Context, q *sqlgen.Queries, scope approval.Scope, details space.Details, by string, at time.Time) (string, error) {
	id := newID("sp")
	built, usable := details.Area()
	return id, q.InsertSpace(ctx, sqlgen.InsertSpaceParams{
		ID: id, Scope: string(scope), Code: details.Code, Name: details.Name, Address: details.Address, Ownership: string(details.Ownership),
		Holder: details.Holder, Proof: details.Proof, ProofID: orNull(details.ProofID), Use: details.Use, Note: details.Note,
		Surveyed: details.Surveyed, Flue: details.Flue, FireExits: int32(details.FireExits), Closed: details.Closed, Rooms: jsonOf(details.Rooms),
		BuiltArea: int64(built), UsableArea: int64(usable), RegisteredAt: stored(at), RegisteredBy: by,
	})
}

// ChangeSpace corrects a space; the state before stays on record. It refuses if
// the version the caller saw is no longer the latest.
func (s *Store) ChangeSpace(ctx context.Context, id string, change space.Change, by string, at time.Time) (changed space.Space, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		if err := updateSpace(ctx, q, id, change, by, at); err != nil {
			return err
		}
		changed, err = spaceOf(ctx, q, id)
		return err
	})
	return changed, err
}

func updateSpace(ctx context.Context, q *sqlgen.Queries, id string, change space.Change, by string, at time.Time) error {
	built, usable := change.Area()
	rows, err := q.ChangeSpace(ctx, sqlgen.ChangeSpaceParams{
		ID: id, Version: int32(change.Version), Code: change.Code, Name: change.Name, Address: change.Address, Ownership: string(change.Ownership),
		Holder: change.Holder, Proof: change.Proof, ProofID: orNull(change.ProofID), Use: change.Use, Note: change.Note,
		Surveyed: change.Surveyed, Flue: change.Flue, FireExits: int32(change.FireExits), Closed: change.Closed, Rooms: jsonOf(change.Rooms),
		BuiltArea: int64(built), UsableArea: int64(usable), ChangedAt: stored(at), ChangedBy: by, ChangeReason: change.Reason,
	})
	if err != nil || rows == 1 {
		return err
	}
	latest, err := spaceOf(ctx, q, id)
	if err != nil {
		return err
	}
	return stale(latest.Version)
}

// Spaces lists the spaces the caller sees at or below a scope ("" = all), newest
// first.
func (s *Store) Spaces(ctx context.Context, scope approval.Scope, page approval.Page) (spaces []space.Space, next string, err error) {
	before, err := cursorParts(page, 1)
	if err != nil {
		return nil, "", err
	}
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.Spaces(ctx, sqlgen.SpacesParams{Before: before[0], Scope: string(scope), Today: today(), UpTo: int32(page.Limit + 1)})
		if err != nil {
			return err
		}
		rows, next = pageOf(rows, page, func(last sqlgen.SpacesRow) string { return cursorOf(last.ID) })
		spaces, err = spacesFrom(rows)
		return err
	})
	return spaces, next, err
}

// Space is one space; one the caller cannot see is not there.
func (s *Store) Space(ctx context.Context, id string) (found space.Space, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		found, err = spaceOf(ctx, q, id)
		return err
	})
	return found, err
}

// SpacesOf is the whole inventory of a community, by code.
func (s *Store) SpacesOf(ctx context.Context, community approval.Scope) (spaces []space.Space, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		spaces, err = inventoryOf(ctx, q, community)
		return err
	})
	return spaces, err
}

func inventoryOf(ctx context.Context, q *sqlgen.Queries, community approval.Scope) ([]space.Space, error) {
	rows, err := q.SpacesOf(ctx, sqlgen.SpacesOfParams{Scope: string(community), Today: today()})
	if err != nil {
		return nil, err
	}
	plain := make([]sqlgen.SpacesRow, 0, len(rows))
	for _, row := range rows {
		plain = append(plain, sqlgen.SpacesRow(row))
	}
	return spacesFrom(plain)
}

// SpaceVersions is everything the inventory ever said of a space, newest first.
func (s *Store) SpaceVersions(ctx context.Context, id string) (versions []approval.Version, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		if _, err := spaceOf(ctx, q, id); err != nil {
			return err
		}
		rows, err := q.SpaceVersions(ctx, id)
		for _, row := range rows {
			versions = append(versions, approval.Version{Version: int(row.Version), Content: row.Content, At: row.At, By: row.By})
		}
		return err
	})
	return versions, err
}

func spaceOf(ctx context.Context, q *sqlgen.Queries, id string) (space.Space, error) {
	row, err := q.Space(ctx, sqlgen.SpaceParams{ID: id, Today: today()})
	if err != nil {
		return space.Space{}, absent(err, "阵地", "space")
	}
	spaces, err := spacesFrom([]sqlgen.SpacesRow{sqlgen.SpacesRow(row)})
	if err != nil {
		return space.Space{}, err
	}
	return spaces[0], nil
}

// today is the civil day in Shanghai.
func today() time.Time { return *date(time.Now().In(approval.Shanghai).Format(time.DateOnly)) }

func spacesFrom(rows []sqlgen.SpacesRow) ([]space.Space, error) {
	spaces := make([]space.Space, 0, len(rows))
	for _, row := range rows {
		one := space.Space{
			ID: row.ID, Scope: approval.Scope(row.Scope), Status: space.Status(row.Status), Version: int(row.Version),
			RegisteredAt: row.RegisteredAt, ChangedAt: row.ChangedAt, ChangedBy: row.ChangedBy, Details: space.Details{
				Code: row.Code, Name: row.Name, Address: row.Address, Ownership: space.Ownership(row.Ownership), Holder: row.Holder, Proof: row.Proof,
				ProofID: orEmpty(row.ProofID), Use: row.Use, Note: row.Note, Surveyed: row.Surveyed, Flue: row.Flue, FireExits: int(row.FireExits), Closed: row.Closed,
			},
		}
		if err := json.Unmarshal(row.Rooms, &one.Rooms); err != nil {
			return nil, fmt.Errorf("reading the rooms of %s: %w", row.ID, err)
		}
		one.Built, one.Usable = one.Area()
		spaces = append(spaces, one)
	}
	return spaces, nil
}
