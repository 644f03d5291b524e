package onboarding

import (
	"slices"
	"strings"
	"time"

	"linli/approval"
)

// Screened takes the evaluation of the screening stage and who is related to
// the operator. Passing cases go on to the desk; the others get one correction
// request that lists everything, and after that the verdict stands.
func (s *State) Screened(evidence approval.Evidence, interested []string, now time.Time) {
	s.Keep(evidence)
	s.Interested = interested
	switch evidence.Outcome {
	case approval.OutcomePass, approval.OutcomeReview:
		s.Routes = evidence.Approvals
		s.enterReview(now)
	default:
		s.sendBack(evidence.Reasons(), now)
	}
}

// sendBack asks once for a correction of everything named; a second time the
// case is rejected with the same reasons.
func (s *State) sendBack(reasons []string, now time.Time) {
	if !s.MayCorrect() {
		s.refuse(strings.Join(reasons, ";"), now)
		return
	}
	s.askCorrection(reasons, now)
}

func (s *State) askCorrection(reasons []string, now time.Time) {
	s.AskCorrection(reasons, approval.Task{Seat: SeatApplicant, Persons: s.applicants(), Days: s.Parameters.Deadlines.Correction}, now)
}

func (s *State) checkCorrection(form Details, now time.Time) error {
	if form.Application == nil {
		return approval.Errorf(approval.Invalid, "补正须附完整的申请内容。", "A correction carries the whole application.").At("form/details/application")
	}
	was, is := s.Application, form.Application
	if (is.Takeover == nil) != (was.Takeover == nil) {
		return approval.Errorf(approval.Invalid, "补正不能在准入申请与存量合同接续之间转换。", "A correction cannot turn an application into a takeover or back.").At("form/details/takeover")
	}
	if is.Operator.ID != was.Operator.ID || is.Space.ID != was.Space.ID || is.CallID != was.CallID {
		return approval.Errorf(approval.Invalid, "补正不能更换运营主体、阵地或招引。", "A correction cannot change the operator, the space or the call.").At("form/details/application")
	}
	if err := is.Validate(); err != nil {
		return err
	}
	return is.Current(now)
}

// CloseCorrection starts over with the corrected application, or lets the case
// lapse if nobody corrected it in time.
func (s *State) CloseCorrection(now time.Time) {
	if s.Uncorrected() {
		s.End(approval.Lapsed, "逾期未补正", now)
		return
	}
	s.Reason = ""
	s.back(s.first(), now)
}

// deciding is what an approving office may do.
var deciding = []approval.Action{
	approval.Approve, approval.Reject, approval.Return, approval.AskCorrection,
	approval.Reassign, approval.Delegate, approval.AddReviewer, approval.Copy,
}

var reviewLevels = []struct {
	level string
	role  approval.Role
	at    approval.Level
}{
	{LevelCommunity, approval.Secretary, approval.Community},
	{LevelSubdistrict, approval.SubdistrictApprover, approval.Subdistrict},
	{LevelDistrict, approval.DistrictApprover, approval.District},
}

// levels are the desk reviews this case needs, lowest first, each once. A
// level nobody knows is the district's business, so that no review is ever
// dropped, and so is a case nobody is to review.
func (s *State) levels() []string {
	if s.TakesOver() {
		return confirming
	}
	asked := slices.Clone(s.Parameters.Review.Levels)
	for _, route := range s.Routes {
		asked = append(asked, route.Level)
	}
	if len(asked) == 0 {
		asked = []string{LevelDistrict}
	}
	var needed []string
	for _, known := range reviewLevels {
		wanted := func(level string) bool {
			unknown := level != LevelCommunity && level != LevelSubdistrict && level != LevelDistrict
			return level == known.level || (unknown && known.level == LevelDistrict)
		}
		if slices.ContainsFunc(asked, wanted) {
			needed = append(needed, known.level)
		}
	}
	return needed
}

func (s *State) enterReview(now time.Time) {
	s.back(DeskReview, now)
	s.openReview(s.levels()[0], now)
}

// openReview asks the office of a level. Nobody reviews twice, nobody who has
// an interest reviews at all.
func (s *State) openReview(level string, now time.Time) {
	for _, known := range reviewLevels {
		if known.level != level {
			continue
		}
		s.Ask(now, DeskReview, approval.Task{
			Seat: level, Kind: approval.Decision, Role: known.role, Scope: s.Start.Scope.Up(known.at),
			Excluded: append(s.outsiders(), s.reviewedBelow()...), Days: s.Parameters.Deadlines.DeskReview, Actions: deciding,
		})
	}
}

// reviewedBelow are the people who approved at the lower levels of the running
// round.
func (s *State) reviewedBelow() []string { return s.DecidedBy(DeskReview, s.levels()) }

// checkReview: over a failed review criterion the last office approves only by
// saying why it may go on.
func (s *State) checkReview(task approval.Task, act approval.Act) error {
	levels := s.levels()
	if s.OutcomeOf(Screening) == approval.OutcomeReview && task.Seat == levels[len(levels)-1] && strings.TrimSpace(act.Comment) == "" {
		return approval.Errorf(approval.CommentRequired, "有审查项需人工认定，同意时须说明理由。",
			"A criterion needs a person's judgement: an approval must give its reason.").At("comment")
	}
	return nil
}

// Reviewed reports whether the office on duty has decided.
func (s *State) Reviewed() bool { return len(s.OpenAt(DeskReview)) == 0 }

// CloseReview moves on after an office's act: the next level, the panel, the
// ranking, the notice, back, or out.
func (s *State) CloseReview(now time.Time) {
	for _, level := range s.levels() {
		act := s.DecisionOf(DeskReview, level)
		if act == nil {
			s.openReview(level, now)
			return
		}
		if act.Action != approval.Approve {
			s.turnBack(*act, now)
			return
		}
	}
	s.Reason = ""
	if s.TakesOver() {
		s.Enter(Handover, now)
		return
	}
	if s.Panel() {
		s.Enter(Panel, now)
		return
	}
	s.admit(now)
}

// admit takes a case every office agrees with to the call's ranking, or
// straight to the notice; a candidate whose turn it is has been ranked.
func (s *State) admit(now time.Time) {
	if s.Called() && !s.Place.Turn {
		s.Enter(Ranking, now)
		return
	}
	s.Enter(Notice, now)
}

// turnBack carries out a negative decision of an office.
func (s *State) turnBack(act approval.Accepted, now time.Time) {
	switch {
	case act.Action == approval.AskCorrection:
		s.askCorrection(act.Form.Items, now)
	case act.Action == approval.Return && act.Form.Stage == DeskReview:
		s.enterReview(now)
	case act.Action == approval.Return:
		s.askCorrection([]string{act.Comment}, now)
	default:
		s.refuse(act.Comment, now)
	}
}

func (s *State) checkReturn(to approval.Stage) error {
	if s.Stage != DeskReview || (to != Correction && to != DeskReview) {
		return approval.Errorf(approval.Invalid, "不能退回到“%[1]s”环节。", "The case cannot be returned to %[2]q from here.", StageName(to).ZH, string(to)).At("form/stage")
	}
	return nil
}
