package engagement

import "linli/approval/onboarding"

// Follow is the engagement that follows a completed onboarding case, word for
// word what was agreed there.
func Follow(s *onboarding.State) Start {
	return Start{
		CaseID: ID(s.Start.CaseID), Onboarding: s.Start.CaseID, Scope: s.Start.Scope, Opener: s.Applicant,
		Operator: s.Application.Operator, People: s.Agents(), Space: s.Application.Space, HoldKey: s.HoldKey(), Contract: s.Contract.Hash,
		FundID: s.FundID, Services: s.Application.Services, Share: s.Application.Share,
		StartsOn: s.Application.StartsOn, EndsOn: s.Application.EndsOn, Handover: s.Checklist,
		Pin: s.Pin, Parameters: s.Parameters.Engagement, RepairDays: s.Parameters.Deadlines.Repair, MaxMonths: s.Parameters.Term.MaxMonths,
		OpenedAt: s.ClosedAt,
	}
}
