-- name: StartImport :exec
INSERT INTO imports (id, scope, kind, attachment_id, status, started_at, started_by) VALUES ($1, $2, $3, $4, 'running', $5, $6)
ON CONFLICT (id) DO NOTHING;

-- name: ImportOf :one
SELECT id, scope, kind, attachment_id, status, rows_total, rows_done, report, started_at, started_by, ended_at FROM imports WHERE id = $1;

-- name: LockImport :one
SELECT status FROM imports WHERE id = $1 FOR UPDATE;

-- name: ProgressImport :exec
UPDATE imports SET rows_total = @rows_total, rows_done = @rows_done WHERE id = @id AND status = 'running';

-- name: EndImport :exec
UPDATE imports SET status = @status, rows_total = @rows_total, rows_done = @rows_done, report = @report, ended_at = @ended_at WHERE id = @id AND status = 'running';
