-- Whoever says who acts for an operator lets every running case of the operator
-- know, wherever it runs: the register is kept by the district together, and
-- most of those cases the person cannot read. Only their ids are told.

-- +goose Up
CREATE FUNCTION linli_running_cases_of(operator text) RETURNS SETOF text LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
    AS $$ SELECT c.id FROM cases AS c JOIN proposals AS p ON p.case_id = c.id AND p.content_hash = c.content_hash
          WHERE c.procedure = 'onboarding' AND c.status = 'running' AND p.proposal->'operator'->>'id' = $1
            AND EXISTS (SELECT 1 FROM operators AS o WHERE o.id = $1 AND linli_keeps(ARRAY['secretary', 'administrator'], o.scope))
          UNION
          SELECT e.case_id FROM engagements AS e
          WHERE e.status = 'running' AND e.operator_id = $1
            AND EXISTS (SELECT 1 FROM operators AS o WHERE o.id = $1 AND linli_keeps(ARRAY['secretary', 'administrator'], o.scope))
          ORDER BY 1 $$;

-- +goose Down
DROP FUNCTION linli_running_cases_of(text);
