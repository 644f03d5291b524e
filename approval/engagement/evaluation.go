package engagement

import (
	"fmt"
	"time"

	"linli/approval"
)

// Item is one line of the yearly score sheet.
type Item struct {
	ID   string        `json:"id"`
	Name approval.Text `json:"name"`
	Most int64         `json:"most"` // points
}

// Sheet is the score sheet of 100 points. It is a sample (示例), not Zibo's own.
var Sheet = []Item{
	{"public_service", approval.Text{ZH: "公益服务", EN: "public-benefit service"}, 25},
	{"satisfaction", approval.Text{ZH: "居民满意度", EN: "residents' satisfaction"}, 25},
	{"prices", approval.Text{ZH: "价格与优惠兑现", EN: "prices and discounts kept"}, 15},
	{"safety", approval.Text{ZH: "安全（消防、食品）", EN: "safety: fire and food"}, 20},
	{"finance", approval.Text{ZH: "财务与反哺", EN: "accounts and share"}, 15},
}

// Band is what a score amounts to.
type Band string

// The bands; where they begin is the district's parameter.
const (
	Excellent Band = "excellent" // 优秀
	Good      Band = "good"      // 良好
	Pass      Band = "pass"      // 合格
	Fail      Band = "fail"      // 不合格
)

// Bands lists every band with its display name.
var Bands = []struct {
	Band Band
	Name approval.Text
}{
	{Excellent, approval.Text{ZH: "优秀", EN: "excellent"}},
	{Good, approval.Text{ZH: "良好", EN: "good"}},
	{Pass, approval.Text{ZH: "合格", EN: "pass"}},
	{Fail, approval.Text{ZH: "不合格", EN: "fail"}},
}

// Score is the points given for one item of the sheet.
type Score struct {
	Item   string `json:"item"`
	Points int64  `json:"points"`
}

// Assessment is one yearly evaluation, or its repetition after rectification.
type Assessment struct {
	Year    string    `json:"year"` // contract year, "2026-01-01/2026-12-31"
	Turn    int       `json:"turn"`
	Again   bool      `json:"again,omitempty"` // after a rectification
	Scores  []Score   `json:"scores,omitempty"`
	Total   int64     `json:"total"`
	Comment string    `json:"comment,omitempty"`
	By      []string  `json:"by,omitempty"`
	Band    Band      `json:"band,omitempty"` // once the subdistrict has confirmed it
	At      time.Time `json:"at,omitzero"`
}

// Statement is a text with its papers: what was put right, why somebody leaves.
type Statement struct {
	Text   string              `json:"text"`
	Papers []approval.Attached `json:"papers,omitempty"`
}

// openEvaluation opens the evaluation owed longest, unless one is under way or
// a rectification runs: then it waits its turn.
func (s *State) openEvaluation(now time.Time) {
	if len(s.Owed) == 0 || s.Stage != Operating || s.evaluating() {
		return
	}
	year := s.Owed[0]
	s.Owed = s.Owed[1:]
	s.assess(year, false, now)
}

func (s *State) assess(year string, again bool, now time.Time) {
	s.Evaluations = append(s.Evaluations, Assessment{Year: year, Again: again})
	s.askScores(now)
}

// askScores asks the community for the sheet of the assessment under way.
func (s *State) askScores(now time.Time) {
	current := s.assessment()
	current.Turn = s.turn(Evaluation)
	task := s.office(SeatCommunity, approval.Secretary, s.Parameters.EvaluationDays)
	task.Kind, task.Actions = approval.Form, []approval.Action{approval.Submit, approval.Reassign, approval.Copy}
	s.ask(now, Evaluation, current.Turn, s.ContentHash, task)
}

func (s *State) assessment() *Assessment {
	if len(s.Evaluations) == 0 {
		return nil
	}
	return &s.Evaluations[len(s.Evaluations)-1]
}

// evaluating reports whether an assessment waits for its band.
func (s *State) evaluating() bool {
	current := s.assessment()
	return current != nil && current.Band == ""
}

func checkScores(scores []Score) error {
	const at = "form/details/scores"
	if len(scores) != len(Sheet) {
		return approval.Errorf(approval.Invalid, "考核表须逐项评分，共%[1]d项。", "The sheet takes points for each of its %[1]d items.", len(Sheet)).At(at)
	}
	for i, item := range Sheet {
		if score := scores[i]; score.Item != item.ID || score.Points < 0 || score.Points > item.Most {
			return approval.Errorf(approval.Invalid, "第%[1]d项应为“%[2]s”，0至%[3]d分。", "Item %[1]d is %[4]q, with 0 to %[3]d points.",
				i+1, item.Name.ZH, item.Most, item.ID).At(fmt.Sprintf("%s/%d", at, i))
		}
	}
	return nil
}

func (s *State) takeScores(scores []Score, act approval.Act, now time.Time) {
	current := s.assessment()
	current.Scores, current.Total, current.Comment, current.By = scores, 0, act.Comment, people(act)
	for _, score := range scores {
		current.Total += score.Points
	}
	task := s.office(SeatSubdistrict, approval.SubdistrictApprover, s.Parameters.EvaluationDays, current.By...)
	s.ask(now, Evaluation, current.Turn, approval.ContentHash(*current), task)
}

// confirmScores gives the band; a failed evaluation leads to rectification, as
// many in a row as the district allows lead to the exit.
func (s *State) confirmScores(act approval.Act, now time.Time) {
	if act.Action == approval.Return {
		s.askScores(now)
		return
	}
	current := s.assessment()
	current.Band, current.At = s.band(current.Total), now
	if current.Band != Fail {
		s.Failures = 0
		if s.Stage == Rectification {
			s.Enter(Operating, now)
		}
		s.openRenewal(now)
		s.openEvaluation(now)
		return
	}
	if s.Failures++; s.Failures >= s.Parameters.FailuresToExit {
		reason := fmt.Sprintf("年度考核%d分，连续%d次不合格", current.Total, s.Failures)
		s.leave(Leaving{Ground: FailedEvaluation, Reason: reason, By: act.Person.ID, At: now}, now)
		return
	}
	s.rectify(now)
}

func (s *State) band(total int64) Band {
	switch p := s.Parameters; {
	case total >= p.Excellent:
		return Excellent
	case total >= p.Good:
		return Good
	case total >= p.Pass:
		return Pass
	}
	return Fail
}

func (s *State) rectify(now time.Time) {
	s.Enter(Rectification, now)
	s.ask(now, Rectification, s.Round(Rectification), s.ContentHash, s.operator(SeatOperator, s.Parameters.RectificationDays, approval.Submit))
}

// concludeRectification opens the evaluation anew: the operator has reported,
// or its time is over.
func (s *State) concludeRectification(now time.Time) {
	if s.Stage != Rectification || s.evaluating() {
		return
	}
	s.cancel(now, Rectification, 0)
	s.assess(s.assessment().Year, true, now)
}
