-- name: InsertLicence :exec
INSERT INTO operator_licences (id, operator_id, kind, number, valid_until, attachment_id, verified, recorded_at, recorded_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: RevokeLicence :execrows
UPDATE operator_licences SET revoked_on = @revoked_on, revoke_reason = @revoke_reason, revoked_by = @revoked_by
WHERE id = @id AND operator_id = @operator_id AND revoked_on IS NULL;

-- name: Licences :many
SELECT id, kind, number, valid_until, attachment_id, verified, recorded_at, recorded_by, revoked_on, revoke_reason, coalesce(revoked_by, '') AS revoked_by
FROM operator_licences WHERE operator_id = $1 ORDER BY kind, id;

-- name: InsertCreditCheck :exec
INSERT INTO operator_credit_checks (id, operator_id, source, checked_on, entries, attachment_id, recorded_at, recorded_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: CreditChecks :many
SELECT id, source, checked_on, entries, attachment_id, recorded_at, recorded_by
FROM operator_credit_checks WHERE operator_id = $1 ORDER BY checked_on DESC, id DESC;
