package funduse

import (
	"fmt"
	"time"

	"linli/approval"
)

const (
	disclosureFrom  = 6 // months: longer projects disclose (Charity Law art. 79)
	disclosureEvery = 3 // months between disclosures
)

// NextDisclosure is when the next quarterly disclosure falls due; zero when
// the project ends before it.
func (s *State) NextDisclosure() time.Time {
	starts, _ := time.ParseInLocation(time.DateOnly, s.Proposal.StartsOn, approval.Shanghai)
	ends, _ := time.ParseInLocation(time.DateOnly, s.Proposal.EndsOn, approval.Shanghai)
	next := approval.AddMonths(starts, disclosureEvery*(s.Disclosed+1))
	if !next.Before(ends) {
		return time.Time{}
	}
	return next
}

// AskDisclosure opens the task of the running quarter.
func (s *State) AskDisclosure(now time.Time) {
	s.Ask(now, Disclosure, approval.Task{
		Seat: fmt.Sprintf("quarter-%d", s.Disclosed+1), Kind: approval.Form, Role: approval.Handler, Days: s.Parameters.Deadlines.Acceptance,
		Actions: []approval.Action{approval.Submit, approval.Reassign},
	})
}

// DisclosureMade reports whether the open disclosure was handed in.
func (s *State) DisclosureMade() bool { return len(s.OpenAt(Disclosure)) == 0 }

// CloseDisclosure counts the quarter and returns the note to publish.
func (s *State) CloseDisclosure(now time.Time) approval.NoticeNote {
	s.Disclosed++
	act := s.DecisionOf(Disclosure, fmt.Sprintf("quarter-%d", s.Disclosed))
	form, _ := details(approval.Act{Form: act.Form})
	return s.Note("disclosure", s.Disclosed, form.Text, now)
}

// EndDisclosures moves on to the acceptance.
func (s *State) EndDisclosures(now time.Time) { s.enter(Acceptance, now) }

// AskAcceptance opens the proposer's closing report. It may be handed in at
// once; its days begin to count when the project ends.
func (s *State) AskAcceptance(now time.Time) {
	task := approval.Task{
		Seat: SeatApplicant, Kind: approval.Form, Persons: []string{s.Proposer}, Role: approval.Handler,
		Actions: []approval.Action{approval.Submit, approval.Reassign},
	}
	if !now.Before(s.projectEnd()) {
		task.Days = s.Parameters.Deadlines.Acceptance
	}
	s.Ask(now, Acceptance, task)
}

// projectEnd is the midnight in Shanghai that ends the project's last day.
func (s *State) projectEnd() time.Time {
	ends, _ := time.ParseInLocation(time.DateOnly, s.Proposal.EndsOn, approval.Shanghai)
	return ends.AddDate(0, 0, 1)
}

// unclocked is the closing report's task while its days do not count yet.
func (s *State) unclocked() *approval.Task {
	for _, task := range s.OpenAt(Acceptance) {
		if task.Seat == SeatApplicant && task.Days == 0 {
			return task
		}
	}
	return nil
}

// startClock lets the days of the closing report count from the project's end.
func (s *State) startClock(now time.Time) {
	if task := s.unclocked(); task != nil && !now.Before(s.projectEnd()) {
		task.Days, task.CountFrom = s.Parameters.Deadlines.Acceptance, now
	}
}

func (s *State) checkAcceptance(form Details) error {
	if len(form.Attachments) == 0 {
		return approval.Errorf(approval.Invalid, "须附验收单或票据。", "Attach the acceptance note or the vouchers.").At("form/details/attachments")
	}
	if left := s.Proposal.Amount - s.Payment.Recovered; form.Unused < 0 || form.Unused > left {
		return approval.Errorf(approval.Invalid, "结余须在0至%[1]s元之间。", "The unused money must be between 0 and %[1]s yuan.", left.Yuan()).At("form/details/unused")
	}
	return nil
}

// AcceptanceDecided reports whether the open acceptance task was handled.
func (s *State) AcceptanceDecided() bool { return len(s.OpenAt(Acceptance)) == 0 }

// CloseAcceptanceTask moves on after the report, the supervisor's word or the
// refund, and reports whether the case is complete.
func (s *State) CloseAcceptanceTask(now time.Time) (complete bool) {
	report, word, refund := s.DecisionOf(Acceptance, SeatApplicant), s.DecisionOf(Acceptance, SeatSupervisor), s.DecisionOf(Acceptance, SeatRefund)
	switch {
	case s.Stage != Acceptance || report == nil:
		return false
	case word == nil:
		form, _ := details(approval.Act{Form: report.Form})
		s.Unused = form.Unused
		s.Ask(now, Acceptance, approval.Task{
			Seat: SeatSupervisor, Kind: approval.Decision, Role: approval.Supervisor, Excluded: []string{s.Proposer},
			Days: s.Parameters.Deadlines.Acceptance, Actions: []approval.Action{approval.Approve, approval.Return, approval.Reassign},
		})
	case word.Action == approval.Return:
		s.enter(Acceptance, now)
		s.AskAcceptance(now)
	case s.Unused > 0 && refund == nil:
		s.Ask(now, Acceptance, approval.Task{
			Seat: SeatRefund, Kind: approval.Form, Role: approval.CharityOfficer,
			Days: s.Parameters.Deadlines.Acceptance, Actions: []approval.Action{approval.Submit, approval.Reassign},
		})
	default:
		return true
	}
	return false
}

// RefundRefused takes the ledger's refusal of a refund, such as a bank
// reference that was used before: the closing report is asked for again.
func (s *State) RefundRefused(now time.Time) {
	s.enter(Acceptance, now)
	s.AskAcceptance(now)
}

// Refund is the money that came back unused; nil if none was to.
func (s *State) Refund(now time.Time) *RefundOrder {
	act := s.DecisionOf(Acceptance, SeatRefund)
	if act == nil {
		return nil
	}
	return &RefundOrder{Key: act.TaskID, CaseID: s.Start.CaseID, Amount: s.Unused, BankReference: reference(*act), At: now}
}

// Complete ends a case that went all the way and returns the closing note.
func (s *State) Complete(now time.Time) approval.NoticeNote {
	spent := s.Proposal.Amount - s.Payment.Recovered - s.Unused
	note := s.Note("closing", 1, fmt.Sprintf("项目已验收结项,实际支出%s元,退回%s元。", spent.Yuan(), (s.Proposal.Amount-spent).Yuan()), now)
	s.End(approval.Completed, "", now)
	return note
}
