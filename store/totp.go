package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"linli/approval"
	"linli/store/sqlgen"
)

// BeginTOTP keeps a new secret of one-time codes, sealed; it counts once it is
// confirmed. An unconfirmed one is replaced, a confirmed one refused.
func (s *Store) BeginTOTP(ctx context.Context, person, secret string, now time.Time) error {
	if s.sealer == nil {
		return errNoSealer
	}
	id, at := newID("otp"), stored(now)
	return s.system(ctx, func(q *sqlgen.Queries) error {
		active, err := q.ActiveTOTP(ctx, person)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		if active.ConfirmedAt != nil {
			return approval.Errorf(approval.Conflict, "动态口令已启用；请先停用再重新绑定。", "One-time codes are in use already; disable them before enrolling anew.")
		}
		if err := q.EndTOTP(ctx, sqlgen.EndTOTPParams{At: &at, By: person, Reason: "replaced", Person: person}); err != nil {
			return err
		}
		return q.InsertTOTP(ctx, sqlgen.InsertTOTPParams{ID: id, Person: person, Sealed: s.sealer.sealSecret(id, secret), CreatedAt: at})
	})
}

// TOTP is the person's active secret; the zero TOTP if there is none.
func (s *Store) TOTP(ctx context.Context, person string) (found approval.TOTP, err error) {
	if s.sealer == nil {
		return found, errNoSealer
	}
	err = s.system(ctx, func(q *sqlgen.Queries) error {
		row, err := q.ActiveTOTP(ctx, person)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		found = approval.TOTP{ID: row.ID, CreatedAt: row.CreatedAt, ConfirmedAt: orZero(row.ConfirmedAt)}
		found.Secret, err = s.sealer.openSecret(row.ID, row.Sealed)
		return err
	})
	return found, err
}

// ConfirmTOTP puts a secret into use with the step of its first code; false
// when it was confirmed or replaced meanwhile.
func (s *Store) ConfirmTOTP(ctx context.Context, id string, step int64, now time.Time) (done bool, err error) {
	at := stored(now)
	err = s.system(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.ConfirmTOTP(ctx, sqlgen.ConfirmTOTPParams{At: &at, Step: step, ID: id})
		done = rows == 1
		return err
	})
	return done, err
}

// UseTOTP takes the code of a step; false when that step or a later one was
// used before, whoever asks first.
func (s *Store) UseTOTP(ctx context.Context, id string, step int64) (first bool, err error) {
	err = s.system(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.UseTOTP(ctx, sqlgen.UseTOTPParams{Step: step, ID: id})
		first = rows == 1
		return err
	})
	return first, err
}

// EndTOTP ends the person's own one-time codes; none is no error.
func (s *Store) EndTOTP(ctx context.Context, person string, now time.Time) error {
	return s.endTOTP(ctx, person, person, "", now)
}

func (s *Store) endTOTP(ctx context.Context, person, by, reason string, now time.Time) error {
	at := stored(now)
	return s.system(ctx, func(q *sqlgen.Queries) error {
		return q.EndTOTP(ctx, sqlgen.EndTOTPParams{At: &at, By: by, Reason: reason, Person: person})
	})
}

// ResetTOTP ends another person's one-time codes for an administrator of that
// person's scope: somebody who lost the device can enrol anew.
func (s *Store) ResetTOTP(ctx context.Context, by approval.Person, id, reason string, now time.Time) (account approval.Account, err error) {
	err = s.atomic(ctx, func(ctx context.Context) error {
		err := s.tx(ctx, func(q *sqlgen.Queries) error {
			account, err = accountOf(ctx, q, id)
			return err
		})
		if err != nil {
			return err
		}
		if err := approval.Permit(by, account.Scope, approval.Administrator); err != nil {
			return err
		}
		return s.endTOTP(ctx, id, by.ID, reason, now)
	})
	return account, err
}

// PassLogin records that a counted attempt was right and opens nothing: the
// person proved who they are for one act.
func (s *Store) PassLogin(ctx context.Context, username, ip string, now time.Time) error {
	return s.system(ctx, func(q *sqlgen.Queries) error {
		return q.InsertLoginAttempt(ctx, sqlgen.InsertLoginAttemptParams{Username: username, Ip: ip, Outcome: "passed", At: stored(now)})
	})
}
