package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"linli/approval"
	"linli/approval/operator"
	"linli/store/sqlgen"
)

// RecordLicence puts a paper on file.
func (s *Store) RecordLicence(ctx context.Context, operatorID string, licence operator.NewLicence, by string, at time.Time) error {
	return s.tx(ctx, func(q *sqlgen.Queries) error {
		return q.InsertLicence(ctx, sqlgen.InsertLicenceParams{
			ID: newID("li"), OperatorID: operatorID, Kind: string(licence.Kind), Number: licence.Number, ValidUntil: date(licence.ValidUntil),
			AttachmentID: orNull(licence.AttachmentID), Verified: licence.Verified, RecordedAt: stored(at), RecordedBy: by,
		})
	})
}

// RevokeLicence records that an authority took a licence away, once.
func (s *Store) RevokeLicence(ctx context.Context, operatorID, id string, revocation operator.Revocation, by string) error {
	return s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.RevokeLicence(ctx, sqlgen.RevokeLicenceParams{
			ID: id, OperatorID: operatorID, RevokedOn: date(revocation.RevokedOn), RevokeReason: revocation.Reason, RevokedBy: &by,
		})
		if err == nil && rows == 0 {
			return approval.Errorf(approval.Conflict, "没有这份证照，或已登记吊销。", "There is no such licence, or it is revoked already.")
		}
		return err
	})
}

// Licences lists the papers on file, revoked and expired ones included.
func (s *Store) Licences(ctx context.Context, operatorID string) (licences []operator.Licence, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.Licences(ctx, operatorID)
		for _, row := range rows {
			licences = append(licences, operator.Licence{
				ID: row.ID, NewLicence: operator.NewLicence{
					Kind: operator.LicenceKind(row.Kind), Number: row.Number, ValidUntil: civil(row.ValidUntil),
					AttachmentID: orEmpty(row.AttachmentID), Verified: row.Verified,
				},
				RecordedAt: row.RecordedAt, RecordedBy: row.RecordedBy, RevokedOn: civil(row.RevokedOn), RevokeReason: row.RevokeReason, RevokedBy: row.RevokedBy,
			})
		}
		return err
	})
	return licences, err
}

// RecordCreditCheck keeps one look at the public lists.
func (s *Store) RecordCreditCheck(ctx context.Context, operatorID string, check operator.NewCreditCheck, by string, at time.Time) error {
	if check.Entries == nil {
		check.Entries = []operator.CreditEntry{}
	}
	return s.tx(ctx, func(q *sqlgen.Queries) error {
		return q.InsertCreditCheck(ctx, sqlgen.InsertCreditCheckParams{
			ID: newID("cc"), OperatorID: operatorID, Source: check.Source, CheckedOn: *date(check.CheckedOn), Entries: jsonOf(check.Entries),
			AttachmentID: orNull(check.AttachmentID), RecordedAt: stored(at), RecordedBy: by,
		})
	})
}

// CreditChecks lists the looks at the public lists, the latest first: it counts.
func (s *Store) CreditChecks(ctx context.Context, operatorID string) (checks []operator.CreditCheck, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.CreditChecks(ctx, operatorID)
		if err != nil {
			return err
		}
		for _, row := range rows {
			check := operator.CreditCheck{ID: row.ID, RecordedAt: row.RecordedAt, RecordedBy: row.RecordedBy, NewCreditCheck: operator.NewCreditCheck{
				Source: row.Source, CheckedOn: civil(&row.CheckedOn), AttachmentID: orEmpty(row.AttachmentID),
			}}
			if err := json.Unmarshal(row.Entries, &check.Entries); err != nil {
				return fmt.Errorf("reading the entries of %s: %w", row.ID, err)
			}
			checks = append(checks, check)
		}
		return nil
	})
	return checks, err
}
