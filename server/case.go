package server

import (
	"context"
	"time"

	"linli/approval"
	"linli/approval/funduse"
)

// Cases reads the copy of cases; one the caller may not see is not found.
type Cases interface {
	Cases(ctx context.Context, filter approval.CaseFilter, page approval.Page) ([]approval.CaseView, string, error)
	Case(ctx context.Context, caseID string) (approval.CaseView, error)
	CaseSteps(ctx context.Context, caseID string) ([]approval.StepView, error)
	CaseTasks(ctx context.Context, caseID string, now time.Time) ([]approval.TaskView, error)
	CaseEvidence(ctx context.Context, caseID string) ([]approval.Evidence, error)
	// Proposal reads a version by its content hash; "" is the one the case
	// decides on now.
	Proposal(ctx context.Context, caseID, hash string) (funduse.Proposal, error)
	Content(ctx context.Context, caseID, hash string) (approval.Content, error)
}

func (s *Server) caseRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "/v1/cases", Operation: "listCases", Allow: SignedIn(), Handle: read(s.listCases)},
		{Method: "GET", Path: "/v1/cases/{case}", Operation: "readCase", Allow: SignedIn(), Handle: read(s.readCase)},
		{Method: "GET", Path: "/v1/cases/{case}/steps", Operation: "listSteps", Allow: SignedIn(), Handle: read(s.listSteps)},
		{Method: "GET", Path: "/v1/cases/{case}/tasks", Operation: "listCaseTasks", Allow: SignedIn(), Handle: read(s.listCaseTasks)},
		{Method: "GET", Path: "/v1/cases/{case}/waiting", Operation: "readWaiting", Allow: SignedIn(), Handle: read(s.readWaiting)},
		{Method: "GET", Path: "/v1/cases/{case}/evidence", Operation: "listEvidence", Allow: SignedIn(), Handle: read(s.listEvidence)},
		{Method: "GET", Path: "/v1/cases/{case}/proposal", Operation: "readProposal", Allow: SignedIn(), Handle: read(s.readProposal)},
	}
}

func (s *Server) listCases(ctx context.Context, c call) (list[approval.CaseView], error) {
	filter := approval.CaseFilter{
		Scope: approval.Scope(c.Query("scope")), Status: approval.CaseStatus(c.Query("status")),
		Stage: approval.Stage(c.Query("stage")), Search: c.Query("search"),
	}
	items, next, err := s.records.Cases(ctx, filter, c.Page)
	return listOf(items, next), err
}

func (s *Server) readCase(ctx context.Context, c call) (approval.CaseView, error) {
	return s.records.Case(ctx, c.Param("case"))
}

// Sub-resources ask for the case first: of a case nobody may see there is not
// even an empty list.
func (s *Server) listSteps(ctx context.Context, c call) (list[approval.StepView], error) {
	if _, err := s.readCase(ctx, c); err != nil {
		return list[approval.StepView]{}, err
	}
	items, err := s.records.CaseSteps(ctx, c.Param("case"))
	return listOf(items, ""), err
}

func (s *Server) listCaseTasks(ctx context.Context, c call) (list[approval.TaskView], error) {
	if _, err := s.readCase(ctx, c); err != nil {
		return list[approval.TaskView]{}, err
	}
	items, err := s.records.CaseTasks(ctx, c.Param("case"), c.Now)
	return listOf(items, ""), err
}

func (s *Server) listEvidence(ctx context.Context, c call) (list[approval.Evidence], error) {
	if _, err := s.readCase(ctx, c); err != nil {
		return list[approval.Evidence]{}, err
	}
	items, err := s.records.CaseEvidence(ctx, c.Param("case"))
	return listOf(items, ""), err
}

// proposalView is what the case decides on, with the hash every act names.
type proposalView struct {
	ContentHash string           `json:"content_hash"`
	Proposal    funduse.Proposal `json:"proposal"`
}

func (s *Server) readProposal(ctx context.Context, c call) (proposalView, error) {
	proposal, err := s.records.Proposal(ctx, c.Param("case"), c.Query("content_hash"))
	return proposalView{ContentHash: proposal.Hash(), Proposal: proposal}, err
}

// waitingView says whom the case waits for and who says so: the case itself,
// or the copy in the database while the case does not answer in time.
type waitingView struct {
	approval.Waiting
	Source string `json:"source"`
}

const (
	fromCase = "case"
	fromCopy = "copy"
)

func (s *Server) readWaiting(ctx context.Context, c call) (waitingView, error) {
	row, err := s.readCase(ctx, c)
	if err != nil {
		return waitingView{}, err
	}
	if row.Status == approval.Running {
		asking, cancel := context.WithTimeout(ctx, queryTimeout)
		defer cancel()
		waiting, err := s.config.Engine.Waiting(asking, row.CaseID)
		if err == nil {
			return waitingView{Waiting: seated(waiting), Source: fromCase}, nil
		}
		s.log.WarnContext(ctx, "asking a case whom it waits for", "error", err, "case", row.CaseID, "request_id", c.RequestID)
	}
	tasks, err := s.records.CaseTasks(ctx, row.CaseID, c.Now)
	return waitingView{Waiting: waitingOf(row, tasks), Source: fromCopy}, err
}

// waitingOf reads from the copy what the case would say.
func waitingOf(row approval.CaseView, tasks []approval.TaskView) approval.Waiting {
	waiting := approval.Waiting{CaseID: row.CaseID, Stage: row.Stage, Name: row.StageName, Status: row.Status, Next: row.Next}
	for _, task := range tasks {
		if task.Status == approval.TaskOpen && task.Kind != approval.Standing {
			waiting.For = append(waiting.For, approval.WaitingSeat{
				TaskID: task.ID, Seat: task.Seat, Persons: task.Persons, Role: task.Role, Scope: task.Scope,
				Since: task.OpenedAt, Until: task.DueAt,
			})
		}
	}
	return seated(waiting)
}

// seated renders nobody as [], never as null.
func seated(waiting approval.Waiting) approval.Waiting {
	if waiting.For == nil {
		waiting.For = []approval.WaitingSeat{}
	}
	return waiting
}
