-- name: LockSpace :exec
SELECT linli_lock_space(@space_id::text);

-- Whoever lets a space of a community looks at what its others leave it, one
-- after the other.
-- name: LockLettings :exec
SELECT pg_advisory_xact_lock(hashtextextended('lettings/' || @scope::text, 0));

-- A hold under a key that is there already changes nothing.
-- name: InsertAllocation :execrows
INSERT INTO space_allocations (key, case_id, space_id, space_no, operator_id, scope, term, status, held_at, keeps)
SELECT @key, @case_id, s.id, s.space_no, @operator_id, s.scope, daterange(@starts_on::date, @ends_on::date, '[]'), 'held', @at, @keeps::text[]
FROM spaces AS s WHERE s.id = @space_id AND s.space_no = @space_no
ON CONFLICT (key) DO NOTHING;

-- name: Allocation :one
SELECT key, case_id, space_id, space_no, operator_id, scope, lower(term)::date AS starts_on, (upper(term) - 1)::date AS ends_on, status,
    held_at, allotted_at, released_at, release_reason, keeps
FROM space_allocations WHERE key = $1;

-- name: AllotSpace :execrows
UPDATE space_allocations SET status = 'allotted', allotted_at = @at WHERE key = @key AND status = 'held';

-- name: ReleaseSpace :execrows
UPDATE space_allocations SET status = 'released', released_at = @at, release_reason = @reason WHERE key = @key AND status <> 'released';

-- name: ExtendAllocation :execrows
UPDATE space_allocations SET term = daterange(lower(term), @ends_on::date, '[]') WHERE key = @key AND status = 'allotted';

-- Whoever holds the space on a day of the term, the case itself left out.
-- name: SpaceHolders :many
SELECT a.case_id, a.status, o.name AS operator, lower(a.term)::date AS starts_on, (upper(a.term) - 1)::date AS ends_on
FROM space_allocations AS a JOIN operators AS o ON o.id = a.operator_id
WHERE a.space_id = @space_id AND a.status <> 'released' AND a.case_id <> @case_id
  AND a.term && daterange(@starts_on::date, @ends_on::date, '[]')
ORDER BY lower(a.term);

-- Whoever has been given the space and has not given it back, whatever the term.
-- name: SpaceOccupant :one
SELECT o.name FROM space_allocations AS a JOIN operators AS o ON o.id = a.operator_id
WHERE a.space_id = @space_id AND a.status = 'allotted' AND a.case_id <> @case_id ORDER BY lower(a.term) LIMIT 1;

-- Whoever has the space last before a day, the case left out, with the copy of
-- the engagement that runs there.
-- name: SpaceIncumbent :one
SELECT a.case_id, a.status, a.operator_id, o.name AS operator, (upper(a.term) - 1)::date AS ends_on, e.body AS engagement
FROM space_allocations AS a JOIN operators AS o ON o.id = a.operator_id
LEFT JOIN engagements AS e ON e.operator_id = a.operator_id AND e.status = 'running' AND e.space_id = a.space_id
                          AND e.body ->> 'onboarding' = a.case_id
WHERE a.space_id = @space_id AND a.status <> 'released' AND a.case_id <> @case_id AND upper(a.term) <= @starts_on::date
ORDER BY upper(a.term) DESC LIMIT 1;

-- A running call for the space in that term, other than the one answered.
-- name: CallOverSpace :one
SELECT id FROM calls WHERE space_no = @space_no AND ended_at IS NULL AND id <> @call_id
  AND term && daterange(@starts_on::date, @ends_on::date, '[]') LIMIT 1;

-- What of a community is let on a day of the term, dm², the case left out.
-- name: LetArea :one
SELECT coalesce(sum(s.usable_area), 0)::bigint FROM spaces AS s WHERE s.scope = @scope AND EXISTS (
    SELECT 1 FROM space_allocations AS a WHERE a.space_id = s.id AND a.status <> 'released' AND a.case_id <> @case_id
      AND a.term && daterange(@starts_on::date, @ends_on::date, '[]'));

-- What of a community somebody has on a day of the term, the case left out.
-- name: LettingsOf :many
SELECT space_id, keeps FROM space_allocations
WHERE scope = @scope AND status <> 'released' AND case_id <> @case_id AND term && daterange(@starts_on::date, @ends_on::date, '[]')
ORDER BY space_id, lower(term);

-- name: OperatorHoldsSpace :one
SELECT EXISTS (SELECT 1 FROM space_allocations AS a WHERE a.space_id = @space_id AND a.operator_id = @operator_id AND a.status = 'allotted');
