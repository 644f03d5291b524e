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

-- +goose Down
DROP TABLE totp_secrets;
