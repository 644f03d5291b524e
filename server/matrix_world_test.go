package server_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"linli/approval"
	"linli/store"
	"linli/store/storetest"
)

// elsewhere lies in the same district as community 1 and in another
// subdistrict.
const elsewhere approval.Scope = "370300/370303/370303002"

// places are where the matrix grants each role, seen from community 1, where
// the objects of the matrix lie. The last two are special: beside the role in
// another district, "split" is a rule keeper of community 1, who sees most of
// the objects and may do nothing to them; "disabled" holds the role in
// community 1 and lost the account while the session was open.
var places = []struct {
	name  string
	scope approval.Scope
}{
	{"community", storetest.Community1}, {"subdistrict", storetest.Chezhan}, {"district", storetest.Zhangdian}, {"city", storetest.City},
	{"neighbour", storetest.Community2}, {"same district", elsewhere}, {"other district", storetest.Linzi},
	{"split", storetest.Linzi}, {"disabled", storetest.Community1},
}

// strangers have no role in the sense of the matrix.
var strangers = []string{
	"nobody",     // not signed in
	"grantless",  // signed in, granted nothing
	"substitute", // handler next door, stands in for the charity officer of the district
	"late",       // stood in for that officer until recently, granted nothing
	"interested", // committee member of community 1 who declared an interest in the payee
	"named",      // granted nothing, sent a copy of the case
}

// someone is a person of the matrix.
type someone struct {
	name   string
	role   approval.Role
	place  string // or which stranger
	person approval.Person
	cookie *http.Cookie
}

// matrixWorld is a case world with everybody in it, one case that was paid and
// published, one before the charity, one before the committee, and the same
// beginnings in another district.
type matrixWorld struct {
	*caseWorld
	people []someone
	next   atomic.Int64

	paid, charity, voting, far   string // cases
	notice, receipt, income      string
	farFund, farPayee, farIncome string
	substituted, farSubstituted  string
	operation, token, upload     string
	operator, farOperator        string
	agreement                    string // of the paid case: its path
	space, farSpace              string
	disputed                     string // a payee nobody is to be paid through
	charityTask, ballot          taskSeen
}

func newMatrixWorld(t *testing.T) *matrixWorld {
	t.Helper()
	w := &matrixWorld{caseWorld: newCaseWorld(t)}
	root := store.WithPerson(t.Context(), storetest.Root)
	fatal(t, w.store.AddDivision(root, approval.Division{Path: elsewhere, NameZH: "公园街道"}, "test", w.now()))
	for _, name := range []string{"target", "target2"} {
		w.enter(name, storetest.Community1, grant(approval.CommitteeMember, storetest.Community1))
	}
	w.enter("fartarget", storetest.LinziOne, grant(approval.CommitteeMember, storetest.LinziOne))
	w.enter("x.interested", storetest.Community1, grant(approval.CommitteeMember, storetest.Community1))
	w.write(w.who["x.interested"], "POST", "/v1/payees/"+w.payee+"/interests", map[string]any{"relation": "spouse"}).want(t, 200, "")
	w.seedNear()
	w.seedFar()
	w.seedSmall()
	w.seedOperators()
	w.agreement = "/v1/cases/" + w.paid + "/contracts/" + w.lay(w.paid)[0].SHA256
	w.seedEngagements()
	w.gather()
	return w
}

// seedNear plays the cases of community 1.
func (w *matrixWorld) seedNear() {
	w.t.Helper()
	w.paid, w.notice = w.published()
	var filed filedSeen
	decode(w.t, w.objectTo(w.notice, "matrix-objection", "物料价格偏高。", objectorPhone), &filed)
	w.receipt = filed.Code
	w.do("objections", "overrule", map[string]any{"comment": "已核对三家报价。"}).want(w.t, 200, "")
	w.ring(20 * 24 * time.Hour)
	w.charity = w.opened()
	for _, member := range []string{"mem1", "mem2"} {
		w.do(member, "approve", nil).want(w.t, 200, "")
	}
	w.charityTask = w.inbox("officer")[0]
	w.voting = w.opened()
	w.ballot = w.inbox("mem1")[0]
	fatal(w.t, w.engine.worker.Seal(w.t.Context(), w.paid, []byte(`{"events":[]}`), w.now()))
	w.sql(`INSERT INTO case_readers (person, case_id) SELECT 'p_x.named', id FROM cases`)
}

const (
	objectorPhone = "13800000000"
	donor         = "王秀英" // of newIncome
)

// seedFar opens a fund and a case in another district.
func (w *matrixWorld) seedFar() {
	w.t.Helper()
	w.enter("farofficer", storetest.Linzi, grant(approval.CharityOfficer, storetest.Linzi))
	w.farFund = w.write(w.who["farofficer"], "POST", "/v1/funds", w.newFund(storetest.LinziOne)).ID
	w.write(w.who["farofficer"], "POST", "/v1/funds/"+w.farFund+"/incomes", newIncome(2_000_000)).want(w.t, 200, "")
	payee := newPayee(accountNumber)
	payee["scope"] = storetest.LinziOne
	w.farPayee = w.write(w.who["linzi"], "POST", "/v1/payees", payee).ID
	proposal := w.proposal()
	proposal["fund_id"], proposal["payee_id"] = w.farFund, w.farPayee
	proposal["attachments"] = []map[string]string{w.paper(storetest.LinziOne, "application"), w.paper(storetest.LinziOne, "budget")}
	answer := w.write(w.who["linzi"], "POST", "/v1/fund-uses", proposal)
	answer.want(w.t, 201, "")
	var started struct {
		CaseID string `json:"case_id"`
	}
	decode(w.t, answer, &started)
	w.far = started.CaseID
}

// seedEngagements lets an operator run a space in each place, as the worker
// keeps it.
func (w *matrixWorld) seedEngagements() {
	w.t.Helper()
	for caseID, scope := range map[string]approval.Scope{w.paid: storetest.Community1, w.far: storetest.LinziOne} {
		fatal(w.t, w.engine.worker.KeepEngagement(w.t.Context(), engagementView(caseID, scope, w.now())))
	}
}

// seedSmall makes the single objects the routes ask for.
func (w *matrixWorld) seedSmall() {
	w.t.Helper()
	body, media := form(w.t, storetest.Community1, "预算.pdf", []byte(pdf))
	w.upload = w.ask(asked{method: "POST", path: "/v1/attachments", bearer: w.handler, key: w.freshKey(), body: body, media: media}).ID
	reversed := w.write(w.officer, "POST", w.incomes(), newIncome(100))
	w.income = reversed.ID
	w.write(w.officer, "POST", "/v1/incomes/"+w.income+"/reversal", map[string]any{"reason": "重复入账"}).want(w.t, 200, "")
	w.operation = w.newOperation(approval.Person{ID: "p_target"})
	w.token = w.newToken(approval.Person{ID: "p_target"})
	w.substituted = w.newSubstitution("p_target", "p_target2")
	w.message("m_near", w.charity, approval.CharityOfficer, storetest.Community1)
	w.message("m_far", w.far, approval.CharityOfficer, storetest.LinziOne)
}

// message tells whoever holds the role; the engine of these tests sends none.
func (w *matrixWorld) message(id, caseID string, role approval.Role, scope approval.Scope) {
	w.t.Helper()
	w.sql(`INSERT INTO outbox (id, case_id, seq, attempt, kind, task_id, persons, "except", role, scope, text_zh, text_en, at)
		SELECT $1, $2, 1, min(attempt), 'task', '', '{}', '{}', $3, $4, '待办', 'a task', now() FROM case_events WHERE case_id = $2 AND seq = 1`, id, caseID, role, scope)
	w.sql(`INSERT INTO outbox_seats SELECT $1 || '@' || node, now(), $2 FROM unnest(linli_nodes_of($3)) AS node`, role, id, scope)
}

func (w *matrixWorld) newSubstitution(absent, substitute string) string {
	w.t.Helper()
	named, err := w.store.NameSubstitute(store.WithPerson(context.Background(), storetest.Root), approval.Substitution{
		Absent: absent, Substitute: substitute, FirstOn: w.today(), LastOn: w.today(), Reason: "出差",
	}, storetest.Root, w.now())
	fatal(w.t, err)
	return named.ID
}

func (w *matrixWorld) today() string { return w.now().In(approval.Shanghai).Format(time.DateOnly) }

func (w *matrixWorld) newToken(person approval.Person) string {
	w.t.Helper()
	token, err := w.store.CreateToken(store.WithPerson(context.Background(), person), person.ID, "test", w.now().Add(time.Hour), w.now())
	fatal(w.t, err)
	return token.ID
}

// newOperation keeps an answered write of the person's.
func (w *matrixWorld) newOperation(person approval.Person) string {
	w.t.Helper()
	kept, err := w.store.Keep(context.Background(), approval.Operation{
		ID: w.store.NewOperationID(), Actor: person.ID, Key: w.freshKey(), Name: "act", BodyHash: "0",
		Status: approval.OperationDone, HTTPStatus: http.StatusOK, Answer: []byte(`{}`),
	}, w.now())
	fatal(w.t, err)
	return kept.ID
}

func (w *matrixWorld) fresh() int64     { return w.next.Add(1) }
func (w *matrixWorld) freshKey() string { return fmt.Sprintf("matrix-key-%06d", w.fresh()) }

// gather lets every role come in at every place, and the strangers.
func (w *matrixWorld) gather() {
	w.t.Helper()
	for _, role := range approval.Roles {
		for _, place := range places {
			grants := []approval.Grant{grant(role.Role, place.scope)}
			if place.name == "split" {
				grants = append(grants, grant(approval.RuleKeeper, storetest.Community1))
			}
			w.comeIn(role.Role, place.name, place.scope, grants...)
		}
	}
	for _, stranger := range strangers {
		switch stranger {
		case "nobody":
			w.people = append(w.people, someone{name: stranger, place: stranger})
		case "interested":
			w.people = append(w.people, w.signedIn(someone{name: stranger, place: stranger,
				person: approval.Person{ID: "p_x.interested", Grants: []approval.Grant{grant(approval.CommitteeMember, storetest.Community1)}}}))
		case "substitute":
			w.comeIn("", stranger, storetest.Community2, grant(approval.Handler, storetest.Community2))
			w.newSubstitution("p_officer", "p_x.substitute")
		case "late":
			w.comeIn("", stranger, storetest.Zhangdian)
			ended := w.newSubstitution("p_officer", "p_x.late")
			_, err := w.store.EndSubstitution(store.WithPerson(w.t.Context(), storetest.Root), ended, storetest.Root.ID, w.now())
			fatal(w.t, err)
		default:
			w.comeIn("", stranger, storetest.Linzi)
		}
	}
	w.sql(`UPDATE accounts SET disabled_at = now(), disabled_by = 'test' WHERE username LIKE 'x.%.disabled'`)
}

func (w *matrixWorld) comeIn(role approval.Role, place string, home approval.Scope, grants ...approval.Grant) {
	w.t.Helper()
	name := strings.Trim(string(role)+"."+strings.ReplaceAll(place, " ", "-"), ".")
	person := storetest.Person(w.t, w.store, "x."+name, home, grants...)
	w.people = append(w.people, w.signedIn(someone{name: name, role: role, place: place, person: person}))
}

// signedIn opens a session, which costs no password hash.
func (w *matrixWorld) signedIn(who someone) someone {
	w.t.Helper()
	session, err := w.store.OpenSession(context.Background(), strings.TrimPrefix(who.person.ID, "p_"), who.person.ID, "198.51.100.1", w.now())
	fatal(w.t, err)
	who.cookie = &http.Cookie{Name: "linli", Value: session.Token}
	return who
}

// sql speaks to the database as its owner.
func (w *matrixWorld) sql(statement string, args ...any) {
	w.t.Helper()
	connection := connect(w.t, w.address.Owner)
	_, err := connection.Exec(context.Background(), statement, args...)
	fatal(w.t, err)
}

// sees is whether a grant of the person reaches the scope.
func (p someone) sees(scope approval.Scope) bool {
	for _, held := range p.person.Grants {
		if held.Scope.Contains(scope) {
			return true
		}
	}
	return false
}

// holds is whether the person holds one of the roles there.
func (p someone) holds(scope approval.Scope, roles ...approval.Role) bool {
	for _, role := range roles {
		if p.person.Holds(role, scope) {
			return true
		}
	}
	return false
}
