package store

import (
	"context"
	"time"

	"linli/approval"
	"linli/audit"
	"linli/store/sqlgen"
)

// FileObjection keeps what a resident filed, while the notice still takes
// objections; codeHash is the lower-case hex SHA-256 of the receipt code. The
// case is the notice's. Filing the same again changes nothing.
func (s *Store) FileObjection(ctx context.Context, objection approval.Objection, codeHash string) error {
	return s.tx(ctx, func(q *sqlgen.Queries) error {
		notice, err := q.Notice(ctx, objection.NoticeID)
		if err != nil {
			return absent(err, "公告", "notice")
		}
		if !objection.FiledAt.Before(notice.EndsAt) {
			return approval.Errorf(approval.Conflict, "公示期已结束，不再受理异议。", "The notice period is over; objections are no longer taken.")
		}
		inserted, err := q.InsertObjection(ctx, sqlgen.InsertObjectionParams{
			ID: objection.ID, NoticeID: objection.NoticeID, Text: storable(objection.Text), ReceiptHash: codeHash, FiledAt: stored(objection.FiledAt),
		})
		if err != nil {
			return err
		}
		if inserted == 0 {
			return sameObjection(ctx, q, objection, codeHash)
		}
		if objection.Contact == "" {
			return nil
		}
		return q.InsertObjectionContact(ctx, sqlgen.InsertObjectionContactParams{ObjectionID: objection.ID, Contact: storable(objection.Contact)})
	})
}

func sameObjection(ctx context.Context, q *sqlgen.Queries, again approval.Objection, codeHash string) error {
	row, err := q.ObjectionByID(ctx, again.ID)
	if err != nil {
		return err
	}
	if row.NoticeID != again.NoticeID || row.Text != storable(again.Text) || row.ReceiptHash != codeHash {
		return approval.Errorf(approval.KeyReused, "此异议编号已用于另一异议。", "This id was used for another objection.").At("id")
	}
	return nil
}

// AnswerObjection adds the one answer to an objection: upheld or overruled,
// with reasons. The same answer again changes nothing, another is refused.
func (s *Store) AnswerObjection(ctx context.Context, answer approval.Objection) error {
	if answer.Status != "upheld" && answer.Status != "overruled" {
		return approval.Errorf(approval.Invalid, "异议的处理结果须为成立或不成立。", "An objection is upheld or overruled.").At("status")
	}
	return s.tx(ctx, func(q *sqlgen.Queries) error {
		inserted, err := q.InsertObjectionAnswer(ctx, sqlgen.InsertObjectionAnswerParams{
			ObjectionID: answer.ID, Status: answer.Status, Answer: storable(answer.Answer), AnsweredAt: stored(answer.AnsweredAt),
		})
		if err != nil || inserted == 1 {
			return err
		}
		earlier, err := q.ObjectionAnswer(ctx, answer.ID)
		if err != nil {
			return err
		}
		if earlier.Status != answer.Status || earlier.Answer != storable(answer.Answer) {
			return approval.Errorf(approval.Conflict, "此异议已答复，答复不能更改。", "This objection is answered; the answer does not change.")
		}
		return nil
	})
}

// ObjectionByReceipt shows a resident the objection behind a receipt code.
func (s *Store) ObjectionByReceipt(ctx context.Context, code string) (view approval.ObjectionView, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		row, err := q.ObjectionByReceipt(ctx, audit.HashBytes([]byte(code)))
		view = objectionView(row.ID, row.Text, row.Status, row.Answer, row.FiledAt, row.AnsweredAt)
		return absent(err, "异议", "objection")
	})
	if err != nil {
		return approval.ObjectionView{}, err
	}
	return view, nil
}

// Objections lists the objections against a case's notices, oldest first; the
// contact is there only for an objection handler of the scope.
func (s *Store) Objections(ctx context.Context, caseID string) (found []approval.Objection, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.ObjectionsOfCase(ctx, caseID)
		found = make([]approval.Objection, 0, len(rows))
		for _, row := range rows {
			found = append(found, approval.Objection{
				ID: row.ID, NoticeID: row.NoticeID, CaseID: row.CaseID, Text: row.Text, Contact: row.Contact,
				Status: row.Status, Answer: row.Answer, FiledAt: row.FiledAt, AnsweredAt: orZero(row.AnsweredAt),
			})
		}
		return err
	})
	return found, err
}

func objectionView(id, text, status, answer string, filedAt time.Time, answeredAt *time.Time) approval.ObjectionView {
	return approval.ObjectionView{ID: id, Text: text, Status: status, Answer: answer, FiledAt: filedAt, AnsweredAt: orZero(answeredAt)}
}
