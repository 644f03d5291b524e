package store

import (
	"context"
	"time"

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
