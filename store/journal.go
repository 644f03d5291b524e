package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"linli/approval"
	"linli/audit"
	"linli/internal/crashpoint"
	"linli/store/sqlgen"
)

// Record writes one step of a case, in one transaction and idempotent as
// approval.Record says; whoever calls it has verified the act's envelope. A
// missing calendar year is refused and nothing is written; a step that would
// leave a gap in the case's sequence is a fault.
func (s *Store) Record(ctx context.Context, record approval.Record) (recorded approval.Recorded, err error) {
	if err := wellFormed(record); err != nil {
		return approval.Recorded{}, err
	}
	record.Tasks = slices.Clone(record.Tasks) // their deadlines are filled in
	lock := func(q *sqlgen.Queries) error { return q.LockCase(ctx, record.CaseID) }
	err = refusal(s.again(ctx, "off", lock, func(tx pgx.Tx) error {
		recorded, err = s.record(ctx, tx, record)
		crashpoint.Here("journal.written")
		return err
	}))
	crashpoint.Here("journal.committed")
	if err != nil {
		return approval.Recorded{}, fmt.Errorf("recording step %d of case %s: %w", record.Seq, record.CaseID, err)
	}
	return recorded, nil
}

// wellFormed finds what only a programming error can bring about.
func wellFormed(record approval.Record) error {
	if record.CaseID == "" || record.Seq < 1 || record.Key == "" {
		return fmt.Errorf("recording step %d of case %q under key %q: a step has a case, a key and counts from 1", record.Seq, record.CaseID, record.Key)
	}
	for _, task := range record.Tasks {
		if task.CaseID != record.CaseID {
			return fmt.Errorf("recording step %d of case %s: task %s belongs to case %q", record.Seq, record.CaseID, task.ID, task.CaseID)
		}
	}
	return nil
}

// record writes the step; the caller holds the case's lock.
func (s *Store) record(ctx context.Context, tx pgx.Tx, record approval.Record) (approval.Recorded, error) {
	q := sqlgen.New(tx)
	head, err := q.JournalHead(ctx, sqlgen.JournalHeadParams{CaseID: record.CaseID, Seq: int32(record.Seq)})
	if err != nil {
		return approval.Recorded{}, err
	}
	var orphans []sqlgen.CountingEventsRow
	if int(head.Last) >= record.Seq {
		if orphans, err = q.CountingEvents(ctx, sqlgen.CountingEventsParams{CaseID: record.CaseID, FromSeq: int32(record.Seq)}); err != nil {
			return approval.Recorded{}, err
		}
	}
	if len(orphans) > 0 && int(orphans[0].Seq) == record.Seq {
		same, err := sameRun(orphans[0], record)
		if err != nil {
			return approval.Recorded{}, err
		}
		if same {
			return repeated(orphans[0])
		}
	}
	if record.Seq > int(head.Highest)+1 {
		return approval.Recorded{}, fmt.Errorf("the last step written is %d", head.Highest)
	}
	deadlines, err := s.setDeadlines(ctx, q, record.Tasks)
	if err != nil {
		return approval.Recorded{}, err
	}
	slices.SortFunc(deadlines, func(a, b approval.TaskDeadline) int { return strings.Compare(a.TaskID, b.TaskID) })
	// Steps before this one may themselves have been orphaned by a late write
	// of a worker thought dead: the copy must heal then, too.
	recorded := approval.Recorded{Deadlines: deadlines, Superseded: len(orphans) > 0 || int(head.Last) < record.Seq-1}
	return recorded, write(ctx, tx, record, recorded, head, orphans)
}

// sameRun reports whether the step was written by this very run of the case:
// then it is a repetition. A run that took over from a dead worker writes the
// same step at a later moment, and perhaps with another content: it is the
// later one whose word reaches the history, so a run that comes late with an
// earlier moment is a fault.
func sameRun(event sqlgen.CountingEventsRow, record approval.Record) (bool, error) {
	var written approval.Record
	if err := json.Unmarshal([]byte(event.Record), &written); err != nil {
		return false, fmt.Errorf("reading recorded step %d: %w", event.Seq, err)
	}
	if record.At.Before(written.At) {
		return false, fmt.Errorf("a later run has written it at %s, this one is of %s", written.At, record.At)
	}
	return event.Key == record.Key && written.At.Equal(record.At), nil
}

func repeated(event sqlgen.CountingEventsRow) (approval.Recorded, error) {
	recorded := approval.Recorded{Superseded: event.Superseding}
	err := json.Unmarshal(event.Deadlines, &recorded.Deadlines)
	return recorded, err
}

// write puts the step down and makes the copy follow it, in one round trip
// unless something is superseded. The case row goes first because everything
// refers to it.
func write(ctx context.Context, tx pgx.Tx, record approval.Record, recorded approval.Recorded, head sqlgen.JournalHeadRow, orphans []sqlgen.CountingEventsRow) error {
	event, err := eventRow(ctx, sqlgen.New(tx), record, recorded, head)
	if err != nil {
		return err
	}
	papers, err := named(ctx, sqlgen.New(tx), record)
	if err != nil {
		return err
	}
	tasks, stepped := record.Tasks, func(q *sqlgen.Queries) error { return putStep(ctx, q, record, event) }
	if len(orphans) > 0 {
		if err := together(ctx, tx, stepped); err != nil {
			return err
		}
		healed, err := supersede(ctx, sqlgen.New(tx), event, orphans)
		if err != nil {
			return err
		}
		tasks, stepped = append(healed, tasks...), func(*sqlgen.Queries) error { return nil }
	}
	return together(ctx, tx, func(q *sqlgen.Queries) error {
		if err := stepped(q); err != nil {
			return err
		}
		return follow(ctx, q, record, event.Attempt, tasks, papers)
	})
}

func putStep(ctx context.Context, q *sqlgen.Queries, record approval.Record, event sqlgen.InsertEventParams) error {
	if err := q.UpsertCase(ctx, caseRow(record)); err != nil {
		return err
	}
	return q.InsertEvent(ctx, event)
}

// follow makes tasks, inboxes, readers, papers and messages follow a step.
func follow(ctx context.Context, q *sqlgen.Queries, record approval.Record, attempt int32, tasks []approval.Task, papers []string) error {
	if len(papers) > 0 {
		if err := q.ClaimAttachments(ctx, sqlgen.ClaimAttachmentsParams{CaseID: record.CaseID, Ids: papers}); err != nil {
			return err
		}
	}
	if err := saveTasks(ctx, q, record.CaseID, tasks); err != nil {
		return err
	}
	if readers := readersOf(record); len(readers) > 0 {
		if err := q.InsertReaders(ctx, sqlgen.InsertReadersParams{CaseID: record.CaseID, Persons: readers}); err != nil {
			return err
		}
	}
	return send(ctx, q, record, attempt)
}

// eventRow chains the step to what was written before it for the case.
func eventRow(ctx context.Context, q *sqlgen.Queries, record approval.Record, recorded approval.Recorded, head sqlgen.JournalHeadRow) (sqlgen.InsertEventParams, error) {
	deadlines, err := json.Marshal(recorded.Deadlines)
	if err != nil {
		return sqlgen.InsertEventParams{}, err
	}
	event := sqlgen.InsertEventParams{
		CaseID: record.CaseID, Seq: int32(record.Seq), Attempt: head.Attempts + 1, Position: head.Position + 1,
		Key: record.Key, Kind: record.Kind, At: stored(record.At), Stage: string(record.Case.Stage), Note: storable(record.Note),
		Record: string(approval.CanonicalJSON(record)), Deadlines: deadlines, Superseding: recorded.Superseded,
		PreviousHash: head.Hash,
	}
	if head.Position == 0 {
		event.PreviousHash = audit.Genesis
	}
	if record.Evidence != nil {
		if event.Evidence, err = json.Marshal(record.Evidence); err != nil {
			return event, err
		}
	}
	event.Hash = audit.ChainStep(event.PreviousHash, audit.Step{
		CaseID: event.CaseID, Position: event.Position, Seq: record.Seq, Attempt: int(event.Attempt), Record: []byte(event.Record),
	})
	return event, actColumns(ctx, q, record, &event)
}

// actColumns adds who did what, and on which task.
func actColumns(ctx context.Context, q *sqlgen.Queries, record approval.Record, event *sqlgen.InsertEventParams) error {
	act := record.Act
	if act == nil {
		return nil
	}
	event.TaskID, event.Action, event.Person, event.ActingFor = act.TaskID, string(act.Action), act.Person.ID, act.Person.For
	event.Comment, event.ContentHash, event.BodyHash, event.Envelope = storable(act.Comment), act.ContentHash, act.BodyHash(), act.Envelope
	for _, task := range record.Tasks {
		if task.ID == act.TaskID {
			event.Stage, event.Seat, event.TaskKind = string(task.Stage), task.Seat, string(task.Kind)
			return nil
		}
	}
	place, err := q.TaskPlace(ctx, sqlgen.TaskPlaceParams{ID: act.TaskID, CaseID: record.CaseID})
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("the act is on task %s, which was never recorded", act.TaskID)
	}
	if err != nil {
		return err
	}
	event.Stage, event.Seat, event.TaskKind = place.Stage, place.Seat, place.Kind
	return nil
}

// supersede marks the orphans and returns the tasks they had touched as the
// steps that still count left them; tasks only an orphan knew are removed.
func supersede(ctx context.Context, q *sqlgen.Queries, by sqlgen.InsertEventParams, orphans []sqlgen.CountingEventsRow) ([]approval.Task, error) {
	for _, orphan := range orphans {
		err := q.InsertSuperseded(ctx, sqlgen.InsertSupersededParams{
			CaseID: by.CaseID, Seq: orphan.Seq, Attempt: orphan.Attempt, BySeq: by.Seq, ByAttempt: by.Attempt, At: by.At,
		})
		if err != nil {
			return nil, err
		}
	}
	touched, err := tasksOf(orphans)
	if err != nil || len(touched) == 0 {
		return nil, err
	}
	counting, err := q.CountingEvents(ctx, sqlgen.CountingEventsParams{CaseID: by.CaseID, FromSeq: 1})
	if err != nil {
		return nil, err
	}
	known, err := tasksOf(counting)
	if err != nil {
		return nil, err
	}
	var healed []approval.Task
	var phantoms []string
	for id := range touched {
		if task, ok := known[id]; ok {
			healed = append(healed, task)
		} else {
			phantoms = append(phantoms, id)
		}
	}
	return healed, q.DeleteTasks(ctx, sqlgen.DeleteTasksParams{CaseID: by.CaseID, Ids: phantoms})
}

// tasksOf reads the last state of every task from recorded steps, in order.
func tasksOf(events []sqlgen.CountingEventsRow) (map[string]approval.Task, error) {
	tasks := map[string]approval.Task{}
	for _, event := range events {
		var record approval.Record
		if err := json.Unmarshal([]byte(event.Record), &record); err != nil {
			return nil, fmt.Errorf("reading recorded step %d: %w", event.Seq, err)
		}
		for _, task := range record.Tasks {
			tasks[task.ID] = task
		}
	}
	return tasks, nil
}

// readersOf names who may read the case from now on, whatever they hold.
func readersOf(record approval.Record) []string {
	var readers []string
	for _, task := range record.Tasks {
		readers = append(readers, task.Persons...)
	}
	for _, message := range record.Notify {
		if message.Kind == string(approval.Copy) {
			readers = append(readers, message.To...)
		}
	}
	slices.Sort(readers)
	return slices.Compact(readers)
}

// storable replaces the one character PostgreSQL's text cannot hold; the
// record keeps it, escaped.
func storable(text string) string { return strings.ReplaceAll(text, "\x00", "\uFFFD") }

// Steps is the whole chain of a case as written, superseded steps included,
// for audit.VerifySteps. A worker's store only.
func (s *Store) Steps(ctx context.Context, caseID string) (steps []audit.Step, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.StepsForAudit(ctx, caseID)
		steps = make([]audit.Step, 0, len(rows))
		for _, row := range rows {
			steps = append(steps, audit.Step{
				CaseID: row.CaseID, Position: row.Position, Seq: int(row.Seq), Attempt: int(row.Attempt),
				Record: []byte(row.Record), PreviousHash: row.PreviousHash, Hash: row.Hash,
			})
		}
		return err
	})
	return steps, err
}
