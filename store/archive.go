package store

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"time"

	"linli/approval"
	"linli/audit"
	"linli/store/sqlgen"
)

// Unarchived lists closed cases whose history is not sealed, longest closed
// first.
func (s *Store) Unarchived(ctx context.Context, limit int) (cases []string, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		cases, err = q.Unarchived(ctx, int32(limit))
		return err
	})
	return cases, err
}

// Seal appends a closed case's exported history to the archive log. The same
// history again changes nothing; another history of a sealed case is refused,
// and a log whose last entry does not verify takes no more.
func (s *Store) Seal(ctx context.Context, caseID string, history []byte, at time.Time) error {
	packed, err := pack(history)
	if err != nil {
		return err
	}
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		if err := q.LockArchive(ctx); err != nil {
			return err
		}
		entry, err := q.ArchiveEntry(ctx, caseID)
		if err == nil {
			return sameHistory(entryOf(entry), history)
		}
		if !none(err) {
			return err
		}
		return appendEntry(ctx, q, audit.Entry{
			CaseID: caseID, HistorySHA256: audit.HashBytes(history), Size: int64(len(history)), SealedAt: stored(at), PreviousHash: audit.Genesis,
		}, packed)
	})
	if err != nil {
		return fmt.Errorf("sealing the history of case %s: %w", caseID, err)
	}
	return nil
}

func sameHistory(sealed audit.Entry, history []byte) error {
	if err := sealed.VerifyHistory(history); err != nil {
		return fmt.Errorf("%w (%w)", approval.Errorf(approval.Conflict, "此案卷已归档，内容不同。", "The case is sealed with another history."), err)
	}
	return nil
}

func appendEntry(ctx context.Context, q *sqlgen.Queries, entry audit.Entry, packed []byte) error {
	row, err := q.ArchiveHead(ctx)
	if err != nil && !none(err) {
		return err
	}
	if head := entryOf(row); err == nil {
		if head.Hash != audit.Chain(head.PreviousHash, head) {
			return &audit.Broken{Index: head.Index, CaseID: head.CaseID, Reason: "its content does not match its hash"}
		}
		entry.Index, entry.PreviousHash = head.Index, head.Hash
	}
	entry.Index++
	err = q.InsertArchiveEntry(ctx, sqlgen.InsertArchiveEntryParams{
		Index: entry.Index, CaseID: entry.CaseID, HistorySha256: entry.HistorySHA256, Size: entry.Size,
		PreviousHash: entry.PreviousHash, EntryHash: audit.Chain(entry.PreviousHash, entry), SealedAt: entry.SealedAt,
	})
	if err != nil {
		return err
	}
	return q.InsertArchiveHistory(ctx, sqlgen.InsertArchiveHistoryParams{CaseID: entry.CaseID, Gzip: packed})
}

// ArchiveLog is the whole log in order, for audit.VerifyLog: nothing is
// checked here.
func (s *Store) ArchiveLog(ctx context.Context) (log []audit.Entry, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.ArchiveLog(ctx)
		log = make([]audit.Entry, 0, len(rows))
		for _, row := range rows {
			log = append(log, entryOf(row))
		}
		return err
	})
	return log, err
}

// ArchivedHistory is a sealed history, byte for byte; one that is no longer
// what its log entry says is a fault that names the entry.
func (s *Store) ArchivedHistory(ctx context.Context, caseID string) (history []byte, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		entry, err := q.ArchiveEntry(ctx, caseID)
		if err != nil {
			return absent(err, "归档", "sealed history")
		}
		packed, err := q.ArchiveHistory(ctx, caseID)
		if err != nil {
			return absent(err, "归档", "sealed history")
		}
		if history, err = unpack(packed, entry.Size); err != nil {
			return &audit.Broken{Index: entry.Index, CaseID: caseID, Reason: "the stored history does not unpack: " + err.Error()}
		}
		return entryOf(entry).VerifyHistory(history)
	})
	if err != nil {
		return nil, err
	}
	return history, nil
}

func entryOf(row sqlgen.ArchiveLog) audit.Entry {
	return audit.Entry{
		Index: row.Index, CaseID: row.CaseID, HistorySHA256: row.HistorySha256, Size: row.Size,
		SealedAt: row.SealedAt.UTC(), PreviousHash: row.PreviousHash, Hash: row.EntryHash,
	}
}

func pack(history []byte) ([]byte, error) {
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	if _, err := writer.Write(history); err != nil {
		return nil, err
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}

// unpack reads at most one byte more than was sealed: a forged archive must
// not unpack into all of memory.
func unpack(packed []byte, size int64) ([]byte, error) {
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(reader, size+1))
}
