-- name: InsertMessages :batchexec
INSERT INTO outbox (id, case_id, seq, attempt, kind, task_id, persons, "except", role, scope, text_zh, text_en, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- name: AddressMessages :exec
INSERT INTO outbox_seats (seat, at, message_id)
SELECT unnest(@seats::text[]), @at::timestamptz, unnest(@message_ids::text[])
ON CONFLICT DO NOTHING;

-- name: Messages :many
SELECT o.id, o.case_id, o.kind, o.task_id, o.text_zh, o.text_en, o.at
FROM (SELECT DISTINCT range.at, range.message_id
      FROM unnest(linli_seats()) AS s (seat)
      CROSS JOIN LATERAL (
          SELECT k.at, k.message_id
          FROM outbox_seats AS k JOIN outbox AS sent ON sent.id = k.message_id
          WHERE k.seat = s.seat AND (k.at, k.message_id) < (@before_at::timestamptz, @before_id::text)
            AND (@kind::text = '' OR sent.kind = @kind)
            AND linli_person() <> ALL (sent."except")
            AND NOT EXISTS (SELECT 1 FROM case_event_superseded AS x
                            WHERE x.case_id = sent.case_id AND x.seq = sent.seq AND x.attempt = sent.attempt)
          ORDER BY k.at DESC, k.message_id DESC
          LIMIT @up_to) AS range
      ORDER BY range.at DESC, range.message_id DESC
      LIMIT @up_to) AS top
JOIN outbox AS o ON o.id = top.message_id
ORDER BY top.at DESC, top.message_id DESC;
