-- name: CaseByID :one
SELECT * FROM cases WHERE id = @id;

-- name: Cases :many
SELECT * FROM cases
WHERE (@scope::text = '' OR nodes && ARRAY[@scope::text])
  AND (@status::text = '' OR status = @status)
  AND (@stage::text = '' OR stage = @stage)
  AND (@pattern::text = '' OR title ILIKE @pattern OR id ILIKE @pattern)
  AND (opened_at, id) < (@before_at::timestamptz, @before_id::text)
ORDER BY opened_at DESC, id DESC
LIMIT @up_to;

-- name: CaseSteps :many
SELECT v.seq, v.kind, v.at, v.stage, v.task_id, v.seat, v.action, v.person, coalesce(p.name, '')::text AS person_name,
       v.acting_for, v.comment, v.envelope, v.note, v.superseded
FROM case_steps AS v LEFT JOIN persons AS p ON p.id = v.person
WHERE v.case_id = @case_id
ORDER BY v.position;

-- name: CaseEvidence :many
SELECT evidence FROM case_steps WHERE case_id = @case_id AND evidence IS NOT NULL AND NOT superseded ORDER BY position;
