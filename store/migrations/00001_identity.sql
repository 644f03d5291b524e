-- People, what they may do and where; how they prove who they are; keyed
-- writes; refused attempts; calendars; attachments. Also the helpers every
-- later migration uses: linli_sees, linli_holds, linli_near, linli_public,
-- linli_system, linli_append_only.
--
-- The roles linli_api and linli_worker exist before this file runs (see
-- migrate.go): neither is a superuser, neither bypasses row security.

-- +goose Up

GRANT USAGE ON SCHEMA public TO linli_api, linli_worker;

-- The person of this transaction; NULL outside a person's request.
CREATE FUNCTION linli_person() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('linli.person', true), '') $$;

-- True in a transaction that acts for the system itself before a person is
-- known (login, session look-up, keyed writes); never on a person's request.
CREATE FUNCTION linli_system() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT coalesce(current_setting('linli.system', true), '') = 'on' $$;

-- The grants of the person as rows; the setting reads "role@path,role@path".
CREATE FUNCTION linli_grants() RETURNS TABLE (role text, node text) LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT split_part(g, '@', 1), split_part(g, '@', 2)
          FROM unnest(string_to_array(current_setting('linli.grants', true), ',')) AS g
          WHERE split_part(g, '@', 2) <> '' $$;

-- True when any granted node contains the scope.
CREATE FUNCTION linli_sees(scope text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT EXISTS (SELECT 1 FROM linli_grants() AS g WHERE starts_with($1 || '/', g.node || '/')) $$;

-- True when the given role is granted at a node that contains the scope.
CREATE FUNCTION linli_holds(role text, scope text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT EXISTS (SELECT 1 FROM linli_grants() AS g
                         WHERE g.role = $1 AND starts_with($2 || '/', g.node || '/')) $$;

-- True when the scope lies below a granted node or above one: a community sees
-- who sits in its own subdistrict and district, not in a neighbouring one.
CREATE FUNCTION linli_near(scope text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT EXISTS (SELECT 1 FROM linli_grants() AS g
                         WHERE starts_with($1 || '/', g.node || '/') OR starts_with(g.node || '/', $1 || '/')) $$;

-- Names, in a policy, that a row is meant for everybody without login.
CREATE FUNCTION linli_public() RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT true $$;

-- Guards append-only tables against everybody, the owner included.
-- +goose StatementBegin
CREATE FUNCTION linli_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME USING ERRCODE = 'LI001';
END $$;
-- +goose StatementEnd

-- Scopes: public knowledge; an administrator adds below a node of his.
CREATE TABLE scopes (
    path       text PRIMARY KEY CONSTRAINT scopes_path_form CHECK (path ~ '^[0-9A-Za-z]{2,16}(/[0-9A-Za-z]{2,16}){0,3}$'),
    parent     text REFERENCES scopes (path) CONSTRAINT scopes_parent_is_prefix CHECK (
                   CASE WHEN parent IS NULL THEN path !~ '/' ELSE path ~ ('^' || parent || '/[^/]+$') END),
    name_zh    text NOT NULL CONSTRAINT scopes_name CHECK (length(name_zh) BETWEEN 1 AND 60),
    name_en    text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    created_by text NOT NULL
);
ALTER TABLE scopes ENABLE ROW LEVEL SECURITY;
CREATE POLICY scopes_read ON scopes FOR SELECT TO linli_api, linli_worker USING (linli_public());
CREATE POLICY scopes_add ON scopes FOR INSERT TO linli_api WITH CHECK (linli_holds('administrator', path));
GRANT SELECT, INSERT ON scopes TO linli_api;
GRANT SELECT ON scopes TO linli_worker;

CREATE TABLE persons (
    id         text PRIMARY KEY,
    name       text NOT NULL CONSTRAINT persons_name CHECK (length(name) BETWEEN 1 AND 60),
    scope      text NOT NULL REFERENCES scopes (path),
    created_at timestamptz NOT NULL,
    created_by text NOT NULL
);
ALTER TABLE persons ENABLE ROW LEVEL SECURITY;
CREATE POLICY persons_read ON persons FOR SELECT TO linli_api
    USING (linli_system() OR id = linli_person() OR linli_near(scope));
CREATE POLICY persons_add ON persons FOR INSERT TO linli_api
    WITH CHECK (linli_system() OR linli_holds('administrator', scope));
CREATE POLICY persons_worker ON persons FOR SELECT TO linli_worker USING (true);
GRANT SELECT, INSERT ON persons TO linli_api;
GRANT SELECT ON persons TO linli_worker;

-- An account is how a person logs in; it carries the person's scope so that
-- row security needs no join.
CREATE TABLE accounts (
    person              text PRIMARY KEY REFERENCES persons (id),
    username            text NOT NULL CONSTRAINT accounts_username_unique UNIQUE
                        CONSTRAINT accounts_username_form CHECK (username ~ '^[a-z0-9][a-z0-9._-]{2,39}$'),
    scope               text NOT NULL REFERENCES scopes (path),
    password_hash       text NOT NULL,
    password_changed_at timestamptz NOT NULL,
    disabled_at         timestamptz,
    disabled_by         text,
    disabled_reason     text NOT NULL DEFAULT '',
    created_at          timestamptz NOT NULL,
    created_by          text NOT NULL
);
ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;
CREATE POLICY accounts_read ON accounts FOR SELECT TO linli_api
    USING (linli_system() OR person = linli_person() OR linli_holds('administrator', scope) OR linli_holds('auditor', scope));
CREATE POLICY accounts_add ON accounts FOR INSERT TO linli_api
    WITH CHECK (linli_system() OR linli_holds('administrator', scope));
CREATE POLICY accounts_change ON accounts FOR UPDATE TO linli_api
    USING (linli_system() OR linli_holds('administrator', scope));
GRANT SELECT, INSERT ON accounts TO linli_api;
GRANT UPDATE (password_hash, password_changed_at, disabled_at, disabled_by, disabled_reason) ON accounts TO linli_api;

-- Grants are revoked, never deleted: who could act when stays answerable.
CREATE TABLE grants (
    id         text PRIMARY KEY,
    person     text NOT NULL REFERENCES persons (id),
    role       text NOT NULL,
    scope      text NOT NULL REFERENCES scopes (path),
    granted_at timestamptz NOT NULL,
    granted_by text NOT NULL,
    revoked_at timestamptz,
    revoked_by text
);
CREATE UNIQUE INDEX grants_active_unique ON grants (person, role, scope) WHERE revoked_at IS NULL;
CREATE INDEX grants_by_scope ON grants (scope, role) WHERE revoked_at IS NULL;
ALTER TABLE grants ENABLE ROW LEVEL SECURITY;
CREATE POLICY grants_read ON grants FOR SELECT TO linli_api
    USING (linli_system() OR person = linli_person() OR linli_near(scope));
CREATE POLICY grants_add ON grants FOR INSERT TO linli_api
    WITH CHECK (linli_system() OR linli_holds('administrator', scope));
CREATE POLICY grants_revoke ON grants FOR UPDATE TO linli_api
    USING (linli_system() OR linli_holds('administrator', scope));
CREATE POLICY grants_worker ON grants FOR SELECT TO linli_worker USING (true);
GRANT SELECT, INSERT ON grants TO linli_api;
GRANT UPDATE (revoked_at, revoked_by) ON grants TO linli_api;
GRANT SELECT ON grants TO linli_worker;

-- Browser sessions. The token itself is never stored, only its SHA-256.
CREATE TABLE sessions (
    hash       bytea PRIMARY KEY,
    person     text NOT NULL REFERENCES accounts (person),
    ip         text NOT NULL,
    created_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL,
    ended_at   timestamptz
);
CREATE INDEX sessions_open ON sessions (person) WHERE ended_at IS NULL;
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
CREATE POLICY sessions_system ON sessions TO linli_api USING (linli_system()) WITH CHECK (linli_system());
GRANT SELECT, INSERT ON sessions TO linli_api;
GRANT UPDATE (seen_at, ended_at) ON sessions TO linli_api;

-- Bearer tokens for programs; stored and looked up the same way.
CREATE TABLE tokens (
    id         text PRIMARY KEY,
    hash       bytea NOT NULL UNIQUE,
    person     text NOT NULL REFERENCES accounts (person),
    name       text NOT NULL CONSTRAINT tokens_name CHECK (length(name) BETWEEN 1 AND 60),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    revoked_at timestamptz
);
CREATE INDEX tokens_by_person ON tokens (person, id);
ALTER TABLE tokens ENABLE ROW LEVEL SECURITY;
CREATE POLICY tokens_own ON tokens TO linli_api
    USING (linli_system() OR person = linli_person()) WITH CHECK (linli_system() OR person = linli_person());
GRANT SELECT, INSERT ON tokens TO linli_api;
GRANT UPDATE (used_at, revoked_at) ON tokens TO linli_api;

-- Login attempts: 'tried' is written before the password is checked, 'passed'
-- after. Five 'tried' in a row without a 'passed' lock the name, so parallel
-- guesses cannot slip past the count.
CREATE TABLE login_attempts (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    username text NOT NULL,
    ip       text NOT NULL,
    outcome  text NOT NULL CHECK (outcome IN ('tried', 'passed', 'locked', 'throttled')),
    at       timestamptz NOT NULL
);
CREATE INDEX login_attempts_by_name ON login_attempts (username, id DESC) WHERE outcome IN ('tried', 'passed');
CREATE INDEX login_attempts_by_ip ON login_attempts (ip, at) WHERE outcome = 'tried';
ALTER TABLE login_attempts ENABLE ROW LEVEL SECURITY;
CREATE POLICY login_attempts_system ON login_attempts TO linli_api USING (linli_system()) WITH CHECK (linli_system());
GRANT SELECT, INSERT ON login_attempts TO linli_api;
CREATE TRIGGER login_attempts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON login_attempts
    FOR EACH STATEMENT EXECUTE FUNCTION linli_append_only();

-- Substitution: from the first to the last day, both included.
CREATE TABLE substitutions (
    id         text PRIMARY KEY,
    absent     text NOT NULL REFERENCES persons (id),
    substitute text NOT NULL REFERENCES persons (id),
    scope      text NOT NULL REFERENCES scopes (path),
    first_on   date NOT NULL,
    last_on    date NOT NULL,
    reason     text NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    ended_at   timestamptz,
    ended_by   text,
    CONSTRAINT substitutions_two_people CHECK (absent <> substitute),
    CONSTRAINT substitutions_dates CHECK (first_on <= last_on)
);
CREATE INDEX substitutions_by_substitute ON substitutions (substitute, absent);
CREATE INDEX substitutions_by_absent ON substitutions (absent);
ALTER TABLE substitutions ENABLE ROW LEVEL SECURITY;
CREATE POLICY substitutions_read ON substitutions FOR SELECT TO linli_api
    USING (linli_system() OR absent = linli_person() OR substitute = linli_person() OR linli_sees(scope));
CREATE POLICY substitutions_add ON substitutions FOR INSERT TO linli_api
    WITH CHECK (linli_system() OR absent = linli_person()
                OR linli_holds('secretary', scope) OR linli_holds('administrator', scope));
CREATE POLICY substitutions_end ON substitutions FOR UPDATE TO linli_api
    USING (linli_system() OR absent = linli_person()
           OR linli_holds('secretary', scope) OR linli_holds('administrator', scope));
CREATE POLICY substitutions_worker ON substitutions FOR SELECT TO linli_worker USING (true);
GRANT SELECT, INSERT ON substitutions TO linli_api;
GRANT UPDATE (ended_at, ended_by) ON substitutions TO linli_api;
GRANT SELECT ON substitutions TO linli_worker;

-- Keyed writes: one row per (actor, Idempotency-Key). A plain write inserts
-- its row together with its effect; a write that reaches beyond the database
-- is stored as pending with its payload first and can be delivered again.
CREATE TABLE operations (
    id          text PRIMARY KEY,
    actor       text NOT NULL,
    key         text NOT NULL CONSTRAINT operations_key_form CHECK (length(key) BETWEEN 8 AND 128),
    operation   text NOT NULL,
    body_hash   text NOT NULL,
    kind        text NOT NULL DEFAULT '',
    payload     jsonb,
    status      text NOT NULL CHECK (status IN ('pending', 'done', 'refused')),
    http_status int NOT NULL DEFAULT 0,
    response    bytea,
    attempts    int NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL,
    claimed_at  timestamptz NOT NULL,
    done_at     timestamptz,
    CONSTRAINT operations_once UNIQUE (actor, key),
    CONSTRAINT operations_answered CHECK ((status = 'pending') = (done_at IS NULL))
);
CREATE INDEX operations_pending ON operations (kind, claimed_at) WHERE status = 'pending';
ALTER TABLE operations ENABLE ROW LEVEL SECURITY;
CREATE POLICY operations_own ON operations TO linli_api
    USING (linli_system() OR actor = linli_person()) WITH CHECK (linli_system() OR actor = linli_person());
GRANT SELECT, INSERT ON operations TO linli_api;
GRANT UPDATE (status, http_status, response, attempts, claimed_at, done_at) ON operations TO linli_api;

-- Refused attempts: who, what, which rule, when. Append-only.
CREATE TABLE refusals (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL,
    actor      text NOT NULL,
    behalf_of  text NOT NULL,
    operation  text NOT NULL,
    code       text NOT NULL,
    field      text NOT NULL,
    detail_zh  text NOT NULL,
    detail_en  text NOT NULL,
    case_id    text NOT NULL,
    task_id    text NOT NULL,
    key        text NOT NULL,
    scope      text NOT NULL,
    request_id text NOT NULL,
    ip         text NOT NULL
);
CREATE INDEX refusals_by_case ON refusals (case_id, id) WHERE case_id <> '';
ALTER TABLE refusals ENABLE ROW LEVEL SECURITY;
CREATE POLICY refusals_add ON refusals FOR INSERT TO linli_api, linli_worker WITH CHECK (true);
CREATE POLICY refusals_read ON refusals FOR SELECT TO linli_api USING (linli_holds('auditor', scope));
CREATE POLICY refusals_worker ON refusals FOR SELECT TO linli_worker USING (true);
GRANT SELECT, INSERT ON refusals TO linli_api, linli_worker;
CREATE TRIGGER refusals_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON refusals
    FOR EACH STATEMENT EXECUTE FUNCTION linli_append_only();

-- Calendars: one State Council notice per year, kept with its source.
CREATE TABLE calendars (
    year       int PRIMARY KEY CHECK (year BETWEEN 2000 AND 2200),
    content    jsonb NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by text NOT NULL
);
ALTER TABLE calendars ENABLE ROW LEVEL SECURITY;
CREATE POLICY calendars_read ON calendars FOR SELECT TO linli_api, linli_worker USING (linli_public());
CREATE POLICY calendars_add ON calendars FOR INSERT TO linli_api
    WITH CHECK (EXISTS (SELECT 1 FROM linli_grants() AS g WHERE g.role = 'administrator' AND g.node !~ '/'));
CREATE POLICY calendars_change ON calendars FOR UPDATE TO linli_api
    USING (EXISTS (SELECT 1 FROM linli_grants() AS g WHERE g.role = 'administrator' AND g.node !~ '/'));
GRANT SELECT, INSERT, UPDATE ON calendars TO linli_api;
GRANT SELECT ON calendars TO linli_worker;

-- Attachments: the bytes lie in the bucket under their SHA-256; a row is never
-- changed, only linked to a case once.
CREATE TABLE attachments (
    id         text PRIMARY KEY,
    sha256     text NOT NULL CONSTRAINT attachments_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    size       bigint NOT NULL CONSTRAINT attachments_size CHECK (size > 0),
    media_type text NOT NULL,
    name       text NOT NULL CONSTRAINT attachments_name CHECK (length(name) BETWEEN 1 AND 120),
    scope      text NOT NULL REFERENCES scopes (path),
    case_id    text,
    uploader   text NOT NULL REFERENCES persons (id),
    created_at timestamptz NOT NULL
);
CREATE INDEX attachments_by_case ON attachments (case_id) WHERE case_id IS NOT NULL;
ALTER TABLE attachments ENABLE ROW LEVEL SECURITY;
CREATE POLICY attachments_read ON attachments FOR SELECT TO linli_api
    USING (uploader = linli_person() OR linli_sees(scope));
CREATE POLICY attachments_add ON attachments FOR INSERT TO linli_api
    WITH CHECK (uploader = linli_person() AND linli_sees(scope));
CREATE POLICY attachments_worker ON attachments TO linli_worker USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON attachments TO linli_api;
GRANT SELECT ON attachments TO linli_worker;
GRANT UPDATE (case_id) ON attachments TO linli_worker;

-- +goose Down
DROP TABLE attachments, calendars, refusals, operations, substitutions, login_attempts, tokens, sessions, grants, accounts, persons, scopes;
DROP FUNCTION linli_append_only(), linli_public(), linli_near(text), linli_holds(text, text), linli_sees(text), linli_grants(), linli_system(), linli_person();
REVOKE USAGE ON SCHEMA public FROM linli_api, linli_worker;
