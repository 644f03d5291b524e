package server_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"linli/approval"
	"linli/approval/operator"
	"linli/approval/space"
	"linli/store"
	"linli/store/storetest"
)

// admissionWorld is a community with two spaces, a needs list, an operator with
// everything Zhangdian's sample rules ask for, and everybody a case needs.
type admissionWorld struct {
	*caseWorld
	operator string
	spaces   []string
	licences []string
}

func newAdmissionWorld(t *testing.T) *admissionWorld {
	t.Helper()
	a := &admissionWorld{caseWorld: newCaseWorld(t)}
	for _, somebody := range []struct {
		name  string
		role  approval.Role
		scope approval.Scope
	}{
		{"sec", approval.Secretary, storetest.Community1}, {"clerk", approval.Handler, storetest.Community1},
		{"sub", approval.SubdistrictApprover, storetest.Chezhan}, {"ex1", approval.Scorer, storetest.Zhangdian}, {"ex2", approval.Scorer, storetest.Zhangdian},
		{"ex3", approval.Scorer, storetest.Zhangdian}, {"ex4", approval.Scorer, storetest.Zhangdian}, {"ex5", approval.Scorer, storetest.Zhangdian},
		{"owner", "", storetest.Community1}, {"outsider", "", storetest.Community1},
	} {
		var grants []approval.Grant
		if somebody.role != "" {
			grants = append(grants, grant(somebody.role, somebody.scope))
		}
		a.person(somebody.name, somebody.scope, grants...)
		a.who[somebody.name] = a.token(approval.Person{ID: "p_" + somebody.name})
	}
	a.operator = a.registered("示例餐饮服务部", "92370303QW0000129A")
	for n := range 2 {
		added, err := a.store.RegisterSpace(a.clerk(), storetest.Community1, space.Details{
			Code: fmt.Sprintf("A%d", n), Name: fmt.Sprintf("示范阵地%d", n), Ownership: space.PublicOwned, Holder: "示例街道办事处", Proof: "示例产权证", Use: "闲置",
			Surveyed: true, Flue: true, FireExits: 2,
			Rooms: []space.Room{{Code: "101", Name: "大厅", Floor: "1", Built: 4500, Usable: 3800, Functions: []string{}}},
		}, "p_clerk", a.now())
		fatal(t, err)
		a.spaces = append(a.spaces, added.ID)
	}
	_, err := a.store.RegisterSpace(a.clerk(), storetest.Community1, space.Details{ // so that little of the community is let
		Code: "Z", Name: "党群服务中心", Ownership: space.PublicOwned, Holder: "示例街道办事处", Proof: "示例产权证", Use: "服务大厅",
		Rooms: []space.Room{{Code: "1", Name: "大厅", Floor: "1", Built: 50_000, Usable: 45_000, Functions: []string{space.Required()[0]}}},
	}, "p_clerk", a.now())
	fatal(t, err)
	_, err = a.store.SetNeeds(a.clerk(), space.NeedList{Scope: storetest.Community1, ChangedBy: "p_clerk", ChangedAt: a.now(), Needs: []space.Need{
		{Category: "care", Code: "elderly_canteen", Name: "老年食堂", Count: 120, Priority: space.High},
	}})
	fatal(t, err)
	return a
}

// papers are fresh ones: a paper serves one case.
func (a *admissionWorld) papers(by string, kinds ...string) []map[string]string {
	a.t.Helper()
	ctx := store.WithPerson(a.t.Context(), approval.Person{ID: "p_" + by})
	if by == "clerk" {
		ctx = a.clerk()
	}
	var papers []map[string]string
	for _, kind := range kinds {
		added, err := a.store.AddAttachment(ctx, approval.Attachment{
			ID: a.store.NewAttachmentID(), Name: kind + ".pdf", MediaType: "application/pdf", Size: 10, SHA256: strings.Repeat("ab", 32),
			Scope: storetest.Community1, Uploader: "p_" + by,
		}, a.now())
		fatal(a.t, err)
		papers = append(papers, map[string]string{"id": added.ID, "kind": kind})
	}
	return papers
}

func (a *admissionWorld) clerk() context.Context { return a.acting("clerk", approval.Handler) }

func (a *admissionWorld) acting(name string, role approval.Role) context.Context {
	return store.WithPerson(a.t.Context(), approval.Person{ID: "p_" + name, Grants: []approval.Grant{{Role: role, Scope: storetest.Community1}}})
}

// registered is an operator with licences, an owner and a clean credit check;
// "owner" acts for the first one.
func (a *admissionWorld) registered(name, code string) string {
	a.t.Helper()
	ctx := a.clerk()
	registered, err := a.store.RegisterOperator(ctx, storetest.Community1, operator.Details{
		Name: name, CreditCode: approval.CreditCode(code), Kind: operator.SoleTrader, LegalRepresentative: "示例负责人", FoundedOn: "2023-01-05",
	}, "p_clerk", a.now())
	fatal(a.t, err)
	for _, licence := range []operator.NewLicence{
		{Kind: operator.Registration, Number: "YY-1", Verified: true}, {Kind: operator.SmallCatering, Number: "XC-1", ValidUntil: "2028-01-01", Verified: true},
		{Kind: operator.StaffHealth, Number: "JK-1", ValidUntil: "2026-12-31", Verified: true}, {Kind: operator.PublicLiability, Number: "BX-1", ValidUntil: "2025-12-31", Verified: true},
	} {
		fatal(a.t, a.store.RecordLicence(ctx, registered.ID, licence, "p_clerk", a.now()))
	}
	fatal(a.t, a.store.RecordCreditCheck(ctx, registered.ID, operator.NewCreditCheck{Source: "示例信用平台", CheckedOn: "2026-03-03"}, "p_clerk", a.now()))
	fatal(a.t, a.store.AddParty(ctx, registered.ID, operator.NewParty{Name: "示例负责人", Capacity: operator.Capacities[0].Capacity}, "p_clerk", a.now()))
	if a.operator == "" {
		secretary := a.acting("sec", approval.Secretary)
		fatal(a.t, a.store.LinkActor(secretary, registered.ID, operator.Actor{PersonID: "p_owner", Position: "负责人", LinkedBy: "p_sec", LinkedAt: a.now()}))
		onFile, err := a.store.Licences(ctx, registered.ID)
		fatal(a.t, err)
		for _, licence := range onFile {
			a.licences = append(a.licences, licence.ID)
		}
	}
	return registered.ID
}

// application is one the sample rules of Zhangdian pass.
func (a *admissionWorld) application(by string, more map[string]any) map[string]any {
	a.t.Helper()
	body := map[string]any{
		"title": "示范阵地助餐点", "operator_id": a.operator, "space_id": a.spaces[0], "summary": "面向老年居民的助餐服务",
		"services":  []map[string]any{{"name": "老年午餐", "kind": "meals", "class": "low_charge", "price": 1200, "unit": "份", "over60": 10, "over80": 15}},
		"share":     map[string]any{"kind": "profit_percent", "percent": 30, "period": "monthly"},
		"starts_on": "2026-07-01", "ends_on": "2028-06-30", "needs": []string{"elderly_canteen"},
		"undertakings": []string{"use", "price", "safety", "no_let", "reports", "care"}, "attachments": a.papers(by, "application", "plan"),
	}
	for field, value := range more {
		body[field] = value
	}
	return body
}

// by is who has uploaded what somebody hands in: strangers cannot, so they name
// the clerk's.
func by(name string) string {
	if name == "owner" {
		return name
	}
	return "clerk"
}

func (a *admissionWorld) file(name string, more map[string]any) answered {
	a.t.Helper()
	return a.ask(asked{method: "POST", path: "/v1/applications", body: a.application(by(name), more), bearer: a.who[name], key: a.key()})
}

func (a *admissionWorld) filed(name string, more map[string]any) string {
	a.t.Helper()
	answer := a.file(name, more)
	answer.want(a.t, 201, "")
	var started struct {
		CaseID string `json:"case_id"`
	}
	decode(a.t, answer, &started)
	if answer.header.Get("Location") != "/v1/cases/"+started.CaseID {
		a.t.Fatalf("started %q at %q", started.CaseID, answer.header.Get("Location"))
	}
	return started.CaseID
}

func (a *admissionWorld) standsAt(caseID, stage string) {
	a.t.Helper()
	var row struct{ Stage, Status, Reason string }
	decode(a.t, a.read(a.who["clerk"], "/v1/cases/"+caseID), &row)
	if row.Stage != stage && row.Status != stage {
		a.t.Fatalf("the case is at %s, %s: %s, want %s", row.Stage, row.Status, row.Reason, stage)
	}
}

func detail(field string, value any) map[string]any {
	return map[string]any{"form": map[string]any{"details": map[string]any{field: value}}}
}

func (a *admissionWorld) signs(name string) answered {
	a.t.Helper()
	for _, task := range a.inbox(name) {
		if task.Stage == "signing" {
			return a.actOn(task, name, "sign", map[string]any{"reauthentication": password(goodPassword)})
		}
	}
	a.t.Fatalf("%s has nothing to sign", name)
	return answered{}
}

func (a *admissionWorld) latest() (id string) {
	a.t.Helper()
	fatal(a.t, connect(a.t, a.address.Owner).QueryRow(a.t.Context(), `SELECT id FROM cases ORDER BY opened_at DESC, updated_at DESC LIMIT 1`).Scan(&id))
	return id
}

func (a *admissionWorld) taskAt(name, seat string) taskSeen {
	a.t.Helper()
	for _, task := range a.inbox(name) {
		if task.Seat == seat {
			return task
		}
	}
	a.t.Fatalf("%s has no task at %s", name, seat)
	return taskSeen{}
}

func (a *admissionWorld) expired() string {
	onFile, err := a.store.Licences(a.clerk(), a.operator)
	fatal(a.t, err)
	for _, licence := range onFile {
		if licence.Kind == operator.PublicLiability {
			return licence.ID
		}
	}
	return ""
}

// rejected files an application that screening rejects after a correction.
func (a *admissionWorld) rejected(more map[string]any) string {
	a.t.Helper()
	for field, value := range map[string]any{"undertakings": []string{"use"}} {
		more[field] = value
	}
	caseID := a.filed("owner", more)
	more["attachments"] = a.papers("owner", "application", "plan")
	a.do("owner", "correct", map[string]any{"form": map[string]any{"details": a.application("owner", more)}}).want(a.t, 200, "")
	a.standsAt(caseID, "reconsideration")
	return caseID
}

func (a *admissionWorld) objects(papers []map[string]string) answered {
	return a.actOn(a.taskAt("owner", "applicant"), "owner", "object", map[string]any{
		"comment": "承诺书已补签", "form": map[string]any{"details": map[string]any{"attachments": papers}},
	})
}
