-- name: LatestRuleSetVersion :one
SELECT coalesce(max(version), 0)::integer FROM rule_sets WHERE id = @id;

-- name: InsertRuleSet :exec
INSERT INTO rule_sets (id, version, hash, scope, procedure, source, base_hash, effective_from, published_by, published_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: RuleSetVersion :one
SELECT * FROM rule_sets WHERE id = @id AND version = @version;

-- The same text may be published again, to go back to it: the last one counts.
-- name: RuleSetByHash :one
SELECT * FROM rule_sets WHERE hash = @hash ORDER BY published_at DESC, id, version DESC LIMIT 1;

-- The nearest scope upwards that has a set in force.
-- name: CurrentRuleSet :one
SELECT * FROM rule_sets
WHERE procedure = @procedure AND scope = ANY (linli_nodes_of(@scope::text)) AND effective_from <= @at
ORDER BY length(scope) DESC, effective_from DESC, version DESC
LIMIT 1;

-- name: RuleSets :many
SELECT * FROM rule_sets
WHERE (@procedure::text = '' OR procedure = @procedure) AND (@scope::text = '' OR scope = ANY (linli_nodes_of(@scope)) OR starts_with(scope, @scope || '/'))
ORDER BY scope, id, version DESC;
