package server_test

import (
	"strings"
	"testing"
	"time"

	"linli/approval"
	"linli/approval/engagement"
	"linli/approval/operator"
	"linli/store"
	"linli/store/storetest"
)

// left ends the link of a person to the operator.
func (a *admissionWorld) left(name string) {
	a.t.Helper()
	fatal(a.t, a.store.EndActor(a.acting("sec", approval.Secretary), a.operator, operator.Actor{
		PersonID: "p_" + name, EndedAt: a.now(), EndedBy: "p_sec", EndReason: "已离职",
	}))
}

// Whoever no longer acts for an operator takes nothing back, corrects nothing
// and signs nothing for it, and hears why; who filed as a community's handler
// never acted for it and goes on.
func TestWhoLeftTheOperatorActsForItNoMore(t *testing.T) {
	a := newAdmissionWorld(t)
	own, filed := a.filed("owner", nil), a.filed("clerk", map[string]any{"space_id": a.spaces[1]})
	withdraw := func(name, id string) answered {
		return a.ask(asked{
			method: "POST", path: "/v1/tasks/" + id + ".case.1.applicant/acts", bearer: a.who[name], key: a.key(),
			body: map[string]any{"action": "withdraw", "comment": "不再申请"},
		})
	}
	a.left("owner")
	for _, id := range []string{own, filed} {
		answer := withdraw("owner", id)
		answer.want(t, 403, approval.NotEligible)
		if !strings.Contains(string(answer.raw), "不再是该运营主体的经办人员") {
			t.Errorf("the refusal does not say why: %s", answer.raw)
		}
	}
	a.standsAt(own, "desk_review")
	withdraw("clerk", filed).want(t, 200, "")
	a.standsAt(filed, "withdrawn")
	fatal(t, a.store.LinkActor(a.acting("sec", approval.Secretary), a.operator, operator.Actor{
		PersonID: "p_owner", Position: "负责人", LinkedBy: "p_sec", LinkedAt: a.now(),
	}))
	withdraw("owner", own).want(t, 200, "")
}

// The link that counts is the one to the operator the case is about.
func TestWhoActsForAnotherOperatorToo(t *testing.T) {
	a := newAdmissionWorld(t)
	id := a.filed("owner", nil)
	other := a.registered("示例便民面馆", "92370305QW0000110A")
	fatal(t, a.store.LinkActor(a.acting("sec", approval.Secretary), other, operator.Actor{
		PersonID: "p_owner", Position: "负责人", LinkedBy: "p_sec", LinkedAt: a.now(),
	}))
	a.left("owner")
	a.ask(asked{
		method: "POST", path: "/v1/tasks/" + id + ".case.1.applicant/acts", bearer: a.who["owner"], key: a.key(),
		body: map[string]any{"action": "withdraw", "comment": "不再申请"},
	}).want(t, 403, approval.NotEligible)
}

// linking says over HTTP who acts for the operator.
func (a *admissionWorld) linking(by, name string) answered {
	a.t.Helper()
	return a.ask(asked{
		method: "POST", path: "/v1/operators/" + a.operator + "/people", bearer: a.who[by], key: a.key(),
		body: map[string]any{"person_id": "p_" + name, "position": "负责人"},
	})
}

func (a *admissionWorld) ending(by, name string) answered {
	a.t.Helper()
	return a.ask(asked{
		method: "POST", path: "/v1/operators/" + a.operator + "/people/p_" + name + "/end", bearer: a.who[by], key: a.key(),
		body: map[string]any{"reason": "已离职"},
	})
}

// farSecretary is of another community of the district: she keeps the register
// too and cannot read the case.
func (a *admissionWorld) farSecretary() {
	a.t.Helper()
	a.person("far", storetest.Community2, grant(approval.Secretary, storetest.Community2))
	a.who["far"] = a.token(approval.Person{ID: "p_far"})
}

func (a *admissionWorld) sees(name, path string, status int) {
	a.t.Helper()
	if answer := a.ask(asked{method: "GET", path: path, bearer: a.who[name]}); answer.status != status {
		a.t.Errorf("%s reads %s: %d, want %d: %s", name, path, answer.status, status, answer.raw)
	}
}

// Whoever takes the place of the person who left sees the case and acts in it,
// whoever of the district said so.
func TestASuccessorActsInTheRunningCase(t *testing.T) {
	a := newAdmissionWorld(t)
	a.farSecretary()
	id := a.filed("owner", nil)
	a.sees("outsider", "/v1/cases/"+id, 404)
	a.sees("far", "/v1/cases/"+id, 404)
	a.ending("far", "owner").want(t, 200, "")
	a.sees("outsider", "/v1/cases/"+id, 404) // nobody is left: nothing changes
	a.linking("far", "outsider").want(t, 200, "")
	a.sees("outsider", "/v1/cases/"+id, 200)
	for name, refusal := range map[string]approval.Code{"owner": approval.NotEligible, "outsider": ""} {
		status := 200
		if refusal != "" {
			status = 403
		}
		a.ask(asked{
			method: "POST", path: "/v1/tasks/" + id + ".case.1.applicant/acts", bearer: a.who[name], key: a.key(),
			body: map[string]any{"action": "remind"},
		}).want(t, status, refusal)
	}
	var steps struct{ Items []struct{ Kind string } }
	decode(t, a.read(a.who["outsider"], "/v1/cases/"+id+"/steps"), &steps)
	moved := 0
	for _, step := range steps.Items {
		if step.Kind == "people_changed" {
			moved++
		}
	}
	if moved == 0 {
		t.Errorf("the change is not on record: %+v", steps.Items)
	}
}

// The register changes at once; what the cases have not heard while the engine
// does not answer they hear later, and the register is not changed twice.
func TestCasesHearLaterOfAChangeOfPeople(t *testing.T) {
	a := newAdmissionWorld(t)
	id := a.filed("owner", nil)
	a.engine.unreachable.Store(true)
	a.linking("sec", "outsider").want(t, 202, "")
	a.ending("sec", "owner").want(t, 202, "")
	a.sees("outsider", "/v1/cases/"+id, 404)
	a.engine.unreachable.Store(false)
	a.pass(approval.OperationLease + time.Second)
	if done, err := a.server.Redeliver(t.Context()); done != 2 || err != nil {
		t.Fatalf("the sweeper delivered %d, %v", done, err)
	}
	a.sees("outsider", "/v1/cases/"+id, 200)
	actors, err := a.store.Actors(a.acting("sec", approval.Secretary), a.operator)
	fatal(t, err)
	if len(actors) != 2 || actors[0].EndedAt.IsZero() || !actors[1].EndedAt.IsZero() {
		t.Errorf("on record: %+v", actors)
	}
	a.linking("sec", "outsider").want(t, 409, approval.Conflict)
	a.ending("sec", "owner").want(t, 404, approval.NotFound)
}

// An engagement learns it as an admission does.
func TestASuccessorActsInTheEngagement(t *testing.T) {
	a := newAdmissionWorld(t)
	start := engagementStart("c_onboarding", a.fund, storetest.Community1, a.now())
	start.Operator.ID, start.People = a.operator, []string{"p_owner"}
	fatal(t, a.engine.engage(t.Context(), start))
	path := "/v1/engagements/" + start.CaseID
	a.linking("sec", "outsider").want(t, 200, "")
	a.ending("sec", "owner").want(t, 200, "")
	a.sees("outsider", path, 200)
	var view engagement.View
	decode(t, a.read(a.who["outsider"], path), &view)
	if len(view.People) != 1 || view.People[0] != "p_outsider" {
		t.Errorf("the copy names %v", view.People)
	}
	withdraw := func(name string) answered {
		return a.ask(asked{
			method: "POST", path: "/v1/tasks/" + start.CaseID + ".case.1.operator/acts", bearer: a.who[name], key: a.key(),
			body: map[string]any{"action": "withdraw", "comment": "不再经营"},
		})
	}
	withdraw("owner").want(t, 403, approval.NotEligible)
	withdraw("outsider").want(t, 200, "")
	if task := a.taskAt("outsider", "giving"); task.CaseID != start.CaseID {
		t.Errorf("the hand-back is asked for at %+v", task)
	}
}

// Which cases an operator has is told to nobody but those who say who acts for it.
func TestRunningCasesAreToldToTheKeepersOfTheRegister(t *testing.T) {
	a := newAdmissionWorld(t)
	a.farSecretary()
	id := a.filed("owner", nil)
	for name, want := range map[string]int{"sec": 1, "far": 1, "clerk": 0, "owner": 0, "outsider": 0} {
		role, at := approval.Handler, storetest.Community1
		switch name {
		case "sec":
			role = approval.Secretary
		case "far":
			role, at = approval.Secretary, storetest.Community2
		}
		person := approval.Person{ID: "p_" + name, Grants: []approval.Grant{{Role: role, Scope: at}}}
		if name == "owner" || name == "outsider" {
			person.Grants = nil
		}
		cases, err := a.store.RunningCases(store.WithPerson(t.Context(), person), a.operator)
		fatal(t, err)
		if len(cases) != want || want == 1 && cases[0] != id {
			t.Errorf("%s is told of %v", name, cases)
		}
	}
}
