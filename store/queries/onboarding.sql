-- Who holds the scorer's role over a community now.
-- name: ScorersOver :many
SELECT DISTINCT g.person FROM grants AS g JOIN persons AS p ON p.id = g.person
WHERE g.role = 'scorer' AND g.revoked_at IS NULL AND starts_with(@community::text || '/', g.scope || '/')
ORDER BY g.person;

-- Of these people, those who decide on applications in a community.
-- name: DecidersAmong :one
SELECT count(DISTINCT g.person) FROM grants AS g
WHERE g.person = ANY(@people::text[]) AND g.revoked_at IS NULL AND starts_with(@community::text || '/', g.scope || '/')
  AND g.role IN ('secretary', 'subdistrict_approver', 'district_approver', 'scorer', 'objection_handler');

-- name: HouseholdsOf :one
SELECT coalesce(max(households), 0)::bigint FROM funds WHERE scope = $1;

-- Engagements of an operator as last copied, the latest first.
-- name: EngagementsOf :many
SELECT body FROM engagements WHERE operator_id = $1 ORDER BY opened_at DESC, case_id DESC;

-- name: OverdueRectifications :one
SELECT count(DISTINCT e.case_id) FROM engagements AS e JOIN tasks AS t ON t.case_id = e.case_id
WHERE e.operator_id = @operator_id AND t.stage = 'rectification' AND t.status = 'open' AND t.due_at < @now;

-- The fund the operators of a community give to.
-- name: FundOfCommunity :one
SELECT f.id, f.name, c.name AS charity FROM funds AS f JOIN charities AS c ON c.id = f.charity_id
WHERE f.scope = $1;

-- name: ActingFor :many
SELECT p.person_id, p.position FROM operator_people AS p WHERE p.operator_id = $1 AND p.ended_at IS NULL ORDER BY p.linked_at, p.id;

-- name: SpaceNumber :one
SELECT space_no FROM spaces WHERE id = $1;

-- name: AgentsOf :many
SELECT agent::text FROM linli_agents_of(@operator_id::text) AS agent;
