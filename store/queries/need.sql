-- name: LatestNeeds :one
SELECT scope, version, needs, changed_at, changed_by FROM need_lists WHERE scope = $1 ORDER BY version DESC LIMIT 1;

-- name: InsertNeeds :exec
INSERT INTO need_lists (scope, version, needs, changed_at, changed_by) VALUES ($1, $2, $3, $4, $5);

-- name: NeedVersions :many
SELECT scope, version, needs, changed_at, changed_by FROM need_lists WHERE scope = $1 ORDER BY version DESC LIMIT 100;

-- The highest number of an own need in any list the community ever had.
-- name: HighestOwnNeed :one
SELECT coalesce(max(substring(need ->> 'code' FROM '^own_([0-9]{1,18})$')::bigint), 0)::bigint
FROM need_lists AS l CROSS JOIN LATERAL jsonb_array_elements(l.needs) AS need WHERE l.scope = @scope;
