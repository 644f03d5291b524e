package server

import (
	"context"
	"fmt"

	"linli/approval"
	"linli/approval/engagement"
	"linli/approval/onboarding"
	"linli/approval/operator"
)

// stillActs refuses an act in the operator's seat once the register says that
// the person, or whom the person stands in for, no longer acts for it: the
// case's own tasks name who did when they were opened.
func (s *Server) stillActs(ctx context.Context, person approval.Person, task approval.TaskView) error {
	if task.Role != "" || task.Parent != "" {
		return nil // of an office, or asked by one
	}
	eyes := s.scoped(ctx, eyesOf(person))
	operatorID, err := s.operatorOf(eyes, task)
	if err != nil || operatorID == "" {
		return err
	}
	links, err := s.records.Actors(eyes, operatorID)
	if err != nil {
		return err
	}
	return operator.StillActs(person, task.Case.Scope, links)
}

// operatorOf is whose business the case of a task is; "" in a procedure without
// an operator.
func (s *Server) operatorOf(ctx context.Context, task approval.TaskView) (string, error) {
	switch task.Case.Procedure {
	case onboarding.Procedure:
		content, err := s.records.Content(ctx, task.CaseID, "")
		if err != nil {
			return "", fmt.Errorf("reading the application of %s: %w", task.CaseID, err)
		}
		var application onboarding.Application
		err = content.Read(&application)
		return application.Operator.ID, err
	case engagement.Procedure:
		view, err := s.records.Engagement(ctx, task.CaseID)
		if approval.CodeOf(err) == approval.NotFound { // its copy follows its first step
			err = unavailable(fmt.Errorf("the engagement %s cannot be read yet", task.CaseID))
		}
		return view.Operator.ID, err
	}
	return "", nil
}
