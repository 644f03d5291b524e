package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"linli/approval"
	"linli/approval/approvaltest"
	"linli/approval/engagement"
	"linli/approval/onboarding"
	"linli/approval/space"
	"linli/internal/demo"
	"linli/standalone/e2e/stack"
)

// TestAnOperatorIsAdmitted takes applications through the API on the whole
// stack. With -record their histories are written.
func TestAnOperatorIsAdmitted(t *testing.T) {
	w := open(t, stack.Options{DayLength: 3 * time.Second})
	for _, name := range []string{"owner-1", "owner-2", "owner-3", "owner-4", "owner-5"} {
		w.newcomer("zd", name)
	}
	for n := range 5 {
		w.newcomer("zd", fmt.Sprintf("scorer-%d", n+1), approval.Grant{Role: approval.Scorer, Scope: "370300/370303"})
	}
	operators := []string{
		w.operator("示例餐饮服务部", "92370303QW0000129A", "owner-1"), w.operator("示例便民面馆", "91370303QW00000147", "owner-2"),
		w.operator("示例邻里厨房", "91370303QW00000222", "owner-3"), w.operator("示例老字号餐饮", "91370302QW00000576", "owner-4"),
		w.operator("示例自助餐饮", "91370306QW00000495", "owner-5"),
	}
	w.write("zd-secretary", "PUT", "/v1/needs/370303001902", w.key(), map[string]any{"version": 0, "needs": []map[string]any{
		{"category": "care", "code": "elderly_canteen", "name": "老年食堂", "count": 120, "priority": "high"}}}).into(t, &struct{}{})
	w.space("H", 50_000, space.Required()[0]) // what the community keeps
	t.Run("detours", func(t *testing.T) {
		w := w.in(t)
		w.kept("operator_admitted_agreement_2", w.admitted(operators[0], w.space("A", 3_800)))
	})
	t.Run("withdrawn", func(t *testing.T) {
		w := w.in(t)
		caseID := w.apply("owner-2", operators[1], w.space("B", 3_800), nil)
		w.reviewed(caseID)
		w.reach(caseID, onboarding.Notice)
		w.act(caseID, deed{as: "owner-2", stage: approval.CaseDesk, seat: "applicant", do: approval.Withdraw, comment: "另寻场地"})
		w.ends(caseID, approval.Withdrawn)
		w.kept("operator_withdrawn", caseID)
	})
	t.Run("existing contract", func(t *testing.T) {
		w := w.in(t)
		w.kept("contract_taken_over", w.takenOver(operators[3], w.space("D", 3_800)))
	})
	t.Run("reconsidered", func(t *testing.T) {
		w := w.in(t)
		w.kept("operator_reconsidered", w.reconsidered(operators[4], w.space("E", 3_800)))
	})
	t.Run("succession", func(t *testing.T) {
		w := w.in(t)
		w.newcomer("zd", "owner-6")
		w.newcomer("zd", "owner-7")
		w.kept("operator_succeeded", w.succeeded(w.operator("示例社区食堂", "92370305QW0000110A", "owner-6"), w.space("F", 3_800)))
	})
	t.Run("call", func(t *testing.T) { w.in(t).called(operators[1:3], w.space("C", 3_800)) })
}

// kept checks that the history of a case replays, and keeps it if asked to.
func (w *world) kept(name, caseID string) {
	w.t.Helper()
	history := w.history(caseID)
	if *record {
		w.keep(name, history)
	}
}

func (w *world) newcomer(at, username string, grants ...approval.Grant) {
	w.t.Helper()
	var account approval.Account
	w.write("admin", "POST", "/v1/accounts", w.key(), approval.NewAccount{
		Username: username, Name: "示例·" + username, Scope: w.places[at].scope, Password: demo.Password, Grants: grants,
	}).into(w.t, &account)
	w.mu.Lock()
	w.newcomers[username] = account.ID
	w.mu.Unlock()
}

// operator registers one with everything the rules of Zhangdian ask for.
func (w *world) operator(name, code, owner string) string {
	w.t.Helper()
	ask := func(as, path string, body any) (answered struct{ ID string }) {
		w.write(as, "POST", path, w.key(), body).into(w.t, &answered)
		return answered
	}
	id := ask("zd-handler", "/v1/operators", map[string]any{
		"scope": w.places["zd"].scope, "name": name, "credit_code": code, "kind": map[bool]string{true: "sole_trader", false: "company"}[strings.HasPrefix(code, "92")],
		"legal_representative": "示例负责人", "founded_on": "2023-01-05", "name_reason": "示例名称相近",
	}).ID
	for kind, until := range map[string]string{"registration": "", "small_catering": day(24, 0), "staff_health": day(9, 0)} {
		licence := map[string]any{"kind": kind, "number": "示例" + kind, "verified": true}
		if until != "" {
			licence["valid_until"] = until
		}
		ask("zd-handler", "/v1/operators/"+id+"/licences", licence)
	}
	ask("zd-handler", "/v1/operators/"+id+"/credit-checks", map[string]any{"source": "示例信用平台", "checked_on": day(0, 0), "entries": []any{}})
	ask("zd-handler", "/v1/operators/"+id+"/parties", map[string]any{"name": "示例负责人", "capacity": "legal_representative"})
	ask("zd-secretary", "/v1/operators/"+id+"/people", map[string]any{"person_id": w.id(owner), "position": "负责人"})
	return id
}

func (w *world) space(code string, usable int, functions ...string) string {
	w.t.Helper()
	var added struct{ ID string }
	w.write("zd-handler", "POST", "/v1/spaces", w.key(), map[string]any{
		"scope": w.places["zd"].scope, "code": code, "name": "示范阵地" + code, "ownership": "public", "holder": "示例街道办事处", "proof": "示例产权证", "use": "闲置",
		"surveyed": true, "flue": true, "fire_exits": 2,
		"rooms": []map[string]any{{"code": "101", "name": "大厅", "floor": "1", "built_area": usable + 700, "usable_area": usable, "functions": append([]string{}, functions...)}},
	}).into(w.t, &added)
	return added.ID
}

func (w *world) application(as, operator, spaceID string, more map[string]any) map[string]any {
	w.t.Helper()
	papers := []paper{}
	for _, kind := range []string{"application", "plan"} {
		got, err := w.as(as).upload(w.t.Context(), w.places["zd"].scope, w.key(), kind, "示例材料 "+kind+"\n")
		if err != nil {
			w.t.Fatal(err)
		}
		var stored approval.Attachment
		got.into(w.t, &stored)
		papers = append(papers, paper{ID: stored.ID, Kind: kind})
	}
	body := map[string]any{
		"title": "示范助餐点（示例）", "operator_id": operator, "space_id": spaceID, "summary": "示例事项，仅供测试。",
		"services": []map[string]any{{"name": "老年午餐", "kind": "meals", "class": "low_charge", "price": 1200, "unit": "份", "over60": 10, "over80": 15}},
		"share":    map[string]any{"kind": "profit_percent", "percent": 30, "period": "monthly"}, "starts_on": day(2, 0), "ends_on": day(26, -1),
		"needs": []string{"elderly_canteen"}, "undertakings": []string{"use", "price", "safety", "no_let", "reports", "care"}, "attachments": papers,
	}
	for field, value := range more {
		body[field] = value
	}
	return body
}

func (w *world) apply(as, operator, spaceID string, more map[string]any) string {
	w.t.Helper()
	return w.begin(as, "/v1/applications", w.application(as, operator, spaceID, more))
}

func (w *world) reviewed(caseID string) {
	w.t.Helper()
	w.reach(caseID, onboarding.DeskReview)
	w.act(caseID, deed{as: "zd-secretary", stage: onboarding.DeskReview, seat: "community", do: approval.Approve, comment: "同意"})
	w.act(caseID, deed{as: "zd-street", stage: onboarding.DeskReview, seat: "subdistrict", do: approval.Approve, comment: "同意"})
}

// signs gives one party's signature with a fresh proof of identity.
func (w *world) signs(as, caseID, seat string) {
	w.t.Helper()
	task := w.task(as, caseID, onboarding.Signing, seat)
	stated := body(deed{do: approval.Sign}, task.ContentHash)
	stated["reauthentication"] = map[string]any{"password": demo.Password}
	got := w.settled(as, w.write(as, "POST", "/v1/tasks/"+task.ID+"/acts", w.key(), stated))
	if got.status != http.StatusOK {
		w.t.Fatalf("%s signs: %s", as, got)
	}
}

func readings(found []map[string]any) map[string]any {
	return map[string]any{"handover": map[string]any{"readings": found}}
}

// admitted goes from application to a running engagement: a correction, an
// objection during the notice, two defects at the handover.
func (w *world) admitted(operator, spaceID string) string {
	w.t.Helper()
	caseID := w.apply("owner-1", operator, spaceID, map[string]any{"needs": []string{}, "undertakings": []string{"use"}})
	w.reach(caseID, onboarding.Correction)
	w.act(caseID, deed{as: "owner-1", stage: onboarding.Correction, seat: "applicant", do: approval.Correct, details: w.application("owner-1", operator, spaceID, nil)})
	w.reviewed(caseID)
	objection := w.object(caseID, "担心油烟")
	w.act(caseID, deed{as: "zd-objections", stage: onboarding.Notice, seat: objection, do: approval.Overrule, comment: "有独立烟道"})
	w.takesOver("owner-1", caseID)
	w.ends(caseID, approval.Completed)
	running := w.standing(engagement.ID(caseID), "runs", func(view approval.CaseView) bool { return view.Procedure == engagement.Procedure })
	if running.Status != approval.Running {
		w.t.Errorf("the engagement is %s", running.Status)
	}
	return caseID
}

// succeeded has the operator's only agent leave while the contract lies before
// the parties: the successor signs, takes over and gives the engagement up, and
// who left acts no more.
func (w *world) succeeded(operator, spaceID string) string {
	w.t.Helper()
	caseID := w.apply("owner-6", operator, spaceID, nil)
	w.reviewed(caseID)
	w.reach(caseID, onboarding.Signing)
	left := w.task("owner-6", caseID, onboarding.Signing, "operator")
	people := "/v1/operators/" + operator + "/people"
	w.write("zd-secretary", "POST", people+"/"+w.id("owner-6")+"/end", w.key(), map[string]any{"reason": "已离职"}).into(w.t, &struct{}{})
	w.write("zd-secretary", "POST", people, w.key(), map[string]any{"person_id": w.id("owner-7"), "position": "负责人"}).into(w.t, &struct{}{})
	stated := body(deed{do: approval.Reject, comment: "不签了"}, left.ContentHash)
	if got := w.write("owner-6", "POST", "/v1/tasks/"+left.ID+"/acts", w.key(), stated); got.status != http.StatusForbidden {
		w.t.Errorf("who left refuses to sign: %s", got)
	}
	w.takesOver("owner-7", caseID)
	w.ends(caseID, approval.Completed)
	id := engagement.ID(caseID)
	w.standing(id, "runs", func(view approval.CaseView) bool { return view.Procedure == engagement.Procedure })
	w.act(id, deed{as: "owner-7", stage: approval.CaseDesk, seat: engagement.SeatOperator, do: approval.Withdraw, comment: "不再经营"})
	return caseID
}

// takesOver signs and hands over, with two defects.
func (w *world) takesOver(owner, caseID string) {
	w.t.Helper()
	w.reach(caseID, onboarding.Signing)
	w.signs(owner, caseID, "operator")
	w.signs("zd-secretary", caseID, "community")
	w.signs("zd-street", caseID, "subdistrict")
	hand := func(as, seat string, do approval.Action, details any) {
		w.act(caseID, deed{as: as, stage: onboarding.Handover, seat: seat, do: do, details: details})
	}
	hand("zd-handler", onboarding.SeatLister, approval.Submit, map[string]any{"handover": map[string]any{"items": approvaltest.SpaceItems()}})
	hand("zd-handler", "giving", approval.Confirm, readings(approvaltest.SpaceReadings()))
	hand(owner, "receiving", approval.Confirm, readings(approvaltest.SpaceReadings("asset-1", "fire_equipment-1")))
	for _, seat := range []string{"repair-1", "repair-2"} {
		hand("zd-handler", seat, approval.Submit, map[string]any{"handover": map[string]any{"repaired": map[string]any{"report": "已更换"}}})
	}
	listed := approvaltest.SpaceReadings()
	mended := readings([]map[string]any{listed[1], listed[4]})
	hand("zd-handler", "giving", approval.Confirm, mended)
	hand(owner, "receiving", approval.Confirm, mended)
}

// called lets two operators compete: the better one withdraws during its
// notice, and the reserve moves up.
func (w *world) called(operators []string, spaceID string) {
	w.t.Helper()
	call := w.begin("zd-secretary", "/v1/calls", map[string]any{
		"title": "示范阵地招引（示例）", "summary": "示例", "space_id": spaceID, "starts_on": day(2, 0), "ends_on": day(26, -1), "deadline_at": time.Now().Add(20 * time.Second),
	})
	under := map[string]any{"call_id": call}
	winner, reserve := w.apply("owner-2", operators[0], spaceID, under), w.apply("owner-3", operators[1], spaceID, under)
	for caseID, points := range map[string]int{winner: 90, reserve: 80} {
		w.reviewed(caseID)
		for n := range 5 {
			scorer := fmt.Sprintf("scorer-%d", n+1)
			var scores []map[string]any
			for _, item := range []string{"service", "price", "ability", "share"} {
				scores = append(scores, map[string]any{"item": item, "points": points})
			}
			w.act(caseID, deed{as: scorer, stage: onboarding.Scoring, seat: "@" + scorer, do: approval.Submit, details: map[string]any{"scores": scores}})
		}
	}
	w.reach(winner, onboarding.Notice)
	w.reach(reserve, onboarding.Ranking)
	w.act(winner, deed{as: "owner-2", stage: approval.CaseDesk, seat: "applicant", do: approval.Withdraw, comment: "资金不到位"})
	w.ends(winner, approval.Withdrawn)
	w.takesOver("owner-3", reserve)
	w.ends(reserve, approval.Completed)
	w.ends(call, approval.Completed)
	w.kept("call_winner_withdrawn", winner)
	w.kept("call_reserve_moves_up", reserve)
	w.kept("call", call)
}
