package funduse

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"linli/approval"
)

// State is a fund-use case. It is plain data: it can be copied through JSON,
// and the same acts in the same order always lead to the same state.
type State struct {
	Start         `json:"start"`
	approval.Desk `json:"desk"`
	Stage         approval.Stage      `json:"stage"`
	Rounds        []Round             `json:"rounds"` // how often each stage was entered
	ContentHash   string              `json:"content_hash"`
	Corrections   int                 `json:"corrections"` // requests made by screening; one, then the verdict stands
	Evidence      []approval.Evidence `json:"evidence"`    // latest per stage
	Routes        []approval.Route    `json:"routes"`      // higher approvals asked for
	Roster        []approval.Member   `json:"roster"`
	Verdict       approval.Verdict    `json:"verdict"`
	Unsettled     int                 `json:"unsettled,omitempty"` // voting rounds in a row that wanted a quorum
	Reserved      bool                `json:"reserved"`
	Payment       PaymentState        `json:"payment"`
	Notice        NoticeState         `json:"notice"`
	Disclosed     int                 `json:"disclosed"` // quarterly disclosures made
	Unused        approval.Fen        `json:"unused"`    // to come back from the payee
	Status        approval.CaseStatus `json:"status"`
	Reason        string              `json:"reason,omitempty"`
	ClosedAt      time.Time           `json:"closed_at,omitzero"`
}

// Round counts how often a stage was entered.
type Round struct {
	Stage approval.Stage `json:"stage"`
	N     int            `json:"n"`
}

// The seats that are not persons.
const (
	SeatApplicant     = "applicant"
	SeatAdministrator = "administrator"
	SeatPublic        = "public"
	SeatMaker         = "maker"
	SeatChecker       = "checker"
	SeatSupervisor    = "supervisor"
	SeatRefund        = "refund"
	SeatSecretary     = "secretary"
)

// New opens a case: a validated start with its standing tasks on the desk.
func New(start Start) *State {
	s := &State{
		Start:       start,
		Desk:        approval.Desk{CaseID: start.CaseID, Scope: start.Scope},
		Stage:       Screening,
		ContentHash: start.Proposal.Hash(),
		Status:      approval.Running,
	}
	s.open(start.OpenedAt, CaseDesk, approval.Task{
		Seat: SeatApplicant, Kind: approval.Standing, Persons: []string{start.Proposer}, Role: approval.Handler, Scope: start.Scope,
		Actions: []approval.Action{approval.Withdraw, approval.Remind, approval.Copy},
	}, approval.Task{
		Seat: SeatAdministrator, Kind: approval.Standing, Role: approval.Administrator, Scope: start.Scope,
		Actions: []approval.Action{approval.Terminate, approval.Remind, approval.Copy},
	})
	return s
}

// Clone is a deep copy, so that an act can be tried before it is committed.
func (s *State) Clone() *State {
	raw, err := json.Marshal(s)
	if err != nil {
		panic("funduse: copying a state: " + err.Error())
	}
	var copied State
	if err := json.Unmarshal(raw, &copied); err != nil {
		panic("funduse: copying a state: " + err.Error())
	}
	return &copied
}

// Ended reports whether the case has ended, well or not.
func (s *State) Ended() bool { return s.Status != approval.Running }

// round is how often the stage was entered so far.
func (s *State) round(stage approval.Stage) int {
	for _, round := range s.Rounds {
		if round.Stage == stage {
			return round.N
		}
	}
	return 0
}

// enter moves the case to a stage, closing whatever the stage before it left
// open. An ended case stays ended, whatever was still under way.
func (s *State) enter(stage approval.Stage, now time.Time) {
	if s.Ended() {
		return
	}
	s.Cancel(now, s.Stage)
	s.Stage = stage
	if stage == NoticeBefore || stage == NoticeAfter {
		s.Notice = NoticeState{} // an earlier notice's clock is not this one's
	}
	for i := range s.Rounds {
		if s.Rounds[i].Stage == stage {
			s.Rounds[i].N++
			return
		}
	}
	s.Rounds = append(s.Rounds, Round{Stage: stage, N: 1})
}

// open puts tasks of a stage on the desk in its current round; an ended case
// opens none.
func (s *State) open(now time.Time, stage approval.Stage, tasks ...approval.Task) {
	if s.Ended() {
		return
	}
	for i := range tasks {
		tasks[i].Stage, tasks[i].Round, tasks[i].ContentHash = stage, max(1, s.round(stage)), s.ContentHash
		if tasks[i].Scope == "" {
			tasks[i].Scope = s.Start.Scope
		}
	}
	s.Open(now, tasks...)
}

// end closes the case, once and for all.
func (s *State) end(status approval.CaseStatus, reason string, now time.Time) {
	if s.Ended() {
		return
	}
	s.Cancel(now)
	s.Stage, s.Status, s.Reason, s.ClosedAt = Closed, status, reason, now
}

// decided is the act that closed the seat's task in the stage's running round.
func (s *State) decided(stage approval.Stage, seat string) *approval.Accepted {
	return s.Decided(stage, s.round(stage), seat)
}

// keep stores the latest evidence of its stage.
func (s *State) keep(evidence approval.Evidence) {
	s.Evidence = slices.DeleteFunc(s.Evidence, func(e approval.Evidence) bool { return e.Stage == evidence.Stage })
	s.Evidence = append(s.Evidence, evidence)
}

// Snapshot is the case as lists show it.
func (s *State) Snapshot() approval.CaseSnapshot {
	return approval.CaseSnapshot{
		Procedure: Procedure, Scope: s.Start.Scope, Title: s.Proposal.Title, Amount: s.Proposal.Amount,
		Stage: s.Stage, StageName: StageName(s.Stage), Next: s.next(), Status: s.Status, Reason: s.Reason,
		Proposer: s.Proposer, ContentHash: s.ContentHash, Pin: s.Pin, OpenedAt: s.OpenedAt, ClosedAt: s.ClosedAt,
		Sealed: s.Parameters.Committee.Sealed && s.Stage == Committee,
	}
}

// Waiting tells who the case waits for.
func (s *State) Waiting() approval.Waiting {
	waiting := approval.Waiting{CaseID: s.Start.CaseID, Stage: s.Stage, Name: StageName(s.Stage), Status: s.Status, Next: s.next()}
	for _, task := range s.Tasks {
		if task.Status == approval.TaskOpen && task.Kind != approval.Standing {
			waiting.For = append(waiting.For, approval.WaitingSeat{
				TaskID: task.ID, Seat: task.Seat, Persons: task.Persons, Role: task.Role, Scope: task.Scope,
				Since: task.OpenedAt, Until: task.DueAt,
			})
		}
	}
	return waiting
}

// ReserveKey names the reservation of the running attempt: a returned case
// releases and reserves anew.
func (s *State) ReserveKey() string {
	return fmt.Sprintf("%s/reserve/%d", s.Start.CaseID, s.round(Screening)+1)
}

// ReleaseKey names the release of what ReserveKey put aside.
func (s *State) ReleaseKey() string {
	return fmt.Sprintf("%s/release/%d", s.Start.CaseID, s.round(Screening)+1)
}

// NextAlarm is when the case next needs the clock: a reminder, a due time or
// the end of the notice; zero if it waits for people only.
func (s *State) NextAlarm() time.Time {
	next := s.Desk.NextAlarm()
	sooner := func(alarm time.Time) {
		if next.IsZero() || alarm.Before(next) {
			next = alarm
		}
	}
	if s.noticeRuns() {
		sooner(s.Notice.EndsAt)
	}
	if s.unclocked() != nil {
		sooner(s.projectEnd())
	}
	return next
}

// Ring takes the clock's word: reminds, escalates, ends the notice period. It
// returns the tasks it touched.
func (s *State) Ring(now time.Time) []approval.Task {
	rung := s.Desk.Ring(now)
	s.startClock(now)
	if s.noticeRuns() && !now.Before(s.Notice.EndsAt) {
		s.EndNotice(now)
	}
	return rung
}

func (s *State) noticeRuns() bool {
	return (s.Stage == NoticeBefore || s.Stage == NoticeAfter) && !s.Notice.EndsAt.IsZero() && !s.Notice.Ended
}
