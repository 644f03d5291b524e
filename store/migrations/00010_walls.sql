-- Every statement of a person asks row security, and every step of a case writes
-- its row: what these functions cost, each act pays several times. Here they say
-- the same in forms PostgreSQL takes into the statement itself, or plans once in
-- a session instead of at every call. The store names each grant once.

-- +goose Up
CREATE OR REPLACE FUNCTION linli_nodes() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT string_to_array(regexp_replace(coalesce(current_setting('linli.grants', true), ''), '[^,@]*@', '', 'g'), ',') $$;

CREATE OR REPLACE FUNCTION linli_seats() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT string_to_array(nullif(current_setting('linli.grants', true), ''), ',')
                 || ('person:' || coalesce(nullif(current_setting('linli.person', true), ''), '')) $$;

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION linli_nodes_of(scope text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    part  text;
    node  text;
    nodes text[];
BEGIN
    FOREACH part IN ARRAY coalesce(string_to_array(scope, '/'), '{}') LOOP
        node := coalesce(node || '/', '') || part;
        nodes := nodes || node;
    END LOOP;
    RETURN nodes;
END $$;
-- +goose StatementEnd

-- A message belongs to a step, and the step to a case: once is enough.
ALTER TABLE outbox DROP CONSTRAINT outbox_case_id_fkey;

-- +goose Down
ALTER TABLE outbox ADD CONSTRAINT outbox_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases (id);
CREATE OR REPLACE FUNCTION linli_nodes_of(scope text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT array_agg(array_to_string((string_to_array($1, '/'))[1:n], '/'))
          FROM generate_series(1, array_length(string_to_array($1, '/'), 1)) AS n $$;
CREATE OR REPLACE FUNCTION linli_nodes() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT coalesce(array_agg(DISTINCT g.node), '{}') FROM linli_grants() AS g $$;
CREATE OR REPLACE FUNCTION linli_seats() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT coalesce(array_agg(DISTINCT g.role || '@' || g.node), '{}') || ('person:' || coalesce(linli_person(), ''))
          FROM linli_grants() AS g $$;
