-- A copy follows a step that counts: one of a later step gives way if that step
-- was superseded meanwhile, and comes too late if it is a superseded one's.
-- name: KeepEngagement :execrows
INSERT INTO engagements (case_id, seq, scope, operator_id, operator_name, space_id, space_name, stage, status, starts_on, ends_on,
    given, body, opened_at, closed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
ON CONFLICT (case_id) DO UPDATE SET seq = excluded.seq, stage = excluded.stage, status = excluded.status, starts_on = excluded.starts_on,
    ends_on = excluded.ends_on, given = excluded.given, body = excluded.body, closed_at = excluded.closed_at
WHERE excluded.seq <= (SELECT c.seq FROM cases AS c WHERE c.id = excluded.case_id)
  AND (engagements.seq <= excluded.seq OR engagements.seq > (SELECT c.seq FROM cases AS c WHERE c.id = excluded.case_id));

-- name: KeepBulletin :exec
INSERT INTO bulletins (case_id, seq, scope, title, words, running, body, opened_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (case_id) DO UPDATE SET seq = excluded.seq, title = excluded.title, words = excluded.words, running = excluded.running, body = excluded.body;

-- name: EngagementByID :one
SELECT body FROM engagements WHERE case_id = @case_id;

-- name: Engagements :many
SELECT case_id, body, opened_at FROM engagements
WHERE (@scope::text = '' OR nodes && ARRAY[@scope::text])
  AND (@status::text = '' OR status = @status)
  AND (@operator_id::text = '' OR operator_id = @operator_id)
  AND (opened_at, case_id) < (@before_at::timestamptz, @before_id::text)
ORDER BY opened_at DESC, case_id DESC
LIMIT @up_to;

-- name: Bulletins :many
SELECT case_id, body, opened_at FROM bulletins
WHERE running
  AND (@scope::text = '' OR nodes && ARRAY[@scope::text])
  AND (@pattern::text = '' OR title ILIKE @pattern OR words ILIKE @pattern)
  AND (opened_at, case_id) < (@before_at::timestamptz, @before_id::text)
ORDER BY opened_at DESC, case_id DESC
LIMIT @up_to;

-- name: InsertShareIncome :exec
INSERT INTO share_incomes (case_id, period, income_id) VALUES ($1, $2, $3);

-- name: IncomeOfEntry :one
SELECT id FROM incomes WHERE transaction_id = @entry_id;

-- name: BulletinByID :one
SELECT body FROM bulletins WHERE case_id = @case_id AND running;

-- Whoever acts for an operator may apply anywhere and brings papers along.
-- name: PartyIn :one
SELECT (linli_acts_for_any() OR EXISTS (SELECT 1 FROM case_readers AS r JOIN cases AS c ON c.id = r.case_id
                                        WHERE r.person = @person AND c.scope = @scope AND c.status = 'running'))::boolean;
