package server_test

import (
	"strings"
	"testing"
	"time"

	"linli/approval"
	"linli/approval/approvaltest"
	"linli/approval/onboarding"
	"linli/approval/operator"
)

// One operator goes from application to handover: a correction request, an
// objection during the notice, a handover defect and an item listed by mistake.
func TestAnOperatorGoesFromApplicationToHandover(t *testing.T) {
	a := newAdmissionWorld(t)
	caseID := a.filed("owner", map[string]any{"needs": []string{}, "attachments": a.papers("owner", "application")}) // two things are missing
	a.standsAt(caseID, "correction")
	var waiting struct {
		For []struct{ Seat string }
	}
	decode(t, a.read(a.who["owner"], "/v1/cases/"+caseID+"/waiting"), &waiting)
	if len(waiting.For) != 1 || waiting.For[0].Seat != "applicant" {
		t.Fatalf("waits for %+v", waiting)
	}
	unknown := map[string]any{"needs": []string{"elderly_canteen", "nonsense"}}
	for _, refused := range []answered{
		a.do("owner", "correct", map[string]any{"form": map[string]any{"details": a.application("owner", unknown)}}),
		a.ask(asked{method: "POST", path: "/v1/applications", bearer: a.who["owner"], key: a.key(), body: a.application("owner", unknown)}),
		a.ask(asked{method: "POST", path: "/v1/applications/preview", bearer: a.who["owner"], body: a.application("owner", unknown)}),
	} {
		refused.want(t, 422, approval.Invalid)
		if !strings.Contains(string(refused.raw), `needs/1"`) {
			t.Errorf("a need nobody knows: %s", refused.raw)
		}
	}
	a.do("owner", "correct", map[string]any{"form": map[string]any{"details": a.application("owner", nil)}}).want(t, 200, "")
	a.standsAt(caseID, "desk_review")
	var shown struct {
		Application onboarding.Application
	}
	decode(t, a.read(a.who["owner"], "/v1/cases/"+caseID+"/application"), &shown)
	if shown.Application.Operator.CreditCode != "92370303QW0000129A" || shown.Application.Space.Area != 3800 || len(shown.Application.Attachments) != 2 {
		t.Errorf("shows %+v", shown.Application)
	}
	a.do("sec", "approve", nil).want(t, 200, "")
	a.do("sub", "approve", nil).want(t, 200, "")
	a.standsAt(caseID, "notice")

	notice := a.noticeOf()
	a.ask(asked{method: "POST", path: "/v1/public/notices/" + notice + "/objections", key: a.key(), body: map[string]any{"text": "担心油烟"}}).want(t, 201, "")
	for _, task := range a.inbox("objections") {
		a.actOn(task, "objections", "overrule", map[string]any{"comment": "有独立烟道"}).want(t, 200, "")
	}
	a.ring(30 * 24 * time.Hour)
	a.standsAt(caseID, "signing")

	for _, name := range []string{"owner", "sec", "sub"} {
		a.signs(name).want(t, 200, "")
	}
	a.standsAt(caseID, "handover")
	a.actOn(a.taskAt("clerk", "list"), "clerk", "submit", detail("handover", map[string]any{"items": approvaltest.SpaceItems()})).want(t, 200, "")
	confirm := func(name, seat string, read []map[string]any) answered {
		return a.actOn(a.taskAt(name, seat), name, "confirm", detail("handover", map[string]any{"readings": read}))
	}
	confirm("clerk", "giving", approvaltest.SpaceReadings()).want(t, 200, "")
	confirm("owner", "receiving", approvaltest.SpaceReadings("asset-1", "fire_equipment-1")).want(t, 200, "")
	for seat, report := range map[string]map[string]any{"repair-1": {"report": "误列，空间内没有", "written_off": true}, "repair-2": {"report": "已更换"}} {
		a.actOn(a.taskAt("clerk", seat), "clerk", "submit", detail("handover", map[string]any{"repaired": report})).want(t, 200, "")
	}
	again := []map[string]any{{"item_id": "asset-1", "quantity": 0, "state": "missing"}, approvaltest.SpaceReadings()[4]}
	confirm("clerk", "giving", again).want(t, 200, "")
	confirm("owner", "receiving", again).want(t, 200, "")
	a.standsAt(caseID, "completed")

	var status string
	fatal(t, connect(t, a.address.Owner).QueryRow(t.Context(), `SELECT status FROM space_allocations WHERE case_id = $1`, caseID).Scan(&status))
	if status != "allotted" {
		t.Errorf("the space is %s", status)
	}
	a.file("owner", map[string]any{"title": "再来一份"}).want(t, 201, "") // screening explains that the space is taken
	a.standsAt(a.latest(), "correction")
}

func TestApplicationsRefusedPrecisely(t *testing.T) {
	a := newAdmissionWorld(t)
	far := a.who["linzi"]
	for name, try := range map[string]struct {
		more  map[string]any
		code  approval.Code
		field string
	}{
		"an unknown operator":   {map[string]any{"operator_id": "op_none"}, approval.NotFound, "operator_id"},
		"an unknown space":      {map[string]any{"space_id": "sp_none"}, approval.NotFound, "space_id"},
		"an expired licence":    {map[string]any{"licences": []string{a.expired()}}, approval.Invalid, "licences/0"},
		"a licence not on file": {map[string]any{"licences": []string{"li_none"}}, approval.Invalid, "licences/0"},
		"a term that has begun": {map[string]any{"starts_on": "2026-03-01"}, approval.Invalid, "starts_on"},
		"too long a term":       {map[string]any{"ends_on": "2046-07-01"}, approval.Invalid, "ends_on"},
		"a share without a number": {
			map[string]any{"share": map[string]any{"kind": "profit_percent", "period": "monthly"}}, approval.Invalid, "share/percent"},
		"an unknown service": {
			map[string]any{"services": []map[string]any{{"name": "x", "kind": "casino", "class": "low_charge", "price": 1, "unit": "次", "over60": 0, "over80": 0}}},
			approval.Invalid, "services/0/kind"},
		"an unknown call": {map[string]any{"call_id": "c_none"}, approval.NotFound, "call_id"},
	} {
		t.Run(name, func(t *testing.T) {
			answer := a.file("clerk", try.more)
			var refused struct {
				Code  approval.Code
				Field string
			}
			decode(t, answer, &refused)
			if refused.Code != try.code || refused.Field != try.field {
				t.Errorf("%s blames %q", refused.Code, refused.Field)
			}
		})
	}
	a.file("outsider", nil).want(t, 404, approval.NotFound)
	a.file("mem1", nil).want(t, 403, approval.Forbidden)
	a.ask(asked{method: "POST", path: "/v1/applications", body: a.application("clerk", nil), bearer: far, key: a.key()}).want(t, 404, approval.NotFound)
	var cases int
	fatal(t, connect(t, a.address.Owner).QueryRow(t.Context(), `SELECT count(*) FROM cases`).Scan(&cases))
	if cases != 0 {
		t.Errorf("%d cases were opened", cases)
	}
}

func TestAPreviewExplainsAndStartsNothing(t *testing.T) {
	a := newAdmissionWorld(t)
	var seen struct {
		Evidence struct {
			Outcome  string
			Findings []struct{ ID, Verdict string }
		}
	}
	answer := a.ask(asked{method: "POST", path: "/v1/applications/preview", body: a.application("clerk", map[string]any{"undertakings": []string{"use"}}), bearer: a.who["clerk"]})
	answer.want(t, 200, "")
	decode(t, answer, &seen)
	failed := ""
	for _, finding := range seen.Evidence.Findings {
		if finding.Verdict == "fail" || finding.Verdict == "unknown" || finding.Verdict == "error" {
			failed += finding.ID + " "
		}
	}
	if seen.Evidence.Outcome != "blocked" || strings.TrimSpace(failed) != "undertakings" {
		t.Errorf("%s: %s", seen.Evidence.Outcome, failed)
	}
}

func TestTheSecondApplicantForASpaceLosesIt(t *testing.T) {
	a := newAdmissionWorld(t)
	other := a.registered("示例便民面馆", "92370305QW0000110A")
	first, second := a.filed("clerk", nil), a.filed("clerk", map[string]any{"operator_id": other})
	for range 2 {
		a.do("sec", "approve", nil).want(t, 200, "")
	}
	for range 2 {
		a.do("sub", "approve", nil).want(t, 200, "")
	}
	var reasons []string
	for _, caseID := range []string{first, second} {
		var row struct{ Stage, Reason string }
		decode(t, a.read(a.who["clerk"], "/v1/cases/"+caseID), &row)
		reasons = append(reasons, row.Stage+" "+row.Reason)
	}
	if joined := strings.Join(reasons, "|"); strings.Count(joined, "notice") != 1 || !strings.Contains(joined, "不能重复出让") {
		t.Errorf("%v", reasons)
	}
}

func TestCallsAreRanked(t *testing.T) {
	a := newAdmissionWorld(t)
	call := map[string]any{
		"title": "示范阵地招引", "summary": "招引助餐主体", "space_id": a.spaces[0], "starts_on": "2026-07-01", "ends_on": "2028-06-30",
		"deadline_at": a.now().AddDate(0, 0, 10), "service_kinds": []string{"meals"},
	}
	open := func(name string, more map[string]any) answered {
		body := map[string]any{}
		for _, fields := range []map[string]any{call, more} {
			for field, value := range fields {
				body[field] = value
			}
		}
		return a.ask(asked{method: "POST", path: "/v1/calls", body: body, bearer: a.who[name], key: a.key()})
	}
	open("clerk", nil).want(t, 403, approval.Forbidden)
	open("sec", map[string]any{"deadline_at": a.now().AddDate(0, 0, -1)}).want(t, 422, approval.Invalid)
	answer := open("sec", nil)
	answer.want(t, 201, "")
	var started struct {
		CaseID string `json:"case_id"`
	}
	decode(t, answer, &started)
	open("sec", nil).want(t, 409, approval.SpaceTaken)
	var listed struct {
		Items []struct {
			CaseID string `json:"case_id"`
			Call   struct{ Title string }
		}
	}
	decode(t, a.ask(asked{method: "GET", path: "/v1/calls?open=true"}), &listed)
	if len(listed.Items) != 1 || listed.Items[0].CaseID != started.CaseID {
		t.Fatalf("listed %+v", listed)
	}
	a.ask(asked{method: "GET", path: "/v1/calls/" + started.CaseID}).want(t, 200, "")
	for _, path := range []string{"/", "/calls", "/calls?scope=370300/370303", "/calls/" + started.CaseID} {
		if page := string(a.ask(asked{method: "GET", path: path}).raw); !strings.Contains(page, "示范阵地招引") || !strings.Contains(page, "天") {
			t.Errorf("%s does not tell of the call", path)
		}
	}
	page := string(a.ask(asked{method: "GET", path: "/calls/" + started.CaseID}).raw)
	for _, want := range []string{"如何申请", "小餐饮登记证", "利润的20%", "兑现公示价格与优惠", "准入申请表", "评分标准", "正在报名"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page of the call does not say %q", want)
		}
	}
	a.ask(asked{method: "GET", path: "/calls/c_none"}).want(t, 404, "")
	a.file("clerk", map[string]any{"call_id": started.CaseID, "ends_on": "2027-06-30"}).want(t, 422, approval.Invalid)
	under := map[string]any{"call_id": started.CaseID}
	caseID := a.filed("owner", under)
	a.file("clerk", under).want(t, 409, approval.AlreadyActed)
	a.do("sec", "approve", nil).want(t, 200, "")
	a.do("sub", "approve", nil).want(t, 200, "")
	a.standsAt(caseID, "scoring")
	scores := []map[string]any{{"item": "service", "points": 80}, {"item": "price", "points": 80}, {"item": "ability", "points": 80}, {"item": "share", "points": 80}}
	a.do("ex1", "submit", detail("scores", scores[:2])).want(t, 422, approval.Invalid)
	for _, scorer := range []string{"ex1", "ex2", "ex3", "ex4", "ex5"} {
		a.do(scorer, "submit", detail("scores", scores)).want(t, 200, "")
	}
	a.standsAt(caseID, "ranking")
	fatal(t, a.engine.says(t.Context(), caseID, onboarding.Word{Place: onboarding.Place{Rank: 1, Of: 1, Turn: true}}))
	a.standsAt(caseID, "notice")
	a.pass(11 * 24 * time.Hour)
	a.file("clerk", map[string]any{"call_id": started.CaseID, "operator_id": a.registered("示例晚到部", "92370305QW0000110A")}).want(t, 409, approval.Conflict)
}

func TestAnApplicantObjectsToARejection(t *testing.T) {
	a := newAdmissionWorld(t)
	caseID := a.rejected(map[string]any{})
	a.objects([]map[string]string{{"id": "at_none", "kind": "other"}}).want(t, 404, approval.NotFound)
	a.objects(a.papers("owner", "other")).want(t, 200, "")
	reviewer := a.taskAt("objections", "reviewer")
	a.actOn(reviewer, "sub", "overrule", map[string]any{"comment": "维持"}).want(t, 403, approval.NotEligible)
	a.actOn(reviewer, "objections", "overrule", nil).want(t, 422, approval.CommentRequired)
	a.actOn(reviewer, "objections", "overrule", map[string]any{"comment": "承诺书仍不齐全"}).want(t, 200, "")
	a.standsAt(caseID, "rejected")
	var row struct{ Reason string }
	decode(t, a.read(a.who["owner"], "/v1/cases/"+caseID), &row)
	if !strings.Contains(row.Reason, "承诺书仍不齐全") {
		t.Errorf("rejected because of %q", row.Reason)
	}
}

func TestARejectionIsFinalWhenNobodyObjects(t *testing.T) {
	a := newAdmissionWorld(t)
	caseID := a.rejected(map[string]any{})
	if tasks := a.inbox("objections"); len(tasks) != 0 {
		t.Errorf("the objection office has %v before anybody objects", tasks)
	}
	a.ring(30 * 24 * time.Hour)
	a.standsAt(caseID, "rejected")
}

// What a case came to nothing with may be handed in again; what a running or a
// completed one relies on may not.
func TestPapersOfACaseThatCameToNothing(t *testing.T) {
	a := newAdmissionWorld(t)
	papers := a.papers("owner", "application", "plan")
	again := map[string]any{"attachments": papers}
	first := a.filed("owner", again)
	a.file("owner", again).want(t, 422, approval.Invalid)
	a.actOn(taskSeen{ID: first + ".case.1.applicant"}, "owner", "withdraw", map[string]any{"comment": "另择阵地"}).want(t, 200, "")
	a.standsAt(first, "withdrawn")
	second := a.filed("owner", again)
	a.standsAt(second, "desk_review")
	a.file("owner", again).want(t, 422, approval.Invalid)
	var bound string
	fatal(t, connect(t, a.address.Owner).QueryRow(t.Context(), `SELECT case_id FROM attachments WHERE id = $1`, papers[0]["id"]).Scan(&bound))
	if bound != second {
		t.Errorf("the paper serves %s, want %s", bound, second)
	}
}

// A credit entry that appeared since screening stops the signing until it is
// gone.
func TestAListedOperatorDoesNotSign(t *testing.T) {
	a := newAdmissionWorld(t)
	caseID := a.filed("owner", nil)
	a.do("sec", "approve", nil).want(t, 200, "")
	a.do("sub", "approve", nil).want(t, 200, "")
	check := func(entries ...operator.CreditEntry) {
		fatal(t, a.store.RecordCreditCheck(a.clerk(), a.operator, operator.NewCreditCheck{
			Source: "示例信用平台", CheckedOn: a.now().In(approval.Shanghai).Format(time.DateOnly), Entries: entries,
		}, "p_clerk", a.now()))
	}
	check(operator.CreditEntry{List: operator.JudgmentDefaulter, Subject: "operator", ListedOn: "2026-03-03"})
	a.ring(12 * 24 * time.Hour)
	a.standsAt(caseID, "signing")
	var row struct{ Reason string }
	decode(t, a.read(a.who["owner"], "/v1/cases/"+caseID), &row)
	if !strings.Contains(row.Reason, "签约前复核未通过") || !strings.Contains(row.Reason, "仍在名单") {
		t.Errorf("stands still because of %q", row.Reason)
	}
	check()
	a.actOn(a.taskAt("owner", "applicant-1"), "owner", "submit", map[string]any{"comment": "已移出名单"}).want(t, 200, "")
	for _, name := range []string{"owner", "sec", "sub"} {
		a.signs(name).want(t, 200, "")
	}
	a.standsAt(caseID, "handover")
}
