-- Every query takes the scope whose parts are counted and the moment the
-- figures no longer know of. What these rows mean is decided in
-- approval/statistics; row security decides which of them the reader sees.

-- name: AddCommunityAge :exec
INSERT INTO community_ages (scope, age, stated_at, stated_by) VALUES ($1, $2, $3, $4);

-- name: CommunityAge :one
SELECT scope, age, stated_at, stated_by FROM community_ages WHERE scope = @scope ORDER BY number DESC LIMIT 1;

-- name: CountedDivisions :many
SELECT path, name_zh, name_en, created_at FROM scopes
WHERE starts_with(path || '/', @scope::text || '/') AND (path = @scope OR created_at < @ends);

-- name: CountedAges :many
SELECT scope, age, stated_at FROM community_ages
WHERE starts_with(scope || '/', @scope::text || '/') AND stated_at < @ends ORDER BY number;

-- name: CountedFunds :many
SELECT scope, opened_at FROM funds
WHERE starts_with(scope || '/', @scope::text || '/') AND opened_at < @ends;

-- bounds are ascending: period 0 is before the first of them.
-- name: CountedMovements :many
SELECT f.scope, width_bucket(t.at, @bounds::timestamptz[])::int AS period, t.kind AS entry, a.kind AS account, sum(p.amount)::bigint AS amount
FROM funds AS f
JOIN ledger_transactions AS t ON t.fund_id = f.id
JOIN ledger_postings AS p ON p.transaction_id = t.id
JOIN ledger_accounts AS a ON a.id = p.account_id
WHERE starts_with(f.scope || '/', @scope::text || '/') AND t.at < @ends
GROUP BY 1, 2, 3, 4;

-- name: CountedOperators :many
SELECT scope, registered_at FROM operators
WHERE starts_with(scope || '/', @scope::text || '/') AND registered_at < @ends;

-- What the parties agreed on is the application of the case the engagement
-- followed from, as it was decided on.
-- name: CountedEngagements :many
SELECT e.scope, e.operator_id, jsonb_array_length(p.proposal -> 'services')::bigint AS services,
       coalesce((p.proposal -> 'fit_out' ->> 'cost')::bigint, 0)::bigint AS fit_out,
       coalesce((p.proposal ->> 'running_cost')::bigint, 0)::bigint AS running_cost, e.opened_at, e.closed_at
FROM engagements AS e
JOIN cases AS c ON c.id = e.body ->> 'onboarding'
JOIN proposals AS p ON p.case_id = c.id AND p.content_hash = c.content_hash
WHERE starts_with(e.scope || '/', @scope::text || '/') AND e.opened_at < @ends;

-- Paid when the bank's word was booked; returned once all of it has come back,
-- which so far it has not where it says ends.
-- name: CountedMicroProjects :many
SELECT f.scope, s.at AS paid_at, coalesce((
    SELECT min(back.at) FROM (
        SELECT t.at, sum(r.amount) OVER (ORDER BY t.number) AS returned
        FROM refunds AS r JOIN ledger_transactions AS t ON t.id = r.transaction_id WHERE r.case_id = s.case_id) AS back
    WHERE back.returned >= v.amount), @ends)::timestamptz AS returned_at
FROM ledger_transactions AS s
JOIN funds AS f ON f.id = s.fund_id
JOIN reservations AS v ON v.case_id = s.case_id AND v.status = 'paid'
JOIN cases AS c ON c.id = s.case_id
JOIN proposals AS p ON p.case_id = c.id AND p.content_hash = c.content_hash
WHERE s.kind = 'settle' AND s.at < @ends AND p.proposal ->> 'category' = @category::text AND starts_with(f.scope || '/', @scope::text || '/');
