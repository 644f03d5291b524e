-- Engagements as people read them, and the bulletin of services and prices the
-- public reads. Both are copies kept by linli_worker: the truth of a running
-- engagement is its workflow, the truth of its money the ledger, to which
-- share_incomes leads. Also: the archive takes the runs of a case that was
-- continued as new.

-- +goose Up

CREATE TABLE engagements (
    case_id       text PRIMARY KEY CONSTRAINT engagements_case_fkey REFERENCES cases (id),
    seq           integer NOT NULL CHECK (seq > 0), -- of the recorded step the copy follows: an older copy never replaces a newer
    scope         text NOT NULL REFERENCES scopes (path),
    nodes         text[] NOT NULL GENERATED ALWAYS AS (linli_nodes_of(scope)) STORED,
    operator_id   text NOT NULL,
    operator_name text NOT NULL,
    space_id      text NOT NULL,
    space_name    text NOT NULL,
    stage         text NOT NULL,
    status        text NOT NULL,
    starts_on     date NOT NULL,
    ends_on       date NOT NULL,
    given         bigint NOT NULL CHECK (given >= 0), -- fen, booked in the fund so far
    body          jsonb NOT NULL,
    opened_at     timestamptz NOT NULL,
    closed_at     timestamptz,
    CONSTRAINT engagements_term CHECK (starts_on <= ends_on),
    CONSTRAINT engagements_closed CHECK ((status = 'running') = (closed_at IS NULL))
);
CREATE INDEX engagements_newest ON engagements (opened_at DESC, case_id DESC);
CREATE INDEX engagements_by_node ON engagements USING gin (nodes);
CREATE INDEX engagements_by_operator ON engagements (operator_id) WHERE status = 'running';
ALTER TABLE engagements ENABLE ROW LEVEL SECURITY;
CREATE POLICY engagements_read ON engagements FOR SELECT TO linli_api
    USING (nodes && (SELECT linli_nodes())
           OR case_id = ANY (ARRAY(SELECT r.case_id FROM case_readers AS r WHERE r.person = linli_person())));
CREATE POLICY engagements_worker ON engagements TO linli_worker USING (true) WITH CHECK (true);
GRANT SELECT ON engagements TO linli_api;
GRANT SELECT, INSERT, UPDATE ON engagements TO linli_worker;

-- What everybody may read of a running engagement: no person, no account, no
-- figures but what the fund received.
CREATE TABLE bulletins (
    case_id text PRIMARY KEY REFERENCES engagements (case_id),
    seq     integer NOT NULL CHECK (seq > 0),
    scope   text NOT NULL REFERENCES scopes (path),
    nodes   text[] NOT NULL GENERATED ALWAYS AS (linli_nodes_of(scope)) STORED,
    title   text NOT NULL, -- operator and space, to search
    words   text NOT NULL, -- names of services, to search
    running boolean NOT NULL,
    body    jsonb NOT NULL,
    opened_at timestamptz NOT NULL
);
CREATE INDEX bulletins_newest ON bulletins (opened_at DESC, case_id DESC) WHERE running;
CREATE INDEX bulletins_by_node ON bulletins USING gin (nodes);
ALTER TABLE bulletins ENABLE ROW LEVEL SECURITY;
CREATE POLICY bulletins_public ON bulletins FOR SELECT TO linli_api USING (linli_public());
CREATE POLICY bulletins_worker ON bulletins TO linli_worker USING (true) WITH CHECK (true);
GRANT SELECT ON bulletins TO linli_api;
GRANT SELECT, INSERT, UPDATE ON bulletins TO linli_worker;

-- One period of an engagement becomes one income, whatever is repeated.
CREATE TABLE share_incomes (
    case_id   text NOT NULL CONSTRAINT share_incomes_case_fkey REFERENCES cases (id),
    period    text NOT NULL CONSTRAINT share_incomes_period CHECK (period ~ '^[0-9]{4}-(0[1-9]|1[0-2]|Q[1-4])(-[0-9]+)?$'),
    income_id text NOT NULL CONSTRAINT share_incomes_once UNIQUE REFERENCES incomes (id),
    PRIMARY KEY (case_id, period)
);
ALTER TABLE share_incomes ENABLE ROW LEVEL SECURITY;
CREATE POLICY share_incomes_read ON share_incomes FOR SELECT TO linli_api
    USING (EXISTS (SELECT 1 FROM engagements AS e WHERE e.case_id = share_incomes.case_id));
CREATE POLICY share_incomes_worker ON share_incomes TO linli_worker USING (true) WITH CHECK (true);
GRANT SELECT ON share_incomes TO linli_api;
GRANT SELECT, INSERT ON share_incomes TO linli_worker;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON share_incomes
    FOR EACH STATEMENT EXECUTE FUNCTION linli_append_only();
-- An operator's share is booked by the workflow, on the word of a charity officer.
GRANT INSERT ON incomes, donation_receipts TO linli_worker;

-- Whoever has a case in a community, such as an operator's person without any
-- grant, uploads papers for it.
CREATE POLICY attachments_reader ON attachments FOR INSERT TO linli_api
    WITH CHECK (uploader = linli_person() AND EXISTS (
        SELECT 1 FROM case_readers AS r JOIN cases AS c ON c.id = r.case_id
        WHERE r.person = linli_person() AND c.scope = attachments.scope AND c.status = 'running'));

-- A case that was continued as new is sealed run by run: "case.1", "case.2" …,
-- and under its own id the last.
ALTER TABLE archive_log DROP CONSTRAINT archive_log_case_id_fkey;
-- +goose StatementBegin
CREATE FUNCTION archive_log_of_case() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM cases AS c WHERE c.id = split_part(NEW.case_id, '.', 1)) THEN
        RAISE EXCEPTION 'no case %', NEW.case_id USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'archive_log_case_id_fkey';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER of_case BEFORE INSERT ON archive_log FOR EACH ROW EXECUTE FUNCTION archive_log_of_case();
DROP POLICY archive_histories_read ON archive_histories;
CREATE POLICY archive_histories_read ON archive_histories FOR SELECT TO linli_api
    USING (EXISTS (SELECT 1 FROM cases AS c WHERE c.id = split_part(case_id, '.', 1) AND linli_holds('auditor', c.scope)));

-- +goose Down
DROP POLICY archive_histories_read ON archive_histories;
CREATE POLICY archive_histories_read ON archive_histories FOR SELECT TO linli_api
    USING (EXISTS (SELECT 1 FROM cases AS c WHERE c.id = case_id AND linli_holds('auditor', c.scope)));
DROP TRIGGER of_case ON archive_log;
DROP FUNCTION archive_log_of_case();
ALTER TABLE archive_log ADD CONSTRAINT archive_log_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases (id) NOT VALID;
DROP POLICY attachments_reader ON attachments;
REVOKE INSERT ON incomes, donation_receipts FROM linli_worker;
DROP TABLE share_incomes, bulletins, engagements;
