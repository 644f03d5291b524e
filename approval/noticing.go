package approval

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// NoticeState is a case's public notice. The clock runs from the moment it was
// really published, at the stage that published it.
type NoticeState struct {
	ID          string    `json:"id,omitempty"`
	Kind        string    `json:"kind,omitempty"`
	Stage       Stage     `json:"stage,omitempty"`
	ContentHash string    `json:"content_hash,omitempty"`
	PublishedAt time.Time `json:"published_at,omitzero"`
	EndsAt      time.Time `json:"ends_at,omitzero"`
	Ended       bool      `json:"ended,omitempty"`
	Objections  int       `json:"objections,omitempty"`
}

// SeatPublic is where residents object to a notice.
const SeatPublic = "public"

const objectionSeat = "objection-"

// objectionID keeps task ids safe in a URL path.
var objectionID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// NoticeID names the notice of the running stage and round.
func (c *Course) NoticeID() string { return fmt.Sprintf("%s-n%d", c.CaseID, c.Round(c.Stage)) }

// NoticeSteps are the deciding acts so far, by office: no persons, no ballots,
// nothing that only passed a task on.
func (c *Course) NoticeSteps(name func(Stage) Text, office func(Accepted) Text, without ...Stage) []NoticeStep {
	var steps []NoticeStep
	for _, act := range c.Acts {
		switch {
		case act.Kind == Standing, act.Kind == Vote, act.Kind == Opinion,
			slices.Contains(without, act.Stage), slices.Contains(undecided, act.Action):
			continue
		}
		steps = append(steps, NoticeStep{Stage: name(act.Stage), Office: office(act), Action: ActionName(act.Action), At: act.At})
	}
	return steps
}

// undecided are the acts that pass a task on and decide nothing.
var undecided = []Action{Reassign, Delegate, AddReviewer, Copy, Remind}

// Published takes the real time of publication and opens the public seat.
func (c *Course) Published(notice Notice) {
	c.Notice = NoticeState{
		ID: notice.ID, Kind: notice.Kind, Stage: c.Stage, ContentHash: notice.ContentHash,
		PublishedAt: notice.PublishedAt, EndsAt: notice.EndsAt,
	}
	c.Ask(notice.PublishedAt, c.Stage, Task{Seat: SeatPublic, Kind: Standing, Role: Resident, Actions: []Action{Object}})
}

// NoticeRuns reports whether the notice's clock is running.
func (c *Course) NoticeRuns() bool {
	return c.Notice.Stage == c.Stage && !c.Notice.EndsAt.IsZero() && !c.Notice.Ended
}

// CheckObjection refuses an objection under a malformed or used id, or after
// the notice period.
func (c *Course) CheckObjection(id string, now time.Time) error {
	if !objectionID.MatchString(id) {
		return Errorf(Invalid, "异议编号有误。", "The objection's id is missing or malformed.").At("form/details/objection_id")
	}
	if c.Task(TaskID(c.CaseID, c.Stage, c.Round(c.Stage), objectionSeat+id)) != nil {
		return Errorf(AlreadyActed, "此异议已提交。", "This objection has been filed already.").At("form/details/objection_id")
	}
	if !now.Before(c.Notice.EndsAt) {
		return Errorf(TaskClosed, "公示期已满,不再受理异议。", "The notice period is over; objections are no longer taken.")
	}
	return nil
}

// OpenObjection asks the objection office of the subdistrict to answer; nobody
// who is excluded may.
func (c *Course) OpenObjection(id string, days int, excluded []string, now time.Time) {
	c.Notice.Objections++
	c.Ask(now, c.Stage, Task{
		Seat: objectionSeat + id, Kind: Decision, Role: ObjectionHandler, Scope: c.Scope.Up(Subdistrict), Excluded: excluded, Days: days,
		Actions: []Action{Uphold, Overrule, Reassign, Delegate},
	})
}

// ObjectionOf is the id of the objection a seat answers.
func ObjectionOf(seat string) (id string, is bool) { return strings.CutPrefix(seat, objectionSeat) }

// Answers are the public answers an accepted act gives to objections: to the
// one it decides and, where upholding it moves the case, to the others that
// were still open; overtaken says what became of those.
func (c *Course) Answers(act Accepted, overtaken string) []Objection {
	status := map[Action]string{Uphold: "upheld", Overrule: "overruled"}[act.Action]
	if status == "" {
		return nil
	}
	answers := []Objection{c.answer(act.Seat, status, act.Comment, act.At)}
	for _, task := range c.Tasks {
		if task.Stage == act.Stage && task.Round == act.Round && task.Status == TaskCancelled &&
			strings.HasPrefix(task.Seat, objectionSeat) && task.Parent == "" {
			answers = append(answers, c.answer(task.Seat, status, overtaken+act.Comment, act.At))
		}
	}
	return answers
}

func (c *Course) answer(seat, status, text string, at time.Time) Objection {
	id, _ := ObjectionOf(seat)
	return Objection{ID: id, NoticeID: c.Notice.ID, CaseID: c.CaseID, Status: status, Answer: text, AnsweredAt: at}
}

// NoticeSettled reports whether the clock has run out and whatever the notice
// led to is done.
func (c *Course) NoticeSettled() bool {
	return c.Notice.Ended && !slices.ContainsFunc(c.OpenAt(c.Stage), func(task *Task) bool { return task.Seat != SeatPublic })
}

// EndNotice notes that the clock has run out.
func (c *Course) EndNotice(now time.Time) {
	c.Notice.Ended = true
	for _, task := range c.OpenAt(c.Stage) {
		if task.Seat == SeatPublic {
			task.Status, task.ClosedAt = TaskDone, now
		}
	}
}

// Note is a visible addition to the case's notice.
func (c *Course) Note(kind string, n int, text string, now time.Time) NoticeNote {
	return NoticeNote{ID: fmt.Sprintf("%s-%s-%d", c.Notice.ID, kind, n), NoticeID: c.Notice.ID, Kind: kind, Text: text, At: now}
}
