-- name: InsertEarmark :exec
INSERT INTO earmarks (id, fund_id, purpose, categories, created_at) VALUES ($1, $2, $3, $4, $5);

-- name: InsertIncome :exec
INSERT INTO incomes (id, fund_id, transaction_id, kind, amount, earmark_id, payer, payer_credit_code, anonymous, memo,
    received_on, recorded_at, recorded_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- name: InsertReceipt :exec
INSERT INTO donation_receipts (income_id, code, number, item, payer, amount, issued_on, absence, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: Incomes :many
SELECT i.id, i.fund_id, i.transaction_id, i.kind, i.amount, i.earmark_id, i.payer, i.payer_credit_code, i.anonymous, i.memo,
    i.received_on, i.recorded_at, i.recorded_by, e.purpose, e.categories,
    r.code, r.number, r.item, r.issued_on, r.absence, r.reason,
    u.id AS reversal_id, u.memo AS reversal_reason, u.at AS reversed_at, u.by AS reversed_by
FROM incomes i JOIN donation_receipts r ON r.income_id = i.id
    LEFT JOIN earmarks e ON e.id = i.earmark_id
    LEFT JOIN ledger_transactions u ON u.reverses = i.transaction_id
WHERE (i.fund_id = @fund_id::text AND (@before::text = '' OR i.id < @before::text)) OR i.id = @income_id::text OR i.transaction_id = @entry_id::text
ORDER BY i.id DESC LIMIT @up_to;
