-- +goose Up

-- The money. A fund is one community's separate account with a charity. Every
-- movement is a transaction of signed postings inside one fund: positive into
-- the account, negative out of it. The database, not the program, guarantees:
--   * a transaction has at least two postings and they add up to zero;
--   * no fund or payee account is below zero at commit;
--   * money moves along the shapes of ledger_shapes and no other way;
--   * nothing booked is changed, and nothing is added to it later;
--   * reserved and in-transit money is exactly what open cases hold.
-- All bookings of one fund queue on the fund's row, the only lock they share,
-- so they cannot deadlock and each sees the result of the one before.

CREATE TABLE charities (
    id                 text PRIMARY KEY,
    scope              text NOT NULL CONSTRAINT charities_scope REFERENCES scopes (path),
    name               text NOT NULL CHECK (name <> ''),
    credit_code        text NOT NULL CONSTRAINT charities_credit_code UNIQUE,
    public_fundraising boolean NOT NULL,
    registered_at      timestamptz NOT NULL,
    registered_by      text NOT NULL
);

CREATE TABLE funds (
    id           text PRIMARY KEY,
    scope        text NOT NULL CONSTRAINT funds_one_per_community UNIQUE
                 CONSTRAINT funds_scope REFERENCES scopes (path)
                 CONSTRAINT funds_community CHECK (scope ~ '^[^/]+(/[^/]+){3}$'),
    charity_id   text NOT NULL CONSTRAINT funds_charity REFERENCES charities (id),
    name         text NOT NULL CHECK (name <> ''),
    agreement_no text NOT NULL CHECK (agreement_no <> ''),
    households   bigint CHECK (households > 0),
    opened_at    timestamptz NOT NULL,
    opened_by    text NOT NULL,
    key          text NOT NULL CONSTRAINT funds_key UNIQUE,
    body_hash    text NOT NULL
);

CREATE TABLE earmarks (
    id         text PRIMARY KEY,
    fund_id    text NOT NULL REFERENCES funds (id),
    purpose    text NOT NULL CHECK (purpose <> ''),
    categories text[] NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (id, fund_id)
);

CREATE TABLE payees (
    id             text PRIMARY KEY,
    scope          text NOT NULL CONSTRAINT payees_scope REFERENCES scopes (path),
    name           text NOT NULL CHECK (name <> ''),
    bank           text NOT NULL CHECK (bank <> ''),
    account_cipher bytea NOT NULL,
    account_masked text NOT NULL,
    account_digest text NOT NULL,
    registered_at  timestamptz NOT NULL,
    registered_by  text NOT NULL,
    CONSTRAINT payees_once UNIQUE (scope, account_digest)
);

CREATE TABLE interests (
    person_id   text NOT NULL CONSTRAINT interests_person REFERENCES persons (id),
    payee_id    text NOT NULL CONSTRAINT interests_payee REFERENCES payees (id),
    relation    text NOT NULL CHECK (relation IN ('self', 'spouse', 'relative', 'employee', 'officer', 'shareholder', 'other')),
    note        text NOT NULL,
    declared_at timestamptz NOT NULL,
    declared_by text NOT NULL,
    CONSTRAINT interests_once PRIMARY KEY (payee_id, person_id, relation)
);

-- A committee is never edited: each change is a new version of the whole
-- list, so what it was on any day stays on record.
CREATE TABLE committees (
    scope   text NOT NULL CONSTRAINT committees_scope REFERENCES scopes (path),
    version integer NOT NULL CHECK (version > 0),
    set_at  timestamptz NOT NULL,
    set_by  text NOT NULL,
    CONSTRAINT committees_version PRIMARY KEY (scope, version)
);

CREATE TABLE committee_members (
    scope     text NOT NULL,
    version   integer NOT NULL,
    position  integer NOT NULL CHECK (position > 0),
    person_id text NOT NULL CONSTRAINT committee_members_person REFERENCES persons (id),
    seats     text[] NOT NULL,
    reserve   boolean NOT NULL,
    PRIMARY KEY (scope, version, position),
    CONSTRAINT committee_members_once UNIQUE (scope, version, person_id),
    FOREIGN KEY (scope, version) REFERENCES committees (scope, version)
);

CREATE TABLE ledger_accounts (
    id         text PRIMARY KEY,
    fund_id    text NOT NULL CONSTRAINT ledger_accounts_fund REFERENCES funds (id),
    kind       text NOT NULL CHECK (kind IN ('fund_available', 'fund_reserved', 'fund_transit', 'earmark_available',
                   'donor', 'operator_share', 'market', 'micro_business', 'payee', 'charity_clearing')),
    earmark_id text,
    payee_id   text CONSTRAINT ledger_accounts_payee REFERENCES payees (id),
    opened_at  timestamptz NOT NULL,
    CHECK ((kind = 'earmark_available') = (earmark_id IS NOT NULL)),
    CHECK ((kind = 'payee') = (payee_id IS NOT NULL)),
    CONSTRAINT ledger_accounts_once UNIQUE NULLS NOT DISTINCT (fund_id, kind, earmark_id, payee_id),
    CONSTRAINT ledger_accounts_earmark FOREIGN KEY (earmark_id, fund_id) REFERENCES earmarks (id, fund_id),
    UNIQUE (id, fund_id)
);

-- xid and began_at together name the database transaction that wrote the row;
-- xid alone could come round again after a restore into a new cluster.
CREATE TABLE ledger_transactions (
    id        text PRIMARY KEY,
    fund_id   text NOT NULL,
    number    bigint NOT NULL,
    kind      text NOT NULL CHECK (kind IN ('opening', 'income', 'reversal', 'reserve', 'release',
                  'send', 'return', 'settle', 'refund', 'recovery')),
    key       text NOT NULL CONSTRAINT ledger_transactions_key UNIQUE,
    body_hash text NOT NULL,
    case_id   text,
    memo      text NOT NULL,
    reverses  text CONSTRAINT ledger_reversed_once UNIQUE,
    at        timestamptz NOT NULL,
    by        text NOT NULL,
    xid       xid8 NOT NULL,
    began_at  timestamptz NOT NULL,
    CHECK ((kind = 'reversal') = (reverses IS NOT NULL)),
    CHECK ((kind IN ('opening', 'income', 'reversal')) = (case_id IS NULL)),
    UNIQUE (id, fund_id),
    CONSTRAINT ledger_transactions_number UNIQUE (fund_id, number),
    CONSTRAINT ledger_reverses FOREIGN KEY (reverses, fund_id) REFERENCES ledger_transactions (id, fund_id)
);
CREATE INDEX ledger_transactions_at ON ledger_transactions (fund_id, at);
CREATE INDEX ledger_transactions_case ON ledger_transactions (case_id) WHERE case_id IS NOT NULL;

-- fund_id in both keys: money never crosses from one community's fund into another's.
CREATE TABLE ledger_postings (
    transaction_id text NOT NULL,
    account_id     text NOT NULL,
    fund_id        text NOT NULL,
    amount         bigint NOT NULL CONSTRAINT ledger_postings_amount
                   CHECK (amount <> 0 AND amount BETWEEN -10000000000000 AND 10000000000000),
    PRIMARY KEY (transaction_id, account_id),
    FOREIGN KEY (transaction_id, fund_id) REFERENCES ledger_transactions (id, fund_id),
    FOREIGN KEY (account_id, fund_id) REFERENCES ledger_accounts (id, fund_id)
);
CREATE INDEX ledger_postings_account ON ledger_postings (account_id);

CREATE TABLE ledger_balances (
    account_id text PRIMARY KEY REFERENCES ledger_accounts (id),
    fund_id    text NOT NULL,
    kind       text NOT NULL,
    balance    bigint NOT NULL
);
CREATE INDEX ledger_balances_fund ON ledger_balances (fund_id);

-- The only ways money moves: which kind of account a kind of transaction may
-- take from (-1) or give to (1). A reversal is checked against its original.
CREATE TABLE ledger_shapes (
    kind         text NOT NULL,
    account_kind text NOT NULL,
    direction    integer NOT NULL CHECK (direction IN (-1, 1)),
    PRIMARY KEY (kind, account_kind, direction)
);
INSERT INTO ledger_shapes (kind, account_kind, direction) VALUES
    ('opening', 'charity_clearing', -1), ('opening', 'fund_available', 1),
    ('income', 'donor', -1), ('income', 'operator_share', -1), ('income', 'market', -1), ('income', 'micro_business', -1),
    ('income', 'fund_available', 1), ('income', 'earmark_available', 1),
    ('reserve', 'fund_available', -1), ('reserve', 'earmark_available', -1), ('reserve', 'fund_reserved', 1),
    ('release', 'fund_reserved', -1), ('release', 'fund_available', 1), ('release', 'earmark_available', 1),
    ('send', 'fund_reserved', -1), ('send', 'fund_transit', 1),
    ('return', 'fund_transit', -1), ('return', 'fund_reserved', 1),
    ('settle', 'fund_transit', -1), ('settle', 'payee', 1),
    ('refund', 'payee', -1), ('refund', 'fund_available', 1), ('refund', 'earmark_available', 1),
    ('recovery', 'payee', -1), ('recovery', 'fund_available', 1), ('recovery', 'earmark_available', 1);

-- One row per attempt of a case to hold money; at most one is live or paid.
CREATE TABLE reservations (
    case_id        text NOT NULL,
    attempt        integer NOT NULL CHECK (attempt > 0),
    fund_id        text NOT NULL REFERENCES funds (id),
    earmark_id     text,
    amount         bigint NOT NULL CHECK (amount > 0),
    status         text NOT NULL CHECK (status IN ('held', 'in_transit', 'paid', 'released')),
    payee_id       text REFERENCES payees (id),
    payment_key    text,
    gateway        text,
    bank_reference text,
    returned       bigint NOT NULL DEFAULT 0,
    reserved_at    timestamptz NOT NULL,
    changed_at     timestamptz NOT NULL,
    PRIMARY KEY (case_id, attempt),
    CONSTRAINT reservations_earmark FOREIGN KEY (earmark_id, fund_id) REFERENCES earmarks (id, fund_id),
    CONSTRAINT reservations_returned CHECK (returned BETWEEN 0 AND amount AND (returned = 0 OR status = 'paid')),
    CHECK ((status IN ('in_transit', 'paid')) = (payment_key IS NOT NULL AND payee_id IS NOT NULL)),
    CHECK ((status = 'paid') = (bank_reference IS NOT NULL AND gateway IS NOT NULL))
);
CREATE UNIQUE INDEX reservations_one_live ON reservations (case_id) WHERE status <> 'released';
CREATE UNIQUE INDEX reservations_paid_once ON reservations (case_id) WHERE status = 'paid';
CREATE UNIQUE INDEX reservations_bank_reference ON reservations (gateway, bank_reference);
CREATE INDEX reservations_open ON reservations (fund_id, status) WHERE status IN ('held', 'in_transit');

-- Money that came back from a payee, by refund or recovery.
CREATE TABLE refunds (
    transaction_id text PRIMARY KEY REFERENCES ledger_transactions (id),
    case_id        text NOT NULL,
    attempt        integer NOT NULL,
    amount         bigint NOT NULL CHECK (amount > 0),
    bank_reference text NOT NULL CONSTRAINT refunds_bank_reference UNIQUE,
    FOREIGN KEY (case_id, attempt) REFERENCES reservations (case_id, attempt)
);

-- Every income is booked as a donation and has one receipt record, which is
-- either an official receipt or the reason why there is none (Charity Law art. 38).
CREATE TABLE incomes (
    id                text PRIMARY KEY,
    fund_id           text NOT NULL,
    transaction_id    text NOT NULL UNIQUE,
    kind              text NOT NULL CHECK (kind IN ('resident_donation', 'directed_donation', 'operator_share',
                          'market_income', 'micro_business')),
    amount            bigint NOT NULL CHECK (amount > 0),
    earmark_id        text UNIQUE,
    payer             text NOT NULL,
    payer_credit_code text NOT NULL,
    anonymous         boolean NOT NULL,
    memo              text NOT NULL,
    received_on       date NOT NULL,
    recorded_at       timestamptz NOT NULL,
    recorded_by       text NOT NULL,
    CHECK ((kind = 'directed_donation') = (earmark_id IS NOT NULL)),
    CHECK (anonymous = (payer = '')),
    UNIQUE (id, amount),
    FOREIGN KEY (transaction_id, fund_id) REFERENCES ledger_transactions (id, fund_id),
    FOREIGN KEY (earmark_id, fund_id) REFERENCES earmarks (id, fund_id)
);
CREATE INDEX incomes_fund ON incomes (fund_id, id);

CREATE TABLE donation_receipts (
    income_id text PRIMARY KEY,
    code      text NOT NULL,
    number    text NOT NULL,
    item      text NOT NULL CHECK (item <> ''),
    payer     text NOT NULL,
    amount    bigint NOT NULL,
    issued_on date NOT NULL,
    absence   text NOT NULL CHECK (absence IN ('', 'anonymous', 'waived')),
    reason    text NOT NULL,
    CONSTRAINT donation_receipts_or_reason CHECK (
        (absence = '' AND code <> '' AND number <> '' AND reason = '')
        OR (absence <> '' AND code = '' AND number = '' AND reason <> '')),
    FOREIGN KEY (income_id, amount) REFERENCES incomes (id, amount)
);
CREATE UNIQUE INDEX donation_receipts_number ON donation_receipts (code, number) WHERE absence = '';
ALTER TABLE incomes ADD CONSTRAINT incomes_receipt FOREIGN KEY (id) REFERENCES donation_receipts (income_id)
    DEFERRABLE INITIALLY DEFERRED;

-- +goose StatementBegin
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['charities', 'funds', 'earmarks', 'payees', 'interests', 'committees', 'committee_members',
        'ledger_accounts', 'ledger_transactions', 'ledger_postings', 'ledger_shapes', 'refunds', 'incomes', 'donation_receipts'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I '
            'FOR EACH STATEMENT EXECUTE FUNCTION linli_append_only()', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['ledger_balances', 'reservations'] LOOP
        EXECUTE format('CREATE TRIGGER never_removed BEFORE DELETE OR TRUNCATE ON %I '
            'FOR EACH STATEMENT EXECUTE FUNCTION linli_append_only()', name);
    END LOOP;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION funds_need_qualified_charity() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM charities WHERE id = NEW.charity_id AND public_fundraising) THEN
        RAISE EXCEPTION 'charity % may not raise funds from the public', NEW.charity_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'funds_charity_qualified';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER qualified_charity BEFORE INSERT ON funds FOR EACH ROW EXECUTE FUNCTION funds_need_qualified_charity();

-- A fund is born with its accounts, a directed donation with its own.
-- +goose StatementBegin
CREATE FUNCTION ledger_open_fund() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO ledger_accounts (id, fund_id, kind, opened_at)
    SELECT NEW.id || '/' || kind, NEW.id, kind, NEW.opened_at
    FROM unnest(ARRAY['fund_available', 'fund_reserved', 'fund_transit', 'donor', 'operator_share',
                      'market', 'micro_business', 'charity_clearing']) AS kind;
    RETURN NULL;
END $$;

CREATE FUNCTION ledger_open_earmark() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO ledger_accounts (id, fund_id, kind, earmark_id, opened_at)
    VALUES (NEW.fund_id || '/' || NEW.id, NEW.fund_id, 'earmark_available', NEW.id, NEW.created_at);
    RETURN NULL;
END $$;

CREATE FUNCTION ledger_open_balance() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO ledger_balances (account_id, fund_id, kind, balance) VALUES (NEW.id, NEW.fund_id, NEW.kind, 0);
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER open_accounts AFTER INSERT ON funds FOR EACH ROW EXECUTE FUNCTION ledger_open_fund();
CREATE TRIGGER open_account AFTER INSERT ON earmarks FOR EACH ROW EXECUTE FUNCTION ledger_open_earmark();
CREATE TRIGGER open_balance AFTER INSERT ON ledger_accounts FOR EACH ROW EXECUTE FUNCTION ledger_open_balance();

-- Locks the fund, gives the transaction the fund's next voucher number, and
-- never books it earlier than the one before: a balance of the past, once
-- read, stays what it was.
-- +goose StatementBegin
CREATE FUNCTION ledger_begin() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    last record;
    original record;
BEGIN
    PERFORM 1 FROM funds WHERE id = NEW.fund_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no fund %', NEW.fund_id USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'ledger_transactions_fund';
    END IF;
    SELECT number, at INTO last FROM ledger_transactions WHERE fund_id = NEW.fund_id ORDER BY number DESC LIMIT 1;
    NEW.number := coalesce(last.number, 0) + 1;
    NEW.at := greatest(NEW.at, last.at);
    NEW.xid := pg_current_xact_id();
    NEW.began_at := transaction_timestamp();
    IF NEW.reverses IS NOT NULL THEN
        SELECT kind INTO original FROM ledger_transactions WHERE id = NEW.reverses;
        IF original.kind NOT IN ('income', 'opening') THEN
            RAISE EXCEPTION 'a % is undone by its own counter-movement, not reversed', original.kind
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_reversible';
        END IF;
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION ledger_post() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM ledger_transactions WHERE id = NEW.transaction_id
                   AND xid = pg_current_xact_id() AND began_at = transaction_timestamp()) THEN
        RAISE EXCEPTION 'transaction % is closed', NEW.transaction_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_closed';
    END IF;
    UPDATE ledger_balances SET balance = balance + NEW.amount WHERE account_id = NEW.account_id;
    RETURN NULL;
END $$;

-- Postings reach a balance only through ledger_post: one trigger above this one.
CREATE FUNCTION ledger_balance_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 OR NEW.account_id <> OLD.account_id OR NEW.fund_id <> OLD.fund_id OR NEW.kind <> OLD.kind THEN
        RAISE EXCEPTION 'balances follow from postings' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_balance_forged';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER begin_booking BEFORE INSERT ON ledger_transactions FOR EACH ROW EXECUTE FUNCTION ledger_begin();
CREATE TRIGGER post AFTER INSERT ON ledger_postings FOR EACH ROW EXECUTE FUNCTION ledger_post();
CREATE TRIGGER guard BEFORE UPDATE ON ledger_balances FOR EACH ROW EXECUTE FUNCTION ledger_balance_guard();

-- +goose StatementBegin
CREATE FUNCTION ledger_check_transaction(checked text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    booked record;
    total record;
BEGIN
    SELECT id, kind, reverses INTO booked FROM ledger_transactions WHERE id = checked;
    SELECT count(*) AS postings, coalesce(sum(amount), 0) AS balance INTO total FROM ledger_postings WHERE transaction_id = checked;
    IF total.postings < 2 OR total.balance <> 0 THEN
        RAISE EXCEPTION 'transaction %: % postings adding up to %', checked, total.postings, total.balance
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_balanced';
    END IF;
    IF booked.kind = 'income' AND NOT EXISTS (SELECT 1 FROM incomes WHERE transaction_id = checked) THEN
        RAISE EXCEPTION 'transaction % is an income without its record', checked
            USING ERRCODE = 'check_violation', CONSTRAINT = 'income_recorded';
    END IF;
    IF booked.kind = 'reversal' THEN
        IF EXISTS ((SELECT account_id, -amount FROM ledger_postings WHERE transaction_id = booked.reverses
                    EXCEPT SELECT account_id, amount FROM ledger_postings WHERE transaction_id = checked)
                   UNION ALL
                   (SELECT account_id, amount FROM ledger_postings WHERE transaction_id = checked
                    EXCEPT SELECT account_id, -amount FROM ledger_postings WHERE transaction_id = booked.reverses)) THEN
            RAISE EXCEPTION 'transaction % is not the mirror of %', checked, booked.reverses
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_mirror';
        END IF;
    ELSIF EXISTS (SELECT 1 FROM ledger_postings p JOIN ledger_accounts a ON a.id = p.account_id
                  WHERE p.transaction_id = checked AND NOT EXISTS (SELECT 1 FROM ledger_shapes s
                      WHERE s.kind = booked.kind AND s.account_kind = a.kind AND s.direction = sign(p.amount))) THEN
        RAISE EXCEPTION 'transaction %: a % does not move money this way', checked, booked.kind
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_shape';
    END IF;
END $$;

CREATE FUNCTION ledger_transaction_checked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN PERFORM ledger_check_transaction(NEW.id); RETURN NULL; END $$;

CREATE FUNCTION ledger_posting_checked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN PERFORM ledger_check_transaction(NEW.transaction_id); RETURN NULL; END $$;

-- What an income record says is what its transaction booked: amount, source
-- and, for a directed donation, the earmark.
CREATE FUNCTION income_checked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF (SELECT count(*) FROM ledger_postings p JOIN ledger_accounts a ON a.id = p.account_id
            JOIN ledger_transactions t ON t.id = p.transaction_id
        WHERE t.id = NEW.transaction_id AND t.kind = 'income' AND (
            (p.amount = -NEW.amount AND a.kind = CASE NEW.kind WHEN 'operator_share' THEN 'operator_share'
                WHEN 'market_income' THEN 'market' WHEN 'micro_business' THEN 'micro_business' ELSE 'donor' END)
            OR (p.amount = NEW.amount AND a.kind IN ('fund_available', 'earmark_available')
                AND a.earmark_id IS NOT DISTINCT FROM NEW.earmark_id))) <> 2 THEN
        RAISE EXCEPTION 'income % is not what transaction % booked', NEW.id, NEW.transaction_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'income_booked';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION ledger_balance_checked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    present bigint;
    held numeric;
BEGIN
    SELECT balance INTO present FROM ledger_balances WHERE account_id = NEW.account_id;
    IF present < 0 AND NEW.kind IN ('fund_available', 'fund_reserved', 'fund_transit', 'earmark_available', 'payee') THEN
        RAISE EXCEPTION 'account % would stand at %', NEW.account_id, present
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_not_negative';
    END IF;
    IF NEW.kind IN ('fund_reserved', 'fund_transit') THEN
        SELECT coalesce(sum(amount), 0) INTO held FROM reservations WHERE fund_id = NEW.fund_id
            AND status = CASE NEW.kind WHEN 'fund_reserved' THEN 'held' ELSE 'in_transit' END;
        IF held <> present THEN
            RAISE EXCEPTION 'account % stands at %, cases hold %', NEW.account_id, present, held
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_reserved';
        END IF;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION reservation_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'held' THEN
            RAISE EXCEPTION 'a reservation starts held' USING ERRCODE = 'check_violation', CONSTRAINT = 'reservation_step';
        END IF;
        RETURN NEW;
    END IF;
    IF (OLD.case_id, OLD.attempt, OLD.fund_id, OLD.amount, OLD.reserved_at) IS DISTINCT FROM
       (NEW.case_id, NEW.attempt, NEW.fund_id, NEW.amount, NEW.reserved_at)
       OR OLD.earmark_id IS DISTINCT FROM NEW.earmark_id
       OR (OLD.status, NEW.status) NOT IN (('held', 'in_transit'), ('held', 'released'), ('in_transit', 'paid'),
                                           ('in_transit', 'held'), ('paid', 'paid'))
       OR NEW.returned < OLD.returned
       OR (OLD.status IN ('in_transit', 'paid') AND NEW.status = 'paid'
           AND (OLD.payee_id, OLD.payment_key) IS DISTINCT FROM (NEW.payee_id, NEW.payment_key))
       OR (OLD.status = 'paid' AND (OLD.gateway, OLD.bank_reference) IS DISTINCT FROM (NEW.gateway, NEW.bank_reference)) THEN
        RAISE EXCEPTION 'reservation of case %: % cannot become %', OLD.case_id, OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reservation_step';
    END IF;
    RETURN NEW;
END $$;

-- A change of status without its movement in the ledger, or the reverse, ends
-- the database transaction, whichever of the two came first.
CREATE FUNCTION reservation_checked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE wrong text;
BEGIN
    SELECT b.account_id INTO wrong FROM ledger_balances b
    WHERE b.fund_id = NEW.fund_id AND b.kind IN ('fund_reserved', 'fund_transit')
      AND b.balance <> (SELECT coalesce(sum(r.amount), 0) FROM reservations r WHERE r.fund_id = NEW.fund_id
          AND r.status = CASE b.kind WHEN 'fund_reserved' THEN 'held' ELSE 'in_transit' END);
    IF FOUND THEN
        RAISE EXCEPTION 'account % does not stand at what cases hold', wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_reserved';
    END IF;
    IF NEW.returned <> (SELECT coalesce(sum(amount), 0) FROM refunds WHERE case_id = NEW.case_id AND attempt = NEW.attempt) THEN
        RAISE EXCEPTION 'case %: returned money without its refund records', NEW.case_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'refunds_recorded';
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON ledger_transactions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_transaction_checked();
CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON ledger_postings
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_posting_checked();
CREATE CONSTRAINT TRIGGER checked AFTER UPDATE ON ledger_balances
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_balance_checked();
CREATE CONSTRAINT TRIGGER booked AFTER INSERT ON incomes
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION income_checked();
CREATE TRIGGER step BEFORE INSERT OR UPDATE ON reservations FOR EACH ROW EXECUTE FUNCTION reservation_step();
CREATE CONSTRAINT TRIGGER checked AFTER INSERT OR UPDATE ON reservations
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION reservation_checked();

-- Who may do what. Neither role may touch a balance; only the worker moves
-- reservations; the API books income and its reversal, and cannot read an
-- account number even when it wrote it.
GRANT SELECT ON charities, funds, earmarks, interests, committees, committee_members, ledger_accounts, ledger_transactions,
    ledger_postings, ledger_balances, reservations, refunds, incomes, donation_receipts TO linli_api, linli_worker;
GRANT INSERT ON charities, funds, earmarks, interests, committees, committee_members, payees, ledger_transactions,
    ledger_postings, incomes, donation_receipts TO linli_api;
GRANT SELECT (id, scope, name, bank, account_masked, account_digest, registered_at, registered_by) ON payees TO linli_api;
GRANT SELECT ON payees TO linli_worker;
GRANT INSERT ON ledger_accounts, ledger_transactions, ledger_postings, reservations, refunds TO linli_worker;
GRANT UPDATE (status, payee_id, payment_key, gateway, bank_reference, returned, changed_at) ON reservations TO linli_worker;

-- +goose StatementBegin
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['charities', 'funds', 'earmarks', 'payees', 'interests', 'committees', 'committee_members',
        'ledger_accounts', 'ledger_transactions', 'ledger_postings', 'ledger_balances', 'reservations', 'refunds',
        'incomes', 'donation_receipts'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY worker ON %I TO linli_worker USING (true) WITH CHECK (true)', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['funds', 'payees', 'committees', 'committee_members'] LOOP
        EXECUTE format('CREATE POLICY readable ON %I FOR SELECT TO linli_api USING (linli_sees(scope))', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['committees', 'committee_members'] LOOP
        EXECUTE format('CREATE POLICY addable ON %I FOR INSERT TO linli_api '
            'WITH CHECK (linli_holds(''secretary'', scope) OR linli_holds(''administrator'', scope))', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['earmarks', 'ledger_accounts', 'ledger_transactions', 'ledger_postings', 'ledger_balances',
        'reservations', 'incomes'] LOOP
        EXECUTE format('CREATE POLICY readable ON %I FOR SELECT TO linli_api USING (fund_id IN (SELECT f.id FROM funds f))', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['earmarks', 'incomes'] LOOP
        EXECUTE format('CREATE POLICY addable ON %I FOR INSERT TO linli_api WITH CHECK '
            '(fund_id IN (SELECT f.id FROM funds f WHERE linli_holds(''charity_officer'', f.scope)))', name);
    END LOOP;
END $$;
-- +goose StatementEnd
CREATE POLICY readable ON charities FOR SELECT TO linli_api USING (true);
CREATE POLICY addable ON charities FOR INSERT TO linli_api WITH CHECK (linli_holds('administrator', scope));
CREATE POLICY addable ON funds FOR INSERT TO linli_api
    WITH CHECK (linli_holds('charity_officer', scope) OR linli_holds('administrator', scope));
CREATE POLICY addable ON payees FOR INSERT TO linli_api WITH CHECK (linli_holds('handler', scope));
CREATE POLICY addable ON ledger_transactions FOR INSERT TO linli_api WITH CHECK (fund_id IN (SELECT f.id FROM funds f
    WHERE (kind IN ('opening', 'income', 'reversal') AND linli_holds('charity_officer', f.scope))
       OR (kind = 'opening' AND linli_holds('administrator', f.scope))));
CREATE POLICY addable ON ledger_postings FOR INSERT TO linli_api
    WITH CHECK (transaction_id IN (SELECT t.id FROM ledger_transactions t));
CREATE POLICY readable ON refunds FOR SELECT TO linli_api USING (transaction_id IN (SELECT t.id FROM ledger_transactions t));
CREATE POLICY readable ON donation_receipts FOR SELECT TO linli_api USING (income_id IN (SELECT i.id FROM incomes i));
CREATE POLICY addable ON donation_receipts FOR INSERT TO linli_api WITH CHECK (income_id IN (SELECT i.id FROM incomes i));
CREATE POLICY readable ON interests FOR SELECT TO linli_api USING (payee_id IN (SELECT p.id FROM payees p));
CREATE POLICY addable ON interests FOR INSERT TO linli_api WITH CHECK (payee_id IN (SELECT p.id FROM payees p));

-- +goose Down
DROP TABLE donation_receipts, incomes, refunds, reservations, ledger_shapes, ledger_balances, ledger_postings,
    ledger_transactions, ledger_accounts, committee_members, committees, interests, payees, earmarks, funds, charities CASCADE;
DROP FUNCTION reservation_checked, reservation_step, ledger_balance_checked, ledger_posting_checked,
    ledger_transaction_checked, ledger_check_transaction, ledger_balance_guard, ledger_post, ledger_begin,
    ledger_open_balance, ledger_open_earmark, ledger_open_fund, income_checked, funds_need_qualified_charity;
