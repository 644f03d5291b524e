-- name: InsertCall :execrows
INSERT INTO calls (id, scope, space_id, space_no, term, deadline_at, content, parameters, rule_id, rule_version, rule_hash, opened_at, opened_by)
SELECT @id, s.scope, s.id, s.space_no, daterange(@starts_on::date, @ends_on::date, '[]'), @deadline_at, @content, @parameters, @rule_id, @rule_version,
    @rule_hash, @opened_at, @opened_by
FROM spaces AS s WHERE s.id = @space_id
ON CONFLICT (id) DO NOTHING;

-- name: Call :one
SELECT id, scope, content, parameters, rule_id, rule_version, rule_hash, opened_at, opened_by, closed_at, ended_at, outcome FROM calls WHERE id = $1;

-- name: Calls :many
SELECT id, scope, content, parameters, rule_id, rule_version, rule_hash, opened_at, opened_by, closed_at, ended_at, outcome FROM calls
WHERE (@scope::text = '' OR starts_with(scope || '/', @scope::text || '/')) AND (NOT @open::boolean OR (closed_at IS NULL AND deadline_at > @now))
  AND (opened_at, id) < (@before_at::timestamptz, @before_id::text)
ORDER BY opened_at DESC, id DESC LIMIT @up_to;

-- Applications are counted in one after the other with the closing of their call.
-- name: LockCall :exec
SELECT pg_advisory_xact_lock(hashtextextended('call/' || @id::text, 0));

-- name: FileUnderCall :execrows
INSERT INTO call_applications (call_id, case_id, operator_id, filed_at, filed_by)
VALUES (@call_id, @case_id, @operator_id, @filed_at, @filed_by) ON CONFLICT (call_id, case_id) DO NOTHING;

-- name: FiledUnderCall :one
SELECT EXISTS (SELECT 1 FROM call_applications WHERE call_id = @call_id AND case_id = @case_id);

-- name: CloseCall :exec
UPDATE calls SET closed_at = @at WHERE id = @id AND closed_at IS NULL;

-- name: EndCall :exec
UPDATE calls SET ended_at = @at, outcome = @outcome WHERE id = @id AND ended_at IS NULL;

-- name: CallApplicants :many
SELECT case_id FROM call_applications WHERE call_id = $1 ORDER BY filed_at, case_id;
