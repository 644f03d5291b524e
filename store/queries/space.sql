-- name: InsertSpace :exec
INSERT INTO spaces (id, scope, code, name, address, ownership, holder, proof, proof_id, use, note, surveyed, flue, fire_exits, closed, rooms,
    built_area, usable_area, version, registered_at, registered_by, changed_at, changed_by, change_reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, 1, $19, $20, $19, $20, '');

-- name: ChangeSpace :execrows
UPDATE spaces SET code = @code, name = @name, address = @address, ownership = @ownership, holder = @holder, proof = @proof, proof_id = @proof_id,
    use = @use, note = @note, surveyed = @surveyed, flue = @flue, fire_exits = @fire_exits, closed = @closed, rooms = @rooms,
    built_area = @built_area, usable_area = @usable_area,
    version = version + 1, changed_at = @changed_at, changed_by = @changed_by, change_reason = @change_reason
WHERE id = @id AND version = @version;

-- name: Spaces :many
SELECT id, scope, code, name, address, ownership, holder, proof, proof_id, use, note, surveyed, flue, fire_exits, closed, rooms,
    version, registered_at, changed_at, changed_by, space_status(space_no, @today::date)::text AS status
FROM spaces WHERE (@before::text = '' OR id < @before::text) AND (@scope::text = '' OR starts_with(scope || '/', @scope::text || '/'))
ORDER BY id DESC LIMIT @up_to;

-- name: Space :one
SELECT id, scope, code, name, address, ownership, holder, proof, proof_id, use, note, surveyed, flue, fire_exits, closed, rooms,
    version, registered_at, changed_at, changed_by, space_status(space_no, @today::date)::text AS status
FROM spaces WHERE id = @id;

-- name: SpacesOf :many
SELECT id, scope, code, name, address, ownership, holder, proof, proof_id, use, note, surveyed, flue, fire_exits, closed, rooms,
    version, registered_at, changed_at, changed_by, space_status(space_no, @today::date)::text AS status
FROM spaces WHERE scope = @scope ORDER BY code;

-- name: LockSpacesOf :many
SELECT id, scope, code, name, address, ownership, holder, proof, proof_id, use, note, surveyed, flue, fire_exits, closed, rooms,
    version, registered_at, changed_at, changed_by, space_status(space_no, @today::date)::text AS status
FROM spaces WHERE scope = @scope ORDER BY code FOR UPDATE;

-- name: SpaceVersions :many
SELECT version, content, at, by FROM space_versions WHERE id = $1 ORDER BY version DESC;
