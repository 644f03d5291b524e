-- name: TaskBacklog :many
SELECT stage, count(*) AS open, count(*) FILTER (WHERE due_at < @now) AS overdue, min(opened_at)::timestamptz AS oldest_at
FROM tasks WHERE status = 'open' AND kind <> 'standing' GROUP BY stage ORDER BY stage;

-- name: CaseCounts :many
SELECT stage, count(*) AS running FROM cases WHERE status = 'running' GROUP BY stage ORDER BY stage;

-- name: PayoutBacklog :one
SELECT count(*) AS sent, coalesce(min(changed_at), 'epoch')::timestamptz AS oldest_at FROM reservations WHERE status = 'in_transit';

-- name: ArchiveBacklog :one
SELECT count(*) AS waiting, coalesce(min(closed_at), 'epoch')::timestamptz AS oldest_at FROM cases AS c
WHERE status <> 'running' AND NOT EXISTS (SELECT 1 FROM archive_log AS a WHERE a.case_id = c.id);

-- name: OperationBacklog :one
SELECT count(*) AS pending, coalesce(min(created_at), 'epoch')::timestamptz AS oldest_at FROM operations WHERE status = 'pending';
