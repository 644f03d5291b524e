package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"linli/approval"
	"linli/approval/contract"
	"linli/store/sqlgen"
)

// KeepDrawn records one drawing of a case's documents; again, it changes
// nothing.
func (s *Store) KeepDrawn(ctx context.Context, drawn contract.Drawn) error {
	set, at := contract.SetHash(drawn.Documents), stored(drawn.At)
	return s.tx(ctx, func(q *sqlgen.Queries) error {
		for i, d := range drawn.Documents {
			err := q.InsertContract(ctx, sqlgen.InsertContractParams{
				CaseID: drawn.CaseID, Sha256: d.SHA256, SetHash: set, Place: int32(i + 1), Number: d.Number, TitleZh: d.Title.ZH, TitleEn: d.Title.EN,
				Kind: string(d.Template.Kind), TemplateVersion: int32(d.Template.Version), TemplateHash: d.Template.Hash, Size: d.Size, DrawnAt: at,
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// SealOf is what was kept for a seat of a document, nil if nothing was.
func (s *Store) SealOf(ctx context.Context, caseID, sha256, seat string) (kept *contract.Sealed, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		row, err := q.SealOf(ctx, sqlgen.SealOfParams{CaseID: caseID, Sha256: sha256, Seat: seat})
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		found := sealedOf(row)
		kept = &found
		return err
	})
	return kept, err
}

// KeepSeal records a seal and the key it was made with. The first for a seat
// stands; another act's is refused.
func (s *Store) KeepSeal(ctx context.Context, sealed contract.Sealed, key contract.PublicKey) error {
	return s.tx(ctx, func(q *sqlgen.Queries) error {
		if err := q.InsertSignatureKey(ctx, sqlgen.InsertSignatureKeyParams{ID: key.ID, Algorithm: key.Algorithm, Public: key.Public}); err != nil {
			return err
		}
		rows, err := q.InsertSeal(ctx, sqlgen.InsertSealParams{
			CaseID: sealed.CaseID, Sha256: sealed.SHA256, Seat: sealed.Seat, ActID: sealed.ActID, Statement: sealed.Seal.Statement,
			Algorithm: sealed.Seal.Algorithm, KeyID: sealed.Seal.Key, Value: sealed.Seal.Value, SignedAt: stored(sealed.At),
		})
		if err != nil || rows == 1 {
			return err
		}
		first, err := q.SealOf(ctx, sqlgen.SealOfParams{CaseID: sealed.CaseID, Sha256: sealed.SHA256, Seat: sealed.Seat})
		if err == nil && first.ActID != sealed.ActID {
			return contract.SealedAlready()
		}
		return err
	})
}

func sealedOf(row sqlgen.ContractSeal) contract.Sealed {
	return contract.Sealed{
		CaseID: row.CaseID, SHA256: row.Sha256, Seat: row.Seat, ActID: row.ActID, At: row.SignedAt,
		Seal: contract.Seal{Statement: row.Statement, Algorithm: row.Algorithm, Key: row.KeyID, Value: row.Value},
	}
}

// Signatory names the signer and, where there is one, the substituted person.
func (s *Store) Signatory(ctx context.Context, person, absent string) (name, absentName string, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		for _, wanted := range []struct {
			id   string
			name *string
		}{{person, &name}, {absent, &absentName}} {
			if wanted.id == "" {
				continue
			}
			if *wanted.name, err = q.SignatoryName(ctx, wanted.id); err != nil {
				return fmt.Errorf("naming %s: %w", wanted.id, err)
			}
		}
		return nil
	})
	return name, absentName, err
}

// Contracts lists the agreements of a case, the set on the table first.
func (s *Store) Contracts(ctx context.Context, caseID string) (views []contract.View, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		found, err := drawnOf(ctx, q, caseID)
		if err != nil {
			return err
		}
		scans, err := q.ScansOf(ctx, caseID)
		if err != nil {
			return err
		}
		for _, row := range found.rows {
			file, err := found.file(row)
			if err != nil {
				return err
			}
			var shown []contract.Scan
			for _, scan := range scans {
				if scan.Sha256 == row.Sha256 {
					shown = append(shown, contract.Scan{Attachment: scan.Attachment, AddedBy: scan.AddedBy, AddedAt: scan.AddedAt})
				}
			}
			views = append(views, contract.ViewOf(file, row.DrawnAt, row.SetHash == found.rows[0].SetHash, shown))
		}
		return nil
	})
	return views, err
}

// SignatureFile is what proves who signed a document of a case.
func (s *Store) SignatureFile(ctx context.Context, caseID, sha256 string) (file contract.File, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		found, err := drawnOf(ctx, q, caseID)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(found.rows, func(row sqlgen.Contract) bool { return row.Sha256 == sha256 })
		if at < 0 {
			return absent(pgx.ErrNoRows, "协议", "agreement")
		}
		file, err = found.file(found.rows[at])
		return err
	})
	return file, err
}

// drawn is what is kept of a case's agreements, the newest first.
type drawn struct {
	rows  []sqlgen.Contract
	seals []sqlgen.ContractSeal
	keys  []sqlgen.SignatureKey
}

func drawnOf(ctx context.Context, q *sqlgen.Queries, caseID string) (found drawn, err error) {
	if found.rows, err = q.ContractsOf(ctx, caseID); err != nil {
		return found, err
	}
	if found.seals, err = q.SealsOf(ctx, caseID); err != nil {
		return found, err
	}
	found.keys, err = q.SignatureKeys(ctx)
	return found, err
}

func (d drawn) file(row sqlgen.Contract) (contract.File, error) {
	var seals []contract.Sealed
	for _, seal := range d.seals {
		if seal.Sha256 == row.Sha256 {
			seals = append(seals, sealedOf(seal))
		}
	}
	keys := []contract.PublicKey{}
	for _, key := range d.keys {
		if slices.ContainsFunc(seals, func(s contract.Sealed) bool { return s.Seal.Key == key.ID }) {
			keys = append(keys, contract.PublicKey(key))
		}
	}
	document := contract.Document{
		Number: row.Number, Title: approval.Text{ZH: row.TitleZh, EN: row.TitleEn}, SHA256: row.Sha256, Size: row.Size,
		Template: contract.Pin{Kind: contract.Kind(row.Kind), Version: int(row.TemplateVersion), Hash: row.TemplateHash},
	}
	file, err := contract.NewFile(row.CaseID, document, row.SetHash, seals, keys)
	if err != nil {
		return file, fmt.Errorf("reading the seals of %s: %w", row.Number, err)
	}
	return file, nil
}

// SignatureKeys are the public keys seals were ever made with.
func (s *Store) SignatureKeys(ctx context.Context) (keys []contract.PublicKey, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.SignatureKeys(ctx)
		for _, row := range rows {
			keys = append(keys, contract.PublicKey(row))
		}
		return err
	})
	return keys, err
}

// AddScan puts an attachment beside a document of a case.
func (s *Store) AddScan(ctx context.Context, caseID, sha256, attachment, by string, now time.Time) error {
	return s.tx(ctx, func(q *sqlgen.Queries) error {
		return q.InsertScan(ctx, sqlgen.InsertScanParams{CaseID: caseID, Sha256: sha256, Attachment: attachment, AddedBy: by, AddedAt: stored(now)})
	})
}
