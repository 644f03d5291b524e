-- Signing: how a person proves who they are at that moment, the agreements, and
-- who signed them.

-- +goose Up

-- Secrets of one-time codes (RFC 6238), sealed like account numbers and bound
-- to the row. One is active per person; last_step is the newest step of time a
-- code was taken for, since a code counts once. Seen by the system alone: it
-- asks for them before or beside any person.
CREATE TABLE totp_secrets (
    id           text PRIMARY KEY,
    person       text NOT NULL REFERENCES accounts (person),
    sealed       bytea NOT NULL,
    created_at   timestamptz NOT NULL,
    confirmed_at timestamptz,
    last_step    bigint NOT NULL DEFAULT 0,
    ended_at     timestamptz,
    ended_by     text NOT NULL DEFAULT '',
    end_reason   text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX totp_secrets_active ON totp_secrets (person) WHERE ended_at IS NULL;
ALTER TABLE totp_secrets ENABLE ROW LEVEL SECURITY;
CREATE POLICY totp_secrets_system ON totp_secrets TO linli_api USING (linli_system()) WITH CHECK (linli_system());
GRANT SELECT, INSERT ON totp_secrets TO linli_api;
GRANT UPDATE (confirmed_at, last_step, ended_at, ended_by, end_reason) ON totp_secrets TO linli_api;

-- The agreements that were drawn. The bytes lie in the bucket under their
-- SHA-256; set_hash is what an act of signing names. A case's newest set is the
-- one on the table.
CREATE TABLE contracts (
    case_id          text NOT NULL REFERENCES cases (id),
    sha256           text NOT NULL CONSTRAINT contracts_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    set_hash         text NOT NULL,
    place            integer NOT NULL, -- in the set, from 1
    number           text NOT NULL,
    title_zh         text NOT NULL,
    title_en         text NOT NULL,
    kind             text NOT NULL,
    template_version integer NOT NULL,
    template_hash    text NOT NULL,
    size             bigint NOT NULL CONSTRAINT contracts_size CHECK (size > 0),
    drawn_at         timestamptz NOT NULL,
    PRIMARY KEY (case_id, sha256)
);

-- Seals on signatures: one per document and party. statement is signed byte
-- for byte.
CREATE TABLE contract_seals (
    case_id   text NOT NULL,
    sha256    text NOT NULL,
    seat      text NOT NULL,
    act_id    text NOT NULL,
    statement text NOT NULL,
    algorithm text NOT NULL,
    key_id    text NOT NULL,
    value     text NOT NULL,
    signed_at timestamptz NOT NULL,
    PRIMARY KEY (case_id, sha256, seat),
    FOREIGN KEY (case_id, sha256) REFERENCES contracts (case_id, sha256)
);

-- The public keys seals were ever made with; anybody may verify.
CREATE TABLE signature_keys (
    id        text PRIMARY KEY,
    algorithm text NOT NULL,
    public    text NOT NULL -- PEM
);

-- Scans of the countersigned paper, beside the document they show. They decide
-- nothing: what counts is what was sealed.
CREATE TABLE contract_scans (
    case_id    text NOT NULL,
    sha256     text NOT NULL,
    attachment text NOT NULL CONSTRAINT contract_scans_attachment REFERENCES attachments (id),
    added_by   text NOT NULL,
    added_at   timestamptz NOT NULL,
    CONSTRAINT contract_scans_once PRIMARY KEY (case_id, sha256, attachment),
    FOREIGN KEY (case_id, sha256) REFERENCES contracts (case_id, sha256)
);

-- +goose StatementBegin
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['contracts', 'contract_seals', 'signature_keys', 'contract_scans'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION linli_append_only()', name);
        EXECUTE format('CREATE POLICY worker ON %I TO linli_worker USING (true) WITH CHECK (true)', name);
        EXECUTE format('GRANT SELECT ON %I TO linli_api, linli_worker', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['contracts', 'contract_seals', 'contract_scans'] LOOP
        EXECUTE format('CREATE POLICY case_read ON %I FOR SELECT TO linli_api USING (EXISTS (SELECT 1 FROM cases AS c WHERE c.id = case_id))', name);
    END LOOP;
END $$;
-- +goose StatementEnd
GRANT INSERT ON contracts, contract_seals, signature_keys TO linli_worker;
CREATE POLICY public_read ON signature_keys FOR SELECT TO linli_api USING (linli_public());
-- The offices that sign or keep the papers, in their own name.
GRANT INSERT ON contract_scans TO linli_api;
CREATE POLICY case_add ON contract_scans FOR INSERT TO linli_api WITH CHECK (added_by = linli_person() AND EXISTS (
    SELECT 1 FROM cases AS c WHERE c.id = case_id AND linli_holds_any(ARRAY['handler', 'secretary', 'subdistrict_approver'], c.scope)));

-- +goose Down
DROP TABLE contract_scans, signature_keys, contract_seals, contracts, totp_secrets;
