package server_test

import (
	"strings"
	"testing"
	"time"

	"linli/approval"
	"linli/approval/approvaltest"
	"linli/approval/engagement"
)

// existing is a contract of 2025 as the community registers it.
func (a *admissionWorld) existing(takeover, more map[string]any) map[string]any {
	a.t.Helper()
	stated := map[string]any{
		"signed_on": "2024-12-20", "settled_to": "2026-01-31",
		"signed_by": []map[string]any{{"seat": "operator", "name": "示例负责人", "capacity": "经营者"}, {"seat": "community", "name": "示例书记"}},
		"handover":  map[string]any{"on": "2024-12-30", "items": []map[string]any{{"kind": "keys", "name": "大门钥匙", "unit": "把", "quantity": 2}}},
	}
	for field, value := range takeover {
		if stated[field] = value; value == nil {
			delete(stated, field)
		}
	}
	body := a.application("clerk", map[string]any{
		"title": "示范阵地存量合同", "starts_on": "2025-01-01", "ends_on": "2027-12-31", "takeover": stated, "attachments": a.papers("clerk", "contract", "handover"),
	})
	for field, value := range more {
		body[field] = value
	}
	return body
}

func (a *admissionWorld) register(name string, body map[string]any) answered {
	a.t.Helper()
	return a.ask(asked{method: "POST", path: "/v1/takeovers", body: body, bearer: a.who[name], key: a.key()})
}

func (a *admissionWorld) taken(body map[string]any) string {
	a.t.Helper()
	answer := a.register("clerk", body)
	answer.want(a.t, 201, "")
	var started struct {
		CaseID string `json:"case_id"`
	}
	decode(a.t, answer, &started)
	return started.CaseID
}

// An existing contract is registered, returned, corrected, confirmed on two
// levels, and the record says on whose word and on which papers.
func TestAnExistingContractIsTakenOver(t *testing.T) {
	a := newAdmissionWorld(t)
	caseID := a.taken(a.existing(map[string]any{"settled_to": "2025-12-31"}, nil))
	a.standsAt(caseID, "desk_review")
	a.do("sec", "return", map[string]any{"comment": "一月已结清", "form": map[string]any{"stage": "correction"}}).want(t, 200, "")
	a.standsAt(caseID, "correction")
	a.do("clerk", "correct", map[string]any{"form": map[string]any{"details": a.application("clerk", nil)}}).want(t, 422, approval.Invalid)
	elsewhere := map[string]any{"on": "2024-12-30", "items": []map[string]any{{"kind": "keys", "name": "钥匙", "room": "地下室", "quantity": 1}}}
	a.do("clerk", "correct", map[string]any{"form": map[string]any{"details": a.existing(map[string]any{"handover": elsewhere}, nil)}}).want(t, 422, approval.Invalid)
	a.do("clerk", "correct", map[string]any{"form": map[string]any{"details": a.existing(nil, nil)}}).want(t, 200, "")
	a.do("sec", "approve", nil).want(t, 200, "")
	a.do("sub", "approve", nil).want(t, 200, "")
	a.standsAt(caseID, "completed")

	start := engagement.Follow(a.engine.admitted[caseID].state)
	fatal(t, start.Validate())
	if taken := start.TakenOver; taken.SettledTo != "2026-01-31" || strings.Join(taken.ConfirmedBy, " ") != "p_sec p_sub" || len(taken.Papers) != 2 {
		t.Errorf("the engagement says %+v", taken)
	}
	if len(start.Handover.Items) != 2 || start.Handover.Paper != strings.Repeat("ab", 32) || start.FundID == "" || strings.Join(start.People, " ") != "p_owner" {
		t.Errorf("handed over %+v, fund %q, people %v", start.Handover, start.FundID, start.People)
	}
	var shown struct {
		Application struct {
			Takeover struct {
				SignedOn string `json:"signed_on"`
				Handover struct{ On string }
			}
		}
	}
	decode(t, a.read(a.who["sub"], "/v1/cases/"+caseID+"/application"), &shown)
	if shown.Application.Takeover.SignedOn != "2024-12-20" || shown.Application.Takeover.Handover.On != "2024-12-30" {
		t.Errorf("shows %+v", shown)
	}
	var status string
	fatal(t, connect(t, a.address.Owner).QueryRow(t.Context(), `SELECT status FROM space_allocations WHERE case_id = $1 AND term = '[2025-01-01,2028-01-01)'`, caseID).Scan(&status))
	if status != "allotted" {
		t.Errorf("the space is %s", status)
	}
	a.register("clerk", a.existing(nil, nil)).want(t, 409, approval.SpaceTaken)
}

func TestASpaceOfAnExistingContractIsStillHandedOver(t *testing.T) {
	a := newAdmissionWorld(t)
	caseID := a.taken(a.existing(map[string]any{"handover": nil}, map[string]any{"attachments": a.papers("clerk", "contract")}))
	a.do("sec", "approve", nil).want(t, 200, "")
	a.do("sub", "approve", nil).want(t, 200, "")
	a.standsAt(caseID, "handover")
	a.actOn(a.taskAt("clerk", "list"), "clerk", "submit", detail("handover", map[string]any{"items": approvaltest.SpaceItems()})).want(t, 200, "")
	for name, seat := range map[string]string{"clerk": "giving", "owner": "receiving"} {
		a.actOn(a.taskAt(name, seat), name, "confirm", detail("handover", map[string]any{"readings": approvaltest.SpaceReadings()})).want(t, 200, "")
	}
	a.standsAt(caseID, "completed")
}

func TestTakeoversRefusedPrecisely(t *testing.T) {
	a := newAdmissionWorld(t)
	nobody := a.registered("示例便民面馆", "92370305QW0000110A")
	for name, try := range map[string]struct {
		takeover, more map[string]any
		code           approval.Code
		field          string
	}{
		"a term that is over":            {map[string]any{"settled_to": nil}, map[string]any{"ends_on": "2026-03-01"}, approval.Invalid, "ends_on"},
		"settled outside the term":       {map[string]any{"settled_to": "2024-12-31"}, nil, approval.Invalid, "takeover/settled_to"},
		"settled within a period":        {map[string]any{"settled_to": "2026-01-30"}, nil, approval.Invalid, "takeover/settled_to"},
		"settled before it ended":        {map[string]any{"settled_to": "2026-12-31"}, nil, approval.Invalid, "takeover/settled_to"},
		"evaluated within a year":        {map[string]any{"evaluated_to": "2025-11-30"}, nil, approval.Invalid, "takeover/evaluated_to"},
		"signed tomorrow":                {map[string]any{"signed_on": "2027-01-01"}, nil, approval.Invalid, "takeover/signed_on"},
		"signed by one side":             {map[string]any{"signed_by": []map[string]any{{"seat": "operator", "name": "甲"}}}, nil, approval.Invalid, "takeover/signed_by"},
		"no scan of the contract":        {nil, map[string]any{"attachments": a.papers("clerk", "handover")}, approval.Invalid, "attachments"},
		"no scan of the certificate":     {nil, map[string]any{"attachments": a.papers("clerk", "contract")}, approval.Invalid, "attachments"},
		"a room the space does not have": {map[string]any{"handover": map[string]any{"on": "2024-12-30", "items": []map[string]any{{"kind": "keys", "name": "钥匙", "room": "地下室", "quantity": 1}}}}, nil, approval.Invalid, "takeover/handover/items/0/room"},
		"an operator nobody acts for":    {nil, map[string]any{"operator_id": nobody, "licences": []string{}}, approval.Invalid, "operator_id"},
		"an unknown operator":            {nil, map[string]any{"operator_id": "op_none"}, approval.NotFound, "operator_id"},
		"under a call":                   {nil, map[string]any{"call_id": "c_none"}, approval.Invalid, "call_id"},
		"nothing of what the paper says": {nil, map[string]any{"takeover": nil}, approval.Invalid, "takeover"},
	} {
		t.Run(name, func(t *testing.T) {
			body := a.existing(try.takeover, try.more)
			if body["takeover"] == nil {
				delete(body, "takeover")
			}
			var refused struct {
				Code  approval.Code
				Field string
			}
			decode(t, a.register("clerk", body), &refused)
			if refused.Code != try.code || refused.Field != try.field {
				t.Errorf("%s blames %q", refused.Code, refused.Field)
			}
		})
	}
	a.register("owner", a.existing(nil, nil)).want(t, 403, approval.Forbidden)
	a.ask(asked{method: "POST", path: "/v1/applications", body: a.existing(nil, nil), bearer: a.who["clerk"], key: a.key()}).want(t, 422, approval.Invalid)
	a.ask(asked{method: "POST", path: "/v1/applications/preview", body: a.existing(nil, nil), bearer: a.who["clerk"]}).want(t, 422, approval.Invalid)
	var cases int
	fatal(t, connect(t, a.address.Owner).QueryRow(t.Context(), `SELECT count(*) FROM cases`).Scan(&cases))
	if cases != 0 {
		t.Errorf("%d cases were opened", cases)
	}
}

func TestNoContractIsTakenOverAfterTheDayTheRulesName(t *testing.T) {
	a := newAdmissionWorld(t)
	a.pass(time.Date(2028, 7, 1, 1, 0, 0, 0, time.UTC).Sub(a.now())) // Zhangdian's sample: until 2028-06-30
	a.who["clerk"] = a.token(approval.Person{ID: "p_clerk"})
	answer := a.register("clerk", a.existing(nil, map[string]any{"ends_on": "2029-12-31", "licences": []string{}}))
	answer.want(t, 409, approval.Conflict)
	var refused struct {
		Field    string
		DetailZH string `json:"detail_zh"`
	}
	decode(t, answer, &refused)
	if refused.Field != "takeover" || !strings.Contains(refused.DetailZH, "2028-06-30") {
		t.Errorf("refused with %+v", refused)
	}
}
