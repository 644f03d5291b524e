package funduse

import (
	"fmt"
	"time"

	"linli/approval"
)

// State is a fund-use case. It is plain data: it can be copied through JSON,
// and the same acts in the same order always lead to the same state.
type State struct {
	Start           `json:"start"`
	approval.Course `json:"course"`
	Routes          []approval.Route  `json:"routes"` // higher approvals asked for
	Roster          []approval.Member `json:"roster"`
	Verdict         approval.Verdict  `json:"verdict"`
	Unsettled       int               `json:"unsettled,omitempty"` // voting rounds in a row that wanted a quorum
	Reserved        bool              `json:"reserved"`
	Payment         PaymentState      `json:"payment"`
	Disclosed       int               `json:"disclosed"` // quarterly disclosures made
	Unused          approval.Fen      `json:"unused"`    // to come back from the payee
}

// The seats that are not persons.
const (
	SeatApplicant     = "applicant"
	SeatAdministrator = "administrator"
	SeatMaker         = "maker"
	SeatChecker       = "checker"
	SeatSupervisor    = "supervisor"
	SeatRefund        = "refund"
	SeatSecretary     = "secretary"
)

// New opens a case: a validated start with its standing tasks on the desk.
func New(start Start) *State {
	s := &State{Start: start, Course: approval.Begin(start.CaseID, start.Scope, Screening, start.Proposal.Hash())}
	s.Ask(start.OpenedAt, approval.CaseDesk, approval.Task{
		Seat: SeatApplicant, Kind: approval.Standing, Persons: []string{start.Proposer}, Role: approval.Handler, Scope: start.Scope,
		Actions: []approval.Action{approval.Withdraw, approval.Remind, approval.Copy},
	}, approval.Task{
		Seat: SeatAdministrator, Kind: approval.Standing, Role: approval.Administrator, Scope: start.Scope,
		Actions: []approval.Action{approval.Terminate, approval.Remind, approval.Copy},
	})
	return s
}

// Clone is a deep copy, so that an act can be tried before it is committed.
func (s *State) Clone() *State { return approval.Copied(s) }

// enter moves the case to a stage; an earlier notice's clock is not that of a
// new one.
func (s *State) enter(stage approval.Stage, now time.Time) {
	if (stage == NoticeBefore || stage == NoticeAfter) && !s.Ended() {
		s.Notice = approval.NoticeState{}
	}
	s.Enter(stage, now)
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
func (s *State) Waiting() approval.Waiting { return s.WaitingFor(StageName(s.Stage), s.next()) }

// ReserveKey names the reservation of the running attempt: a returned case
// releases and reserves anew.
func (s *State) ReserveKey() string {
	return fmt.Sprintf("%s/reserve/%d", s.Start.CaseID, s.Round(Screening)+1)
}

// ReleaseKey names the release of what ReserveKey put aside.
func (s *State) ReleaseKey() string {
	return fmt.Sprintf("%s/release/%d", s.Start.CaseID, s.Round(Screening)+1)
}

// NextAlarm is when the case next needs the clock: a reminder, a due time, the
// end of the notice or of the project; zero if it waits for people only.
func (s *State) NextAlarm() time.Time {
	next := s.Course.NextAlarm()
	if s.unclocked() != nil {
		next = approval.Sooner(next, s.projectEnd())
	}
	return next
}

// Ring takes the clock's word: reminds, escalates, ends the notice period. It
// returns the tasks it touched.
func (s *State) Ring(now time.Time) []approval.Task {
	rung := s.Course.Ring(now)
	s.startClock(now)
	return rung
}
