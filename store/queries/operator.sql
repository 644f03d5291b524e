-- name: InsertOperator :exec
INSERT INTO operators (id, scope, name, credit_code, code_reason, name_reason, kind, legal_representative, founded_on, address,
    version, registered_at, registered_by, changed_at, changed_by, change_reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $12, $11, $12, '');

-- name: ChangeOperator :execrows
UPDATE operators SET name = @name, credit_code = @credit_code, code_reason = @code_reason, name_reason = @name_reason, kind = @kind,
    legal_representative = @legal_representative, founded_on = @founded_on, address = @address,
    version = version + 1, changed_at = @changed_at, changed_by = @changed_by, change_reason = @change_reason
WHERE id = @id AND version = @version;

-- name: SetOperatorContact :exec
INSERT INTO operator_contacts (operator_id, scope, contact, phone, changed_at, changed_by) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (operator_id) DO UPDATE SET contact = excluded.contact, phone = excluded.phone, changed_at = excluded.changed_at, changed_by = excluded.changed_by;

-- name: Operators :many
SELECT o.id, o.scope, o.name, o.credit_code, o.code_reason, o.name_reason, o.kind, o.legal_representative, o.founded_on, o.address,
    o.version, o.registered_at, o.registered_by, o.changed_at, o.changed_by, coalesce(c.contact, '') AS contact, coalesce(c.phone, '') AS phone
FROM operators o LEFT JOIN operator_contacts c ON c.operator_id = o.id
WHERE (@before::text = '' OR o.id < @before::text)
  AND (@search::text = '' OR strpos(o.name, @search::text) > 0 OR o.credit_code = @search::text)
  AND (@mine::text = '' OR EXISTS (SELECT 1 FROM operator_people p WHERE p.operator_id = o.id AND p.person_id = @mine::text AND p.ended_at IS NULL))
ORDER BY o.id DESC LIMIT @up_to;

-- name: Operator :one
SELECT o.id, o.scope, o.name, o.credit_code, o.code_reason, o.name_reason, o.kind, o.legal_representative, o.founded_on, o.address,
    o.version, o.registered_at, o.registered_by, o.changed_at, o.changed_by, coalesce(c.contact, '') AS contact, coalesce(c.phone, '') AS phone
FROM operators o LEFT JOIN operator_contacts c ON c.operator_id = o.id WHERE o.id = $1;

-- name: OperatorNames :many
SELECT id, name, credit_code FROM operators WHERE id <> @without::text ORDER BY id;

-- name: OperatorVersions :many
SELECT version, content, at, by FROM operator_versions WHERE id = $1 ORDER BY version DESC;

-- Delivered again it is the link made first, even if that has ended since.
-- name: LinkOperatorPerson :exec
INSERT INTO operator_people (id, operator_id, person_id, position, linked_at, linked_by) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (id) DO NOTHING;

-- Delivered again it finds what it has ended, and leaves alone what began since.
-- name: EndOperatorPerson :execrows
UPDATE operator_people SET ended_at = @ended_at, ended_by = @ended_by, end_reason = @end_reason
WHERE operator_id = @operator_id AND person_id = @person_id AND linked_at <= @ended_at
  AND (ended_at IS NULL OR (ended_at = @ended_at AND ended_by = @ended_by));

-- name: RunningCasesOf :many
SELECT case_id::text FROM linli_running_cases_of(@operator_id::text) AS case_id;

-- name: OperatorPeople :many
SELECT p.person_id, coalesce(n.name, '') AS name, p.position, p.linked_at, p.linked_by, p.ended_at, coalesce(p.ended_by, '') AS ended_by, p.end_reason
FROM operator_people p LEFT JOIN persons n ON n.id = p.person_id WHERE p.operator_id = $1 ORDER BY p.linked_at, p.id;

-- name: ActsFor :one
SELECT EXISTS (SELECT 1 FROM operator_people p WHERE p.operator_id = @operator_id AND p.person_id = @person_id AND p.ended_at IS NULL);
