-- name: LatestNeeds :one
SELECT scope, version, needs, changed_at, changed_by FROM need_lists WHERE scope = $1 ORDER BY version DESC LIMIT 1;

-- name: InsertNeeds :exec
INSERT INTO need_lists (scope, version, needs, changed_at, changed_by) VALUES ($1, $2, $3, $4, $5);

-- name: NeedVersions :many
SELECT scope, version, needs, changed_at, changed_by FROM need_lists WHERE scope = $1 ORDER BY version DESC LIMIT 100;
