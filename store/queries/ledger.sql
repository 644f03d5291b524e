-- name: BookTransaction :execrows
INSERT INTO ledger_transactions (id, fund_id, kind, key, body_hash, case_id, memo, reverses, at, by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (key) DO NOTHING;

-- name: TransactionByKey :one
SELECT id, fund_id, number, kind, key, body_hash, case_id, memo, reverses, at, by FROM ledger_transactions WHERE key = $1;

-- name: PostTransfer :exec
INSERT INTO ledger_postings (transaction_id, account_id, fund_id, amount)
VALUES (@booked::text, @source::text, @fund::text, -(@amount::bigint)), (@booked::text, @destination::text, @fund::text, @amount::bigint);

-- name: PostMirror :exec
INSERT INTO ledger_postings (transaction_id, account_id, fund_id, amount)
SELECT @reversal::text, o.account_id, o.fund_id, -o.amount FROM ledger_postings o WHERE o.transaction_id = @original::text;

-- name: AccountBalance :one
SELECT balance FROM ledger_balances WHERE account_id = $1;

-- name: OpenPayeeAccount :exec
INSERT INTO ledger_accounts (id, fund_id, kind, payee_id, opened_at)
VALUES ($1, $2, 'payee', $3, $4) ON CONFLICT DO NOTHING;

-- name: LiveReservation :one
SELECT * FROM reservations WHERE case_id = $1 AND status <> 'released';

-- name: CaseFund :one
SELECT fund_id FROM reservations WHERE case_id = $1 ORDER BY attempt DESC LIMIT 1;

-- name: InsertReservation :exec
INSERT INTO reservations (case_id, attempt, fund_id, earmark_id, amount, status, reserved_at, changed_at)
SELECT @case_id, coalesce(max(attempt), 0) + 1, @fund_id, sqlc.narg('earmark_id')::text, @amount, 'held', @at, @at
FROM reservations WHERE case_id = @case_id;

-- name: ReleaseReservation :execrows
UPDATE reservations SET status = 'released', changed_at = @at WHERE case_id = @case_id AND status = 'held';

-- name: SendReservation :execrows
UPDATE reservations SET status = 'in_transit', payee_id = @payee_id::text, payment_key = @payment_key::text, changed_at = @at
WHERE case_id = @case_id AND status = 'held';

-- name: SettleReservation :execrows
UPDATE reservations SET status = 'paid', gateway = @gateway::text, bank_reference = @bank_reference::text, changed_at = @at
WHERE case_id = @case_id AND status = 'in_transit' AND payment_key = @payment_key::text;

-- name: ReturnReservation :execrows
UPDATE reservations SET status = 'held', payee_id = NULL, payment_key = NULL, changed_at = @at
WHERE case_id = @case_id AND status = 'in_transit' AND payment_key = @payment_key::text;

-- name: GrowReturned :exec
UPDATE reservations SET returned = returned + @amount, changed_at = @at WHERE case_id = @case_id AND status = 'paid';

-- name: InsertRefund :exec
INSERT INTO refunds (transaction_id, case_id, attempt, amount, bank_reference) VALUES ($1, $2, $3, $4, $5);

-- name: Reconcile :many
SELECT f.id AS fund_id, 'balance'::text AS rule, b.account_id AS subject, b.balance AS booked,
       coalesce((SELECT sum(p.amount) FROM ledger_postings p WHERE p.account_id = b.account_id), 0)::bigint AS derived
FROM funds f JOIN ledger_balances b ON b.fund_id = f.id
WHERE b.balance <> coalesce((SELECT sum(p.amount) FROM ledger_postings p WHERE p.account_id = b.account_id), 0)
UNION ALL
SELECT b.fund_id, CASE b.kind WHEN 'fund_reserved' THEN 'reserved' ELSE 'transit' END, b.account_id, b.balance,
       coalesce((SELECT sum(r.amount) FROM reservations r WHERE r.fund_id = b.fund_id
                 AND r.status = CASE b.kind WHEN 'fund_reserved' THEN 'held' ELSE 'in_transit' END), 0)::bigint
FROM ledger_balances b WHERE b.kind IN ('fund_reserved', 'fund_transit')
  AND b.balance <> coalesce((SELECT sum(r.amount) FROM reservations r WHERE r.fund_id = b.fund_id
                 AND r.status = CASE b.kind WHEN 'fund_reserved' THEN 'held' ELSE 'in_transit' END), 0)
UNION ALL
SELECT b.fund_id, 'negative', b.account_id, b.balance, 0::bigint
FROM ledger_balances b WHERE b.balance < 0
  AND b.kind IN ('fund_available', 'fund_reserved', 'fund_transit', 'earmark_available', 'payee')
UNION ALL
SELECT t.fund_id, 'unbalanced', t.id, coalesce(sum(p.amount), 0)::bigint, 0::bigint
FROM ledger_transactions t LEFT JOIN ledger_postings p ON p.transaction_id = t.id
GROUP BY t.fund_id, t.id HAVING count(p.amount) < 2 OR sum(p.amount) <> 0
UNION ALL
SELECT i.fund_id, 'income', i.id, i.amount, coalesce(sum(p.amount), 0)::bigint
FROM incomes i LEFT JOIN ledger_postings p ON p.transaction_id = i.transaction_id AND p.amount > 0
GROUP BY i.fund_id, i.id, i.amount HAVING i.amount <> coalesce(sum(p.amount), 0)
UNION ALL
SELECT a.fund_id, 'paid', a.id, b.balance, coalesce((SELECT sum(r.amount - r.returned) FROM reservations r
    WHERE r.fund_id = a.fund_id AND r.payee_id = a.payee_id AND r.status = 'paid'), 0)::bigint
FROM ledger_accounts a JOIN ledger_balances b ON b.account_id = a.id
WHERE a.kind = 'payee' AND b.balance <> coalesce((SELECT sum(r.amount - r.returned) FROM reservations r
    WHERE r.fund_id = a.fund_id AND r.payee_id = a.payee_id AND r.status = 'paid'), 0)
ORDER BY 1, 2, 3;

-- name: HoldingOf :one
SELECT * FROM reservations WHERE case_id = $1 ORDER BY attempt DESC LIMIT 1;
