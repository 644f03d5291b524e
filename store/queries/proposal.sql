-- name: InsertProposal :exec
INSERT INTO proposals (case_id, content_hash, scope, proposal, saved_by, saved_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (case_id, content_hash) DO NOTHING;

-- name: Proposal :one
SELECT content_hash, proposal FROM proposals WHERE case_id = @case_id AND content_hash = @content_hash;

-- What the case decides on now; before the case is known, the last saved.
-- name: CurrentProposal :one
SELECT p.content_hash, p.proposal FROM proposals AS p LEFT JOIN cases AS c ON c.id = p.case_id
WHERE p.case_id = @case_id
ORDER BY (p.content_hash = c.content_hash) DESC NULLS LAST, p.saved_at DESC
LIMIT 1;
