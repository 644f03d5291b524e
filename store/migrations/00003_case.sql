-- +goose Up

-- Cases as people read them, and the record of every step that made them so.
-- What happened (rule_sets, proposals, case_events, outbox, notices and all
-- that is added to them, archive_log) is append-only for everybody, the owner
-- included. What is true now (cases, tasks, inbox, case_readers) is derived
-- from it by linli_worker alone.

-- The path from the city down to the scope, the scope included. Immutable in
-- fact: the functions it uses are only marked otherwise for exotic types.
CREATE FUNCTION linli_nodes_of(scope text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT array_agg(array_to_string((string_to_array($1, '/'))[1:n], '/'))
          FROM generate_series(1, array_length(string_to_array($1, '/'), 1)) AS n $$;

-- The nodes at which the person holds anything: nodes_of(scope) && nodes() is
-- linli_sees(scope), but computed once per statement and served by an index.
CREATE FUNCTION linli_nodes() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT coalesce(array_agg(DISTINCT g.node), '{}') FROM linli_grants() AS g $$;

-- The names a task or message can be addressed to this person by: the person's
-- own, and every role at the node it was granted at.
CREATE FUNCTION linli_seats() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT coalesce(array_agg(DISTINCT g.role || '@' || g.node), '{}') || ('person:' || coalesce(linli_person(), ''))
          FROM linli_grants() AS g $$;

CREATE TABLE rule_sets (
    id             text NOT NULL,
    version        integer NOT NULL CONSTRAINT rule_sets_version CHECK (version > 0),
    hash           text NOT NULL CONSTRAINT rule_sets_hash CHECK (hash ~ '^[0-9a-f]{64}$'),
    scope          text NOT NULL CONSTRAINT rule_sets_scope_fkey REFERENCES scopes (path),
    procedure      text NOT NULL,
    source         text NOT NULL CONSTRAINT rule_sets_source CHECK (source <> ''),
    base_hash      text NOT NULL,
    effective_from timestamptz NOT NULL,
    published_by   text NOT NULL,
    published_at   timestamptz NOT NULL,
    CONSTRAINT rule_sets_pkey PRIMARY KEY (id, version)
);
CREATE INDEX rule_sets_by_hash ON rule_sets (hash);
CREATE INDEX rule_sets_in_force ON rule_sets (procedure, scope, effective_from DESC, version DESC);
ALTER TABLE rule_sets ENABLE ROW LEVEL SECURITY;
CREATE POLICY rule_sets_read ON rule_sets FOR SELECT TO linli_api, linli_worker USING (linli_public());
CREATE POLICY rule_sets_add ON rule_sets FOR INSERT TO linli_api WITH CHECK (linli_system() OR linli_holds('rule_keeper', scope));
CREATE POLICY rule_sets_worker ON rule_sets FOR INSERT TO linli_worker WITH CHECK (true);
GRANT SELECT, INSERT ON rule_sets TO linli_api, linli_worker;

CREATE TABLE cases (
    id            text PRIMARY KEY,
    procedure     text NOT NULL,
    scope         text NOT NULL REFERENCES scopes (path),
    nodes         text[] NOT NULL GENERATED ALWAYS AS (linli_nodes_of(scope)) STORED,
    title         text NOT NULL,
    amount        bigint NOT NULL CHECK (amount >= 0),
    stage         text NOT NULL,
    stage_name_zh text NOT NULL,
    stage_name_en text NOT NULL,
    next_zh       text NOT NULL,
    next_en       text NOT NULL,
    status        text NOT NULL CHECK (status IN ('running', 'completed', 'rejected', 'withdrawn', 'terminated', 'lapsed')),
    reason        text NOT NULL,
    proposer      text NOT NULL,
    content_hash  text NOT NULL,
    rule_id       text NOT NULL,
    rule_version  integer NOT NULL,
    rule_hash     text NOT NULL,
    sealed        boolean NOT NULL,
    opened_at     timestamptz NOT NULL,
    closed_at     timestamptz,
    seq           integer NOT NULL CHECK (seq > 0),
    updated_at    timestamptz NOT NULL,
    CONSTRAINT cases_closed CHECK ((status = 'running') = (closed_at IS NULL))
);
CREATE INDEX cases_newest ON cases (opened_at DESC, id DESC);
CREATE INDEX cases_by_node ON cases USING gin (nodes);
CREATE INDEX cases_closed_first ON cases (closed_at, id) WHERE status <> 'running';

-- Who may read a case without a grant that sees its scope: named in one of its
-- tasks, or sent a copy.
CREATE TABLE case_readers (
    person  text NOT NULL,
    case_id text NOT NULL REFERENCES cases (id),
    PRIMARY KEY (person, case_id)
);
ALTER TABLE case_readers ENABLE ROW LEVEL SECURITY;
CREATE POLICY case_readers_own ON case_readers FOR SELECT TO linli_api USING (person = linli_person());
CREATE POLICY case_readers_worker ON case_readers TO linli_worker USING (true) WITH CHECK (true);
GRANT SELECT ON case_readers TO linli_api;
GRANT SELECT, INSERT ON case_readers TO linli_worker;

ALTER TABLE cases ENABLE ROW LEVEL SECURITY;
CREATE POLICY cases_read ON cases FOR SELECT TO linli_api
    USING (nodes && (SELECT linli_nodes())
           OR id = ANY (ARRAY(SELECT r.case_id FROM case_readers AS r WHERE r.person = linli_person())));
CREATE POLICY cases_worker ON cases TO linli_worker USING (true) WITH CHECK (true);
GRANT SELECT ON cases TO linli_api;
GRANT SELECT, INSERT, UPDATE ON cases TO linli_worker;

-- Every version of what a case decides on. Saved before the workflow hears of
-- it, hence without a reference to cases.
CREATE TABLE proposals (
    case_id      text NOT NULL,
    content_hash text NOT NULL,
    scope        text NOT NULL CONSTRAINT proposals_scope_fkey REFERENCES scopes (path),
    proposal     jsonb NOT NULL,
    saved_by     text NOT NULL,
    saved_at     timestamptz NOT NULL,
    PRIMARY KEY (case_id, content_hash)
);
ALTER TABLE proposals ENABLE ROW LEVEL SECURITY;
CREATE POLICY proposals_read ON proposals FOR SELECT TO linli_api
    USING (linli_sees(scope) OR EXISTS (SELECT 1 FROM cases AS c WHERE c.id = case_id));
CREATE POLICY proposals_add ON proposals FOR INSERT TO linli_api WITH CHECK (linli_sees(scope) AND saved_by = linli_person());
CREATE POLICY proposals_worker ON proposals TO linli_worker USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON proposals TO linli_api, linli_worker;

-- Every step as it was handed over. position counts what was written and is
-- the order of the hash chain (record is hashed byte for byte); seq counts the
-- steps of the case. A seq written twice under different keys has two attempts.
CREATE TABLE case_events (
    case_id       text NOT NULL REFERENCES cases (id),
    seq           integer NOT NULL CHECK (seq > 0),
    attempt       integer NOT NULL CHECK (attempt > 0),
    position      bigint NOT NULL CHECK (position > 0),
    key           text NOT NULL,
    kind          text NOT NULL,
    at            timestamptz NOT NULL,
    stage         text NOT NULL,
    task_id       text NOT NULL,
    task_kind     text NOT NULL,
    seat          text NOT NULL,
    action        text NOT NULL,
    person        text NOT NULL,
    acting_for    text NOT NULL,
    comment       text NOT NULL,
    content_hash  text NOT NULL,
    body_hash     text NOT NULL,
    envelope      text NOT NULL,
    note          text NOT NULL,
    evidence      jsonb,
    record        text NOT NULL,
    deadlines     jsonb NOT NULL,
    superseding   boolean NOT NULL,
    previous_hash text NOT NULL,
    hash          text NOT NULL,
    CONSTRAINT case_events_pkey PRIMARY KEY (case_id, seq, attempt),
    CONSTRAINT case_events_position UNIQUE (case_id, position)
);
CREATE TABLE case_event_superseded (
    case_id    text NOT NULL,
    seq        integer NOT NULL,
    attempt    integer NOT NULL,
    by_seq     integer NOT NULL,
    by_attempt integer NOT NULL,
    at         timestamptz NOT NULL,
    PRIMARY KEY (case_id, seq, attempt),
    FOREIGN KEY (case_id, seq, attempt) REFERENCES case_events (case_id, seq, attempt),
    FOREIGN KEY (case_id, by_seq, by_attempt) REFERENCES case_events (case_id, seq, attempt)
);
ALTER TABLE case_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE case_event_superseded ENABLE ROW LEVEL SECURITY;
CREATE POLICY case_events_worker ON case_events TO linli_worker USING (true) WITH CHECK (true);
CREATE POLICY case_event_superseded_worker ON case_event_superseded TO linli_worker USING (true) WITH CHECK (true);
CREATE POLICY case_event_superseded_read ON case_event_superseded FOR SELECT TO linli_api
    USING (EXISTS (SELECT 1 FROM cases AS c WHERE c.id = case_id));
GRANT SELECT, INSERT ON case_events, case_event_superseded TO linli_worker;
GRANT SELECT ON case_event_superseded TO linli_api;

-- Ids collate "C", so that the database and Go order them alike.
CREATE TABLE tasks (
    id           text COLLATE "C" PRIMARY KEY,
    case_id      text NOT NULL REFERENCES cases (id),
    stage        text NOT NULL,
    round        integer NOT NULL,
    seat         text NOT NULL,
    kind         text NOT NULL,
    persons      text[] NOT NULL,
    role         text NOT NULL,
    scope        text NOT NULL,
    excluded     text[] NOT NULL,
    actions      text[] NOT NULL,
    content_hash text NOT NULL,
    parent       text NOT NULL,
    days         integer NOT NULL,
    opened_at    timestamptz NOT NULL,
    remind_at    timestamptz,
    due_at       timestamptz,
    reminded     boolean NOT NULL,
    escalated    boolean NOT NULL,
    status       text NOT NULL CHECK (status IN ('open', 'done', 'cancelled')),
    closed_by    text NOT NULL,
    closed_as    text NOT NULL,
    closed_at    timestamptz,
    CONSTRAINT tasks_closed CHECK ((status = 'open') = (closed_at IS NULL))
);
CREATE INDEX tasks_by_case ON tasks (case_id, opened_at, id);
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;
CREATE POLICY tasks_read ON tasks FOR SELECT TO linli_api USING (EXISTS (SELECT 1 FROM cases AS c WHERE c.id = case_id));
CREATE POLICY tasks_worker ON tasks TO linli_worker USING (true) WITH CHECK (true);
-- Without closed_as: how a sealed ballot was cast. The view case_tasks has it.
GRANT SELECT (id, case_id, stage, round, seat, kind, persons, role, scope, excluded, actions, content_hash, parent, days,
              opened_at, remind_at, due_at, reminded, escalated, status, closed_by, closed_at) ON tasks TO linli_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON tasks TO linli_worker;

-- One row per seat that may act on an open task, in the order an inbox shows
-- them: a page is a few short index ranges, however many tasks are open.
CREATE TABLE inbox (
    seat    text NOT NULL,
    due_at  timestamptz NOT NULL,
    task_id text COLLATE "C" NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    PRIMARY KEY (seat, due_at, task_id)
);
CREATE INDEX inbox_by_task ON inbox (task_id);
ALTER TABLE inbox ENABLE ROW LEVEL SECURITY;
CREATE POLICY inbox_own ON inbox FOR SELECT TO linli_api USING (seat = ANY ((SELECT linli_seats())::text[]));
CREATE POLICY inbox_worker ON inbox TO linli_worker USING (true) WITH CHECK (true);
GRANT SELECT ON inbox TO linli_api;
GRANT SELECT, INSERT, DELETE ON inbox TO linli_worker;

CREATE TABLE outbox (
    id      text PRIMARY KEY,
    case_id text NOT NULL REFERENCES cases (id),
    seq     integer NOT NULL,
    attempt integer NOT NULL,
    kind    text NOT NULL,
    task_id text NOT NULL,
    persons text[] NOT NULL,
    "except" text[] NOT NULL,
    role    text NOT NULL,
    scope   text NOT NULL,
    text_zh text NOT NULL,
    text_en text NOT NULL,
    at      timestamptz NOT NULL,
    FOREIGN KEY (case_id, seq, attempt) REFERENCES case_events (case_id, seq, attempt)
);
CREATE TABLE outbox_seats (
    seat       text NOT NULL,
    at         timestamptz NOT NULL,
    message_id text NOT NULL REFERENCES outbox (id),
    PRIMARY KEY (seat, at, message_id)
);
CREATE INDEX outbox_seats_by_message ON outbox_seats (message_id);
ALTER TABLE outbox_seats ENABLE ROW LEVEL SECURITY;
CREATE POLICY outbox_seats_own ON outbox_seats FOR SELECT TO linli_api USING (seat = ANY ((SELECT linli_seats())::text[]));
CREATE POLICY outbox_seats_worker ON outbox_seats TO linli_worker USING (true) WITH CHECK (true);
ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
CREATE POLICY outbox_own ON outbox FOR SELECT TO linli_api
    USING (EXISTS (SELECT 1 FROM outbox_seats AS s WHERE s.message_id = id));
CREATE POLICY outbox_worker ON outbox TO linli_worker USING (true) WITH CHECK (true);
GRANT SELECT ON outbox, outbox_seats TO linli_api;
GRANT SELECT, INSERT ON outbox, outbox_seats TO linli_worker;

-- What a reader of a case sees of its steps and tasks. The views run as the
-- owner, so each repeats the case's read policy; ballots of a sealed round show
-- neither choice nor reason, not even to SQL under linli_api.
CREATE VIEW case_steps WITH (security_barrier) AS
    SELECT e.case_id, e.seq, e.attempt, e.position, e.kind, e.at, e.stage, e.task_id, e.seat, e.person, e.acting_for,
           (CASE WHEN c.sealed AND e.task_kind = 'vote' THEN '' ELSE e.action END)::text AS action,
           (CASE WHEN c.sealed AND e.task_kind = 'vote' THEN '' ELSE e.comment END)::text AS comment,
           (CASE WHEN c.sealed AND e.task_kind = 'vote' THEN '' ELSE e.envelope END)::text AS envelope,
           (CASE WHEN c.sealed AND e.task_kind = 'vote' THEN '' ELSE e.note END)::text AS note,
           (EXISTS (SELECT 1 FROM case_event_superseded AS s
                    WHERE s.case_id = e.case_id AND s.seq = e.seq AND s.attempt = e.attempt))::boolean AS superseded,
           e.evidence
    FROM case_events AS e JOIN cases AS c ON c.id = e.case_id
    WHERE current_user = 'linli_worker' OR c.nodes && (SELECT linli_nodes())
          OR c.id = ANY (ARRAY(SELECT r.case_id FROM case_readers AS r WHERE r.person = linli_person()));
CREATE VIEW case_tasks WITH (security_barrier) AS
    SELECT t.id, t.case_id, t.stage, t.round, t.seat, t.kind, t.persons, t.role, t.scope, t.excluded, t.actions,
           t.content_hash, t.parent, t.days, t.opened_at, t.remind_at, t.due_at, t.reminded, t.escalated, t.status, t.closed_by,
           (CASE WHEN c.sealed AND t.kind = 'vote' THEN '' ELSE t.closed_as END)::text AS closed_as, t.closed_at
    FROM tasks AS t JOIN cases AS c ON c.id = t.case_id
    WHERE current_user = 'linli_worker' OR c.nodes && (SELECT linli_nodes())
          OR c.id = ANY (ARRAY(SELECT r.case_id FROM case_readers AS r WHERE r.person = linli_person()));
GRANT SELECT ON case_steps, case_tasks TO linli_api, linli_worker;

-- What the public reads. body is the whole notice; the other columns are for
-- finding it. Names are those of the day it was published.
CREATE TABLE notices (
    id           text PRIMARY KEY,
    case_id      text NOT NULL CONSTRAINT notices_case_fkey REFERENCES cases (id),
    scope        text NOT NULL REFERENCES scopes (path),
    title        text NOT NULL,
    purpose      text NOT NULL,
    body         jsonb NOT NULL,
    scope_names  text[] NOT NULL,
    names        jsonb NOT NULL,
    published_at timestamptz NOT NULL,
    ends_at      timestamptz NOT NULL,
    CONSTRAINT notices_period CHECK (ends_at > published_at)
);
CREATE INDEX notices_newest ON notices (published_at DESC, id DESC);
CREATE INDEX notices_by_case ON notices (case_id);
CREATE TABLE notice_notes (
    id        text PRIMARY KEY,
    notice_id text NOT NULL CONSTRAINT notice_notes_notice_fkey REFERENCES notices (id),
    kind      text NOT NULL,
    text      text NOT NULL,
    author    text NOT NULL,
    at        timestamptz NOT NULL
);
CREATE INDEX notice_notes_by_notice ON notice_notes (notice_id, at, id);
CREATE TABLE objections (
    id           text CONSTRAINT objections_pkey PRIMARY KEY,
    notice_id    text NOT NULL REFERENCES notices (id),
    case_id      text NOT NULL REFERENCES cases (id),
    scope        text NOT NULL,
    text         text NOT NULL CONSTRAINT objections_text CHECK (length(text) BETWEEN 1 AND 2000),
    receipt_hash text NOT NULL CONSTRAINT objections_receipt UNIQUE CHECK (receipt_hash ~ '^[0-9a-f]{64}$'),
    filed_at     timestamptz NOT NULL
);
CREATE INDEX objections_by_notice ON objections (notice_id, filed_at, id);
CREATE INDEX objections_by_case ON objections (case_id, filed_at, id);
-- Personal data, for whoever handles objections at the scope and nobody else.
CREATE TABLE objection_contacts (
    objection_id text PRIMARY KEY REFERENCES objections (id),
    scope        text NOT NULL,
    contact      text NOT NULL CONSTRAINT objections_contact CHECK (length(contact) BETWEEN 1 AND 200)
);
CREATE TABLE objection_answers (
    objection_id text PRIMARY KEY CONSTRAINT objection_answers_objection_fkey REFERENCES objections (id),
    status       text NOT NULL CHECK (status IN ('upheld', 'overruled')),
    answer       text NOT NULL,
    answered_at  timestamptz NOT NULL
);
-- +goose StatementBegin
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['notices', 'notice_notes', 'objections', 'objection_answers'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY public_read ON %I FOR SELECT TO linli_api USING (linli_public())', name);
        EXECUTE format('CREATE POLICY worker ON %I TO linli_worker USING (true) WITH CHECK (true)', name);
        EXECUTE format('GRANT SELECT ON %I TO linli_api', name);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO linli_worker', name);
    END LOOP;
END $$;
-- +goose StatementEnd
-- A resident objects without a login, while the notice takes objections.
CREATE POLICY objections_file ON objections FOR INSERT TO linli_api WITH CHECK (EXISTS (
    SELECT 1 FROM notices AS n
    WHERE n.id = notice_id AND n.case_id = objections.case_id AND n.scope = objections.scope AND filed_at < n.ends_at));
GRANT INSERT ON objections TO linli_api;
-- Offices of the scope correct what a notice says by a note beside it.
CREATE POLICY notice_notes_correct ON notice_notes FOR INSERT TO linli_api WITH CHECK (
    kind = 'correction' AND author = linli_person() AND EXISTS (
        SELECT 1 FROM notices AS n
        WHERE n.id = notice_id AND (linli_holds('handler', n.scope) OR linli_holds('supervisor', n.scope) OR linli_holds('charity_officer', n.scope))));
GRANT INSERT ON notice_notes TO linli_api;
ALTER TABLE objection_contacts ENABLE ROW LEVEL SECURITY;
CREATE POLICY objection_contacts_file ON objection_contacts FOR INSERT TO linli_api
    WITH CHECK (EXISTS (SELECT 1 FROM objections AS o WHERE o.id = objection_id AND o.scope = objection_contacts.scope));
CREATE POLICY objection_contacts_handler ON objection_contacts FOR SELECT TO linli_api USING (linli_holds('objection_handler', scope));
CREATE POLICY objection_contacts_worker ON objection_contacts TO linli_worker USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON objection_contacts TO linli_api, linli_worker;

-- The log of sealed histories, one hash chain over all cases, and the
-- histories themselves, gzip.
CREATE TABLE archive_log (
    index          bigint PRIMARY KEY CHECK (index > 0),
    case_id        text NOT NULL CONSTRAINT archive_log_once UNIQUE REFERENCES cases (id),
    history_sha256 text NOT NULL,
    size           bigint NOT NULL CHECK (size > 0),
    previous_hash  text NOT NULL UNIQUE,
    entry_hash     text NOT NULL UNIQUE,
    sealed_at      timestamptz NOT NULL
);
CREATE TABLE archive_histories (
    case_id text PRIMARY KEY REFERENCES archive_log (case_id),
    gzip    bytea NOT NULL
);
ALTER TABLE archive_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE archive_histories ENABLE ROW LEVEL SECURITY;
-- A chain can only be checked whole, so any auditor reads all of the log; the
-- histories only within the auditor's scope.
CREATE POLICY archive_log_read ON archive_log FOR SELECT TO linli_api
    USING (EXISTS (SELECT 1 FROM linli_grants() AS g WHERE g.role = 'auditor'));
CREATE POLICY archive_histories_read ON archive_histories FOR SELECT TO linli_api
    USING (EXISTS (SELECT 1 FROM cases AS c WHERE c.id = case_id AND linli_holds('auditor', c.scope)));
CREATE POLICY archive_log_worker ON archive_log TO linli_worker USING (true) WITH CHECK (true);
CREATE POLICY archive_histories_worker ON archive_histories TO linli_worker USING (true) WITH CHECK (true);
GRANT SELECT ON archive_log, archive_histories TO linli_api;
GRANT SELECT, INSERT ON archive_log, archive_histories TO linli_worker;

-- +goose StatementBegin
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['rule_sets', 'proposals', 'case_events', 'case_event_superseded', 'outbox', 'outbox_seats', 'notices',
        'notice_notes', 'objections', 'objection_contacts', 'objection_answers', 'archive_log', 'archive_histories'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION linli_append_only()', name);
    END LOOP;
END $$;
-- +goose StatementEnd

-- +goose Down
DROP VIEW case_steps, case_tasks;
DROP TABLE archive_histories, archive_log, objection_answers, objection_contacts, objections, notice_notes, notices,
    outbox_seats, outbox, inbox, tasks, case_event_superseded, case_events, proposals;
DROP POLICY cases_read ON cases;
DROP TABLE case_readers, cases, rule_sets;
DROP FUNCTION linli_seats(), linli_nodes(), linli_nodes_of(text);
