package approval

import "time"

// Record is one step of a case on its way into the readable copy: everything
// the database must learn, written in one transaction. Seq counts the steps
// of a case from 1 without gaps; the workflow hands them out one at a time,
// so the history and the table agree on their order.
//
// Writing is idempotent by (CaseID, Seq, Key, At). If the Seq is already held
// by another key, or by this one at an earlier moment, that write never reached
// the history (its worker died between commit and completion): the new one
// supersedes it, the old row is kept and marked, and the reply says so.
type Record struct {
	CaseID string       `json:"case_id"`
	Seq    int          `json:"seq"`
	Key    string       `json:"key"`  // UpdateID of the act, or the name of the step
	Kind   string       `json:"kind"` // opened, acted, stage, reminded, escalated, published, paid, closed, …
	At     time.Time    `json:"at"`
	Act    *Act         `json:"act,omitempty"` // with its envelope, verified before anything is written
	Case   CaseSnapshot `json:"case"`
	Tasks  []Task       `json:"tasks,omitempty"`  // new and changed tasks
	Notify []Message    `json:"notify,omitempty"` // outbox
	Note   string       `json:"note,omitempty"`   // what happened, for the audit trail
	// Evidence is set when a binding evaluation came in with this step.
	Evidence *Evidence `json:"evidence,omitempty"`
}

// Recorded answers a Record: deadlines of the tasks that asked for one, and
// whether an orphaned write was superseded (the next record then carries
// every task, so that the copy heals).
type Recorded struct {
	Deadlines  []TaskDeadline `json:"deadlines,omitempty"`
	Superseded bool           `json:"superseded,omitempty"`
}

// TaskDeadline is when a task's reminder goes out and when it is due, by the
// working-day calendar in force when the task was opened.
type TaskDeadline struct {
	TaskID   string    `json:"task_id"`
	RemindAt time.Time `json:"remind_at"`
	DueAt    time.Time `json:"due_at"`
}

// CaseStatus is how a case stands as a whole.
type CaseStatus string

// The states of a case. All but Running are final.
const (
	Running    CaseStatus = "running"
	Completed  CaseStatus = "completed"  // 已结项
	Rejected   CaseStatus = "rejected"   // 不予通过
	Withdrawn  CaseStatus = "withdrawn"  // 已撤回
	Terminated CaseStatus = "terminated" // 已终止
	Lapsed     CaseStatus = "lapsed"     // 逾期失效: nobody completed or corrected it in time
)

// CaseStatuses lists every status with its display name.
var CaseStatuses = []struct {
	Status CaseStatus
	Name   Text
}{
	{Running, Text{"办理中", "running"}},
	{Completed, Text{"已结项", "completed"}},
	{Rejected, Text{"不予通过", "rejected"}},
	{Withdrawn, Text{"已撤回", "withdrawn"}},
	{Terminated, Text{"已终止", "terminated"}},
	{Lapsed, Text{"逾期失效", "lapsed"}},
}

// CameToNothing reports whether a case ended without what it was for.
func (s CaseStatus) CameToNothing() bool { return s != Running && s != Completed }

// CaseSnapshot is the row of a case as lists and pages show it.
type CaseSnapshot struct {
	Procedure   string     `json:"procedure"` // "funduse"
	Scope       Scope      `json:"scope"`     // the community
	Title       string     `json:"title"`
	Amount      Fen        `json:"amount"`
	Stage       Stage      `json:"stage"`
	StageName   Text       `json:"stage_name"`
	Next        Text       `json:"next"` // what comes after this stage
	Status      CaseStatus `json:"status"`
	Reason      string     `json:"reason,omitempty"` // why it ended, if it did
	Proposer    string     `json:"proposer"`
	ContentHash string     `json:"content_hash"`
	Pin         RulePin    `json:"pin"`
	Sealed      bool       `json:"sealed,omitempty"` // ballots of the running round are hidden
	OpenedAt    time.Time  `json:"opened_at"`
	ClosedAt    time.Time  `json:"closed_at,omitzero"`
}

// Message is something a person should hear about; To is persons, or else
// whoever holds Role at Scope.
type Message struct {
	Kind   string   `json:"kind"` // task, reminder, escalation, copy, outcome
	TaskID string   `json:"task_id,omitempty"`
	To     []string `json:"to,omitempty"`
	Role   Role     `json:"role,omitempty"`
	Scope  Scope    `json:"scope,omitempty"`
	Except []string `json:"except,omitempty"` // persons the message is not for, whatever they hold
	Text   Text     `json:"text"`
}

// Receipt is what the actor of an accepted act gets back.
type Receipt struct {
	CaseID string    `json:"case_id"`
	TaskID string    `json:"task_id"`
	Seq    int       `json:"seq"`
	Action Action    `json:"action"`
	Stage  Stage     `json:"stage"` // where the case stood right after the act
	At     time.Time `json:"at"`
}

// Waiting answers "who is it waiting for, since when, until when, and what
// comes next".
type Waiting struct {
	CaseID string        `json:"case_id"`
	Stage  Stage         `json:"stage"`
	Name   Text          `json:"name"`
	Status CaseStatus    `json:"status"`
	For    []WaitingSeat `json:"for"`
	Next   Text          `json:"next"`
	// Blocked tells why the case cannot go on by itself, e.g. a missing
	// calendar year; it tries again on its own.
	Blocked *Error `json:"blocked,omitempty"`
}

// WaitingSeat is one open task a case waits for.
type WaitingSeat struct {
	TaskID  string    `json:"task_id"`
	Seat    string    `json:"seat"`
	Persons []string  `json:"persons,omitempty"`
	Role    Role      `json:"role,omitempty"`
	Scope   Scope     `json:"scope"`
	Since   time.Time `json:"since"`
	Until   time.Time `json:"until,omitzero"`
}

// TaskMessage tells those who may act on the task about it.
func TaskMessage(kind string, task Task, text Text) Message {
	message := Message{Kind: kind, TaskID: task.ID, To: task.Persons, Scope: task.Scope, Except: task.Excluded, Text: text}
	if len(task.Persons) == 0 {
		message.Role = task.Role
	}
	return message
}
