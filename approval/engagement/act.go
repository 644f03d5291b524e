package engagement

import (
	"slices"
	"strings"
	"time"

	"linli/approval"
	"linli/approval/onboarding"
)

// Details is what an act of this procedure carries beyond the shared form.
type Details struct {
	Report    *Report                  `json:"report,omitempty"`    // the operator's report of a period
	Payment   *Payment                 `json:"payment,omitempty"`   // how the share was paid
	Received  *Received                `json:"received,omitempty"`  // the charity: it has arrived
	Scores    []Score                  `json:"scores,omitempty"`    // the yearly sheet
	Statement *Statement               `json:"statement,omitempty"` // what a rectification came to
	Renewal   *Extension               `json:"renewal,omitempty"`
	Prices    *PriceChange             `json:"prices,omitempty"`   // the operator: a new list
	Ground    Ground                   `json:"ground,omitempty"`   // of an order to leave
	Handover  *onboarding.HandoverForm `json:"handover,omitempty"` // the hand-back
}

// Check refuses an act the engagement does not allow now; it changes nothing
// and may be asked as often as one likes.
func (s *State) Check(act approval.Act, now time.Time) error {
	if err := s.closedPeriod(act); err != nil {
		return err
	}
	if err := s.Desk.Check(act, now); err != nil {
		return err
	}
	if s.Done(act.ID) != nil {
		return nil
	}
	form, err := approval.DetailsOf[Details](act.Form)
	if err != nil {
		return err
	}
	task := *s.Task(act.TaskID)
	if act.Action == approval.Withdraw || act.Action == approval.Terminate {
		return s.checkLeaving(act, form.Ground)
	}
	switch task.Stage {
	case Reporting:
		return s.checkReporting(task, act, form, now)
	case Evaluation:
		if act.Action == approval.Submit {
			return checkScores(form.Scores)
		}
	case Rectification:
		if act.Action == approval.Submit {
			return form.Statement.validate()
		}
	case Renewal:
		if act.Action == approval.Submit {
			return s.checkExtension(form.Renewal)
		}
	case Pricing:
		switch {
		case act.Action == approval.Submit:
			return s.checkPrices(form.Prices, now)
		case act.Action == approval.Approve:
			return s.checkConfirmation(act, now)
		}
	case Exit:
		if act.Action == approval.Confirm || act.Action == approval.Submit {
			return s.checkHandBack(task, form.Handover, act)
		}
	}
	return nil
}

// closedPeriod tells the operator's people why a report task takes no more:
// its period is closed. It is told even when the task itself was folded away.
func (s *State) closedPeriod(act approval.Act) error {
	if act.Action != approval.Submit || s.Done(act.ID) != nil || !slices.Contains(s.People, act.Person.ID) {
		return nil
	}
	for _, p := range s.Periods {
		if p.Turn > 0 && !p.Open() && act.TaskID == approval.TaskID(s.Start.CaseID, Reporting, p.Turn, SeatOperator) {
			return approval.Errorf(approval.Conflict, "%[1]s已结，不能再报。", "The period %[1]s is closed and takes no report.", p.Name).At("form/details/report/period")
		}
	}
	return nil
}

func (s *State) checkReporting(task approval.Task, act approval.Act, form Details, now time.Time) error {
	p := s.onTurn(task.Round)
	switch {
	case act.Action == approval.Submit && task.Seat == SeatOperator:
		return s.checkReport(*p, form.Report)
	case act.Action == approval.Submit && task.Seat == SeatPayment:
		return s.checkPayment(form.Payment, now)
	case act.Action == approval.Submit && (urging(task.Seat) || overseeing(task.Seat)):
		return checkMeasure(act)
	case act.Action == approval.Approve && task.Seat == SeatCharity:
		return s.checkReceipt(*p, form.Received, now)
	case act.Action == approval.Approve && arrears(task.Seat) && strings.TrimSpace(act.Comment) == "":
		return approval.Errorf(approval.CommentRequired, "关闭欠报欠缴的一期须说明理由。", "Closing a period that was not settled needs a reason.").At("comment")
	}
	return nil
}

func (s *Statement) validate() error {
	const at = "form/details/statement"
	if s == nil {
		return approval.Errorf(approval.Invalid, "须说明整改情况。", "Say what was put right.").At(at)
	}
	if len(s.Papers) > maxPapers {
		return approval.Errorf(approval.Invalid, "材料不超过%[1]d份。", "Attach at most %[1]d papers.", maxPapers).At(at + "/papers")
	}
	return approval.Between(s.Text, 1, maxNote, at+"/text")
}

// Apply takes a checked act, with all that follows from it inside the case.
func (s *State) Apply(act approval.Act, seq int, now time.Time) approval.Accepted {
	form, _ := approval.DetailsOf[Details](act.Form) // Check has read it
	task := *s.Task(act.TaskID)
	accepted := s.Desk.Apply(act, seq, now)
	switch act.Action {
	case approval.Withdraw:
		s.leave(Leaving{Ground: OperatorLeaves, Reason: act.Comment, By: act.Person.ID, At: now}, now)
	case approval.Terminate:
		s.leave(Leaving{Ground: form.Ground, Reason: act.Comment, By: act.Person.ID, At: now}, now)
	case approval.Submit, approval.Approve, approval.Return, approval.Reject, approval.Abstain, approval.Confirm:
		s.follow(task, act, form, now)
	}
	s.settle(now)
	return accepted
}

// follow carries out what a deciding act means.
func (s *State) follow(task approval.Task, act approval.Act, form Details, now time.Time) {
	switch task.Stage {
	case Reporting:
		s.followReporting(task, act, form, now)
	case Evaluation:
		if act.Action == approval.Submit {
			s.takeScores(form.Scores, act, now)
			return
		}
		s.confirmScores(act, now)
	case Rectification:
		s.concludeRectification(now)
	case Renewal:
		if act.Action == approval.Submit {
			s.takeExtension(task, *form.Renewal, act, now)
			return
		}
		s.decideRenewal(task, act, now)
	case Pricing:
		s.followPricing(task, act, form, now)
	case Exit:
		s.takeHandBack(task, *form.Handover, act, now)
	}
}

func (s *State) followPricing(task approval.Task, act approval.Act, form Details, now time.Time) {
	switch {
	case task.Seat == SeatCommunity:
		s.decidePrices(act, now)
	case act.Action == approval.Submit:
		s.takePrices(*form.Prices, act, now)
	default:
		s.dropPrices(now)
	}
}

func (s *State) followReporting(task approval.Task, act approval.Act, form Details, now time.Time) {
	if urging(task.Seat) {
		s.oversee(task, now)
		return
	}
	p := s.onTurn(task.Round)
	if arrears(task.Seat) {
		s.closeUnpaid(p, act, now)
		return
	}
	switch task.Seat {
	case SeatOperator:
		s.overtaken(task, now)
		s.takeReport(p, *form.Report, act.Person.ID, now)
	case SeatCommunity:
		s.confirmReport(p, act, now)
	case SeatPayment:
		s.overtaken(task, now)
		s.takePayment(p, *form.Payment, act.Person.ID, now)
	case SeatCharity:
		s.takeReceipt(p, act, form.Received, now)
	}
}
