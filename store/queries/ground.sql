-- name: Calendars :many
SELECT year, content FROM calendars ORDER BY year;

-- name: CalendarOf :one
SELECT year, content, updated_at, updated_by FROM calendars WHERE year = $1;

-- name: PutCalendar :exec
INSERT INTO calendars (year, content, updated_at, updated_by) VALUES ($1, $2, $3, $4)
ON CONFLICT (year) DO UPDATE SET content = excluded.content, updated_at = excluded.updated_at, updated_by = excluded.updated_by;

-- name: InsertAttachment :exec
INSERT INTO attachments (id, sha256, size, media_type, name, scope, uploader, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: AttachmentRow :one
SELECT id, sha256, size, media_type, name, scope, case_id, uploader, created_at FROM attachments WHERE id = $1;

-- A paper serves the case that named it first, and when that came to nothing,
-- the next.
-- name: ClaimAttachments :exec
UPDATE attachments SET case_id = @case_id::text WHERE id = ANY(@ids::text[])
  AND (case_id IS NULL OR EXISTS (SELECT FROM cases AS c
    WHERE c.id = attachments.case_id AND c.status IN ('rejected', 'withdrawn', 'lapsed', 'terminated')));

-- name: InsertRefusal :exec
INSERT INTO refusals (at, actor, behalf_of, operation, code, field, detail_zh, detail_en, case_id, task_id, key, scope, request_id, ip)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- name: RefusalRows :many
SELECT id, at, actor, behalf_of, operation, code, field, detail_zh, detail_en, case_id, task_id, key, scope, request_id
FROM refusals
WHERE (@before::bigint = 0 OR id < @before)
  AND (@case_id::text = '' OR case_id = @case_id)
  AND (@actor::text = '' OR actor = @actor)
  AND (@code::text = '' OR code = @code)
ORDER BY id DESC
LIMIT @up_to;
