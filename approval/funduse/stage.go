package funduse

import "linli/approval"

// The stages of a case, in the order they are usually passed.
const (
	Screening     approval.Stage = "screening"         // 受理审查: the district's criteria
	Correction                   = approval.Correction // 补正: back with the proposer
	Roster        approval.Stage = "roster"            // 召集管委会; with fewer than three eligible the case stands still here
	Committee     approval.Stage = "committee"         // 管委会评审
	Higher        approval.Stage = "higher"            // 上级审批
	CharityReview approval.Stage = "charity"           // 慈善总会审批
	NoticeBefore  approval.Stage = "notice_before"     // 付款前公示, where the district asks for it
	Payout        approval.Stage = "payout"            // 拨付
	NoticeAfter   approval.Stage = "notice"            // 结果公示
	Disclosure    approval.Stage = "disclosure"        // 进展公开: projects over six months
	Acceptance    approval.Stage = "acceptance"        // 验收结项
	Closed                       = approval.Closed
)

// Stages lists every stage with its display name and what usually follows.
var Stages = []struct {
	Stage approval.Stage
	Name  approval.Text
	Next  approval.Stage
}{
	{Screening, approval.Text{ZH: "受理审查", EN: "screening"}, Committee},
	{Correction, approval.Text{ZH: "补正", EN: "correction"}, Screening},
	{Roster, approval.Text{ZH: "召集管委会", EN: "convening the committee"}, Committee},
	{Committee, approval.Text{ZH: "管委会评审", EN: "committee review"}, Higher},
	{Higher, approval.Text{ZH: "上级审批", EN: "higher approval"}, CharityReview},
	{CharityReview, approval.Text{ZH: "慈善总会审批", EN: "charity approval"}, Payout},
	{NoticeBefore, approval.Text{ZH: "付款前公示", EN: "notice before payout"}, Payout},
	{Payout, approval.Text{ZH: "拨付", EN: "payout"}, NoticeAfter},
	{NoticeAfter, approval.Text{ZH: "结果公示", EN: "public notice"}, Acceptance},
	{Disclosure, approval.Text{ZH: "进展公开", EN: "quarterly disclosure"}, Acceptance},
	{Acceptance, approval.Text{ZH: "验收结项", EN: "acceptance and closing"}, Closed},
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
	case s.Stage == Committee && len(s.Routes) == 0:
		return StageName(CharityReview)
	case s.Stage == CharityReview && s.Parameters.Notice.BeforePayout:
		return StageName(NoticeBefore)
	case s.Stage == Payout && s.Parameters.Notice.BeforePayout:
		return StageName(s.afterNotice())
	case s.Stage == NoticeAfter:
		return StageName(s.afterNotice())
	}
	for _, known := range Stages {
		if known.Stage == s.Stage && known.Next != "" {
			return StageName(known.Next)
		}
	}
	return approval.Text{}
}

// afterNotice is where a paid and published case goes: projects longer than
// six months disclose every three months first (Charity Law art. 79).
func (s *State) afterNotice() approval.Stage {
	if s.Proposal.Months() > disclosureFrom {
		return Disclosure
	}
	return Acceptance
}
