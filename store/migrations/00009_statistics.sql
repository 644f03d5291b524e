-- Statistics read what other tables have on record; only the age of a community
-- is stated for them. It is never edited: the latest statement counts from its
-- moment on, and figures of earlier days keep the one before.

-- +goose Up
CREATE TABLE community_ages (
    number    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    scope     text NOT NULL CONSTRAINT community_ages_scope REFERENCES scopes (path)
              CONSTRAINT community_ages_community CHECK (scope ~ '^[^/]+(/[^/]+){3}$'),
    age       text NOT NULL CHECK (age IN ('old', 'new')),
    stated_at timestamptz NOT NULL,
    stated_by text NOT NULL
);
CREATE INDEX community_ages_latest ON community_ages (scope, number DESC);
ALTER TABLE community_ages ENABLE ROW LEVEL SECURITY;
CREATE POLICY community_ages_read ON community_ages FOR SELECT TO linli_api USING (linli_sees(scope));
CREATE POLICY community_ages_add ON community_ages FOR INSERT TO linli_api
    WITH CHECK (stated_by = linli_person() AND linli_holds_any(ARRAY['secretary', 'district_approver', 'administrator'], scope));
GRANT SELECT, INSERT ON community_ages TO linli_api;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON community_ages
    FOR EACH STATEMENT EXECUTE FUNCTION linli_append_only();

-- A moment's figures read a scope's postings in the order they were booked.
CREATE INDEX ledger_transactions_when ON ledger_transactions (at) INCLUDE (fund_id, kind);

-- +goose Down
DROP INDEX ledger_transactions_when;
DROP TABLE community_ages;
