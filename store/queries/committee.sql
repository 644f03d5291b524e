-- name: InsertCommittee :exec
INSERT INTO committees (scope, version, set_at, set_by) VALUES ($1, $2, $3, $4);

-- name: InsertCommitteeMember :exec
INSERT INTO committee_members (scope, version, position, person_id, seats, reserve) VALUES ($1, $2, $3, $4, $5, $6);

-- name: LatestCommittee :one
SELECT scope, version, set_at, set_by FROM committees WHERE scope = $1 ORDER BY version DESC LIMIT 1;

-- name: CommitteeMembers :many
SELECT m.person_id, m.seats, m.reserve, coalesce(p.name, '') AS name,
    coalesce((SELECT min(i.relation) FROM interests i WHERE i.payee_id = @payee_id AND i.person_id = m.person_id), '')::text AS relation
FROM committee_members m LEFT JOIN persons p ON p.id = m.person_id
WHERE m.scope = @scope AND m.version = @version ORDER BY m.reserve, m.position;

-- name: ScopeByLeaf :one
SELECT path FROM scopes WHERE right(path, length(@leaf::text) + 1) = '/' || @leaf::text ORDER BY path LIMIT 1;
