package funduse

import (
	"slices"
	"time"

	"linli/approval"
)

// Check refuses an act the case does not allow now; it changes nothing and
// may be asked as often as one likes.
func (s *State) Check(act approval.Act, now time.Time) error {
	if err := s.Desk.Check(act, now); err != nil {
		return err
	}
	if s.Desk.Done(act.ID) != nil {
		return nil
	}
	form, err := details(act)
	if err != nil {
		return err
	}
	task := s.Task(act.TaskID)
	switch act.Action {
	case approval.Withdraw, approval.Terminate:
		return s.checkStop()
	case approval.Return:
		return s.checkReturn(act.Form.Stage)
	case approval.Correct:
		return s.checkCorrection(form)
	case approval.Approve:
		return s.checkApproval(*task, form)
	case approval.Submit:
		return s.checkSubmission(*task, form, act.Comment)
	case approval.Object:
		return s.CheckObjection(form.ObjectionID, now)
	}
	return nil
}

// checkStop: once money is on its way the case can only run to its end. By
// hand it is so from the moment the cashier has entered the bank's receipt.
func (s *State) checkStop() error {
	if s.Payment.Status == Sent || s.Payment.Status == Paid || s.paidByHand() {
		return approval.Errorf(approval.Conflict, "款项已付出,不能撤回或终止;如有问题请提出异议。", "The money has been sent; the case can no longer be withdrawn or terminated. File an objection instead.")
	}
	return nil
}

func (s *State) paidByHand() bool {
	maker := s.DecisionOf(Payout, SeatMaker)
	return s.Gateway == Manual && s.Stage == Payout && maker != nil && maker.Action == approval.Approve
}

// returnable lists where a stage may send a case back to.
func (s *State) returnable() []approval.Stage {
	switch s.Stage {
	case Higher:
		return []approval.Stage{Correction, Committee}
	case CharityReview:
		targets := []approval.Stage{Correction, Committee}
		if len(s.Routes) > 0 {
			targets = append(targets, Higher)
		}
		return targets
	case Payout:
		return []approval.Stage{CharityReview, Correction}
	case Acceptance:
		return []approval.Stage{Acceptance}
	}
	return nil
}

func (s *State) checkReturn(to approval.Stage) error {
	if !slices.Contains(s.returnable(), to) {
		return approval.Errorf(approval.Invalid, "不能退回到“%[1]s”环节。", "The case cannot be returned to %[2]q from here.", StageName(to).ZH, string(to)).At("form/stage")
	}
	return nil
}

func (s *State) checkCorrection(form Details) error {
	if form.Proposal == nil {
		return approval.Errorf(approval.Invalid, "补正须附完整的申请内容。", "A correction carries the whole proposal.").At("form/details/proposal")
	}
	if form.Proposal.FundID != s.Proposal.FundID {
		return approval.Errorf(approval.Invalid, "补正不能更换基金。", "A correction cannot change the fund.").At("form/details/proposal/fund_id")
	}
	return form.Proposal.Validate()
}

func (s *State) checkApproval(task approval.Task, form Details) error {
	if task.Stage != Payout {
		return nil
	}
	if task.Seat == SeatMaker && s.Gateway == Manual {
		if err := form.reference(); err != nil {
			return err
		}
	}
	return s.PayoutAllowed()
}

func (s *State) checkSubmission(task approval.Task, form Details, comment string) error {
	switch task.Seat {
	case SeatApplicant:
		return s.checkAcceptance(form)
	case SeatRefund:
		if form.Amount != s.Unused {
			return approval.Errorf(approval.Invalid, "退回金额应为%[1]s元。", "The money to come back is %[1]s yuan.", s.Unused.Yuan()).At("form/details/amount")
		}
		return form.reference()
	}
	if task.Stage == Disclosure && form.Text == "" {
		return approval.Errorf(approval.Invalid, "须填写进展情况。", "Describe the progress.").At("form/details/text")
	}
	if isRecovery(task) {
		return s.checkRecovery(form, comment)
	}
	return nil
}

// Apply takes a checked act and returns what was recorded. Where the act
// settles its stage, the workflow moves the case on; see Advance.
func (s *State) Apply(act approval.Act, seq int, now time.Time) approval.Accepted {
	form, _ := details(act) // Check has read it
	task := *s.Task(act.TaskID)
	accepted := s.Desk.Apply(act, seq, now)
	switch act.Action {
	case approval.Withdraw:
		s.End(approval.Withdrawn, act.Comment, now)
	case approval.Terminate:
		s.End(approval.Terminated, act.Comment, now)
	case approval.Recuse:
		s.recuse(act.Person.ID, act.Comment, now)
	case approval.Correct:
		s.Proposal, s.ContentHash = *form.Proposal, form.Proposal.Hash()
	case approval.Object:
		s.OpenObjection(form.ObjectionID, s.Parameters.Notice.AnswerDays, []string{s.Proposer}, now)
	case approval.Uphold, approval.Overrule:
		s.answerObjection(task, act, now)
	case approval.Submit:
		if isRecovery(task) {
			s.Payment.Recovered += form.Amount
		}
	}
	return accepted
}
