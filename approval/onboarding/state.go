package onboarding

import (
	"slices"
	"time"

	"linli/approval"
	"linli/approval/contract"
)

// State is an onboarding case. It is plain data: it can be copied through
// JSON, and the same acts in the same order always lead to the same state.
type State struct {
	Start           `json:"start"`
	approval.Course `json:"course"`
	Routes          []approval.Route `json:"routes"`               // reviews the rules ask for beside the usual ones
	Interested      []string         `json:"interested,omitempty"` // related to the operator by the register: they decide nothing here
	PeopleAt        time.Time        `json:"people_at,omitzero"`   // when the register last moved the operator's people; People are those since
	Former          []string         `json:"former,omitempty"`     // who acted for the operator in this case and does no more
	Scorers         []string         `json:"scorers,omitempty"`    // the panel of the running round
	Result          Result           `json:"result,omitzero"`
	Place           Place            `json:"place,omitzero"` // under a call
	Held            bool             `json:"held"`           // the space is held for this case
	Contract        contract.State   `json:"contract"`
	FundID          string           `json:"fund_id,omitempty"` // that gets the share, by the donation agreement
	Inventory       Inventory        `json:"inventory,omitzero"`
	Checklist       Checklist        `json:"checklist"`
}

// The seats that are not persons.
const (
	SeatApplicant     = "applicant"
	SeatAdministrator = "administrator"
	SeatConvener      = "convener" // completes the scoring panel
)

// New opens a case: a validated start with its standing tasks on the desk.
func New(start Start) *State {
	s := &State{Start: start}
	s.Course = approval.Begin(start.CaseID, start.Scope, s.first(), start.Application.Hash())
	s.Ask(start.OpenedAt, approval.CaseDesk, approval.Task{
		Seat: SeatApplicant, Kind: approval.Standing, Persons: s.applicants(),
		Actions: []approval.Action{approval.Withdraw, approval.Remind, approval.Copy},
	}, approval.Task{
		Seat: SeatAdministrator, Kind: approval.Standing, Role: approval.Administrator,
		Actions: []approval.Action{approval.Terminate, approval.Remind, approval.Copy},
	})
	return s
}

// first is where a case begins, and begins anew once it was corrected.
func (s *State) first() approval.Stage {
	if s.TakesOver() {
		return TakingOver
	}
	return Screening
}

// Clone is a deep copy, so that an act can be tried before it is committed.
func (s *State) Clone() *State { return approval.Copied(s) }

// Snapshot is the case as lists show it. The amount is what the operator
// spends on the fit-out. How single scorers scored stays hidden while the
// panel scores.
func (s *State) Snapshot() approval.CaseSnapshot {
	return approval.CaseSnapshot{
		Procedure: Procedure, Scope: s.Start.Scope, Title: s.Application.Title, Amount: s.Application.FitOut.Cost,
		Stage: s.Stage, StageName: StageName(s.Stage), Next: s.next(), Status: s.Status, Reason: s.Reason,
		Proposer: s.Applicant, ContentHash: s.ContentHash, Pin: s.Pin, OpenedAt: s.OpenedAt, ClosedAt: s.ClosedAt,
		Sealed: s.Stage == Scoring,
	}
}

// Waiting tells who the case waits for.
func (s *State) Waiting() approval.Waiting { return s.WaitingFor(StageName(s.Stage), s.next()) }

// Messages are what people should hear about because of an accepted act.
func (s *State) Messages(act approval.Accepted) []approval.Message {
	return s.Course.Messages(act, s.Application.Title, s.applicants()...)
}

// applicants may correct and withdraw the application and hear how it ends:
// who filed it, unless for an operator that person has left, and who acts for
// the operator. An existing contract is the
// community's to register.
func (s *State) applicants() []string {
	if s.TakesOver() {
		return []string{s.Applicant}
	}
	if slices.Contains(s.People, s.Applicant) || slices.Contains(s.Former, s.Applicant) {
		return s.People
	}
	return append([]string{s.Applicant}, s.People...)
}

// outsiders are the people who decide nothing in this case: who applied, and
// who is related to the operator.
func (s *State) outsiders() []string {
	if s.TakesOver() {
		return append([]string{s.Applicant}, s.operators()...)
	}
	return append(append(slices.Clone(s.applicants()), s.Interested...), s.Former...)
}

// operators are the people who never act for the community when it deals with
// this operator: the operator's own, who was, and who is related to it.
func (s *State) operators() []string {
	return append(append(slices.Clone(s.People), s.Interested...), s.Former...)
}

// deciders are the people who closed tasks of these stages, whoever they stood
// in for included: nobody decides twice.
func (s *State) deciders(stages ...approval.Stage) []string {
	var people []string
	for _, act := range s.Acts {
		for _, stage := range stages {
			if act.Stage != stage || act.Kind == approval.Standing {
				continue
			}
			people = append(people, act.Person)
			if act.For != "" {
				people = append(people, act.For)
			}
		}
	}
	return people
}

// withdrawable is how far an applicant can still take the application back:
// once every party has signed, the contract binds.
func (s *State) withdrawable() error {
	if s.Contract.Complete() {
		return approval.Errorf(approval.Conflict, "合同已由各方签署，不能再撤回申请；如需解除，请按合同约定办理。",
			"The contract is signed by all; the application can no longer be withdrawn. End the contract as it provides.")
	}
	return nil
}

// back takes the case to an earlier stage. What was signed and held belongs to
// the course it leaves.
func (s *State) back(stage approval.Stage, now time.Time) {
	s.Result, s.Scorers = Result{}, nil
	s.Enter(stage, now)
}
