package onboarding

import (
	"fmt"
	"time"

	"linli/approval"
)

// ProcedureCall is the name of a call in records; it runs under the
// onboarding rules of its district.
const ProcedureCall = "call"

// Call is a call for operators of one space (招引): several apply until the
// deadline, the best is admitted, the next in rank stand by.
type Call struct {
	Title        string        `json:"title"`
	Summary      string        `json:"summary"`
	Space        Space         `json:"space"`
	StartsOn     string        `json:"starts_on"`               // civil date, first day of the term offered
	EndsOn       string        `json:"ends_on"`                 // civil date, last day
	ServiceKinds []ServiceKind `json:"service_kinds,omitempty"` // asked for; empty = any
	DeadlineAt   time.Time     `json:"deadline_at"`             // applications are taken before this moment
}

// Validate refuses a call that is malformed or offers a term that begins before
// its deadline.
func (c Call) Validate(now time.Time) error {
	if err := approval.Between(c.Title, 1, maxTitleRunes, "title"); err != nil {
		return err
	}
	if err := approval.Between(c.Summary, 1, maxSummaryRunes, "summary"); err != nil {
		return err
	}
	if c.Space.ID == "" || c.Space.Number < 1 {
		return approval.Errorf(approval.Invalid, "须写明所招引的阵地。", "Name the space.").At("space_id")
	}
	if err := validateTerm(c.StartsOn, c.EndsOn); err != nil {
		return err
	}
	if i := repeatedAt(c.ServiceKinds); i >= 0 {
		return approval.Errorf(approval.Invalid, "服务类别为空或重复。", "A kind of service is empty or named twice.").At(fmt.Sprintf("service_kinds/%d", i))
	}
	for i, kind := range c.ServiceKinds {
		if !kind.known() {
			return approval.Errorf(approval.Invalid, "没有“%[1]s”这种服务。", "There is no kind of service %[1]q.", kind).At(fmt.Sprintf("service_kinds/%d", i))
		}
	}
	if !c.DeadlineAt.After(now) || !c.DeadlineAt.Before(lastInstant(c.StartsOn)) {
		return approval.Errorf(approval.Invalid, "截止时间须晚于现在、早于期限起始日结束。", "The deadline lies after now and before the end of the first day of the term.").At("deadline_at")
	}
	return nil
}

// Hash is the content hash of the call.
func (c Call) Hash() string { return approval.ContentHash(c) }

// Admits refuses an application that does not answer the call: another space,
// another term, or too late.
func (c Call) Admits(a Application, now time.Time) error {
	switch {
	case a.Space.ID != c.Space.ID:
		return approval.Errorf(approval.Invalid, "所申请的阵地与招引不符。", "The application names another space than the call.").At("space_id")
	case a.StartsOn != c.StartsOn || a.EndsOn != c.EndsOn:
		return approval.Errorf(approval.Invalid, "期限须与招引一致：%[1]s至%[2]s。", "The term must be that of the call: %[1]s to %[2]s.", c.StartsOn, c.EndsOn).At("starts_on")
	case !now.Before(c.DeadlineAt):
		return CallClosed()
	}
	return nil
}

// CallView is a call as lists show it.
type CallView struct {
	CaseID     string           `json:"case_id"`
	Scope      approval.Scope   `json:"scope"`
	Call       Call             `json:"call"`
	Pin        approval.RulePin `json:"pin"`
	Parameters Parameters       `json:"-"` // of the pinned set, for the applications under it
	OpenedAt   time.Time        `json:"opened_at"`
	ClosedAt   time.Time        `json:"closed_at,omitzero"` // no more applications since
	EndedAt    time.Time        `json:"ended_at,omitzero"`
	// Outcome is there once the call has ended; of calls that ended before it
	// was kept there is none.
	Outcome *approval.CallOutcome `json:"outcome,omitempty"`
}

// CallClosed refuses an application after the deadline.
func CallClosed() *approval.Error {
	return approval.Errorf(approval.Conflict, "招引已截止，不再受理申请。", "The call is closed; applications are no longer taken.").At("call_id")
}

// CallStart is the input of a call. Its rule set holds for every application
// under it, so that all are measured alike.
type CallStart struct {
	CaseID     string           `json:"case_id"`
	Scope      approval.Scope   `json:"scope"` // the community
	Opener     string           `json:"opener"`
	Call       Call             `json:"call"`
	Pin        approval.RulePin `json:"pin"`
	Parameters Parameters       `json:"parameters"`
	OpenedAt   time.Time        `json:"opened_at"`
}

// The stages of a call.
const (
	Collecting approval.Stage = "collecting" // 征集: applications come in until the deadline
	Judging    approval.Stage = "judging"    // 评审: every application is reviewed and scored
	Awarding   approval.Stage = "awarding"   // 择优: the best signs, the reserve stands by
)

// CallStages lists every stage of a call with its display name and what follows.
var CallStages = []struct {
	Stage approval.Stage
	Name  approval.Text
	Next  approval.Stage
}{
	{Collecting, approval.Text{ZH: "征集报名", EN: "collecting applications"}, Judging},
	{Judging, approval.Text{ZH: "评审", EN: "judging"}, Awarding},
	{Awarding, approval.Text{ZH: "择优签约", EN: "awarding"}, Closed},
	{Closed, approval.Text{ZH: "已结束", EN: "closed"}, ""},
}

// CallState is a running call. It is plain data.
type CallState struct {
	CallStart       `json:"start"`
	approval.Course `json:"course"`
	Applicants      []string `json:"applicants,omitempty"` // case ids, once no more are taken
	Reports         []Report `json:"reports,omitempty"`    // the latest of each case, in order of first arrival
	Ranked          []Ranked `json:"ranked,omitempty"`     // the best first
}

// Report is what a case tells its call.
type Report struct {
	Candidate Candidate    `json:"candidate"`
	Status    ReportStatus `json:"status"`
}

// ReportStatus is how far a candidate has come.
type ReportStatus string

// What a case reports.
const (
	Scored    ReportStatus = "scored"     // reviewed, scored, waiting for the ranking
	Left      ReportStatus = "left"       // ended without taking the space over
	TakenOver ReportStatus = "taken_over" // has taken the space over
)

// Ranked is a candidate in its rank.
type Ranked struct {
	Candidate `json:"candidate"`
	Rank      int `json:"rank"`
}

// NewCall opens a call: who opened it may withdraw it, the administrator
// terminate it.
func NewCall(start CallStart) *CallState {
	s := &CallState{CallStart: start, Course: approval.Begin(start.CaseID, start.Scope, Collecting, start.Call.Hash())}
	s.Ask(start.OpenedAt, approval.CaseDesk, approval.Task{
		Seat: SeatApplicant, Kind: approval.Standing, Persons: []string{start.Opener}, Role: approval.Secretary,
		Actions: []approval.Action{approval.Withdraw, approval.Copy, approval.Reassign},
	}, approval.Task{
		Seat: SeatAdministrator, Kind: approval.Standing, Role: approval.Administrator,
		Actions: []approval.Action{approval.Terminate, approval.Copy},
	})
	return s
}

// Clone is a deep copy.
func (s *CallState) Clone() *CallState { return approval.Copied(s) }

// Check refuses an act the call does not allow now.
func (s *CallState) Check(act approval.Act, now time.Time) error { return s.Desk.Check(act, now) }

// Apply takes a checked act.
func (s *CallState) Apply(act approval.Act, seq int, now time.Time) approval.Accepted {
	accepted := s.Desk.Apply(act, seq, now)
	switch act.Action {
	case approval.Withdraw:
		s.End(approval.Withdrawn, act.Comment, now)
	case approval.Terminate:
		s.End(approval.Terminated, act.Comment, now)
	}
	return accepted
}

// Snapshot is the call as lists show it.
func (s *CallState) Snapshot() approval.CaseSnapshot {
	name, next := s.names()
	return approval.CaseSnapshot{
		Procedure: ProcedureCall, Scope: s.CallStart.Scope, Title: s.Call.Title, Stage: s.Stage, StageName: name, Next: next,
		Status: s.Status, Reason: s.Reason, Proposer: s.Opener, ContentHash: s.ContentHash, Pin: s.Pin,
		OpenedAt: s.OpenedAt, ClosedAt: s.ClosedAt,
	}
}

func (s *CallState) names() (name, next approval.Text) {
	for _, known := range CallStages {
		if known.Stage == s.Stage {
			name = known.Name
			for _, following := range CallStages {
				if following.Stage == known.Next {
					next = following.Name
				}
			}
		}
	}
	return name, next
}

// Waiting tells who the call waits for.
func (s *CallState) Waiting() approval.Waiting {
	name, next := s.names()
	return s.WaitingFor(name, next)
}

// Messages are what people should hear about because of an accepted act.
func (s *CallState) Messages(act approval.Accepted) []approval.Message {
	return s.Course.Messages(act, s.Call.Title, s.Opener)
}

// NextAlarm is the deadline while applications come in.
func (s *CallState) NextAlarm() time.Time {
	if s.Stage == Collecting {
		return approval.Sooner(s.Course.NextAlarm(), s.Call.DeadlineAt)
	}
	return s.Course.NextAlarm()
}

// Due reports whether the deadline has passed.
func (s *CallState) Due(now time.Time) bool { return !now.Before(s.Call.DeadlineAt) }
