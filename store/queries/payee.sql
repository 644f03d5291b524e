-- name: InsertPayee :exec
INSERT INTO payees (id, scope, name, bank, account_cipher, account_masked, account_digest, registered_at, registered_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: Payees :many
SELECT id, scope, name, bank, account_masked, account_digest, registered_at, registered_by FROM payees
WHERE (@before::text = '' OR id < @before::text) ORDER BY id DESC LIMIT @up_to;

-- name: Payee :one
SELECT id, scope, name, bank, account_masked, account_digest, registered_at, registered_by FROM payees WHERE id = $1;

-- name: SealedPayee :one
SELECT id, name, bank, account_cipher FROM payees WHERE id = $1;

-- name: InsertInterest :exec
INSERT INTO interests (person_id, payee_id, relation, note, declared_at, declared_by) VALUES ($1, $2, $3, $4, $5, $6);

-- name: Interests :many
SELECT person_id, payee_id, relation, note, declared_at, declared_by FROM interests
WHERE payee_id = ANY(@payees::text[]) ORDER BY payee_id, declared_at, person_id, relation;
