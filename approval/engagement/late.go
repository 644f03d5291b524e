package engagement

import (
	"fmt"
	"strings"
	"time"

	"linli/approval"
)

// urge puts a report or payment that is overdue before the community's
// secretary, who gets the operator to do it or hands it up.
func (s *State) urge(late approval.Task, now time.Time) {
	s.askAbout(late, s.office(SeatUrging+"-"+late.Seat, approval.Secretary, s.Parameters.ConfirmDays), now)
}

// oversee puts before the subdistrict what the secretary could not settle.
func (s *State) oversee(urging approval.Task, now time.Time) {
	late := strings.TrimPrefix(urging.Seat, SeatUrging+"-")
	seat := SeatOversight + "-" + late
	if task := s.Task(approval.TaskID(s.Start.CaseID, Reporting, urging.Round, late)); task == nil || task.Status != approval.TaskOpen ||
		s.Task(approval.TaskID(s.Start.CaseID, Reporting, urging.Round, seat)) != nil {
		return
	}
	s.askAbout(urging, s.office(seat, approval.SubdistrictApprover, s.Parameters.ConfirmDays), now)
}

// askAbout asks an office to state what it did about something that is late.
func (s *State) askAbout(late, task approval.Task, now time.Time) {
	task.Kind, task.Actions = approval.Form, []approval.Action{approval.Submit, approval.Reassign, approval.Copy}
	s.ask(now, Reporting, late.Round, s.ContentHash, task)
}

func urging(seat string) bool     { return strings.HasPrefix(seat, SeatUrging+"-") }
func overseeing(seat string) bool { return strings.HasPrefix(seat, SeatOversight+"-") }

// checkMeasure refuses an office's word on something late that says nothing.
func checkMeasure(act approval.Act) error {
	if strings.TrimSpace(act.Comment) == "" {
		return approval.Errorf(approval.CommentRequired, "须说明已采取的督促措施。", "Say what was done about it.").At("comment")
	}
	return nil
}

// overtaken closes what offices were asked because of a task of the operator's that
// it has done by now.
func (s *State) overtaken(task approval.Task, now time.Time) {
	for i := range s.Tasks {
		t := &s.Tasks[i]
		about := arrears(t.Seat) || t.Seat == SeatUrging+"-"+task.Seat || t.Seat == SeatOversight+"-"+task.Seat
		if about && t.Stage == Reporting && t.Round == task.Round && t.Status == approval.TaskOpen {
			t.Status, t.ClosedAt = approval.TaskCancelled, now
		}
	}
}

// cancelMeasures: with the exit begun the subdistrict deals with what is late.
func (s *State) cancelMeasures(now time.Time) {
	for i := range s.Tasks {
		t := &s.Tasks[i]
		if t.Status == approval.TaskOpen && t.Stage == Reporting && (urging(t.Seat) || overseeing(t.Seat)) {
			t.Status, t.ClosedAt = approval.TaskCancelled, now
		}
	}
}

// Alert tells beside those who may act whoever is to act next: the secretary
// once a report or payment is overdue, the subdistrict once the secretary's
// time is over as well.
func (s *State) Alert(task approval.Task) []approval.Message {
	messages := s.Course.Alert(task)
	if s.Edition == 0 || task.Stage != Reporting || !task.Escalated || s.Stage == Exit {
		return messages
	}
	switch {
	case task.Seat == SeatOperator || task.Seat == SeatPayment:
		messages = append(messages, s.handedUp(task, SeatUrging+"-"+task.Seat)...)
	case urging(task.Seat):
		messages = append(messages, s.handedUp(task, SeatOversight+"-"+strings.TrimPrefix(task.Seat, SeatUrging+"-"))...)
	}
	return messages
}

// handedUp tells the office that was asked about something late what it is.
func (s *State) handedUp(late approval.Task, seat string) []approval.Message {
	task := s.Task(approval.TaskID(s.Start.CaseID, Reporting, late.Round, seat))
	if task == nil || task.Status != approval.TaskOpen {
		return nil
	}
	what := approval.Text{ZH: "反哺报表", EN: "share report"}
	if strings.HasSuffix(seat, SeatPayment) {
		what = approval.Text{ZH: "反哺款", EN: "payment of the share"}
	}
	period := ""
	if p := s.onTurn(late.Round); p != nil {
		period = p.Name
	}
	return []approval.Message{approval.TaskMessage("escalation", *task, approval.Text{
		ZH: fmt.Sprintf("%s：%s的%s逾期未交，请督促。", s.title(), period, what.ZH),
		EN: fmt.Sprintf("%s: the %s of %s is overdue; see to it.", s.title(), what.EN, period),
	})}
}
