package onboarding

import (
	"time"

	"linli/approval"
)

// SeatLister draws up the handover list.
const SeatLister = "list"

// Vacant refuses a space somebody still occupies: the case stands still until
// it is cleared.
func (i Inventory) Vacant() error {
	if i.OccupiedBy == "" {
		return nil
	}
	return approval.Errorf(approval.Conflict, "阵地“%[1]s”仍由%[2]s使用，尚未腾退，不能移交。",
		"The space %[1]q is still occupied by %[2]s and cannot be handed over.", i.Name, i.OccupiedBy).At("space_id")
}

// AskList asks the community to draw up the handover list of the space as the
// register has it; where the handover took place on paper, that is the list.
func (s *State) AskList(space Inventory, now time.Time) {
	s.Inventory = space
	if s.handedOverOnPaper() {
		s.Checklist, _ = s.transcribe(space, now) // Ready has tried it
		return
	}
	s.Ask(now, Handover, approval.Task{
		Seat: SeatLister, Kind: approval.Form, Role: approval.Handler, Excluded: s.operators(),
		Days: s.Parameters.Deadlines.Handover, Actions: []approval.Action{approval.Submit, approval.Reassign},
	})
}

func (s *State) sides() (giving, receiving Party) {
	return Party{Role: approval.Handler, Scope: s.Start.Scope}, Party{Persons: s.Agents(), Scope: s.Start.Scope}
}

// Agents are the people who act for the operator by the contract; by one on
// paper, those the register named when it was taken over; in either case those
// who have taken their place since.
func (s *State) Agents() []string {
	if s.TakesOver() || !s.PeopleAt.IsZero() {
		return s.People
	}
	var agents []string
	for _, party := range s.Contract.Parties {
		for _, signatory := range party.People {
			agents = append(agents, signatory.Person)
		}
	}
	return agents
}

func (s *State) checkHandover(task approval.Task, act approval.Act, form Details, now time.Time) error {
	if form.Handover == nil {
		return approval.Errorf(approval.Invalid, "须填写移交内容。", "The handover form is missing.").At("form/details/handover")
	}
	switch {
	case task.Seat == SeatLister:
		_, err := Draw(s.Inventory, form.Handover.Items, act.Person.ID, now)
		return below(err)
	case act.Action == approval.Confirm:
		return below(s.Checklist.Check(Side(task.Seat), form.Handover.Readings, act.Person.ID))
	}
	report := form.Handover.Repaired
	if report == nil {
		return approval.Errorf(approval.Invalid, "须填写整修情况。", "The report of the repair is missing.").At("form/details/handover/repaired")
	}
	return below(s.Checklist.CheckRepair(task.Seat, *report))
}

// below puts the field a refusal blames below the form.
func below(err error) error {
	if refusal := approval.Refusal(err); refusal != nil {
		return refusal.At("form/details/handover/" + refusal.Field)
	}
	return err
}

// takeHandover carries out a checked act of the handover.
func (s *State) takeHandover(task approval.Task, act approval.Act, form HandoverForm, now time.Time) {
	giving, receiving := s.sides()
	days := s.Parameters.Deadlines
	switch {
	case task.Seat == SeatLister:
		s.Checklist, _ = Draw(s.Inventory, form.Items, act.Person.ID, now) // checked
		give := ConfirmTask(Giving, giving, days.Handover)
		give.Excluded = s.operators()
		s.Ask(now, Handover, give, ConfirmTask(Receiving, receiving, days.Handover))
	case act.Action == approval.Confirm:
		for _, repair := range s.Checklist.Confirm(Side(task.Seat), form.Readings, act.Person.ID, now) {
			mend := RepairTask(repair, giving, days.Repair)
			mend.Excluded = s.operators()
			s.Ask(now, Handover, mend)
		}
	default:
		s.Checklist.Repaired(task.Seat, *form.Repaired, act.Person.ID, now)
	}
}

// HandedOver reports whether both sides agree on every item and nothing is left
// to repair. Time alone never makes it so.
func (s *State) HandedOver() bool { return s.Stage == Handover && s.Checklist.Complete() }

// AllotOrder makes the held space the operator's.
func (s *State) AllotOrder(now time.Time) AllotOrder {
	return AllotOrder{Key: s.HoldKey(), CaseID: s.Start.CaseID, At: now}
}

// Complete ends a case that went all the way.
func (s *State) Complete(now time.Time) { s.End(approval.Completed, "", now) }
