-- Spaces let for terms, and calls for operators. One space, one operator at a
-- time (I8) is kept by the database itself: no two allocations of a space that
-- are not released overlap, however many try at once.

-- +goose Up

-- A hold becomes an allotment at the handover and is released once, at any end.
-- The key is that of the hold: repeating an order under it changes nothing.
CREATE TABLE space_allocations (
    key            text CONSTRAINT space_allocations_pkey PRIMARY KEY,
    case_id        text NOT NULL,
    space_id       text NOT NULL CONSTRAINT space_allocations_space REFERENCES spaces (id),
    space_no       integer NOT NULL REFERENCES spaces (space_no),
    operator_id    text NOT NULL REFERENCES operators (id),
    scope          text NOT NULL REFERENCES scopes (path),
    term           daterange NOT NULL CHECK (NOT isempty(term) AND lower(term) IS NOT NULL AND upper(term) IS NOT NULL),
    status         text NOT NULL CHECK (status IN ('held', 'allotted', 'released')),
    held_at        timestamptz NOT NULL,
    allotted_at    timestamptz,
    released_at    timestamptz,
    release_reason text NOT NULL DEFAULT '',
    CONSTRAINT space_allocations_released CHECK ((status = 'released') = (released_at IS NOT NULL)),
    CONSTRAINT space_taken EXCLUDE USING gist (int4range(space_no, space_no, '[]') WITH &&, term WITH &&) WHERE (status <> 'released')
);
CREATE INDEX space_allocations_by_case ON space_allocations (case_id);
CREATE INDEX space_allocations_by_space ON space_allocations (space_id) WHERE status <> 'released';

-- What was held stays what it was; a release is final. Only the end of a term
-- moves, when an engagement is renewed.
-- +goose StatementBegin
CREATE FUNCTION space_allocations_go_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status = 'released' OR (OLD.status = 'allotted' AND NEW.status = 'held')
       OR (NEW.key, NEW.case_id, NEW.space_id, NEW.space_no, NEW.operator_id, NEW.scope, lower(NEW.term), NEW.held_at)
          IS DISTINCT FROM (OLD.key, OLD.case_id, OLD.space_id, OLD.space_no, OLD.operator_id, OLD.scope, lower(OLD.term), OLD.held_at) THEN
        RAISE EXCEPTION 'allocation % does not go from % to %', OLD.key, OLD.status, NEW.status USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER forward BEFORE UPDATE ON space_allocations FOR EACH ROW EXECUTE FUNCTION space_allocations_go_forward();

-- A call is a case of its own; this row is what applications are held against.
-- While it runs nobody but its candidates gets the space in its term.
CREATE TABLE calls (
    id          text CONSTRAINT calls_pkey PRIMARY KEY,
    scope       text NOT NULL CONSTRAINT calls_scope REFERENCES scopes (path),
    space_id    text NOT NULL CONSTRAINT calls_space REFERENCES spaces (id),
    space_no    integer NOT NULL REFERENCES spaces (space_no),
    term        daterange NOT NULL CHECK (NOT isempty(term)),
    deadline_at timestamptz NOT NULL,
    content     jsonb NOT NULL,
    parameters  jsonb NOT NULL,
    rule_id      text NOT NULL,
    rule_version integer NOT NULL,
    rule_hash    text NOT NULL,
    opened_at   timestamptz NOT NULL,
    opened_by   text NOT NULL,
    closed_at   timestamptz,
    ended_at    timestamptz,
    CONSTRAINT calls_end CHECK (ended_at IS NULL OR closed_at IS NOT NULL),
    CONSTRAINT call_space_taken EXCLUDE USING gist (int4range(space_no, space_no, '[]') WITH &&, term WITH &&) WHERE (ended_at IS NULL)
);
CREATE INDEX calls_newest ON calls (opened_at DESC, id DESC);
CREATE TABLE call_applications (
    call_id     text NOT NULL CONSTRAINT call_applications_call REFERENCES calls (id),
    case_id     text NOT NULL,
    operator_id text NOT NULL REFERENCES operators (id),
    filed_at    timestamptz NOT NULL,
    filed_by    text NOT NULL,
    CONSTRAINT call_applications_pkey PRIMARY KEY (call_id, case_id),
    CONSTRAINT call_applications_once UNIQUE (call_id, operator_id)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON call_applications FOR EACH STATEMENT EXECUTE FUNCTION linli_append_only();
CREATE TRIGGER never_removed BEFORE DELETE OR TRUNCATE ON calls FOR EACH STATEMENT EXECUTE FUNCTION linli_append_only();
CREATE TRIGGER never_removed BEFORE DELETE OR TRUNCATE ON space_allocations FOR EACH STATEMENT EXECUTE FUNCTION linli_append_only();

-- Whoever changes what a space is promised to does so one after the other.
CREATE FUNCTION linli_lock_space(space text) RETURNS void LANGUAGE sql VOLATILE
    AS $$ SELECT pg_advisory_xact_lock(hashtextextended('space/' || $1, 0)) $$;

-- +goose StatementBegin
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['space_allocations', 'calls', 'call_applications'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY worker ON %I TO linli_worker USING (true) WITH CHECK (true)', name);
        EXECUTE format('GRANT SELECT ON %I TO linli_api, linli_worker', name);
    END LOOP;
END $$;
-- +goose StatementEnd
-- Which space is let, and for which a call is out, is public knowledge.
CREATE POLICY readable ON space_allocations FOR SELECT TO linli_api USING (linli_public());
CREATE POLICY readable ON calls FOR SELECT TO linli_api USING (linli_public());
CREATE POLICY addable ON calls FOR INSERT TO linli_api WITH CHECK (opened_by = linli_person() AND linli_holds('secretary', scope));
CREATE POLICY readable ON call_applications FOR SELECT TO linli_api
    USING (linli_acts_for(operator_id) OR EXISTS (SELECT 1 FROM calls AS c WHERE c.id = call_id AND linli_sees(c.scope)));
CREATE POLICY addable ON call_applications FOR INSERT TO linli_api WITH CHECK (filed_by = linli_person() AND (linli_acts_for(operator_id)
    OR EXISTS (SELECT 1 FROM calls AS c WHERE c.id = call_id AND linli_holds('handler', c.scope))));
GRANT INSERT ON calls, call_applications TO linli_api;
GRANT INSERT ON space_allocations TO linli_worker;
GRANT UPDATE (term, status, allotted_at, released_at, release_reason) ON space_allocations TO linli_worker;
GRANT UPDATE (closed_at, ended_at) ON calls TO linli_worker;

-- Who acts for an operator holds no grant anywhere, and must all the same see
-- the space and the needs it applies for, and hand its application in. Whoever
-- files an application learns who else may act on it, and nothing more of them.
CREATE FUNCTION linli_acts_for_any() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
    AS $$ SELECT EXISTS (SELECT 1 FROM operator_people AS p WHERE p.person_id = linli_person() AND p.ended_at IS NULL) $$;
CREATE POLICY readable_to_operators ON spaces FOR SELECT TO linli_api USING ((SELECT linli_acts_for_any()));
CREATE POLICY readable_to_operators ON need_lists FOR SELECT TO linli_api USING ((SELECT linli_acts_for_any()));
CREATE POLICY attachments_add_by_operators ON attachments FOR INSERT TO linli_api
    WITH CHECK (uploader = linli_person() AND (SELECT linli_acts_for_any()));
CREATE FUNCTION linli_agents_of(operator text) RETURNS SETOF text LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
    AS $$ SELECT p.person_id FROM operator_people AS p WHERE p.operator_id = $1 AND p.ended_at IS NULL
          AND (linli_acts_for($1) OR EXISTS (SELECT 1 FROM linli_grants() AS g WHERE g.role = 'handler')) ORDER BY p.linked_at, p.id $$;
DROP POLICY proposals_add ON proposals;
CREATE POLICY proposals_add ON proposals FOR INSERT TO linli_api WITH CHECK (saved_by = linli_person()
    AND (linli_holds_any(ARRAY['handler', 'secretary'], scope) OR (SELECT linli_acts_for_any())));
CREATE POLICY proposals_read_own ON proposals FOR SELECT TO linli_api USING (saved_by = linli_person());

-- +goose Down
DROP POLICY proposals_read_own ON proposals;
DROP POLICY proposals_add ON proposals;
CREATE POLICY proposals_add ON proposals FOR INSERT TO linli_api WITH CHECK (linli_holds('handler', scope) AND saved_by = linli_person());
DROP FUNCTION linli_agents_of(text);
DROP POLICY attachments_add_by_operators ON attachments;
DROP POLICY readable_to_operators ON need_lists;
DROP POLICY readable_to_operators ON spaces;
DROP FUNCTION linli_acts_for_any();
DROP TABLE call_applications, calls, space_allocations;
DROP FUNCTION linli_lock_space(text), space_allocations_go_forward();
