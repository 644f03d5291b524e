-- name: InsertParty :exec
INSERT INTO operator_parties (id, operator_id, name, capacity, percent, person_id, added_at, added_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: EndParty :execrows
UPDATE operator_parties SET ended_on = @ended_on, end_reason = @end_reason, ended_by = @ended_by
WHERE id = @id AND operator_id = @operator_id AND ended_on IS NULL;

-- name: Parties :many
SELECT id, operator_id, name, capacity, percent, person_id, added_at, added_by, ended_on, end_reason, coalesce(ended_by, '') AS ended_by
FROM operator_parties WHERE operator_id = ANY(@operators::text[]) ORDER BY operator_id, added_at, id;

-- name: InsertTie :exec
INSERT INTO operator_ties (id, operator_id, party_id, person_id, relation, note, declared_at, declared_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: EndTie :execrows
UPDATE operator_ties SET ended_on = @ended_on, end_reason = @end_reason, ended_by = @ended_by
WHERE id = @id AND operator_id = @operator_id AND ended_on IS NULL;

-- name: Ties :many
SELECT id, operator_id, party_id, person_id, relation, note, declared_at, declared_by, ended_on, end_reason, coalesce(ended_by, '') AS ended_by
FROM operator_ties WHERE operator_id = ANY(@operators::text[]) ORDER BY operator_id, declared_at, id;

-- name: InsertPayeeLink :exec
INSERT INTO payee_links (payee_id, operator_id, party_id, same, reason, declared_at, declared_by) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: PayeeLinks :many
SELECT payee_id, operator_id, party_id, same, reason, declared_at, declared_by FROM payee_links
WHERE payee_id = ANY(@payees::text[]) ORDER BY payee_id, number;

-- The operators a payee is, or belongs to an owner or manager of: by declaration,
-- or by name where nobody has declared the two to be different.
-- name: OperatorsOfPayees :many
WITH latest AS (
    SELECT DISTINCT ON (l.payee_id, l.operator_id, l.party_id) l.payee_id, l.operator_id, l.party_id, l.same
    FROM payee_links l WHERE l.payee_id = ANY(@payees::text[]) ORDER BY l.payee_id, l.operator_id, l.party_id, l.number DESC)
SELECT y.id AS payee_id, o.id AS operator_id, o.name, o.credit_code FROM payees y JOIN operators o
    ON EXISTS (SELECT 1 FROM latest l WHERE l.payee_id = y.id AND l.operator_id = o.id AND l.same)
    OR (linli_plain_name(o.name) = linli_plain_name(y.name)
        AND NOT EXISTS (SELECT 1 FROM latest l WHERE l.payee_id = y.id AND l.operator_id = o.id AND l.party_id IS NULL AND NOT l.same))
    OR (split_part(o.scope, '/', 2) = split_part(y.scope, '/', 2)
        AND EXISTS (SELECT 1 FROM operator_parties p WHERE p.operator_id = o.id AND linli_plain_name(p.name) = linli_plain_name(y.name)
            AND (p.ended_on IS NULL OR p.ended_on >= @since::date)
            AND NOT EXISTS (SELECT 1 FROM latest l WHERE l.payee_id = y.id AND l.party_id = p.id AND NOT l.same)))
WHERE y.id = ANY(@payees::text[]) ORDER BY y.id, o.id;
