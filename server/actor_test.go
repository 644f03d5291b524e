package server_test

import (
	"strings"
	"testing"

	"linli/approval"
	"linli/approval/operator"
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
