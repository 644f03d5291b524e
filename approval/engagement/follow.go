package engagement

import "linli/approval/onboarding"

// Follow is the engagement that follows a completed onboarding case, word for
// word what was agreed there.
func Follow(s *onboarding.State) Start {
	start := Start{
		CaseID: ID(s.Start.CaseID), Onboarding: s.Start.CaseID, Scope: s.Start.Scope, Opener: s.Applicant,
		Operator: s.Application.Operator, People: s.Agents(), Space: s.Application.Space, HoldKey: s.HoldKey(), Contract: s.ContractHash(),
		FundID: s.FundID, Services: s.Application.Services, Share: s.Application.Share,
		StartsOn: s.Application.StartsOn, EndsOn: s.Application.EndsOn, Handover: s.Checklist,
		Pin: s.Pin, Parameters: s.Parameters.Engagement, RepairDays: s.Parameters.Deadlines.Repair, MaxMonths: s.Parameters.Term.MaxMonths,
		OpenedAt: s.ClosedAt,
	}
	if paper := s.Application.Takeover; paper != nil {
		start.TakenOver = &TakenOver{
			SignedOn: paper.SignedOn, SettledTo: paper.SettledTo, EvaluatedTo: paper.EvaluatedTo,
			ConfirmedBy: s.Confirmed(), Papers: s.Application.Attachments,
		}
	}
	return start
}
