package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"linli/approval"
	"linli/store/sqlgen"
)

// NewAttachmentID names an attachment before its bytes are stored under it.
func (s *Store) NewAttachmentID() string { return newID("att") }

// AddAttachment records an upload whose bytes are already stored.
func (s *Store) AddAttachment(ctx context.Context, added approval.Attachment, now time.Time) (approval.Attachment, error) {
	added.CreatedAt = stored(now)
	return added, s.tx(ctx, func(q *sqlgen.Queries) error {
		return q.InsertAttachment(ctx, sqlgen.InsertAttachmentParams{
			ID: added.ID, Sha256: added.SHA256, Size: added.Size, MediaType: added.MediaType, Name: added.Name,
			Scope: string(added.Scope), Uploader: added.Uploader, CreatedAt: added.CreatedAt,
		})
	})
}

// PartyIn tells whether the person in ctx has a running case in the community,
// or acts for an operator.
func (s *Store) PartyIn(ctx context.Context, community approval.Scope) (party bool, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		party, err = q.PartyIn(ctx, sqlgen.PartyInParams{Person: personOf(ctx).ID, Scope: string(community)})
		return err
	})
	return party, err
}

// Attachment reads one the caller uploaded or whose scope he sees.
func (s *Store) Attachment(ctx context.Context, id string) (found approval.Attachment, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		row, err := q.AttachmentRow(ctx, id)
		if err != nil {
			return absent(err, "附件", "attachment")
		}
		found = approval.Attachment{
			ID: row.ID, Name: row.Name, MediaType: row.MediaType, Size: row.Size, SHA256: row.Sha256,
			Scope: approval.Scope(row.Scope), Uploader: row.Uploader, CreatedAt: row.CreatedAt,
		}
		if row.CaseID != nil {
			found.CaseID = *row.CaseID
		}
		return nil
	})
	return found, err
}

// named lists the papers a step names, to be bound to its case: those of what
// the case was opened with, and those of an act.
func named(ctx context.Context, q *sqlgen.Queries, record approval.Record) ([]string, error) {
	var named json.RawMessage
	switch {
	case record.Act != nil:
		named = record.Act.Form.Details
	case record.Seq == 1:
		opened, err := q.Proposal(ctx, sqlgen.ProposalParams{CaseID: record.CaseID, ContentHash: record.Case.ContentHash})
		if errors.Is(err, pgx.ErrNoRows) {
			return nil, nil // of a case the API did not open nothing was saved
		}
		if err != nil {
			return nil, err
		}
		named = opened.Proposal
	}
	if len(named) == 0 {
		return nil, nil
	}
	var details any
	if err := json.Unmarshal(named, &details); err != nil {
		return nil, fmt.Errorf("reading the papers of a step: %w", err)
	}
	return papers(details, nil), nil
}

// papers collects the ids of every approval.Attached in a document, wherever a
// procedure has put it.
func papers(found any, ids []string) []string {
	switch found := found.(type) {
	case []any:
		for _, each := range found {
			ids = papers(each, ids)
		}
	case map[string]any:
		id, named := found["id"].(string)
		if _, hashed := found["sha256"].(string); named && hashed {
			return append(ids, id)
		}
		for _, each := range found {
			ids = papers(each, ids)
		}
	}
	return ids
}
