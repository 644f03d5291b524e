-- name: ActiveTOTP :one
SELECT id, person, sealed, created_at, confirmed_at FROM totp_secrets WHERE person = $1 AND ended_at IS NULL;

-- name: InsertTOTP :exec
INSERT INTO totp_secrets (id, person, sealed, created_at) VALUES ($1, $2, $3, $4);

-- name: ConfirmTOTP :execrows
UPDATE totp_secrets SET confirmed_at = @at, last_step = @step WHERE id = @id AND ended_at IS NULL AND confirmed_at IS NULL;

-- name: UseTOTP :execrows
UPDATE totp_secrets SET last_step = @step WHERE id = @id AND ended_at IS NULL AND confirmed_at IS NOT NULL AND last_step < @step;

-- name: EndTOTP :exec
UPDATE totp_secrets SET ended_at = @at, ended_by = @by, end_reason = @reason WHERE person = @person AND ended_at IS NULL;
