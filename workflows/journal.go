package workflows

import (
	"reflect"
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"linli/approval"
)

// step is one change of a case on its way into the record.
type step struct {
	kind     string
	key      string
	note     string
	act      *approval.Act
	evidence *approval.Evidence
	notify   []approval.Message
	still    func() bool // whether the step still has a point; nil = always
}

// journal hands out the sequence numbers of a case and writes its steps, one
// at a time: handlers and the main routine both hold its lock while they
// change the case.
type journal struct {
	lock   workflow.Mutex
	caseID string
	seq    int
	resync bool // an orphaned write was superseded: the next step carries every task
}

func newJournal(ctx workflow.Context, caseID string) *journal {
	return &journal{lock: workflow.NewMutex(ctx), caseID: caseID}
}

// write records a step that turns the tasks before into the tasks after and
// returns the deadlines the calendar gave. The caller holds the lock.
func (j *journal) write(ctx workflow.Context, s step, snapshot approval.CaseSnapshot, before, after []approval.Task) ([]approval.TaskDeadline, error) {
	tasks := after
	if !j.resync {
		tasks = changed(before, after)
	}
	record := approval.Record{
		CaseID: j.caseID, Seq: j.seq + 1, Key: s.key, Kind: s.kind, At: workflow.Now(ctx), Act: s.act,
		Case: snapshot, Tasks: tasks, Notify: append(s.notify, announcements(before, tasks, workflow.Now(ctx))...), Note: s.note, Evidence: s.evidence,
	}
	recorded, err := local(ctx, effects.Record, record)
	if err != nil {
		return nil, err
	}
	j.seq++
	j.resync = recorded.Superseded
	return recorded.Deadlines, nil
}

// changed lists the tasks of after that are new or differ.
func changed(before, after []approval.Task) []approval.Task {
	var tasks []approval.Task
	for i, task := range after {
		if i >= len(before) || !reflect.DeepEqual(before[i], task) {
			tasks = append(tasks, task)
		}
	}
	return tasks
}

// announcements tell people about tasks that have just been opened or handed
// to them.
func announcements(before, tasks []approval.Task, now time.Time) []approval.Message {
	var messages []approval.Message
	for _, task := range tasks {
		if task.Status != approval.TaskOpen || task.Kind == approval.Standing {
			continue
		}
		if task.OpenedAt.Equal(now) || handedOver(before, task) {
			messages = append(messages, approval.TaskMessage("task", task, approval.Text{ZH: "您有一项新的待办。", EN: "You have a new task."}))
		}
	}
	return messages
}

func handedOver(before []approval.Task, task approval.Task) bool {
	return slices.ContainsFunc(before, func(was approval.Task) bool {
		return was.ID == task.ID && !slices.Equal(was.Persons, task.Persons)
	})
}
