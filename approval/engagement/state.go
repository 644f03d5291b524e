package engagement

import (
	"fmt"
	"strings"
	"time"

	"linli/approval"
	"linli/approval/onboarding"
)

// State is an engagement. It is plain data: it can be copied through JSON, and
// the same acts in the same order always lead to the same state.
type State struct {
	Start           `json:"start"`
	approval.Course `json:"course"`
	Former          []string             `json:"former,omitempty"` // who acted for the operator and does no more
	Term            Term                 `json:"term"`             // the running one
	Periods         []Period             `json:"periods"`
	Agenda          []Occasion           `json:"agenda"`
	Overdue         int                  `json:"overdue"` // reports and payments that were late
	Given           approval.Fen         `json:"given"`   // booked in the fund so far, fen
	Hours           int64                `json:"hours"`   // given in kind so far
	Owed            []string             `json:"owed,omitempty"`
	Evaluations     []Assessment         `json:"evaluations"`
	Failures        int                  `json:"failures"` // failed evaluations in a row
	Renewal         *Request             `json:"renewal,omitempty"`
	Leaving         *Leaving             `json:"leaving,omitempty"`
	HandBack        onboarding.Checklist `json:"hand_back"`
	Freed           bool                 `json:"freed"` // the space's allocation was given back
	Edition         int                  `json:"edition,omitempty"`
	Lists           []PriceList          `json:"lists,omitempty"` // of prices that were ever confirmed, from edition 1 on
	Proposal        *Proposal            `json:"proposal,omitempty"`
}

// Term is a contract's first and last day.
type Term struct {
	From string `json:"from"` // civil date
	To   string `json:"to"`   // civil date, included
}

// New begins an engagement: what the contract makes due is on the agenda, and
// the standing tasks are open.
func New(start Start) *State {
	s := &State{
		Start: start, Term: Term{From: start.StartsOn, To: start.EndsOn},
		Course: approval.Begin(start.CaseID, start.Scope, Operating, approval.ContentHash(start)),
	}
	s.begin()
	s.Ask(start.OpenedAt, approval.CaseDesk, approval.Task{
		Seat: SeatOperator, Kind: approval.Standing, Persons: start.People,
		Actions: []approval.Action{approval.Withdraw, approval.Remind, approval.Copy},
	}, approval.Task{
		Seat: SeatEnding, Kind: approval.Standing, Role: approval.SubdistrictApprover, Excluded: start.People,
		Actions: []approval.Action{approval.Terminate, approval.Remind, approval.Copy},
	}, approval.Task{
		Seat: SeatAdministrator, Kind: approval.Standing, Role: approval.Administrator, Excluded: start.People,
		Actions: []approval.Action{approval.Terminate, approval.Remind, approval.Copy},
	})
	return s
}

// begin puts the first term on the agenda.
func (s *State) begin() {
	s.plan(s.StartsOn, s.EndsOn)
	s.takeUp()
}

// Clone is a deep copy, so that an act can be tried before it is committed.
func (s *State) Clone() *State { return approval.Copied(s) }

// Snapshot is the case as lists show it. Its amount is what the fund has
// received from it.
func (s *State) Snapshot() approval.CaseSnapshot {
	return approval.CaseSnapshot{
		Procedure: Procedure, Scope: s.Start.Scope, Title: s.title(), Amount: s.Given, Stage: s.Stage, StageName: StageName(s.Stage),
		Next: s.next(), Status: s.Status, Reason: s.Reason, Proposer: s.Opener, ContentHash: s.ContentHash, Pin: s.Pin,
		OpenedAt: s.OpenedAt, ClosedAt: s.ClosedAt,
	}
}

func (s *State) title() string { return s.Operator.Name + "运营“" + s.Space.Name + "”" }

// Waiting tells who the case waits for.
func (s *State) Waiting() approval.Waiting { return s.WaitingFor(StageName(s.Stage), s.next()) }

// next names what comes after the stage.
func (s *State) next() approval.Text {
	for _, known := range Stages {
		if known.Stage == s.Stage && known.Next != "" {
			return StageName(known.Next)
		}
	}
	return approval.Text{}
}

// Messages are what people should hear about because of an accepted act.
func (s *State) Messages(act approval.Accepted) []approval.Message {
	messages := s.Course.Messages(act, s.title(), s.owners()...)
	switch {
	case act.Stage == Pricing && act.Action == approval.Approve:
		messages = append(messages, approval.Message{Kind: "outcome", To: s.People, Scope: s.Start.Scope, Text: approval.Text{
			ZH: fmt.Sprintf("%s：新的服务与价格已确认，自%s起执行。", s.title(), s.Proposal.From),
			EN: fmt.Sprintf("%s: the new services and prices are confirmed, valid from %s.", s.title(), s.Proposal.From),
		}})
	case act.Stage == Reporting && act.Action == approval.Submit && urging(act.Seat):
		messages = append(messages, s.handedUp(approval.Task{Round: act.Round}, SeatOversight+strings.TrimPrefix(act.Seat, SeatUrging))...)
	}
	return messages
}

// turn counts how often tasks of a stage were opened, so that no two tasks
// share an id however often a report is returned.
func (s *State) turn(stage approval.Stage) int {
	for i := range s.Rounds {
		if s.Rounds[i].Stage == stage {
			s.Rounds[i].N++
			return s.Rounds[i].N
		}
	}
	s.Rounds = append(s.Rounds, approval.Round{Stage: stage, N: 1})
	return 1
}

// ask opens tasks on a subject other than the engagement as a whole.
func (s *State) ask(now time.Time, stage approval.Stage, round int, hash string, tasks ...approval.Task) {
	if s.Ended() {
		return
	}
	for i := range tasks {
		tasks[i].Stage, tasks[i].Round, tasks[i].ContentHash = stage, round, hash
		if tasks[i].Scope == "" {
			tasks[i].Scope = s.Start.Scope
		}
	}
	s.Open(now, tasks...)
}

// operator is a task of the operator's people, who hold no grant.
func (s *State) operator(seat string, days int, actions ...approval.Action) approval.Task {
	return approval.Task{Seat: seat, Kind: approval.Form, Persons: s.People, Days: days, Actions: append(actions, approval.Copy)}
}

// office is a decision by whoever holds a role, never by those who act or acted
// for the operator or by those who did what is being decided on.
func (s *State) office(seat string, role approval.Role, days int, made ...string) approval.Task {
	task := approval.Task{
		Seat: seat, Kind: approval.Decision, Role: role, Excluded: append(s.theirs(), made...), Days: days,
		Actions: []approval.Action{approval.Approve, approval.Return, approval.Reassign, approval.Copy},
	}
	switch role {
	case approval.SubdistrictApprover:
		task.Scope = s.Start.Scope.Up(approval.Subdistrict)
	default:
		task.Scope = s.Start.Scope
	}
	return task
}

// cancel closes the open tasks of a stage and round, all rounds for 0.
func (s *State) cancel(now time.Time, stage approval.Stage, round int) {
	for i := range s.Tasks {
		task := &s.Tasks[i]
		if task.Stage == stage && (round == 0 || task.Round == round) && task.Status == approval.TaskOpen {
			task.Status, task.ClosedAt = approval.TaskCancelled, now
		}
	}
}

// people are the person who acted and whoever that person stood in for.
func people(act approval.Act) []string {
	if act.Person.For == "" {
		return []string{act.Person.ID}
	}
	return []string{act.Person.ID, act.Person.For}
}

// Key names an effect of the engagement.
func (s *State) key(effect, of string) string {
	return fmt.Sprintf("%s/%s/%s", s.Start.CaseID, effect, of)
}
