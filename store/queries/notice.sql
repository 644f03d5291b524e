-- name: InsertNotice :execrows
INSERT INTO notices (id, case_id, scope, title, purpose, body, scope_names, names, published_at, ends_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (id) DO NOTHING;

-- name: Notice :one
SELECT * FROM notices WHERE id = @id;

-- name: Notices :many
SELECT * FROM notices
WHERE (@scope::text = '' OR scope = @scope OR starts_with(scope, @scope || '/'))
  AND (@pattern::text = '' OR title ILIKE @pattern OR purpose ILIKE @pattern)
  AND (NOT @open::boolean OR ends_at > @now::timestamptz)
  AND (published_at, id) < (@before_at::timestamptz, @before_id::text)
ORDER BY published_at DESC, id DESC
LIMIT @up_to;

-- name: ScopeNames :many
SELECT name_zh FROM scopes WHERE path = ANY (linli_nodes_of(@scope::text)) ORDER BY length(path);

-- name: InsertNote :execrows
INSERT INTO notice_notes (id, notice_id, kind, text, author, at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (id) DO NOTHING;

-- name: Note :one
SELECT * FROM notice_notes WHERE id = @id;

-- name: NotesOf :many
SELECT * FROM notice_notes WHERE notice_id = ANY (@notice_ids::text[]) ORDER BY at, id;
