-- name: InsertCharity :exec
INSERT INTO charities (id, scope, name, credit_code, public_fundraising, registered_at, registered_by)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: Charities :many
SELECT * FROM charities WHERE (@before::text = '' OR id < @before::text) ORDER BY id DESC LIMIT @up_to;

-- name: InsertFund :exec
INSERT INTO funds (id, scope, charity_id, name, agreement_no, households, opened_at, opened_by, key, body_hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: FundByKey :one
SELECT id, body_hash FROM funds WHERE key = $1;

-- name: Fund :one
SELECT f.id, f.scope, f.charity_id, c.name AS charity_name, f.name, f.agreement_no, f.households, f.opened_at
FROM funds f JOIN charities c ON c.id = f.charity_id WHERE f.id = $1;

-- name: Funds :many
SELECT f.id, f.scope, f.charity_id, c.name AS charity_name, f.name, f.agreement_no, f.households, f.opened_at
FROM funds f JOIN charities c ON c.id = f.charity_id WHERE (@before::text = '' OR f.id < @before::text) ORDER BY f.id DESC LIMIT @up_to;

-- name: BalancesNow :many
SELECT b.fund_id, b.kind, b.balance, e.id AS earmark_id, e.purpose, e.categories
FROM ledger_balances b JOIN ledger_accounts a ON a.id = b.account_id LEFT JOIN earmarks e ON e.id = a.earmark_id
WHERE b.fund_id = ANY(@funds::text[]) AND b.kind IN ('fund_available', 'fund_reserved', 'fund_transit', 'earmark_available')
ORDER BY b.fund_id, e.id;

-- name: BalancesAt :many
SELECT a.fund_id, a.kind, coalesce(sum(p.amount) FILTER (WHERE t.at <= @at), 0)::bigint AS balance,
       e.id AS earmark_id, e.purpose, e.categories
FROM ledger_accounts a
    LEFT JOIN ledger_postings p ON p.account_id = a.id
    LEFT JOIN ledger_transactions t ON t.id = p.transaction_id
    LEFT JOIN earmarks e ON e.id = a.earmark_id
WHERE a.fund_id = @fund_id AND a.kind IN ('fund_available', 'fund_reserved', 'fund_transit', 'earmark_available')
    AND a.opened_at <= @at
GROUP BY a.id, e.id ORDER BY e.id;

-- name: Entries :many
SELECT id, number, kind, case_id, memo, reverses, at, by FROM ledger_transactions
WHERE fund_id = @fund_id AND number < @before ORDER BY number DESC LIMIT @up_to;

-- name: EntryLines :many
SELECT p.transaction_id, a.kind, a.earmark_id, a.payee_id, p.amount
FROM ledger_postings p JOIN ledger_accounts a ON a.id = p.account_id
WHERE p.transaction_id = ANY(@entries::text[]) ORDER BY p.transaction_id, p.amount, p.account_id;

-- name: FundNumbers :one
SELECT f.scope, f.households,
    coalesce((SELECT b.balance FROM ledger_balances b WHERE b.account_id = f.id || '/fund_available'), 0)::bigint AS available,
    coalesce((SELECT b.balance FROM ledger_balances b WHERE b.account_id = f.id || '/fund_reserved'), 0)::bigint AS reserved,
    coalesce((SELECT sum(p.amount) FROM ledger_postings p JOIN ledger_accounts a ON a.id = p.account_id
        JOIN ledger_transactions t ON t.id = p.transaction_id
        WHERE a.fund_id = f.id AND a.kind = 'payee' AND t.at >= @year_start AND t.at <= @at), 0)::bigint AS spent,
    (SELECT count(*) FROM reservations r WHERE r.fund_id = f.id AND r.status IN ('held', 'in_transit')) AS open_cases,
    (SELECT count(*) FROM committee_members m WHERE m.scope = f.scope AND NOT m.reserve
        AND m.version = (SELECT max(c.version) FROM committees c WHERE c.scope = f.scope)) AS members
FROM funds f WHERE f.id = @fund_id;

-- name: EarmarkNumbers :one
SELECT e.categories, b.balance FROM earmarks e JOIN ledger_balances b ON b.account_id = e.fund_id || '/' || e.id
WHERE e.id = @earmark_id AND e.fund_id = @fund_id;

-- name: PayeeNumbers :one
SELECT coalesce((SELECT sum(p.amount) FROM ledger_postings p JOIN ledger_accounts a ON a.id = p.account_id
        JOIN ledger_transactions t ON t.id = p.transaction_id
        WHERE a.payee_id = y.id AND t.at >= @year_start AND t.at <= @at), 0)::bigint AS paid
FROM payees y WHERE y.id = @payee_id;
