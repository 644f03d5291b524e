package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"linli/approval"
	"linli/store/sqlgen"
)

// touchAfter bounds how often being used is written down.
const touchAfter = time.Minute

// AttemptLogin counts an attempt before its password is checked and returns
// whose it is and the stored hash; both are "" for an unknown or disabled
// account, which the caller must treat like a wrong password. It refuses while
// the name is locked or the address guesses too fast.
func (s *Store) AttemptLogin(ctx context.Context, username, ip string, now time.Time) (person, hash string, err error) {
	at := stored(now)
	var refused error // committed with its record, so it must not fail the transaction
	err = s.system(ctx, func(q *sqlgen.Queries) error {
		if _, err := q.LockName(ctx, username); err != nil {
			return err
		}
		var err error
		if refused, err = mayTry(ctx, q, username, ip, at); err != nil {
			return err
		}
		outcome := "tried"
		switch approval.CodeOf(refused) {
		case approval.LockedOut:
			outcome = "locked"
		case approval.RateLimited:
			outcome = "throttled"
		}
		if err := q.InsertLoginAttempt(ctx, sqlgen.InsertLoginAttemptParams{Username: username, Ip: ip, Outcome: outcome, At: at}); err != nil {
			return err
		}
		account, err := q.AccountForLogin(ctx, username)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		if account.DisabledAt == nil {
			person, hash = account.Person, account.PasswordHash
		}
		return nil
	})
	if err == nil {
		err = refused
	}
	return person, hash, err
}

// mayTry returns the refusal apart from a fault.
func mayTry(ctx context.Context, q *sqlgen.Queries, username, ip string, now time.Time) (refused, err error) {
	tries, err := q.TriesFrom(ctx, sqlgen.TriesFromParams{Ip: ip, At: now.Add(-approval.LoginChecksInterval)})
	if err != nil {
		return nil, err
	}
	if tries >= approval.LoginChecksPerIP {
		return approval.Errorf(approval.RateLimited, "登录过于频繁，请稍后再试。", "Too many logins from your address; try again shortly."), nil
	}
	rows, err := q.LatestAttempts(ctx, sqlgen.LatestAttemptsParams{Username: username, Limit: approval.LoginFailures})
	latest := make([]approval.LoginAttempt, 0, len(rows))
	for _, row := range rows {
		latest = append(latest, approval.LoginAttempt{Passed: row.Outcome == "passed", At: row.At})
	}
	return approval.CheckLock(latest, now), err
}

// OpenSession starts a browser session after the password was right.
func (s *Store) OpenSession(ctx context.Context, username, person, ip string, now time.Time) (session approval.Session, err error) {
	token, at := newSecret(), stored(now)
	err = s.system(ctx, func(q *sqlgen.Queries) error {
		if err := q.InsertLoginAttempt(ctx, sqlgen.InsertLoginAttemptParams{Username: username, Ip: ip, Outcome: "passed", At: at}); err != nil {
			return err
		}
		if err := q.InsertSession(ctx, sqlgen.InsertSessionParams{Hash: digest(token), Person: person, Ip: ip, CreatedAt: at, SeenAt: at}); err != nil {
			return err
		}
		session = approval.Session{Token: token}
		session.Principal, err = callerBySession(ctx, q, token, at)
		return err
	})
	return session, err
}

// SessionOf finds the caller behind a session, idle and absolute limits
// applied; anything else is unauthenticated.
func (s *Store) SessionOf(ctx context.Context, token string, now time.Time) (principal approval.Principal, err error) {
	err = s.lone(ctx, "on", func(q *sqlgen.Queries) error {
		principal, err = callerBySession(ctx, q, token, stored(now))
		return err
	})
	return principal, err
}

func callerBySession(ctx context.Context, q *sqlgen.Queries, token string, now time.Time) (approval.Principal, error) {
	row, err := q.CallerBySession(ctx, digest(token))
	if errors.Is(err, pgx.ErrNoRows) {
		return approval.Principal{}, expired()
	}
	if err != nil {
		return approval.Principal{}, err
	}
	until := row.CreatedAt.Add(approval.SessionAbsolute)
	if !now.Before(until) || now.Sub(row.SeenAt) >= approval.SessionIdle {
		return approval.Principal{}, expired()
	}
	if now.Sub(row.SeenAt) >= touchAfter {
		if err := q.TouchSession(ctx, sqlgen.TouchSessionParams{Hash: digest(token), SeenAt: now}); err != nil {
			return approval.Principal{}, err
		}
	}
	return approval.Principal{
		Person: approval.Person{ID: row.Person, Grants: decodeGrants(row.Grants)},
		Name:   row.Name, Username: row.Username, Scope: approval.Scope(row.Scope), Authenticated: "password", ExpiresAt: until,
	}, nil
}

// Logout ends a session; one already ended is no error.
func (s *Store) Logout(ctx context.Context, token string, now time.Time) error {
	at := stored(now)
	return s.system(ctx, func(q *sqlgen.Queries) error {
		return q.EndSession(ctx, sqlgen.EndSessionParams{Hash: digest(token), EndedAt: &at})
	})
}

// ChangePassword stores a new hash and ends every session but the one that
// asked, and every token.
func (s *Store) ChangePassword(ctx context.Context, person, hash, keepToken string, now time.Time) error {
	at := stored(now)
	return s.system(ctx, func(q *sqlgen.Queries) error {
		if _, err := q.ChangePassword(ctx, sqlgen.ChangePasswordParams{Person: person, PasswordHash: hash, PasswordChangedAt: at}); err != nil {
			return err
		}
		if err := q.EndSessionsOf(ctx, sqlgen.EndSessionsOfParams{At: &at, Person: person, Keep: digest(keepToken)}); err != nil {
			return err
		}
		return q.RevokeTokensOf(ctx, sqlgen.RevokeTokensOfParams{Person: person, RevokedAt: &at})
	})
}

// CreateToken makes a bearer token; its secret exists in the answer only.
func (s *Store) CreateToken(ctx context.Context, person, name string, expiresAt, now time.Time) (approval.Token, error) {
	secret := newSecret()
	token := approval.Token{ID: newID("tk"), Name: name, Secret: secret, CreatedAt: stored(now), ExpiresAt: stored(expiresAt)}
	err := s.tx(ctx, func(q *sqlgen.Queries) error {
		return q.InsertToken(ctx, sqlgen.InsertTokenParams{
			ID: token.ID, Hash: digest(secret), Person: person, Name: name, CreatedAt: token.CreatedAt, ExpiresAt: token.ExpiresAt,
		})
	})
	return token, err
}

// Tokens lists the person's tokens, newest first, without their secrets.
func (s *Store) Tokens(ctx context.Context, person string, page approval.Page) (tokens []approval.Token, next string, err error) {
	parts, err := cursorParts(page, 1)
	if err != nil {
		return nil, "", err
	}
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.TokensOf(ctx, sqlgen.TokensOfParams{Person: person, Before: parts[0], UpTo: int32(page.Limit + 1)})
		if err != nil {
			return err
		}
		rows, next = pageOf(rows, page, func(last sqlgen.TokensOfRow) string { return cursorOf(last.ID) })
		tokens = make([]approval.Token, 0, len(rows))
		for _, row := range rows {
			tokens = append(tokens, approval.Token{
				ID: row.ID, Name: row.Name, CreatedAt: row.CreatedAt, ExpiresAt: row.ExpiresAt,
				UsedAt: orZero(row.UsedAt), RevokedAt: orZero(row.RevokedAt),
			})
		}
		return nil
	})
	return tokens, next, err
}

// RevokeToken ends one of the person's own tokens at once.
func (s *Store) RevokeToken(ctx context.Context, person, id string, now time.Time) error {
	at := stored(now)
	return s.tx(ctx, func(q *sqlgen.Queries) error {
		revoked, err := q.RevokeToken(ctx, sqlgen.RevokeTokenParams{ID: id, Person: person, RevokedAt: &at})
		if err == nil && revoked == 0 {
			return absent(pgx.ErrNoRows, "有效令牌", "valid token")
		}
		return err
	})
}

// TokenOf finds the caller behind a bearer token; anything else is
// unauthenticated.
func (s *Store) TokenOf(ctx context.Context, secret string, now time.Time) (principal approval.Principal, err error) {
	at := stored(now)
	err = s.lone(ctx, "on", func(q *sqlgen.Queries) error {
		row, err := q.CallerByToken(ctx, digest(secret))
		if errors.Is(err, pgx.ErrNoRows) {
			return expired()
		}
		if err != nil {
			return err
		}
		if !at.Before(row.ExpiresAt) {
			return expired()
		}
		principal = approval.Principal{
			Person: approval.Person{ID: row.Person, Grants: decodeGrants(row.Grants)},
			Name:   row.Name, Username: row.Username, Scope: approval.Scope(row.Scope), Authenticated: "token", ExpiresAt: row.ExpiresAt,
		}
		if at.Sub(orZero(row.UsedAt)) < touchAfter {
			return nil
		}
		return q.TouchToken(ctx, sqlgen.TouchTokenParams{ID: row.ID, UsedAt: &at})
	})
	return principal, err
}

func expired() *approval.Error {
	return approval.Errorf(approval.Unauthenticated, "登录已失效，请重新登录。", "You are no longer signed in.")
}

// newSecret is 256 random bits for a cookie or a header.
func newSecret() string {
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // never fails, see crypto/rand
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

func digest(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

func decodeGrants(texts []string) []approval.Grant {
	grants := make([]approval.Grant, 0, len(texts))
	for _, text := range texts {
		role, scope, _ := strings.Cut(text, "@")
		grants = append(grants, approval.Grant{Role: approval.Role(role), Scope: approval.Scope(scope)})
	}
	return grants
}
