package store

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"linli/approval"
	"linli/store/sqlgen"
)

// send writes the step's messages. To whom a role's message goes is decided
// when it is read: whoever holds the role then.
func send(ctx context.Context, q *sqlgen.Queries, record approval.Record, attempt int32) error {
	if len(record.Notify) == 0 {
		return nil
	}
	rows := make([]sqlgen.InsertMessagesParams, 0, len(record.Notify))
	address := sqlgen.AddressMessagesParams{At: stored(record.At)}
	for i, message := range record.Notify {
		id := fmt.Sprintf("%s.%06d.%d.%d", record.CaseID, record.Seq, attempt, i+1)
		scope := cmp.Or(message.Scope, record.Case.Scope)
		rows = append(rows, sqlgen.InsertMessagesParams{
			ID: id, CaseID: record.CaseID, Seq: int32(record.Seq), Attempt: attempt, Kind: message.Kind, TaskID: message.TaskID,
			Persons: orNone(message.To), Except: orNone(message.Except), Role: string(message.Role), Scope: string(scope),
			TextZh: storable(message.Text.ZH), TextEn: storable(message.Text.EN), At: address.At,
		})
		for _, seat := range seatsOf(message.To, message.Role, scope) {
			address.Seats, address.MessageIds = append(address.Seats, seat), append(address.MessageIds, id)
		}
	}
	var failed error
	q.InsertMessages(ctx, rows).Exec(func(_ int, err error) { failed = cmp.Or(failed, err) })
	if failed != nil {
		return failed
	}
	return q.AddressMessages(ctx, address)
}

// Messages lists what the person in ctx should hear about, newest first; kind
// "" is all, "copy" what was sent as a copy (抄送). What a superseded step had
// sent is left out.
func (s *Store) Messages(ctx context.Context, kind string, page approval.Page) (views []approval.MessageView, next string, err error) {
	before, beforeID, err := backwards(page)
	if err != nil {
		return nil, "", err
	}
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.Messages(ctx, sqlgen.MessagesParams{BeforeAt: before, BeforeID: beforeID, Kind: kind, UpTo: int32(page.Limit + 1)})
		if err != nil {
			return err
		}
		rows, next = pageOf(rows, page, func(last sqlgen.MessagesRow) string { return cursorOf(last.At.Format(time.RFC3339Nano), last.ID) })
		views = make([]approval.MessageView, 0, len(rows))
		for _, row := range rows {
			views = append(views, approval.MessageView{
				ID: row.ID, CaseID: row.CaseID, Kind: row.Kind, TaskID: row.TaskID,
				Text: approval.Text{ZH: row.TextZh, EN: row.TextEn}, At: row.At,
			})
		}
		return nil
	})
	return views, next, err
}
