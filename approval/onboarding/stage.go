package onboarding

import "linli/approval"

// The stages of a case, in the order they are usually passed.
const (
	Screening       approval.Stage = "screening" // 准入审查: the district's criteria
	TakingOver      approval.Stage = "takeover"  // 存量合同接续: an existing contract, instead of the screening
	Correction                     = approval.Correction
	DeskReview      approval.Stage = "desk_review"     // 初审: community, subdistrict, district as routed
	Reconsideration approval.Stage = "reconsideration" // 复核: the applicant's objection to a rejection
	Panel           approval.Stage = "panel"           // 组建评分小组; with too few scorers the case stands still here
	Scoring         approval.Stage = "scoring"         // 评分
	Ranking         approval.Stage = "ranking"         // 排序: waits for the call
	Notice          approval.Stage = "notice"          // 准入公示
	Signing         approval.Stage = "signing"         // 签约
	Handover        approval.Stage = "handover"        // 空间移交
	Closed                         = approval.Closed
)

// Stages lists every stage with its display name and what usually follows.
var Stages = []struct {
	Stage approval.Stage
	Name  approval.Text
	Next  approval.Stage
}{
	{Screening, approval.Text{ZH: "准入审查", EN: "admission screening"}, DeskReview},
	{TakingOver, approval.Text{ZH: "存量合同接续", EN: "takeover of an existing contract"}, DeskReview},
	{Correction, approval.Text{ZH: "补正", EN: "correction"}, Screening},
	{DeskReview, approval.Text{ZH: "初审", EN: "desk review"}, Notice},
	{Reconsideration, approval.Text{ZH: "异议复核", EN: "reconsideration"}, Closed},
	{Panel, approval.Text{ZH: "组建评分小组", EN: "forming the scoring panel"}, Scoring},
	{Scoring, approval.Text{ZH: "评分", EN: "scoring"}, Notice},
	{Ranking, approval.Text{ZH: "招引排序", EN: "ranking under the call"}, Notice},
	{Notice, approval.Text{ZH: "准入公示", EN: "admission notice"}, Signing},
	{Signing, approval.Text{ZH: "签约", EN: "signing"}, Handover},
	{Handover, approval.Text{ZH: "空间移交", EN: "handover"}, Closed},
	{Closed, approval.Text{ZH: "已结束", EN: "closed"}, ""},
}

// StageName is the display name of a stage.
func StageName(stage approval.Stage) approval.Text {
	for _, known := range Stages {
		if known.Stage == stage {
			return known.Name
		}
	}
	return approval.Text{ZH: string(stage), EN: string(stage)}
}

// next names what comes after the stage in this case.
func (s *State) next() approval.Text {
	switch {
	case s.Stage == DeskReview && s.TakesOver():
		return StageName(Handover)
	case s.Stage == Correction && s.TakesOver():
		return StageName(TakingOver)
	case s.Stage == DeskReview && s.Panel():
		return StageName(Scoring)
	case (s.Stage == DeskReview || s.Stage == Scoring) && s.Called():
		return StageName(Ranking)
	}
	for _, known := range Stages {
		if known.Stage == s.Stage && known.Next != "" {
			return StageName(known.Next)
		}
	}
	return approval.Text{}
}

// Panel reports whether a panel scores this case.
func (s *State) Panel() bool { return s.Parameters.Panel.Sits(s.Called()) }

// Called reports whether the application answers a call.
func (s *State) Called() bool { return s.Application.CallID != "" }
