package onboarding

import (
	"strings"
	"time"

	"linli/approval"
)

// NoticeKindAdmission is the notice of an operator about to be admitted.
const NoticeKindAdmission = "admission"

// DraftNotice is what will be published: who is to run which space, what for,
// at which prices, every criterion explained, every office that agreed.
func (s *State) DraftNotice(now time.Time) approval.Notice {
	a := s.Application
	admission := &approval.NoticeAdmission{
		Operator: a.Operator.Name, CreditCode: a.Operator.CreditCode, Space: a.Space.Name, Area: a.Space.Area,
		StartsOn: a.StartsOn, EndsOn: a.EndsOn, Share: a.Share.Text(),
	}
	if s.Result.Counted > 0 {
		admission.Score = s.Result.Mean()
	}
	for _, service := range a.Services {
		admission.Services = append(admission.Services, approval.NoticeService{
			Name: service.Name, Price: service.Price, Unit: service.Unit, Price60: service.At(service.Over60), Price80: service.At(service.Over80),
		})
	}
	return approval.Notice{
		ID: s.NoticeID(), CaseID: s.Start.CaseID, Scope: s.Start.Scope, Kind: NoticeKindAdmission, Title: a.Title, Amount: a.FitOut.Cost,
		Category: approval.Text{ZH: "运营主体准入", EN: "operator onboarding"}, Purpose: a.Summary, Payee: a.Operator.Name,
		Steps: s.steps(), Evidence: s.Evidence, ContentHash: s.ContentHash, Pin: s.Pin,
		Days: s.Parameters.Notice.Days, DayKind: s.Parameters.Notice.DayKind, PublishedAt: now, Admission: admission,
	}
}

// steps are the application and the deciding acts so far, by office. Single
// scores stay with the panel; the notice shows the result.
func (s *State) steps() []approval.NoticeStep {
	filed := approval.NoticeStep{
		Stage: StageName(Screening), Office: approval.Text{ZH: "运营主体", EN: "operator"}, Action: approval.ActionName(approval.Submit), At: s.OpenedAt,
	}
	return append([]approval.NoticeStep{filed}, s.NoticeSteps(StageName, office, Panel)...)
}

var offices = []struct {
	stage approval.Stage
	seat  string
	name  approval.Text
}{
	{DeskReview, LevelCommunity, approval.Text{ZH: "社区", EN: "community"}},
	{DeskReview, LevelSubdistrict, approval.Text{ZH: "街道办事处(镇政府)", EN: "subdistrict office"}},
	{DeskReview, LevelDistrict, approval.Text{ZH: "区级牵头部门", EN: "lead district department"}},
	{Reconsideration, SeatReviewer, approval.Text{ZH: "复核机关", EN: "reconsidering office"}},
	{Notice, "", approval.Text{ZH: "异议处理", EN: "objection office"}},
}

func office(act approval.Accepted) approval.Text {
	for _, known := range offices {
		if known.stage == act.Stage && strings.HasPrefix(act.Seat, known.seat) {
			return known.name
		}
	}
	return approval.Text{ZH: "运营主体", EN: "operator"}
}

func (s *State) openObjection(task approval.Task, form Details, now time.Time) {
	if task.Stage == Reconsideration {
		s.askReconsideration(now)
		return
	}
	s.OpenObjection(form.ObjectionID, s.Parameters.Notice.AnswerDays, append(s.outsiders(), s.deciders(DeskReview, Scoring)...), now)
}

// checkUphold: an upheld objection sends the case back to the desk, or rejects
// it where no stage is named.
func (s *State) checkUphold(at, to approval.Stage) error {
	if at == Reconsideration {
		return s.checkReconsidered(to)
	}
	if to != "" && to != DeskReview {
		return approval.Errorf(approval.Invalid, "异议成立后只能退回初审，或不写环节即不予通过。", "An upheld objection sends the case to desk_review or, with no stage named, rejects it.").At("form/stage")
	}
	return nil
}

func (s *State) uphold(task approval.Task, act approval.Act, now time.Time) {
	if task.Stage == Reconsideration { // CloseReconsideration moves the case
		return
	}
	s.Course.Notice.Ended = false // what was noticed is not what will be
	if act.Form.Stage == DeskReview {
		s.Reason = act.Comment
		s.enterReview(now)
		return
	}
	s.End(approval.Rejected, "公示期异议成立："+act.Comment, now)
}

// Answers are the public answers an accepted act gives to objections.
func (s *State) Answers(act approval.Accepted) []approval.Objection {
	if act.Stage != Notice { // an applicant's objection is not the public's
		return nil
	}
	return s.Course.Answers(act, "因另一异议成立,本事项不再按原公示办理,一并处理:")
}

// NoticeOver reports whether the clock has run out and every objection is
// answered, or the case has left the notice.
func (s *State) NoticeOver() bool { return s.Stage != Notice || s.NoticeSettled() }

// CloseNotice moves on after an uneventful or settled notice.
func (s *State) CloseNotice(now time.Time) { s.Enter(Signing, now) }
