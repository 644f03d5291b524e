package onboarding

import (
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
	form, err := details(act.Form)
	if err != nil {
		return err
	}
	task := *s.Task(act.TaskID)
	if len(form.Attachments) > 0 && (task.Stage != Reconsideration || act.Action != approval.Object) {
		return approval.Errorf(approval.Invalid, "此操作不附材料。", "This act takes no papers.").At("form/details/attachments")
	}
	switch act.Action {
	case approval.Withdraw:
		return s.withdrawable()
	case approval.Return:
		return s.checkReturn(act.Form.Stage)
	case approval.Correct:
		return s.checkCorrection(form, now)
	case approval.Approve:
		return s.checkReview(task, act)
	case approval.Submit, approval.Confirm:
		return s.checkSubmission(task, act, form, now)
	case approval.Object:
		if task.Stage == Reconsideration {
			return nil
		}
		return s.CheckObjection(form.ObjectionID, now)
	case approval.Uphold:
		return s.checkUphold(task.Stage, act.Form.Stage)
	case approval.Sign:
		return s.checkSignature(task, act, now)
	}
	return nil
}

func (s *State) checkSubmission(task approval.Task, act approval.Act, form Details, now time.Time) error {
	switch task.Stage {
	case Scoring:
		return s.checkScores(form.Scores)
	case Handover:
		return s.checkHandover(task, act, form, now)
	}
	return nil
}

// Apply takes a checked act and returns what was recorded. Where the act
// settles its stage, the workflow moves the case on.
func (s *State) Apply(act approval.Act, seq int, now time.Time) approval.Accepted {
	form, _ := details(act.Form) // Check has read it
	task := *s.Task(act.TaskID)
	accepted := s.Desk.Apply(act, seq, now)
	switch act.Action {
	case approval.Withdraw:
		s.End(approval.Withdrawn, act.Comment, now)
	case approval.Terminate:
		s.End(approval.Terminated, act.Comment, now)
	case approval.Correct:
		s.Application, s.ContentHash = *form.Application, form.Application.Hash()
	case approval.Object:
		s.openObjection(task, form, now)
	case approval.Uphold:
		s.uphold(task, act, now)
	case approval.Sign:
		s.Contract.Sign(accepted)
	case approval.Submit, approval.Confirm:
		if task.Stage == Handover {
			s.takeHandover(task, act, *form.Handover, now)
		}
	}
	return accepted
}
