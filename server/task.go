package server

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"linli/approval"
	"linli/approval/engagement"
	"linli/approval/funduse"
	"linli/approval/onboarding"
)

// Tasks reads tasks as the caller, or whom he stands in for, may see them.
type Tasks interface {
	// Inbox lists the open tasks the person in ctx, or anybody that person
	// stands in for, may act on, most urgent first.
	Inbox(ctx context.Context, page approval.Page, now time.Time) ([]approval.TaskView, string, error)
	// Task reads one task; who may act on it is not filled in.
	Task(ctx context.Context, caseID, id string, now time.Time) (approval.TaskView, error)
	// StandIn is the person with the grants of the absent one, or a refusal
	// when there is no substitution at that time.
	StandIn(ctx context.Context, person approval.Person, absentID string, at time.Time) (approval.Person, error)
}

func (s *Server) taskRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "/v1/tasks", Operation: "listTasks", Allow: SignedIn(), Handle: read(s.listTasks)},
		{Method: "GET", Path: "/v1/tasks/{task}", Operation: "readTask", Allow: SignedIn(), Handle: read(s.readTask)},
		{Method: "POST", Path: "/v1/tasks/{task}/acts", Operation: "act", Allow: SignedIn(), Handle: s.acts()},
	}
}

// acting is the person with the grants held at this moment: those of the
// session, which reads them anew for every request, or the absent person's.
func (s *Server) acting(ctx context.Context, c call, absent string) (approval.Person, error) {
	if absent == "" || absent == c.Person.ID {
		return c.Person, nil
	}
	person, err := s.records.StandIn(ctx, c.Person, absent, c.Now)
	return person, at(err, "on_behalf_of")
}

func (s *Server) listTasks(ctx context.Context, c call) (list[approval.TaskView], error) {
	person, err := s.acting(ctx, c, c.Query("on_behalf_of"))
	if err != nil {
		return list[approval.TaskView]{}, err
	}
	items, next, err := s.records.Inbox(s.scoped(ctx, person), c.Page, c.Now)
	return listOf(items, next), err
}

func (s *Server) readTask(ctx context.Context, c call) (approval.TaskView, error) {
	person, err := s.acting(ctx, c, c.Query("on_behalf_of"))
	if err != nil {
		return approval.TaskView{}, err
	}
	return s.task(ctx, person, c.Param("task"), c.Now)
}

// task reads one task with the eyes of whose seat is taken: a substitute sees
// what the absent person would.
func (s *Server) task(ctx context.Context, person approval.Person, id string, now time.Time) (approval.TaskView, error) {
	caseID, _, _ := strings.Cut(id, ".")
	view, err := s.records.Task(s.scoped(ctx, eyesOf(person)), caseID, id, now)
	view.Mine = err == nil && view.Status == approval.TaskOpen && view.Eligible(person, "") == nil
	return view, err
}

// eyesOf is whose view of things a person has: the absent person's.
func eyesOf(person approval.Person) approval.Person {
	return approval.Person{ID: cmp.Or(person.For, person.ID), Grants: person.Grants}
}

// actRequest is an act as a person states it. form.details is the procedure's
// own; see forms.
type actRequest struct {
	Action      approval.Action `json:"action"`
	Comment     string          `json:"comment,omitempty"`
	Form        approval.Entry  `json:"form,omitzero"`
	ContentHash string          `json:"content_hash,omitempty"`
	OnBehalfOf  string          `json:"on_behalf_of,omitempty"`
	Proof       *proof          `json:"reauthentication,omitempty"`
}

// Fingerprint leaves the proof out: a fast hash of a password must not be
// stored, and a repetition may prove it another way.
func (r actRequest) Fingerprint() any {
	r.Proof = nil
	return r
}

// delivery is a signed act as it waits for delivery. Content is set when the
// act brings a new version, which is kept before the case hears of it.
type delivery struct {
	Act     approval.Act      `json:"act"`
	Scope   approval.Scope    `json:"scope"`
	Content *approval.Content `json:"content,omitempty"`
	At      time.Time         `json:"at"`
}

func (s *Server) acts() echo.HandlerFunc {
	return deliver(s, "act", s.prepareAct, s.deliverAct)
}

func (s *Server) prepareAct(ctx context.Context, c call, in actRequest) (delivery, error) {
	person, err := s.acting(ctx, c, in.OnBehalfOf)
	if err != nil {
		return delivery{}, err
	}
	task, err := s.task(ctx, person, c.Param("task"), c.Now)
	if err != nil {
		return delivery{}, err
	}
	if err := s.stillActs(ctx, person, task); err != nil {
		return delivery{}, err
	}
	d := delivery{Scope: task.Case.Scope, At: c.Now}
	if d.Content, in.Form.Details, err = s.details(s.scoped(ctx, person), c, person, in, task); err != nil {
		return delivery{}, below(err, "form/details")
	}
	proven, err := s.freshProof(ctx, c, in.Action, in.Proof)
	if err != nil {
		return delivery{}, err
	}
	d.Act, err = s.sign(approval.Act{
		ID: c.Person.ID + "/" + c.Key, CaseID: task.CaseID, TaskID: task.ID, Action: in.Action, Person: person,
		Comment: in.Comment, Form: in.Form, ContentHash: in.ContentHash, Reauthenticated: proven,
	}, c.Now, c.Principal.Authenticated)
	return d, err
}

func (s *Server) deliverAct(ctx context.Context, d delivery) (approval.Receipt, error) {
	if d.Content != nil {
		ctx := s.scoped(ctx, d.Act.Person)
		if err := s.records.SaveContent(ctx, d.Act.CaseID, d.Scope, *d.Content, d.At); err != nil {
			return approval.Receipt{}, err
		}
	}
	return s.act(ctx, d.Act)
}

// form turns what the caller stated on a task into the procedure's own form:
// names of stored things become what is stored about them. content is the new
// version the act brings, nil if it brings none.
type form func(ctx context.Context, c call, in actRequest, task approval.TaskView) (content *approval.Content, details json.RawMessage, err error)

// forms lists the form of every procedure.
func (s *Server) forms() map[string]form {
	return map[string]form{funduse.Procedure: s.fundUseForm, onboarding.Procedure: s.onboardingForm, engagement.Procedure: s.engagementForm}
}

func (s *Server) details(ctx context.Context, c call, person approval.Person, in actRequest, task approval.TaskView) (*approval.Content, json.RawMessage, error) {
	if len(in.Form.Details) == 0 {
		return nil, nil, nil
	}
	read := s.forms()[task.Case.Procedure]
	if read == nil {
		return nil, nil, fmt.Errorf("no form for acts of procedure %q", task.Case.Procedure)
	}
	c.Person = person
	return read(ctx, c, in, task)
}

// strictly decodes a part of a body as decode does the whole.
func strictly[In any](raw json.RawMessage) (in In, err error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in); err != nil {
		return in, malformed(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return in, approval.Errorf(approval.Invalid, "JSON 之后还有多余的内容。", "Something follows the JSON value.")
	}
	return in, nil
}

// below puts the blamed field below another.
func below(err error, above string) error {
	refused := approval.Refusal(err)
	if refused == nil {
		return err
	}
	if refused.Field == "" {
		return refused.At(above)
	}
	return refused.At(above + "/" + refused.Field)
}
