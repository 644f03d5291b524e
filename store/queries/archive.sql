-- name: LockArchive :exec
SELECT pg_advisory_xact_lock(hashtextextended('linli archive', 0));

-- name: ArchiveHead :one
SELECT * FROM archive_log ORDER BY index DESC LIMIT 1;

-- name: ArchiveEntry :one
SELECT * FROM archive_log WHERE case_id = @case_id;

-- name: ArchiveLog :many
SELECT * FROM archive_log ORDER BY index;

-- name: InsertArchiveEntry :exec
INSERT INTO archive_log (index, case_id, history_sha256, size, previous_hash, entry_hash, sealed_at) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: InsertArchiveHistory :exec
INSERT INTO archive_histories (case_id, gzip) VALUES ($1, $2);

-- name: ArchiveHistory :one
SELECT gzip FROM archive_histories WHERE case_id = @case_id;

-- name: Unarchived :many
SELECT c.id FROM cases AS c
WHERE c.status <> 'running' AND NOT EXISTS (SELECT 1 FROM archive_log AS l WHERE l.case_id = c.id)
ORDER BY c.closed_at, c.id
LIMIT @up_to;
