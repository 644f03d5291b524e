package approval

import (
	"fmt"
	"slices"
	"time"
)

// Desk is the human side of a case: its tasks and the acts taken on them.
// Check and Apply hold the protocol every procedure shares; what an approval
// or a return means for the case is the procedure's own business.
type Desk struct {
	CaseID string     `json:"case_id"`
	Scope  Scope      `json:"scope"`
	Tasks  []Task     `json:"tasks"`
	Acts   []Accepted `json:"acts"`
}

// Open puts tasks on the desk and returns them with their ids set.
func (d *Desk) Open(now time.Time, tasks ...Task) []Task {
	for i := range tasks {
		tasks[i].CaseID = d.CaseID
		tasks[i].Status = TaskOpen
		tasks[i].OpenedAt = now
		tasks[i].ID = TaskID(d.CaseID, tasks[i].Stage, tasks[i].Round, tasks[i].Seat)
	}
	d.Tasks = append(d.Tasks, tasks...)
	return tasks
}

// Task finds a task by id; nil if the desk never had it.
func (d *Desk) Task(id string) *Task {
	for i := range d.Tasks {
		if d.Tasks[i].ID == id {
			return &d.Tasks[i]
		}
	}
	return nil
}

// OpenAt lists the open tasks of a stage; standing tasks have their own.
func (d *Desk) OpenAt(stage Stage) []*Task {
	var open []*Task
	for i := range d.Tasks {
		if d.Tasks[i].Stage == stage && d.Tasks[i].Status == TaskOpen {
			open = append(open, &d.Tasks[i])
		}
	}
	return open
}

// Done returns the act that was taken under id, or nil. A retry of the same
// act finds its result here; the same id with another body is refused by
// Check.
func (d *Desk) Done(id string) *Accepted {
	for i := range d.Acts {
		if d.Acts[i].ID == id {
			return &d.Acts[i]
		}
	}
	return nil
}

// Check refuses an act the protocol does not allow and changes nothing. A
// repetition of an accepted act passes: the caller answers it from Done.
func (d *Desk) Check(act Act, now time.Time) error {
	if act.ID == "" {
		return Errorf(KeyMissing, "缺少幂等键。", "The act has no idempotency key.")
	}
	if act.CaseID != d.CaseID {
		return Errorf(NotFound, "此操作属于另一事项。", "The act belongs to another case.").At("case_id")
	}
	if done := d.Done(act.ID); done != nil {
		if done.BodyHash != act.BodyHash() {
			return Errorf(KeyReused, "同一幂等键已用于另一请求。", "This idempotency key was used for another request.")
		}
		return nil
	}
	task := d.Task(act.TaskID)
	if task == nil {
		return Errorf(NotFound, "没有这项任务。", "There is no such task.").At("task")
	}
	if task.ClosedAs == Sign && act.Action == Sign {
		return Errorf(AlreadyActed, "此方已签署，不能重复签署。", "This party has signed already; nobody signs twice.")
	}
	if task.Status != TaskOpen {
		return Errorf(TaskClosed, "此任务已办结,不再受理。", "This task is closed and takes no more acts.")
	}
	if err := task.Eligible(act.Person, act.Action); err != nil {
		return err
	}
	if !task.Offers(act.Action) {
		return Errorf(ActionNotAllowed, "此任务不允许“%[1]s”操作。", "This task does not offer %[1]q.", act.Action).At("action")
	}
	if slices.Contains(onContent, act.Action) && act.ContentHash != task.ContentHash {
		return Errorf(StaleContent, "内容已变更,请刷新后重新办理。", "The content has changed; reload and decide again.").At("content_hash")
	}
	if err := act.validate(); err != nil {
		return err
	}
	return d.checkShared(*task, act, now)
}

func (d *Desk) checkShared(task Task, act Act, now time.Time) error {
	waits := d.waitsFor(task.ID)
	if waits && act.Action != Remind && act.Action != Copy && act.Action != Reassign {
		return Errorf(Conflict, "此任务正在等待受委派人或加签人答复。", "This task waits for the person it was delegated to or the added reviewer.")
	}
	if act.Action == Approve && d.objected(task.ID) {
		return Errorf(ActionNotAllowed, "加签人不同意,不能再同意。", "An added reviewer disagreed; this seat can no longer approve.").At("action")
	}
	if act.Action == Remind {
		for _, earlier := range d.Acts {
			if earlier.Action == Remind && now.Sub(earlier.At) < time.Hour {
				return Errorf(RateLimited, "一小时内只能催办一次。", "A case can be reminded of once an hour.")
			}
		}
	}
	for _, to := range act.Form.To {
		if slices.Contains(task.Excluded, to) {
			return Errorf(SamePerson, "接办人已参与本事项的其他环节。", "That person took part in another step of this case.").At("form/to")
		}
		takesBack := act.Action == Reassign && (waits || !slices.Contains(task.Persons, to))
		if to == act.Person.ID && act.Action != Copy && !takesBack {
			return Errorf(Invalid, "不能转给自己。", "You cannot hand it to yourself.").At("form/to")
		}
	}
	return nil
}

// Apply takes a checked act: records it, closes its task or, for the shared
// actions, moves or adds tasks. It returns what it recorded.
func (d *Desk) Apply(act Act, seq int, now time.Time) Accepted {
	task := d.Task(act.TaskID)
	accepted := Accepted{
		Seq: seq, ID: act.ID, BodyHash: act.BodyHash(), TaskID: task.ID, Stage: task.Stage, Round: task.Round,
		Seat: task.Seat, Kind: task.Kind, Action: act.Action, Person: act.Person.ID, For: act.Person.For,
		Comment: act.Comment, ContentHash: act.ContentHash, Form: act.Form, At: now, Reauthenticated: act.Reauthenticated,
	}
	d.Acts = append(d.Acts, accepted)
	switch act.Action {
	case Remind, Copy:
	case Object:
		if task.Kind != Standing { // of residents any number may object
			task.close(act, now)
		}
	case Confirm: // one item after the other
	case Reassign: // also takes back what an absent delegate or reviewer was asked
		task.Persons = act.Form.To
		for i := range d.Tasks {
			if child := &d.Tasks[i]; child.Parent == act.TaskID && child.Status == TaskOpen {
				child.Status, child.ClosedAt = TaskCancelled, now
			}
		}
	case Delegate:
		d.ask(*task, Opinion, act.Form.To, now)
	case AddReviewer:
		d.ask(*task, Review, act.Form.To, now)
	default:
		task.close(act, now)
	}
	return accepted
}

func (t *Task) close(act Act, now time.Time) {
	t.Status, t.ClosedBy, t.ClosedAs, t.ClosedAt = TaskDone, act.Person.ID, act.Action, now
}

// ask opens one child task per person; the parent waits for all of them.
func (d *Desk) ask(parent Task, kind TaskKind, persons []string, now time.Time) {
	for _, person := range persons {
		n := len(d.Tasks)
		d.Open(now, Task{
			Stage: parent.Stage, Round: parent.Round, Seat: fmt.Sprintf("%s-%s-%d", parent.Seat, kind, n), Kind: kind,
			Persons: []string{person}, Scope: parent.Scope, Excluded: parent.Excluded,
			Actions: []Action{Approve, Reject}, ContentHash: parent.ContentHash, Parent: parent.ID,
			Days: parent.Days, RemindAt: parent.RemindAt, DueAt: parent.DueAt,
		})
	}
}

func (d *Desk) waitsFor(id string) bool {
	return slices.ContainsFunc(d.Tasks, func(t Task) bool { return t.Parent == id && t.Status == TaskOpen })
}

func (d *Desk) objected(id string) bool {
	return slices.ContainsFunc(d.Tasks, func(t Task) bool {
		return t.Parent == id && t.Kind == Review && t.ClosedAs == Reject
	})
}

// Cancel closes every open task of the stages without an act; with no stage
// named, every open task of the case.
func (d *Desk) Cancel(now time.Time, stages ...Stage) {
	for i := range d.Tasks {
		task := &d.Tasks[i]
		if task.Status == TaskOpen && (len(stages) == 0 || slices.Contains(stages, task.Stage)) {
			task.Status, task.ClosedAt = TaskCancelled, now
		}
	}
}

// Decided returns the act that closed the seat's task in a round of a stage,
// or nil while it is open.
func (d *Desk) Decided(stage Stage, round int, seat string) *Accepted {
	id := TaskID(d.CaseID, stage, round, seat)
	task := d.Task(id)
	if task == nil || task.Status != TaskDone {
		return nil
	}
	for i := range d.Acts {
		if d.Acts[i].TaskID == id && d.Acts[i].Action == task.ClosedAs {
			return &d.Acts[i]
		}
	}
	return nil
}

// NextAlarm is the earliest reminder or due time that has not been acted on
// yet; zero when nothing is to come.
func (d *Desk) NextAlarm() time.Time {
	var next time.Time
	for _, task := range d.Tasks {
		if alarm := task.alarm(); !alarm.IsZero() && (next.IsZero() || alarm.Before(next)) {
			next = alarm
		}
	}
	return next
}

// Ring marks what is to be reminded or is overdue by now and returns those
// tasks as they are afterwards. It never decides anything: a timeout never
// approves (I10).
func (d *Desk) Ring(now time.Time) []Task {
	var rung []Task
	for i := range d.Tasks {
		task := &d.Tasks[i]
		alarm := task.alarm()
		if alarm.IsZero() || alarm.After(now) {
			continue
		}
		task.Reminded = true
		task.Escalated = !task.DueAt.After(now)
		rung = append(rung, *task)
	}
	return rung
}

// SetDeadlines fills in what the calendar said.
func (d *Desk) SetDeadlines(deadlines []TaskDeadline) {
	for _, deadline := range deadlines {
		if task := d.Task(deadline.TaskID); task != nil {
			task.RemindAt, task.DueAt = deadline.RemindAt, deadline.DueAt
		}
	}
}
