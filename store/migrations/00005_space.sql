-- Operators and who stands behind them, spaces, needs, imports. What was stated
-- is versioned by the database itself; owners, managers, ties and people who act
-- for an operator are ended, never removed.

-- +goose Up

-- True when one of the roles is granted at the scope, above it, or anywhere in its
-- district: the register of operators is kept by the district together.
CREATE FUNCTION linli_keeps(roles text[], scope text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT EXISTS (SELECT 1 FROM linli_grants() AS g WHERE g.role = ANY ($1)
              AND (starts_with($2 || '/', g.node || '/')
                OR starts_with(g.node || '/', array_to_string((string_to_array($2, '/'))[1:2], '/') || '/'))) $$;

-- Copies every state of a row into the table of its versions, in the same
-- transaction, and lets a version follow only the one before it.
-- +goose StatementBegin
CREATE FUNCTION linli_keep_version() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF NEW.version <> (CASE TG_OP WHEN 'INSERT' THEN 1 ELSE OLD.version + 1 END) THEN
        RAISE EXCEPTION 'version % of % % does not follow', NEW.version, TG_TABLE_NAME, NEW.id USING ERRCODE = 'check_violation', CONSTRAINT = 'version_follows';
    END IF;
    EXECUTE format('INSERT INTO %I (id, version, scope, content, at, by) VALUES ($1, $2, $3, $4, $5, $6)', TG_ARGV[0])
        USING NEW.id, NEW.version, NEW.scope, to_jsonb(NEW), NEW.changed_at, NEW.changed_by;
    RETURN NULL;
END $$;
-- +goose StatementEnd

-- A name without what two spellings of it differ in: spaces, brackets, case.
CREATE FUNCTION linli_plain_name(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT lower(regexp_replace(name, '[\s()（）·.,，。“”"'']', '', 'g')) $$;

-- --- operators ---------------------------------------------------------------

CREATE TABLE operators (
    id                   text PRIMARY KEY,
    scope                text NOT NULL CONSTRAINT operators_scope REFERENCES scopes (path),
    name                 text NOT NULL CHECK (name <> ''),
    credit_code          text NOT NULL CONSTRAINT operators_credit_code UNIQUE CHECK (credit_code ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'),
    code_reason          text NOT NULL,
    name_reason          text NOT NULL,
    kind                 text NOT NULL CHECK (kind ~ '^[a-z_]+$'),
    legal_representative text NOT NULL CHECK (legal_representative <> ''),
    founded_on           date,
    address              text NOT NULL,
    version              integer NOT NULL,
    registered_at        timestamptz NOT NULL,
    registered_by        text NOT NULL,
    changed_at           timestamptz NOT NULL,
    changed_by           text NOT NULL,
    change_reason        text NOT NULL
);
CREATE INDEX operators_plain_name ON operators (linli_plain_name(name));

-- Personal data of the contact, kept apart from the public entry and without
-- versions: what is out of date is of no use to anybody.
CREATE TABLE operator_contacts (
    operator_id text PRIMARY KEY REFERENCES operators (id),
    scope       text NOT NULL,
    contact     text NOT NULL,
    phone       text NOT NULL,
    changed_at  timestamptz NOT NULL,
    changed_by  text NOT NULL
);

CREATE TABLE operator_versions (
    id      text NOT NULL REFERENCES operators (id),
    version integer NOT NULL,
    scope   text NOT NULL,
    content jsonb NOT NULL,
    at      timestamptz NOT NULL,
    by      text NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE TRIGGER keep_first AFTER INSERT ON operators FOR EACH ROW EXECUTE FUNCTION linli_keep_version('operator_versions');
CREATE TRIGGER keep_next AFTER UPDATE ON operators FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION linli_keep_version('operator_versions');

CREATE TABLE operator_people (
    id          text PRIMARY KEY,
    operator_id text NOT NULL REFERENCES operators (id),
    person_id   text NOT NULL CONSTRAINT operator_people_person REFERENCES persons (id),
    position    text NOT NULL,
    linked_at   timestamptz NOT NULL,
    linked_by   text NOT NULL,
    ended_at    timestamptz,
    ended_by    text,
    end_reason  text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX operator_people_once ON operator_people (operator_id, person_id) WHERE ended_at IS NULL;
CREATE INDEX operator_people_by_person ON operator_people (person_id) WHERE ended_at IS NULL;

-- Who acts for an operator holds no office of the community, and the other way
-- round: looked at from both sides, under a lock on the person.
-- +goose StatementBegin
CREATE FUNCTION operator_people_are_plain() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    who text := CASE TG_TABLE_NAME WHEN 'grants' THEN to_jsonb(NEW)->>'person' ELSE to_jsonb(NEW)->>'person_id' END;
    row_ended boolean := CASE TG_TABLE_NAME WHEN 'grants' THEN to_jsonb(NEW)->>'revoked_at' ELSE to_jsonb(NEW)->>'ended_at' END IS NOT NULL;
BEGIN
    IF row_ended THEN RETURN NULL; END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('operator_people/' || who, 0));
    IF EXISTS (SELECT 1 FROM operator_people AS p WHERE p.person_id = who AND p.ended_at IS NULL)
       AND EXISTS (SELECT 1 FROM grants AS g WHERE g.person = who AND g.revoked_at IS NULL) THEN
        RAISE EXCEPTION '% holds an office and acts for an operator', who USING ERRCODE = 'check_violation', CONSTRAINT = 'operator_people_plain';
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER plain AFTER INSERT ON operator_people FOR EACH ROW EXECUTE FUNCTION operator_people_are_plain();
CREATE TRIGGER plain AFTER INSERT ON grants FOR EACH ROW EXECUTE FUNCTION operator_people_are_plain();

-- True for whoever acts for the operator now.
CREATE FUNCTION linli_acts_for(operator text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
    AS $$ SELECT EXISTS (SELECT 1 FROM operator_people AS p WHERE p.operator_id = $1 AND p.person_id = linli_person() AND p.ended_at IS NULL) $$;

CREATE TABLE operator_licences (
    id            text PRIMARY KEY,
    operator_id   text NOT NULL REFERENCES operators (id),
    kind          text NOT NULL CHECK (kind ~ '^[a-z_]+$'),
    number        text NOT NULL CHECK (number <> ''),
    valid_until   date,
    attachment_id text CONSTRAINT operator_licences_attachment REFERENCES attachments (id),
    verified      boolean NOT NULL,
    recorded_at   timestamptz NOT NULL,
    recorded_by   text NOT NULL,
    revoked_on    date,
    revoke_reason text NOT NULL DEFAULT '',
    revoked_by    text,
    CONSTRAINT operator_licences_once UNIQUE NULLS NOT DISTINCT (operator_id, kind, number, valid_until)
);

-- One look at the public lists; no entries say that nothing was found.
CREATE TABLE operator_credit_checks (
    id            text PRIMARY KEY,
    operator_id   text NOT NULL REFERENCES operators (id),
    source        text NOT NULL,
    checked_on    date NOT NULL,
    entries       jsonb NOT NULL,
    attachment_id text CONSTRAINT operator_credit_checks_attachment REFERENCES attachments (id),
    recorded_at   timestamptz NOT NULL,
    recorded_by   text NOT NULL
);
CREATE INDEX operator_credit_checks_latest ON operator_credit_checks (operator_id, checked_on DESC, id DESC);

-- Owners and managers.
CREATE TABLE operator_parties (
    id          text PRIMARY KEY,
    operator_id text NOT NULL REFERENCES operators (id),
    name        text NOT NULL CHECK (name <> ''),
    capacity    text NOT NULL CHECK (capacity ~ '^[a-z_]+$'),
    percent     integer NOT NULL CHECK (percent BETWEEN 0 AND 100),
    person_id   text CONSTRAINT operator_parties_person REFERENCES persons (id),
    added_at    timestamptz NOT NULL,
    added_by    text NOT NULL,
    ended_on    date,
    end_reason  text NOT NULL DEFAULT '',
    ended_by    text,
    UNIQUE (id, operator_id)
);
CREATE UNIQUE INDEX operator_parties_once ON operator_parties (operator_id, name, capacity) WHERE ended_on IS NULL;
CREATE INDEX operator_parties_plain_name ON operator_parties (linli_plain_name(name));

-- What people who decide or propose are to an operator or its owners.
CREATE TABLE operator_ties (
    id          text PRIMARY KEY,
    operator_id text NOT NULL REFERENCES operators (id),
    party_id    text,
    person_id   text NOT NULL CONSTRAINT operator_ties_person REFERENCES persons (id),
    relation    text NOT NULL CHECK (relation IN ('self', 'spouse', 'relative', 'employee', 'officer', 'shareholder', 'other')),
    note        text NOT NULL,
    declared_at timestamptz NOT NULL,
    declared_by text NOT NULL,
    ended_on    date,
    end_reason  text NOT NULL DEFAULT '',
    ended_by    text,
    CONSTRAINT operator_ties_party FOREIGN KEY (party_id, operator_id) REFERENCES operator_parties (id, operator_id)
);
CREATE UNIQUE INDEX operator_ties_once ON operator_ties (operator_id, coalesce(party_id, ''), person_id, relation) WHERE ended_on IS NULL;
CREATE INDEX operator_ties_by_person ON operator_ties (person_id);

-- Whether a payee is an operator or one of its owners; the latest row counts.
CREATE TABLE payee_links (
    number      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    payee_id    text NOT NULL REFERENCES payees (id),
    operator_id text NOT NULL CONSTRAINT payee_links_operator REFERENCES operators (id),
    party_id    text,
    same        boolean NOT NULL,
    reason      text NOT NULL,
    declared_at timestamptz NOT NULL,
    declared_by text NOT NULL,
    CONSTRAINT payee_links_party FOREIGN KEY (party_id, operator_id) REFERENCES operator_parties (id, operator_id)
);
CREATE INDEX payee_links_by_payee ON payee_links (payee_id, number DESC);

-- --- spaces and needs ----------------------------------------------------------

-- number is for the exclusion constraint of allocations, which needs an integer.
-- Areas are square decimetres, the sums of the rooms.
CREATE TABLE spaces (
    id              text PRIMARY KEY,
    space_no        integer NOT NULL GENERATED ALWAYS AS IDENTITY CONSTRAINT spaces_number UNIQUE,
    scope           text NOT NULL CONSTRAINT spaces_scope REFERENCES scopes (path),
    code            text NOT NULL CHECK (code <> ''),
    name            text NOT NULL CHECK (name <> ''),
    address         text NOT NULL,
    ownership       text NOT NULL CHECK (ownership ~ '^[a-z_]+$'),
    holder          text NOT NULL CHECK (holder <> ''),
    proof           text NOT NULL,
    proof_id        text CONSTRAINT spaces_proof REFERENCES attachments (id),
    use             text NOT NULL CHECK (use <> ''),
    note            text NOT NULL,
    surveyed        boolean NOT NULL,
    flue            boolean NOT NULL,
    fire_exits      integer NOT NULL,
    closed          boolean NOT NULL,
    rooms           jsonb NOT NULL CHECK (jsonb_typeof(rooms) = 'array' AND jsonb_array_length(rooms) > 0),
    built_area      bigint NOT NULL CHECK (built_area > 0),
    usable_area     bigint NOT NULL CHECK (usable_area BETWEEN 1 AND built_area),
    version         integer NOT NULL,
    registered_at   timestamptz NOT NULL,
    registered_by   text NOT NULL,
    changed_at      timestamptz NOT NULL,
    changed_by      text NOT NULL,
    change_reason   text NOT NULL,
    CONSTRAINT spaces_code UNIQUE (scope, code)
);
CREATE TABLE space_versions (
    id      text NOT NULL REFERENCES spaces (id),
    version integer NOT NULL,
    scope   text NOT NULL,
    content jsonb NOT NULL,
    at      timestamptz NOT NULL,
    by      text NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE TRIGGER keep_first AFTER INSERT ON spaces FOR EACH ROW EXECUTE FUNCTION linli_keep_version('space_versions');
CREATE TRIGGER keep_next AFTER UPDATE ON spaces FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION linli_keep_version('space_versions');

-- Whether somebody holds a space on a day or later: 'held' for an application that
-- is not through, 'let' once it is. Allocations come with the migration of onboarding.
-- +goose StatementBegin
CREATE FUNCTION space_status(number integer, today date) RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF to_regclass('space_allocations') IS NULL THEN
        RETURN 'free';
    END IF;
    RETURN (SELECT CASE WHEN count(*) = 0 THEN 'free' WHEN bool_or(a.status <> 'held') THEN 'let' ELSE 'held' END
            FROM space_allocations AS a WHERE a.space_no = number AND a.status <> 'released' AND NOT isempty(a.term) AND upper(a.term) > today);
END $$;
-- +goose StatementEnd

-- A needs list is never edited: each change is a new version of all of it.
CREATE TABLE need_lists (
    scope      text NOT NULL CONSTRAINT need_lists_scope REFERENCES scopes (path),
    version    integer NOT NULL CHECK (version > 0),
    needs      jsonb NOT NULL CHECK (jsonb_typeof(needs) = 'array'),
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    CONSTRAINT need_lists_version PRIMARY KEY (scope, version)
);

-- An import is one operation under its key; its row says how far it is. rows_done
-- is written beside the import's own transaction, which commits all or nothing.
CREATE TABLE imports (
    id            text PRIMARY KEY,
    scope         text NOT NULL CONSTRAINT imports_scope REFERENCES scopes (path),
    kind          text NOT NULL CHECK (kind IN ('spaces', 'needs')),
    attachment_id text NOT NULL REFERENCES attachments (id),
    status        text NOT NULL CHECK (status IN ('running', 'done', 'refused')),
    rows_total    integer NOT NULL DEFAULT 0,
    rows_done     integer NOT NULL DEFAULT 0,
    report        jsonb,
    started_at    timestamptz NOT NULL,
    started_by    text NOT NULL,
    ended_at      timestamptz,
    CONSTRAINT imports_ended CHECK ((status = 'running') = (ended_at IS NULL)),
    CONSTRAINT imports_reported CHECK ((status = 'running') = (report IS NULL))
);

-- --- nothing is removed, what happened is not altered -----------------------------

-- +goose StatementBegin
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['operator_versions', 'operator_credit_checks', 'payee_links', 'space_versions', 'need_lists'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I '
            'FOR EACH STATEMENT EXECUTE FUNCTION linli_append_only()', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['operators', 'operator_people', 'operator_licences', 'operator_parties', 'operator_ties', 'spaces', 'imports'] LOOP
        EXECUTE format('CREATE TRIGGER never_removed BEFORE DELETE OR TRUNCATE ON %I '
            'FOR EACH STATEMENT EXECUTE FUNCTION linli_append_only()', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['operators', 'operator_contacts', 'operator_versions', 'operator_people', 'operator_licences',
        'operator_credit_checks', 'operator_parties', 'operator_ties', 'payee_links', 'spaces', 'space_versions', 'need_lists', 'imports'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY worker ON %I FOR SELECT TO linli_worker USING (true)', name);
        EXECUTE format('GRANT SELECT ON %I TO linli_api, linli_worker', name);
    END LOOP;
END $$;
-- +goose StatementEnd

-- The register of operators and their licences is public knowledge, as the
-- registers it is copied from are; its people are not.
CREATE POLICY readable ON operators FOR SELECT TO linli_api USING (linli_public());
CREATE POLICY addable ON operators FOR INSERT TO linli_api
    WITH CHECK (linli_holds_any(ARRAY['handler', 'administrator'], scope) AND registered_by = linli_person());
CREATE POLICY changeable ON operators FOR UPDATE TO linli_api USING (linli_keeps(ARRAY['handler', 'administrator'], scope));
CREATE POLICY readable ON operator_versions FOR SELECT TO linli_api USING (linli_public());
CREATE POLICY readable ON operator_licences FOR SELECT TO linli_api USING (linli_public());
CREATE POLICY readable ON operator_contacts FOR SELECT TO linli_api
    USING (linli_keeps(ARRAY['handler', 'secretary', 'administrator'], scope) OR linli_acts_for(operator_id));
CREATE POLICY addable ON operator_contacts FOR INSERT TO linli_api WITH CHECK (linli_keeps(ARRAY['handler', 'administrator'], scope));
CREATE POLICY changeable ON operator_contacts FOR UPDATE TO linli_api USING (linli_keeps(ARRAY['handler', 'administrator'], scope));

-- +goose StatementBegin
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['operator_licences', 'operator_credit_checks', 'operator_parties'] LOOP
        EXECUTE format('CREATE POLICY addable ON %I FOR INSERT TO linli_api WITH CHECK (EXISTS (SELECT 1 FROM operators AS o '
            'WHERE o.id = operator_id AND linli_keeps(ARRAY[''handler'', ''administrator''], o.scope)))', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['operator_licences', 'operator_parties', 'operator_ties'] LOOP
        EXECUTE format('CREATE POLICY changeable ON %I FOR UPDATE TO linli_api USING (EXISTS (SELECT 1 FROM operators AS o '
            'WHERE o.id = operator_id AND linli_keeps(ARRAY[''handler'', ''administrator''], o.scope)))', name);
    END LOOP;
    -- Who is on a list and who owns is for those who decide or check.
    FOREACH name IN ARRAY ARRAY['operator_credit_checks', 'operator_parties'] LOOP
        EXECUTE format('CREATE POLICY readable ON %I FOR SELECT TO linli_api USING (linli_acts_for(operator_id) OR EXISTS (SELECT 1 FROM operators AS o '
            'WHERE o.id = operator_id AND linli_keeps(ARRAY[''handler'', ''secretary'', ''committee_member'', ''supervisor'', '
            '''subdistrict_approver'', ''district_approver'', ''charity_officer'', ''objection_handler'', ''auditor'', ''administrator''], o.scope)))', name);
    END LOOP;
END $$;
-- +goose StatementEnd
CREATE POLICY himself ON operator_parties FOR SELECT TO linli_api USING (person_id = linli_person());
CREATE POLICY readable ON operator_ties FOR SELECT TO linli_api USING (person_id = linli_person() OR EXISTS (SELECT 1 FROM operators AS o
    WHERE o.id = operator_id AND linli_keeps(ARRAY['handler', 'secretary', 'charity_officer', 'auditor', 'administrator'], o.scope)));
CREATE POLICY addable ON operator_ties FOR INSERT TO linli_api WITH CHECK (declared_by = linli_person() AND (person_id = linli_person()
    OR EXISTS (SELECT 1 FROM operators AS o WHERE o.id = operator_id
        AND linli_keeps(ARRAY['handler', 'secretary', 'charity_officer', 'administrator'], o.scope))));
CREATE POLICY readable ON operator_people FOR SELECT TO linli_api USING (person_id = linli_person() OR EXISTS (SELECT 1 FROM operators AS o
    WHERE o.id = operator_id AND linli_keeps(ARRAY['handler', 'secretary', 'auditor', 'administrator'], o.scope)));
CREATE POLICY addable ON operator_people FOR INSERT TO linli_api WITH CHECK (linked_by = linli_person() AND EXISTS (SELECT 1 FROM operators AS o
    WHERE o.id = operator_id AND linli_keeps(ARRAY['secretary', 'administrator'], o.scope)));
CREATE POLICY changeable ON operator_people FOR UPDATE TO linli_api USING (EXISTS (SELECT 1 FROM operators AS o
    WHERE o.id = operator_id AND linli_keeps(ARRAY['secretary', 'administrator'], o.scope)));
CREATE POLICY readable ON payee_links FOR SELECT TO linli_api USING (payee_id IN (SELECT p.id FROM payees AS p));
CREATE POLICY addable ON payee_links FOR INSERT TO linli_api WITH CHECK (declared_by = linli_person() AND EXISTS (SELECT 1 FROM payees AS p
    WHERE p.id = payee_id AND linli_holds_any(ARRAY['handler', 'secretary', 'charity_officer', 'administrator'], p.scope)));

CREATE POLICY readable ON spaces FOR SELECT TO linli_api USING (linli_sees(scope));
CREATE POLICY addable ON spaces FOR INSERT TO linli_api
    WITH CHECK (registered_by = linli_person() AND linli_holds_any(ARRAY['handler', 'secretary', 'administrator'], scope));
CREATE POLICY changeable ON spaces FOR UPDATE TO linli_api USING (linli_holds_any(ARRAY['handler', 'secretary', 'administrator'], scope));
CREATE POLICY readable ON space_versions FOR SELECT TO linli_api USING (linli_sees(scope));
CREATE POLICY readable ON need_lists FOR SELECT TO linli_api USING (linli_sees(scope));
CREATE POLICY addable ON need_lists FOR INSERT TO linli_api
    WITH CHECK (changed_by = linli_person() AND linli_holds_any(ARRAY['handler', 'secretary', 'administrator'], scope));
CREATE POLICY readable ON imports FOR SELECT TO linli_api USING (linli_sees(scope));
CREATE POLICY addable ON imports FOR INSERT TO linli_api
    WITH CHECK (started_by = linli_person() AND linli_holds_any(ARRAY['handler', 'secretary', 'administrator'], scope));
CREATE POLICY changeable ON imports FOR UPDATE TO linli_api USING (linli_holds_any(ARRAY['handler', 'secretary', 'administrator'], scope));

GRANT INSERT ON operators, operator_contacts, operator_people, operator_licences, operator_credit_checks, operator_parties, operator_ties,
    payee_links, spaces, need_lists, imports TO linli_api;
GRANT UPDATE (name, credit_code, code_reason, name_reason, kind, legal_representative, founded_on, address, version, changed_at, changed_by, change_reason)
    ON operators TO linli_api;
GRANT UPDATE (contact, phone, changed_at, changed_by) ON operator_contacts TO linli_api;
GRANT UPDATE (ended_at, ended_by, end_reason) ON operator_people TO linli_api;
GRANT UPDATE (revoked_on, revoke_reason, revoked_by) ON operator_licences TO linli_api;
GRANT UPDATE (ended_on, end_reason, ended_by) ON operator_parties, operator_ties TO linli_api;
GRANT UPDATE (code, name, address, ownership, holder, proof, proof_id, use, note, surveyed, flue, fire_exits, closed, rooms, built_area, usable_area,
    version, changed_at, changed_by, change_reason) ON spaces TO linli_api;
GRANT UPDATE (status, rows_total, rows_done, report, ended_at) ON imports TO linli_api;

-- +goose Down
DROP TABLE imports, need_lists, space_versions, spaces, payee_links, operator_ties, operator_parties, operator_credit_checks, operator_licences,
    operator_people, operator_versions, operator_contacts, operators CASCADE;
DROP TRIGGER plain ON grants;
DROP FUNCTION linli_acts_for(text), operator_people_are_plain(), linli_plain_name(text), space_status(integer, date), linli_keep_version(), linli_keeps(text[], text);
