-- name: InsertContract :exec
INSERT INTO contracts (case_id, sha256, set_hash, place, number, title_zh, title_en, kind, template_version, template_hash, size, drawn_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (case_id, sha256) DO NOTHING;

-- name: ContractsOf :many
SELECT case_id, sha256, set_hash, place, number, title_zh, title_en, kind, template_version, template_hash, size, drawn_at
FROM contracts WHERE case_id = $1 ORDER BY drawn_at DESC, set_hash, place;

-- name: SealsOf :many
SELECT s.case_id, s.sha256, s.seat, s.act_id, s.statement, s.algorithm, s.key_id, s.value, s.signed_at
FROM contract_seals AS s WHERE s.case_id = $1 ORDER BY s.signed_at, s.seat;

-- name: SealOf :one
SELECT case_id, sha256, seat, act_id, statement, algorithm, key_id, value, signed_at
FROM contract_seals WHERE case_id = $1 AND sha256 = $2 AND seat = $3;

-- name: InsertSeal :execrows
INSERT INTO contract_seals (case_id, sha256, seat, act_id, statement, algorithm, key_id, value, signed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (case_id, sha256, seat) DO NOTHING;

-- name: InsertSignatureKey :exec
INSERT INTO signature_keys (id, algorithm, public) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING;

-- name: SignatureKeys :many
SELECT id, algorithm, public FROM signature_keys ORDER BY id;

-- name: SignatoryName :one
SELECT name FROM persons WHERE id = $1;

-- name: InsertScan :exec
INSERT INTO contract_scans (case_id, sha256, attachment, added_by, added_at) VALUES ($1, $2, $3, $4, $5);

-- name: ScansOf :many
SELECT c.sha256, c.added_by, c.added_at, c.attachment
FROM contract_scans AS c WHERE c.case_id = $1 ORDER BY c.added_at, c.attachment;
