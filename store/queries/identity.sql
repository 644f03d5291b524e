-- name: InsertScope :exec
INSERT INTO scopes (path, parent, name_zh, name_en, created_at, created_by) VALUES ($1, $2, $3, $4, $5, $6);

-- name: Scopes :many
SELECT path, name_zh, name_en FROM scopes ORDER BY path;

-- name: InsertPerson :exec
INSERT INTO persons (id, name, scope, created_at, created_by) VALUES ($1, $2, $3, $4, $5);

-- name: InsertAccount :exec
INSERT INTO accounts (person, username, scope, password_hash, password_changed_at, created_at, created_by)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: AccountRow :one
SELECT a.person, a.username, p.name, a.scope, a.created_at, a.disabled_at, a.disabled_reason
FROM accounts a JOIN persons p ON p.id = a.person
WHERE a.person = $1;

-- name: AccountIDByUsername :one
SELECT person FROM accounts WHERE username = $1;

-- name: AccountRows :many
SELECT a.person, a.username, p.name, a.scope, a.created_at, a.disabled_at, a.disabled_reason
FROM accounts a JOIN persons p ON p.id = a.person
WHERE (@scope::text = '' OR starts_with(a.scope || '/', @scope || '/'))
  AND (@role::text = '' OR EXISTS (SELECT 1 FROM grants g WHERE g.person = a.person AND g.role = @role AND g.revoked_at IS NULL))
  AND (@search::text = '' OR strpos(p.name, @search) > 0 OR strpos(a.username, lower(@search)) > 0)
  AND (@before::text = '' OR a.person < @before)
ORDER BY a.person DESC
LIMIT @up_to;

-- name: GrantsOf :many
SELECT person, role, scope FROM grants WHERE person = ANY(@persons::text[]) AND revoked_at IS NULL ORDER BY person, scope, role;

-- name: InsertGrant :exec
INSERT INTO grants (id, person, role, scope, granted_at, granted_by) VALUES ($1, $2, $3, $4, $5, $6);

-- name: RevokeGrant :execrows
UPDATE grants SET revoked_at = @at, revoked_by = @by
WHERE person = @person AND role = @role AND scope = @scope AND revoked_at IS NULL;

-- name: LockPerson :one
SELECT pg_advisory_xact_lock(hashtextextended('person/' || @person::text, 0))::text;

-- name: DisableAccount :execrows
UPDATE accounts SET disabled_at = @at, disabled_by = @by, disabled_reason = @reason WHERE person = @person AND disabled_at IS NULL;

-- name: EnableAccount :execrows
UPDATE accounts SET disabled_at = NULL, disabled_by = NULL, disabled_reason = '' WHERE person = @person AND disabled_at IS NOT NULL;

-- name: ChangePassword :execrows
UPDATE accounts SET password_hash = $2, password_changed_at = $3 WHERE person = $1;

-- name: InsertSubstitution :exec
INSERT INTO substitutions (id, absent, substitute, scope, first_on, last_on, reason, created_at, created_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: PersonRow :one
SELECT id, name, scope FROM persons WHERE id = $1;

-- name: PersonNames :many
SELECT id, name FROM persons WHERE id = ANY(@ids::text[]) ORDER BY id;

-- name: Substitutions :many
SELECT s.id, s.absent, s.substitute, s.scope, s.first_on, s.last_on, s.reason, s.created_at, s.created_by, s.ended_at,
       coalesce(a.name, '')::text AS absent_name, coalesce(b.name, '')::text AS substitute_name
FROM substitutions s LEFT JOIN persons a ON a.id = s.absent LEFT JOIN persons b ON b.id = s.substitute
WHERE (@before::text = '' OR s.id < @before)
ORDER BY s.id DESC
LIMIT @up_to;

-- name: SubstitutionRow :one
SELECT id, absent, substitute, scope, first_on, last_on, reason, created_at, created_by, ended_at FROM substitutions WHERE id = $1;

-- name: EndSubstitution :execrows
UPDATE substitutions SET ended_at = @at, ended_by = @by WHERE id = @id AND ended_at IS NULL;

-- name: ActiveSubstitution :one
SELECT s.id
FROM substitutions s JOIN accounts a ON a.person = s.absent
WHERE s.absent = @absent AND s.substitute = @substitute AND s.ended_at IS NULL
  AND s.first_on <= @day AND s.last_on >= @day
ORDER BY s.id DESC
LIMIT 1;
