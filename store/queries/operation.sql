-- name: OperationByKey :one
SELECT id, actor, key, operation, body_hash, kind, payload, status, http_status, response, attempts, created_at, claimed_at, done_at
FROM operations WHERE actor = $1 AND key = $2;

-- name: OperationByID :one
SELECT id, actor, key, operation, body_hash, kind, payload, status, http_status, response, attempts, created_at, claimed_at, done_at
FROM operations WHERE id = $1 AND actor = $2;

-- name: TryLock :one
SELECT pg_try_advisory_xact_lock(hashtextextended(@name::text, 0));

-- name: InsertOperation :exec
INSERT INTO operations (id, actor, key, operation, body_hash, kind, payload, status, http_status, response, created_at, claimed_at, done_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- Whoever holds the key's lock has stored it, or will: then this stores nothing.
-- name: ClaimFreshKey :execrows
INSERT INTO operations (id, actor, key, operation, body_hash, kind, payload, status, http_status, created_at, claimed_at)
SELECT @id, @actor, @key, @operation, @body_hash, @kind, @payload, @status, 0, @at::timestamptz, @at::timestamptz
WHERE pg_try_advisory_xact_lock(hashtextextended(@lock::text, 0))
ON CONFLICT (actor, key) DO NOTHING;

-- name: ReclaimOperation :execrows
UPDATE operations SET claimed_at = @now, attempts = attempts + 1
WHERE id = @id AND status = 'pending' AND claimed_at < @stale;

-- name: CompleteOperation :execrows
UPDATE operations SET status = $2, http_status = $3, response = $4, done_at = $5
WHERE id = $1 AND status = 'pending';

-- name: PendingOperations :many
SELECT id, actor, key, operation, body_hash, kind, payload, status, http_status, response, attempts, created_at, claimed_at, done_at
FROM operations
WHERE status = 'pending' AND kind = @kind AND claimed_at < @older_than
ORDER BY claimed_at, id
LIMIT @up_to;
