-- name: UpsertTasks :batchexec
INSERT INTO tasks (id, case_id, stage, round, seat, kind, persons, role, scope, excluded, actions, content_hash, parent, days,
    opened_at, remind_at, due_at, reminded, escalated, status, closed_by, closed_as, closed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)
ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, persons = excluded.persons, role = excluded.role, scope = excluded.scope,
    excluded = excluded.excluded, actions = excluded.actions, content_hash = excluded.content_hash, parent = excluded.parent,
    days = excluded.days, opened_at = excluded.opened_at, remind_at = excluded.remind_at, due_at = excluded.due_at,
    reminded = excluded.reminded, escalated = excluded.escalated, status = excluded.status, closed_by = excluded.closed_by,
    closed_as = excluded.closed_as, closed_at = excluded.closed_at;

-- name: TaskPlace :one
SELECT stage, seat, kind FROM tasks WHERE id = @id AND case_id = @case_id;

-- name: DeleteTasks :exec
DELETE FROM tasks WHERE case_id = @case_id AND id = ANY (@ids::text[]);

-- name: ClearInbox :exec
DELETE FROM inbox WHERE task_id = ANY (@task_ids::text[]);

-- name: FillInbox :exec
INSERT INTO inbox (seat, due_at, task_id)
SELECT unnest(@seats::text[]), unnest(@due_ats::timestamptz[]), unnest(@task_ids::text[])
ON CONFLICT DO NOTHING;

-- Each seat's range of the inbox is read in order up to the page's length;
-- only then are the ranges merged.
-- name: Inbox :many
SELECT t.id, t.stage, t.round, t.seat, t.kind, t.persons, t.role, t.scope, t.excluded, t.actions, t.content_hash, t.parent,
       t.days, t.opened_at, t.remind_at, t.due_at, t.reminded, t.escalated, t.status, t.closed_by, t.closed_at,
       top.due_at AS sort_at, sqlc.embed(c)
FROM (SELECT DISTINCT range.due_at, range.task_id
      FROM unnest(linli_seats()) AS s (seat)
      CROSS JOIN LATERAL (
          SELECT i.due_at, i.task_id
          FROM inbox AS i JOIN tasks AS open ON open.id = i.task_id
          WHERE i.seat = s.seat AND (i.due_at, i.task_id) > (@after_at::timestamptz, @after_id::text)
            AND NOT open.excluded && @actors::text[]
            AND (open.role = '' OR linli_holds(open.role, open.scope))
            AND (open.kind <> 'vote' OR NOT @standing_in::boolean)
          ORDER BY i.due_at, i.task_id
          LIMIT @up_to) AS range
      ORDER BY range.due_at, range.task_id
      LIMIT @up_to) AS top
JOIN tasks AS t ON t.id = top.task_id
JOIN cases AS c ON c.id = t.case_id
ORDER BY top.due_at, top.task_id;

-- name: CaseTasks :many
SELECT * FROM case_tasks WHERE case_id = @case_id ORDER BY opened_at, id;

-- name: CaseTask :one
SELECT sqlc.embed(t), sqlc.embed(c) FROM case_tasks AS t JOIN cases AS c ON c.id = t.case_id WHERE t.case_id = @case_id AND t.id = @id;

-- Whom a person stands in for on a day, with what the absent person holds now.
-- name: StandsInFor :many
SELECT s.absent, g.role, g.scope
FROM substitutions AS s JOIN grants AS g ON g.person = s.absent AND g.revoked_at IS NULL
WHERE s.substitute = @substitute AND s.ended_at IS NULL AND @today::date BETWEEN s.first_on AND s.last_on
GROUP BY s.absent, g.role, g.scope
ORDER BY s.absent, g.role, g.scope;
