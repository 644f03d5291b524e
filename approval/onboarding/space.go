package onboarding

import (
	"fmt"
	"time"

	"linli/approval"
)

// HoldOrder asks for a space for a term. It is idempotent by its key; a space
// somebody else holds on any day of the term is refused with
// approval.SpaceTaken and nothing is held (I8). So is one whose letting would
// cost the community a required function; an existing contract let it long ago.
type HoldOrder struct {
	Key        string    `json:"key"`
	CaseID     string    `json:"case_id"`
	OperatorID string    `json:"operator_id"`
	SpaceID    string    `json:"space_id"`
	Number     int32     `json:"number"`             // of the space
	CallID     string    `json:"call_id,omitempty"`  // a space under a call is held for its candidates only
	StartsOn   string    `json:"starts_on"`          // civil date
	EndsOn     string    `json:"ends_on"`            // civil date, last day
	Keeps      []string  `json:"keeps,omitempty"`    // codes of functions the operator keeps up
	Existing   bool      `json:"existing,omitempty"` // a contract that is taken over
	At         time.Time `json:"at"`
}

// AllotOrder makes a held space the operator's for the term: the handover is
// done. It is idempotent by its key, that of the hold.
type AllotOrder struct {
	Key    string    `json:"key"`
	CaseID string    `json:"case_id"`
	At     time.Time `json:"at"`
}

// FreeOrder gives a space back. It is idempotent by its key, that of the hold,
// and no fault where nothing was held under it.
type FreeOrder struct {
	Key    string    `json:"key"`
	CaseID string    `json:"case_id"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// HoldKey names the hold of the running attempt: a case sent back gives the
// space back and holds it anew.
func (s *State) HoldKey() string {
	return fmt.Sprintf("%s/space/%d", s.Start.CaseID, max(1, s.Round(Notice)))
}

// HoldOrder asks for the space of the case.
func (s *State) HoldOrder(now time.Time) HoldOrder {
	a := s.Application
	return HoldOrder{
		Key: s.HoldKey(), CaseID: s.Start.CaseID, OperatorID: a.Operator.ID, SpaceID: a.Space.ID, Number: a.Space.Number, CallID: a.CallID,
		StartsOn: a.StartsOn, EndsOn: a.EndsOn, Keeps: a.Keeps, Existing: s.TakesOver(), At: now,
	}
}

// FreeOrder gives the space of the case back.
func (s *State) FreeOrder(now time.Time) FreeOrder {
	return FreeOrder{Key: s.HoldKey(), CaseID: s.Start.CaseID, Reason: string(s.Status), At: now}
}

// Holds reports whether the case holds the space and has to give it back: once
// the operator has taken it over, the engagement holds it.
func (s *State) Holds() bool { return s.Held && s.Status != approval.Completed }

// Hold takes the register's word that the space is held for this case.
func (s *State) Hold() { s.Held = true }

// Freed notes that nothing is held for the case any more.
func (s *State) Freed() { s.Held = false }

// Taken takes the register's refusal: somebody else has the space in that
// term. Nothing was held, and the case ends with the reason.
func (s *State) Taken(refusal *approval.Error, now time.Time) {
	s.End(approval.Rejected, refusal.Message.ZH, now)
}

// TakenBy refuses a space another operator has in the term.
func TakenBy(operator, from, until string) *approval.Error {
	return approval.Errorf(approval.SpaceTaken, "该阵地%[2]s至%[3]s已由“%[1]s”占用，不能重复出让。",
		"%[1]q has the space from %[2]s to %[3]s; nobody else gets it in that time.", operator, from, until).At("space_id")
}

// PriorityOf refuses a term that follows the one of an operator which may still
// renew.
func PriorityOf(operator, until string) *approval.Error {
	return approval.Errorf(approval.SpaceTaken, "“%[1]s”在该阵地的期限至%[2]s届满，届满前享有优先续约权；其放弃、未获同意或者考核未达标准后，方可受理此后的期限。",
		"%[1]q has the space until %[2]s and may renew before anybody else until then; a later term is open once it has declined, was refused or falls short of the mark.",
		operator, until).At("space_id")
}

// UnderCall refuses a space for whose term a call is out.
func UnderCall() *approval.Error {
	return approval.Errorf(approval.SpaceTaken, "该阵地正在公开招引，只受理招引项下的申请。",
		"A call is out for this space in that term; apply under the call.").At("space_id")
}
