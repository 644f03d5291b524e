-- What an operator undertook to keep up in a space counts as the community's
-- for as long as the space is let; nothing else there does.

-- +goose Up
ALTER TABLE space_allocations ADD COLUMN keeps text[] NOT NULL DEFAULT '{}'; -- codes of functions
UPDATE space_allocations AS a SET keeps = ARRAY(SELECT jsonb_array_elements_text(p.proposal -> 'keeps'))
FROM cases AS c JOIN proposals AS p ON p.case_id = c.id AND p.content_hash = c.content_hash
WHERE c.id = a.case_id AND a.status <> 'released' AND jsonb_typeof(p.proposal -> 'keeps') = 'array';
CREATE INDEX space_allocations_by_scope ON space_allocations (scope) WHERE status <> 'released';

-- +goose Down
DROP INDEX space_allocations_by_scope;
ALTER TABLE space_allocations DROP COLUMN keeps;
