package approval

import (
	"fmt"
	"slices"
	"time"
)

// Stages every procedure has. CaseDesk is not a step: its standing tasks are
// open as long as the case.
const (
	CaseDesk Stage = "case"
	Closed   Stage = "closed"
)

// Course is the way of a case through the stages of its procedure: what every
// procedure's state shares beside its own matter. It is plain data and pure: the
// same calls in the same order always lead to the same course.
type Course struct {
	Desk        `json:"desk"`
	Stage       Stage       `json:"stage"`
	Rounds      []Round     `json:"rounds"`       // how often each stage was entered
	ContentHash string      `json:"content_hash"` // of what is being decided
	Corrections int         `json:"corrections"`  // requests made by screening; one, then the verdict stands
	Evidence    []Evidence  `json:"evidence"`     // latest per stage
	Notice      NoticeState `json:"notice"`
	Status      CaseStatus  `json:"status"`
	Reason      string      `json:"reason,omitempty"`
	ClosedAt    time.Time   `json:"closed_at,omitzero"`
}

// Round counts how often a stage was entered.
type Round struct {
	Stage Stage `json:"stage"`
	N     int   `json:"n"`
}

// Begin is the course of a new case at its first stage.
func Begin(caseID string, scope Scope, first Stage, contentHash string) Course {
	return Course{Desk: Desk{CaseID: caseID, Scope: scope}, Stage: first, ContentHash: contentHash, Status: Running}
}

// Base is the course itself, for whoever handles cases of any procedure.
func (c *Course) Base() *Course { return c }

// Ended reports whether the case has ended, well or not.
func (c *Course) Ended() bool { return c.Status != Running }

// Round is how often the stage was entered so far.
func (c *Course) Round(stage Stage) int {
	for _, round := range c.Rounds {
		if round.Stage == stage {
			return round.N
		}
	}
	return 0
}

// Enter moves the case to a stage, closing whatever the stage before it left
// open. An ended case stays ended, whatever was still under way.
func (c *Course) Enter(stage Stage, now time.Time) {
	if c.Ended() {
		return
	}
	c.Cancel(now, c.Stage)
	c.Stage = stage
	for i := range c.Rounds {
		if c.Rounds[i].Stage == stage {
			c.Rounds[i].N++
			return
		}
	}
	c.Rounds = append(c.Rounds, Round{Stage: stage, N: 1})
}

// Ask puts tasks of a stage on the desk in its current round, on the content
// as it is unless they name another (a contract); an ended case asks nobody.
func (c *Course) Ask(now time.Time, stage Stage, tasks ...Task) {
	if c.Ended() {
		return
	}
	for i := range tasks {
		tasks[i].Stage, tasks[i].Round = stage, max(1, c.Round(stage))
		if tasks[i].ContentHash == "" {
			tasks[i].ContentHash = c.ContentHash
		}
		if tasks[i].Scope == "" {
			tasks[i].Scope = c.Scope
		}
	}
	c.Open(now, tasks...)
}

// End closes the case, once and for all.
func (c *Course) End(status CaseStatus, reason string, now time.Time) {
	if c.Ended() {
		return
	}
	c.Cancel(now)
	c.Stage, c.Status, c.Reason, c.ClosedAt = Closed, status, reason, now
}

// DecisionOf is the act that closed the seat's task in the stage's running
// round, nil while it is open.
func (c *Course) DecisionOf(stage Stage, seat string) *Accepted {
	return c.Decided(stage, c.Round(stage), seat)
}

// DecidedBy are the people who closed these seats in the stage's running
// round, whoever they stood in for included: nobody decides on two levels.
func (c *Course) DecidedBy(stage Stage, seats []string) []string {
	var people []string
	for _, seat := range seats {
		if act := c.DecisionOf(stage, seat); act != nil {
			people = append(people, act.Person)
			if act.For != "" {
				people = append(people, act.For)
			}
		}
	}
	return people
}

// Keep stores the latest evidence of its stage.
func (c *Course) Keep(evidence Evidence) {
	c.Evidence = slices.DeleteFunc(c.Evidence, func(e Evidence) bool { return e.Stage == evidence.Stage })
	c.Evidence = append(c.Evidence, evidence)
}

// OutcomeOf is what the latest evaluation of a stage came to; one that was
// never made is missing evidence, not a pass.
func (c *Course) OutcomeOf(stage Stage) Outcome {
	for _, evidence := range c.Evidence {
		if evidence.Stage == string(stage) {
			return evidence.Outcome
		}
	}
	return OutcomeMissing
}

// WaitingFor tells who the case waits for.
func (c *Course) WaitingFor(name, next Text) Waiting {
	waiting := Waiting{CaseID: c.CaseID, Stage: c.Stage, Name: name, Status: c.Status, Next: next}
	for _, task := range c.Tasks {
		if task.Status == TaskOpen && task.Kind != Standing {
			waiting.For = append(waiting.For, WaitingSeat{
				TaskID: task.ID, Seat: task.Seat, Persons: task.Persons, Role: task.Role, Scope: task.Scope,
				Since: task.OpenedAt, Until: task.DueAt,
			})
		}
	}
	return waiting
}

// NextAlarm is when the case next needs the clock: a reminder, a due time or
// the end of the notice; zero if it waits for people only.
func (c *Course) NextAlarm() time.Time {
	next := c.Desk.NextAlarm()
	if c.NoticeRuns() {
		next = Sooner(next, c.Notice.EndsAt)
	}
	return next
}

// Sooner is the earlier of two times, where the zero time stands for never.
func Sooner(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

// Ring takes the clock's word: reminds, escalates, ends the notice period. It
// returns the tasks it touched and never decides.
func (c *Course) Ring(now time.Time) []Task {
	rung := c.Desk.Ring(now)
	if c.NoticeRuns() && !now.Before(c.Notice.EndsAt) {
		c.EndNotice(now)
	}
	return rung
}

// Messages are what people should hear about because of an accepted act; the
// owners hear how the case ended.
func (c *Course) Messages(act Accepted, title string, owners ...string) []Message {
	about := func(zh, en string) Text { return Text{ZH: fmt.Sprintf(zh, title), EN: fmt.Sprintf(en, title)} }
	var messages []Message
	switch act.Action {
	case Copy:
		messages = append(messages, Message{
			Kind: "copy", TaskID: act.TaskID, To: act.Form.To, Scope: c.Scope, Text: about("抄送:%[1]s", "Copied to you: %[1]s"),
		})
	case Remind:
		for _, task := range c.Tasks {
			if task.Status == TaskOpen && task.Kind != Standing {
				messages = append(messages, TaskMessage("reminder", task, about("催办:%[1]s", "A reminder: %[1]s")))
			}
		}
	}
	if c.Ended() {
		messages = append(messages, Message{
			Kind: "outcome", To: owners, Scope: c.Scope, Text: about("事项已结束:%[1]s", "The case has ended: %[1]s"),
		})
	}
	return messages
}

// Alert is what the clock has to say about a task it touched: to those who may
// act on it and, once it is overdue, to the administrator of the place as well.
func (c *Course) Alert(task Task) []Message {
	if !task.Escalated {
		return []Message{TaskMessage("reminder", task, Text{ZH: "您的待办即将到期。", EN: "Your task is due soon."})}
	}
	overdue := Text{ZH: "任务已逾期。", EN: "A task is overdue."}
	return []Message{
		TaskMessage("overdue", task, overdue),
		{Kind: "escalation", TaskID: task.ID, Role: Administrator, Scope: task.Scope, Text: overdue},
	}
}
