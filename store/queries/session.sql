-- name: InsertLoginAttempt :exec
INSERT INTO login_attempts (username, ip, outcome, at) VALUES ($1, $2, $3, $4);

-- name: LatestAttempts :many
SELECT outcome, at FROM login_attempts WHERE username = $1 AND outcome IN ('tried', 'passed') ORDER BY id DESC LIMIT $2;

-- name: TriesFrom :one
SELECT count(*) FROM login_attempts WHERE ip = $1 AND outcome = 'tried' AND at > $2;

-- name: LockName :one
SELECT pg_advisory_xact_lock(hashtextextended('login/' || @username::text, 0))::text;

-- name: AccountForLogin :one
SELECT person, password_hash, disabled_at FROM accounts WHERE username = $1;

-- name: InsertSession :exec
INSERT INTO sessions (hash, person, ip, created_at, seen_at) VALUES ($1, $2, $3, $4, $5);

-- name: CallerBySession :one
SELECT s.person, s.created_at, s.seen_at, a.username, p.name, p.scope,
       ARRAY(SELECT g.role || '@' || g.scope FROM grants g WHERE g.person = s.person AND g.revoked_at IS NULL ORDER BY 1)::text[] AS grants
FROM sessions s JOIN accounts a ON a.person = s.person JOIN persons p ON p.id = s.person
WHERE s.hash = $1 AND s.ended_at IS NULL AND a.disabled_at IS NULL;

-- name: TouchSession :exec
UPDATE sessions SET seen_at = $2 WHERE hash = $1;

-- name: EndSession :exec
UPDATE sessions SET ended_at = $2 WHERE hash = $1 AND ended_at IS NULL;

-- name: EndSessionsOf :exec
UPDATE sessions SET ended_at = @at WHERE person = @person AND ended_at IS NULL AND hash <> @keep;

-- name: InsertToken :exec
INSERT INTO tokens (id, hash, person, name, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6);

-- name: TokensOf :many
SELECT id, name, created_at, expires_at, used_at, revoked_at FROM tokens
WHERE person = @person AND (@before::text = '' OR id < @before)
ORDER BY id DESC
LIMIT @up_to;

-- name: RevokeToken :execrows
UPDATE tokens SET revoked_at = $3 WHERE id = $1 AND person = $2 AND revoked_at IS NULL;

-- name: RevokeTokensOf :exec
UPDATE tokens SET revoked_at = $2 WHERE person = $1 AND revoked_at IS NULL;

-- name: CallerByToken :one
SELECT t.id, t.person, t.expires_at, t.used_at, a.username, p.name, p.scope,
       ARRAY(SELECT g.role || '@' || g.scope FROM grants g WHERE g.person = t.person AND g.revoked_at IS NULL ORDER BY 1)::text[] AS grants
FROM tokens t JOIN accounts a ON a.person = t.person JOIN persons p ON p.id = t.person
WHERE t.hash = $1 AND t.revoked_at IS NULL AND a.disabled_at IS NULL;

-- name: TouchToken :exec
UPDATE tokens SET used_at = $2 WHERE id = $1;
