-- name: InsertObjection :execrows
INSERT INTO objections (id, notice_id, case_id, scope, text, receipt_hash, filed_at)
SELECT @id, n.id, n.case_id, n.scope, @text, @receipt_hash, @filed_at FROM notices AS n WHERE n.id = @notice_id
ON CONFLICT (id) DO NOTHING;

-- name: ObjectionByID :one
SELECT * FROM objections WHERE id = @id;

-- name: InsertObjectionContact :exec
INSERT INTO objection_contacts (objection_id, scope, contact) SELECT o.id, o.scope, @contact FROM objections AS o WHERE o.id = @objection_id;

-- name: InsertObjectionAnswer :execrows
INSERT INTO objection_answers (objection_id, status, answer, answered_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (objection_id) DO NOTHING;

-- name: ObjectionAnswer :one
SELECT * FROM objection_answers WHERE objection_id = @objection_id;

-- name: ObjectionsOf :many
SELECT o.id, o.notice_id, o.text, o.filed_at, coalesce(a.status, 'filed')::text AS status, coalesce(a.answer, '')::text AS answer, a.answered_at
FROM objections AS o LEFT JOIN objection_answers AS a ON a.objection_id = o.id
WHERE o.notice_id = ANY (@notice_ids::text[])
ORDER BY o.filed_at, o.id;

-- name: ObjectionByReceipt :one
SELECT o.id, o.text, o.filed_at, coalesce(a.status, 'filed')::text AS status, coalesce(a.answer, '')::text AS answer, a.answered_at
FROM objections AS o LEFT JOIN objection_answers AS a ON a.objection_id = o.id
WHERE o.receipt_hash = @receipt_hash;

-- name: ObjectionsOfCase :many
SELECT o.id, o.notice_id, o.case_id, o.text, o.filed_at, coalesce(k.contact, '')::text AS contact,
       coalesce(a.status, 'filed')::text AS status, coalesce(a.answer, '')::text AS answer, a.answered_at
FROM objections AS o
LEFT JOIN objection_contacts AS k ON k.objection_id = o.id
LEFT JOIN objection_answers AS a ON a.objection_id = o.id
WHERE o.case_id = @case_id
ORDER BY o.filed_at, o.id;
