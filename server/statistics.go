package server

import (
	"context"

	"linli/approval"
	"linli/approval/statistics"
)

// Statistics are the figures a city reports of its communities.
type Statistics interface {
	Statistics(ctx context.Context, plan statistics.Plan) (statistics.Facts, error)
	CommunityAge(ctx context.Context, scope approval.Scope) (statistics.AgeStatement, error)
	StateCommunityAge(ctx context.Context, wanted statistics.AgeStatement) (statistics.AgeStatement, error)
}

// figureReaders see the figures of the scopes they hold the role at. The public
// does not: what is published is each notice and bulletin.
var figureReaders = []approval.Role{
	approval.Handler, approval.Secretary, approval.Supervisor, approval.SubdistrictApprover, approval.DistrictApprover, approval.RuleKeeper,
	approval.CharityOfficer, approval.Auditor, approval.Administrator,
}

var ageStaters = []approval.Role{approval.Secretary, approval.DistrictApprover, approval.Administrator}

func (s *Server) statisticsRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "/v1/statistics", Operation: "readStatistics", Allow: Holding(figureReaders...), Handle: read(s.statistics)},
		{Method: "GET", Path: "/v1/statistics.xlsx", Operation: "exportStatistics", Allow: Holding(figureReaders...), Handle: s.statisticsBook},
		{Method: "GET", Path: "/v1/communities/{community}/age", Operation: "readCommunityAge", Allow: SignedIn(), Handle: read(s.communityAge)},
		{Method: "PUT", Path: "/v1/communities/{community}/age", Operation: "stateCommunityAge", Allow: Holding(ageStaters...), Handle: write(s.stateCommunityAge)},
	}
}

func (s *Server) statistics(ctx context.Context, c call) (statistics.Report, error) {
	question := statistics.Question{
		Scope: approval.Scope(c.Query("scope")), AsOf: c.Query("as_of"), From: c.Query("from"), By: statistics.Step(c.Query("by")),
	}
	if err := approval.Permit(c.Person, question.Scope, figureReaders...); err != nil {
		return statistics.Report{}, err
	}
	plan, err := question.Plan(c.Now)
	if err != nil {
		return statistics.Report{}, err
	}
	facts, err := s.records.Statistics(ctx, plan)
	if err != nil {
		return statistics.Report{}, err
	}
	return statistics.Reckon(plan, facts)
}

func (s *Server) communityAge(ctx context.Context, c call) (statistics.AgeStatement, error) {
	scope, err := s.communityOf(ctx, c)
	if err != nil {
		return statistics.AgeStatement{}, err
	}
	return s.records.CommunityAge(ctx, scope)
}

type newAge struct {
	Age statistics.Age `json:"age"`
}

func (s *Server) stateCommunityAge(ctx context.Context, c call, in newAge) (statistics.AgeStatement, error) {
	scope, err := s.communityOf(ctx, c)
	if err != nil {
		return statistics.AgeStatement{}, err
	}
	if err := approval.Permit(c.Person, scope, ageStaters...); err != nil {
		return statistics.AgeStatement{}, err
	}
	wanted := statistics.AgeStatement{Scope: scope, Age: in.Age, By: c.Person.ID, At: c.Now}
	if err := wanted.Validate(); err != nil {
		return statistics.AgeStatement{}, err
	}
	return s.records.StateCommunityAge(ctx, wanted)
}
