-- name: LockCase :exec
SELECT pg_advisory_xact_lock(hashtextextended('linli case ' || @case_id::text, 0));

-- Where a case's record stands: the last chain position and hash, the highest
-- seq ever written and the highest that still counts, and how often a step was
-- attempted.
-- name: JournalHead :one
SELECT coalesce(max(e.position), 0)::bigint AS position,
       coalesce((array_agg(e.hash ORDER BY e.position DESC))[1], '')::text AS hash,
       coalesce(max(e.seq), 0)::integer AS highest,
       coalesce(max(e.seq) FILTER (WHERE s.seq IS NULL), 0)::integer AS last,
       coalesce(max(e.attempt) FILTER (WHERE e.seq = @seq), 0)::integer AS attempts
FROM case_events AS e
LEFT JOIN case_event_superseded AS s ON s.case_id = e.case_id AND s.seq = e.seq AND s.attempt = e.attempt
WHERE e.case_id = @case_id;

-- The events that still count from a seq on, in order.
-- name: CountingEvents :many
SELECT e.seq, e.attempt, e.key, e.record, e.deadlines, e.superseding
FROM case_events AS e
WHERE e.case_id = @case_id AND e.seq >= @from_seq AND NOT EXISTS (
    SELECT 1 FROM case_event_superseded AS s WHERE s.case_id = e.case_id AND s.seq = e.seq AND s.attempt = e.attempt)
ORDER BY e.seq;

-- name: InsertEvent :exec
INSERT INTO case_events (case_id, seq, attempt, position, key, kind, at, stage, task_id, task_kind, seat, action, person,
    acting_for, comment, content_hash, body_hash, envelope, note, evidence, record, deadlines, superseding, previous_hash, hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25);

-- name: InsertSuperseded :exec
INSERT INTO case_event_superseded (case_id, seq, attempt, by_seq, by_attempt, at) VALUES ($1, $2, $3, $4, $5, $6);

-- name: UpsertCase :exec
INSERT INTO cases (id, procedure, scope, title, amount, stage, stage_name_zh, stage_name_en, next_zh, next_en, status, reason,
    proposer, content_hash, rule_id, rule_version, rule_hash, sealed, opened_at, closed_at, seq, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
ON CONFLICT (id) DO UPDATE SET title = excluded.title, amount = excluded.amount, stage = excluded.stage,
    stage_name_zh = excluded.stage_name_zh, stage_name_en = excluded.stage_name_en, next_zh = excluded.next_zh,
    next_en = excluded.next_en, status = excluded.status, reason = excluded.reason, proposer = excluded.proposer,
    content_hash = excluded.content_hash, rule_id = excluded.rule_id, rule_version = excluded.rule_version,
    rule_hash = excluded.rule_hash, sealed = excluded.sealed, opened_at = excluded.opened_at, closed_at = excluded.closed_at,
    seq = excluded.seq, updated_at = excluded.updated_at;

-- name: InsertReaders :exec
INSERT INTO case_readers (person, case_id) SELECT person, @case_id FROM unnest(@persons::text[]) AS person
ON CONFLICT DO NOTHING;

-- name: StepsForAudit :many
SELECT case_id, position, seq, attempt, record, previous_hash, hash FROM case_events WHERE case_id = @case_id ORDER BY position;
