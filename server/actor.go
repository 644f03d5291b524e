package server

import (
	"context"
	"fmt"

	"github.com/labstack/echo/v4"

	"linli/approval"
	"linli/approval/engagement"
	"linli/approval/onboarding"
	"linli/approval/operator"
	"linli/internal/crashpoint"
)

func (s *Server) actors(ctx context.Context, c call) (list[operator.Actor], error) {
	if _, err := s.records.Operator(ctx, c.Param("id")); err != nil {
		return list[operator.Actor]{}, err
	}
	found, err := s.records.Actors(ctx, c.Param("id"))
	return listOf(found, ""), err
}

// change is a link that is made, or one that is ended, as it waits for delivery.
type change struct {
	By         approval.Person `json:"by"`
	OperatorID string          `json:"operator_id"`
	LinkID     string          `json:"link_id,omitempty"` // of a link to be made
	Actor      operator.Actor  `json:"actor"`
}

type newActor struct {
	PersonID string `json:"person_id"`
	Position string `json:"position"`
}

func (s *Server) linkActor() echo.HandlerFunc {
	return deliver(s, "actor_linked", func(ctx context.Context, c call, in newActor) (change, error) {
		actor := operator.Actor{PersonID: in.PersonID, Position: in.Position, LinkedAt: c.Now, LinkedBy: c.Person.ID}
		link, err := s.linking(ctx, c, actor, actor.Validate)
		link.LinkID = linkID(c)
		return link, err
	}, s.changeActor)
}

type endedActor struct {
	Reason string `json:"reason"`
}

func (s *Server) endActor() echo.HandlerFunc {
	return deliver(s, "actor_ended", func(ctx context.Context, c call, in endedActor) (change, error) {
		actor := operator.Actor{PersonID: c.Param("person"), EndedAt: c.Now, EndedBy: c.Person.ID, EndReason: in.Reason}
		return s.linking(ctx, c, actor, func() error { return approval.Plain(in.Reason, 1, 200, "reason") })
	}, s.changeActor)
}

// linkID names the link a request makes, so that it is made once.
func linkID(c call) string { return "oa_" + derived("actor", c.Person.ID, c.Key) }

// linking checks who says so and what is stated.
func (s *Server) linking(ctx context.Context, c call, actor operator.Actor, check func() error) (change, error) {
	found, err := s.records.Operator(ctx, c.Param("id"))
	if err == nil {
		err = found.MayLink(c.Person)
	}
	if err == nil {
		err = check()
	}
	return change{By: c.Person, OperatorID: found.ID, Actor: actor}, err
}

// changeActor changes the register, and lets every running case of the operator
// know that it has changed. A case that has ended meanwhile need not know.
func (s *Server) changeActor(ctx context.Context, link change) (list[operator.Actor], error) {
	ctx, cancel := context.WithTimeout(s.scoped(ctx, link.By), engineTimeout)
	defer cancel()
	if err := s.registerActor(ctx, link); err != nil {
		return list[operator.Actor]{}, err
	}
	crashpoint.Here("actor.changed")
	cases, err := s.records.RunningCases(ctx, link.OperatorID)
	if err != nil {
		return list[operator.Actor]{}, err
	}
	for _, id := range cases {
		err := s.config.Engine.PeopleChanged(ctx, id, link.OperatorID)
		if err != nil && approval.CodeOf(err) != approval.TaskClosed {
			return list[operator.Actor]{}, fmt.Errorf("telling %s who acts for its operator: %w", id, err)
		}
	}
	actors, err := s.records.Actors(ctx, link.OperatorID)
	return listOf(actors, ""), err
}

func (s *Server) registerActor(ctx context.Context, link change) error {
	if !link.Actor.EndedAt.IsZero() {
		return s.records.EndActor(ctx, link.OperatorID, link.Actor)
	}
	link.Actor.ID = link.LinkID
	return s.records.LinkActor(ctx, link.OperatorID, link.Actor)
}

// stillActs refuses an act in the operator's seat once the register says that
// the person, or whom the person stands in for, no longer acts for it: the
// case's own tasks name who did when they were opened.
func (s *Server) stillActs(ctx context.Context, person approval.Person, task approval.TaskView) error {
	if !task.OfPeople() {
		return nil
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
		var view engagement.View
		err := copied(ctx, func(ctx context.Context) (err error) { // its copy follows its first step
			view, err = s.records.Engagement(ctx, task.CaseID)
			return err
		})
		if approval.CodeOf(err) == approval.NotFound {
			err = unavailable(fmt.Errorf("the engagement %s cannot be read yet", task.CaseID))
		}
		return view.Operator.ID, err
	}
	return "", nil
}
