package approval

import (
	"fmt"
	"slices"
	"time"
)

// Stage names a step of a procedure, e.g. "committee".
type Stage string

// TaskStatus is the life of a task.
type TaskStatus string

// The states of a task.
const (
	TaskOpen      TaskStatus = "open"
	TaskDone      TaskStatus = "done"
	TaskCancelled TaskStatus = "cancelled" // the stage was settled without it
)

// TaskKind tells how an act on the task counts.
type TaskKind string

// The kinds of tasks.
const (
	Decision TaskKind = "decision" // one act decides for its seat
	Vote     TaskKind = "vote"     // a ballot: in person only
	Opinion  TaskKind = "opinion"  // delegated: comes back to the delegator
	Review   TaskKind = "review"   // an added reviewer, heard before the seat decides
	Form     TaskKind = "form"     // something is handed in rather than decided
	Standing TaskKind = "standing" // open as long as the case: withdraw, remind, terminate
)

// Task asks one seat for one act. Who may act is whoever holds Role at Scope,
// narrowed to Persons if any are named; a task without a Role is for the named
// persons alone. Excluded persons never may (separation of duties), whatever
// they hold.
type Task struct {
	ID          string     `json:"id"`
	CaseID      string     `json:"case_id"`
	Stage       Stage      `json:"stage"`
	Round       int        `json:"round"` // counts from 1 each time the stage is entered
	Seat        string     `json:"seat"`
	Kind        TaskKind   `json:"kind"`
	Persons     []string   `json:"persons,omitempty"`
	Role        Role       `json:"role,omitempty"`
	Scope       Scope      `json:"scope"`
	Excluded    []string   `json:"excluded,omitempty"`
	Actions     []Action   `json:"actions"`
	ContentHash string     `json:"content_hash"`
	Parent      string     `json:"parent,omitempty"` // the task that waits for this one
	Days        int        `json:"days,omitempty"`   // working days allowed; 0 = no deadline
	OpenedAt    time.Time  `json:"opened_at"`
	CountFrom   time.Time  `json:"count_from,omitzero"` // the deadline counts from here; zero = from OpenedAt
	RemindAt    time.Time  `json:"remind_at,omitzero"`
	DueAt       time.Time  `json:"due_at,omitzero"`
	Reminded    bool       `json:"reminded,omitempty"`
	Escalated   bool       `json:"escalated,omitempty"` // overdue, and the superior was told
	Status      TaskStatus `json:"status"`
	ClosedBy    string     `json:"closed_by,omitempty"`
	ClosedAs    Action     `json:"closed_as,omitempty"`
	ClosedAt    time.Time  `json:"closed_at,omitzero"`
}

// TaskID is deterministic so that a replay and a retry name the same task.
// It is safe in a URL path.
func TaskID(caseID string, stage Stage, round int, seat string) string {
	return fmt.Sprintf("%s.%s.%d.%s", caseID, stage, round, seat)
}

// Offers reports whether the task allows the action.
func (t Task) Offers(action Action) bool { return slices.Contains(t.Actions, action) }

// Eligible refuses a person the action is not for. Votes are in person (no
// proxies, as Zibo's property regulation art. 32 has it for owners'
// committees). Anybody holding the role may reassign, so that a task handed to
// the wrong person can be taken back.
func (t Task) Eligible(person Person, action Action) error {
	for _, id := range []string{person.ID, person.For} {
		if id != "" && slices.Contains(t.Excluded, id) {
			return Errorf(SamePerson, "您已参与本事项的其他环节,不能再办理此项。", "You took part in another step of this case and cannot act on this one.")
		}
	}
	if person.For != "" && t.Kind == Vote {
		return Errorf(NotEligible, "表决须本人进行,不能代为表决。", "A vote is cast in person; nobody can vote for somebody else.")
	}
	named := slices.Contains(t.Persons, person.acting()) || (t.Role != "" && (len(t.Persons) == 0 || action == Reassign))
	if !named || (t.Role != "" && !person.Holds(t.Role, t.Scope)) {
		return Errorf(NotEligible, "此任务不由您办理。", "This task is not yours to act on.")
	}
	return nil
}

// alarm is when the task next needs attention; zero if never.
func (t Task) alarm() time.Time {
	switch {
	case t.Status != TaskOpen || t.DueAt.IsZero() || t.Escalated:
		return time.Time{}
	case !t.Reminded && !t.RemindAt.IsZero() && t.RemindAt.Before(t.DueAt):
		return t.RemindAt
	default:
		return t.DueAt
	}
}

// ClockStart is when the task's days begin to count.
func (t Task) ClockStart() time.Time {
	if t.CountFrom.IsZero() {
		return t.OpenedAt
	}
	return t.CountFrom
}
