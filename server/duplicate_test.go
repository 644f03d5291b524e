package server_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"gocloud.dev/blob"

	"linli/approval"
	"linli/store"
	"linli/store/storetest"
)

// unkeyedWrites take no key, each for its reason.
var unkeyedWrites = map[string]string{
	"login":             "every attempt counts",
	"logout":            "ends what may have ended",
	"changePassword":    "nothing of it may be stored",
	"enrolTOTP":         "its answer holds a secret that may not be stored",
	"confirmTOTP":       "a code counts once",
	"disableTOTP":       "nothing of it may be stored",
	"createToken":       "its answer holds a secret that may not be stored",
	"revokeToken":       "revokes what may be revoked",
	"previewFundUse":    "changes nothing",
	"checkRules":        "changes nothing",
	"bankCalled":        "a hint: the case asks the bank itself",
	"pageFileObjection": "the key travels in the form; the same code as fileObjection",
}

// repeated is a write for the duplicates test: each call of build makes
// another request that is allowed and takes effect; adds is the rows one
// effect adds where that is the same every time.
type repeated struct {
	who   func(w *duplicates) string
	build func(w *duplicates) asked
	adds  map[string]int
}

type duplicates struct {
	*caseWorld
	next int
}

func newDuplicates(t *testing.T) *duplicates {
	t.Helper()
	w := &duplicates{caseWorld: newCaseWorld(t)}
	w.who["admin"], w.who["secretary"] = w.token(approval.Person{ID: "p_admin"}), w.token(approval.Person{ID: "p_secretary"})
	w.write(w.officer, "POST", w.incomes(), newIncome(50_000_000)).want(t, 200, "")
	return w
}

func as(name string) func(w *duplicates) string {
	return func(w *duplicates) string { return w.who[name] }
}

func nobody(*duplicates) string { return "" }

func (w *duplicates) fresh() int { w.next++; return w.next }

func (w *duplicates) account() string {
	w.t.Helper()
	return storetest.Person(w.t, w.store, fmt.Sprintf("somebody%d", w.fresh()), storetest.Community1).ID
}

// community adds one below Chezhan.
func (w *duplicates) community() approval.Scope {
	w.t.Helper()
	path := storetest.Chezhan + approval.Scope(fmt.Sprintf("/%012d", w.fresh()))
	fatal(w.t, w.store.AddDivision(store.WithPerson(context.Background(), storetest.Root), approval.Division{Path: path, NameZH: "新社区"}, "test", w.now()))
	return path
}

func (w *duplicates) substitution(reason string) map[string]any {
	day := w.now().In(approval.Shanghai).Format(time.DateOnly)
	return map[string]any{"absent": "p_mem1", "substitute": "p_mem2", "first_on": day, "last_on": day, "reason": reason}
}

// ballotOf opens a case and returns mem1's ballot.
func (w *duplicates) ballotOf() taskSeen {
	w.t.Helper()
	caseID := w.opened()
	for _, task := range w.inbox("mem1") {
		if task.CaseID == caseID {
			return task
		}
	}
	w.t.Fatal("the committee was not asked")
	return taskSeen{}
}

// keyedWrites is every write that takes a key.
var keyedWrites = map[string]repeated{
	"createAccount": {as("admin"), func(w *duplicates) asked {
		return asked{path: "/v1/accounts", body: newAccount(fmt.Sprintf("twin%d", w.fresh()))}
	}, map[string]int{"accounts": 1, "persons": 1}},
	"setGrants": {as("admin"), func(w *duplicates) asked {
		return asked{path: "/v1/accounts/" + w.account() + "/grants", body: map[string]any{"grants": []approval.Grant{grant(approval.Supervisor, storetest.Community1)}}}
	}, map[string]int{"grants": 1}},
	"disableAccount": {as("admin"), func(w *duplicates) asked {
		return asked{path: "/v1/accounts/" + w.account() + "/disable", body: map[string]any{"reason": "离职"}}
	}, nil},
	"attachScan": {as("secretary"), func(w *duplicates) asked {
		caseID := w.opened()
		return asked{path: "/v1/cases/" + caseID + "/contracts/" + w.lay(caseID)[0].SHA256 + "/scans", body: map[string]any{"attachment": w.paper(storetest.Community1, "scan")["id"]}}
	}, map[string]int{"contract_scans": 1}},
	"resetTOTP": {as("admin"), func(w *duplicates) asked {
		return asked{path: "/v1/accounts/" + w.account() + "/totp/disable", body: map[string]any{"reason": "手机丢失"}}
	}, nil},
	"enableAccount": {as("admin"), func(w *duplicates) asked {
		id := w.account()
		w.write(w.who["admin"], "POST", "/v1/accounts/"+id+"/disable", map[string]any{"reason": "离职"}).want(w.t, 200, "")
		return asked{path: "/v1/accounts/" + id + "/enable"}
	}, nil},
	"nameSubstitute": {as("admin"), func(w *duplicates) asked {
		return asked{path: "/v1/substitutions", body: w.substitution(fmt.Sprint("出差", w.fresh()))}
	}, map[string]int{"substitutions": 1}},
	"endSubstitution": {as("admin"), func(w *duplicates) asked {
		return asked{path: "/v1/substitutions/" + w.write(w.who["admin"], "POST", "/v1/substitutions", w.substitution("开会")).ID}
	}, nil},
	"addScope": {as("admin"), func(w *duplicates) asked {
		return asked{path: "/v1/scopes", body: map[string]any{"path": fmt.Sprintf("%s/%012d", storetest.Chezhan, w.fresh()), "name_zh": "新社区"}}
	}, map[string]int{"scopes": 1}},
	"putCalendar": {as("admin"), func(w *duplicates) asked {
		year := approval.ShippedCalendars()[w.fresh()%2]
		return asked{path: fmt.Sprintf("/v1/calendars/%d", year.Year), body: year}
	}, nil},
	"uploadAttachment": {as("handler"), func(w *duplicates) asked {
		body, media := form(w.t, storetest.Community1, fmt.Sprintf("预算%d.pdf", w.fresh()), []byte(pdf))
		return asked{path: "/v1/attachments", body: body, media: media}
	}, map[string]int{"attachments": 1, "in the bucket": 1}},
	"registerCharity": {as("admin"), func(w *duplicates) asked {
		return asked{path: "/v1/charities", body: map[string]any{
			"scope": storetest.City, "name": "区慈善总会", "credit_code": fmt.Sprintf("5137030050456%05d", w.fresh()), "public_fundraising": true,
		}}
	}, map[string]int{"charities": 1}},
	"openFund": {as("officer"), func(w *duplicates) asked { return asked{path: "/v1/funds", body: w.newFund(w.community())} },
		map[string]int{"funds": 1, "ledger_accounts": 8}},
	"recordIncome": {as("officer"), func(w *duplicates) asked { return asked{path: w.incomes(), body: newIncome(100 + w.fresh())} },
		map[string]int{"incomes": 1, "donation_receipts": 1, "ledger_transactions": 1, "ledger_postings": 2}},
	"reverseIncome": {as("officer"), func(w *duplicates) asked {
		return asked{path: "/v1/incomes/" + w.write(w.officer, "POST", w.incomes(), newIncome(100)).ID + "/reversal", body: map[string]any{"reason": "重复入账"}}
	}, map[string]int{"ledger_transactions": 1, "ledger_postings": 2}},
	"registerPayee": {as("handler"), func(w *duplicates) asked {
		return asked{path: "/v1/payees", body: newPayee(fmt.Sprintf("62170099%08d", w.fresh()))}
	}, map[string]int{"payees": 1}},
	"declareInterest": {as("handler"), func(w *duplicates) asked {
		return asked{path: "/v1/payees/" + w.payee + "/interests", body: map[string]any{"person_id": w.account(), "relation": "spouse"}}
	}, map[string]int{"interests": 1}},
	"setCommittee": {as("admin"), func(w *duplicates) asked {
		community := string(w.community())
		members := []map[string]any{}
		for i, seat := range []string{"chair", "resident", "party"} {
			members = append(members, map[string]any{"person_id": fmt.Sprintf("p_mem%d", i+1), "seats": []string{seat}, "reserve": false})
		}
		return asked{path: "/v1/committees/" + community[strings.LastIndex(community, "/")+1:], body: map[string]any{"version": 0, "members": members}}
	}, map[string]int{"committees": 1, "committee_members": 3}},
	"stateCommunityAge": {as("admin"), func(w *duplicates) asked {
		community := string(w.community())
		return asked{path: "/v1/communities/" + community[strings.LastIndex(community, "/")+1:] + "/age", body: map[string]any{"age": "new"}}
	}, map[string]int{"community_ages": 1}},
	"openFundUse": {as("handler"), func(w *duplicates) asked {
		proposal := w.proposal()
		proposal["title"] = fmt.Sprint("邻里活动", w.fresh())
		return asked{path: "/v1/fund-uses", body: proposal}
	}, map[string]int{"cases": 1, "proposals": 1, "reservations": 1, "ledger_transactions": 1}},
	"act": {as("mem1"), func(w *duplicates) asked {
		task := w.ballotOf()
		return asked{path: "/v1/tasks/" + task.ID + "/acts", body: map[string]any{"action": "approve", "content_hash": task.ContentHash}}
	}, map[string]int{"case_events": 1}},
	"addNote": {as("supervisor"), func(w *duplicates) asked {
		return asked{path: "/v1/notices/" + w.noticeOf() + "/notes", body: map[string]any{"text": fmt.Sprint("更正", w.fresh())}}
	}, map[string]int{"notice_notes": 1}},
	"fileObjection": {nobody, func(w *duplicates) asked {
		w.pass(time.Hour) // the limit on objections is not the point here
		return asked{path: "/v1/public/notices/" + w.noticeOf() + "/objections", body: map[string]any{"text": fmt.Sprint("价格偏高", w.fresh())}}
	}, map[string]int{"objections": 1}},
	"publishRules": {as("keeper"), func(w *duplicates) asked {
		source := sample(w.t, "370303-zhangdian/funduse.yaml") + fmt.Sprintf("\n# %d\n", w.fresh())
		return asked{path: "/v1/rules", body: map[string]string{"source": source, "tests": sample(w.t, "370303-zhangdian/funduse.tests.yaml")}}
	}, map[string]int{"rule_sets": 1}},
}

// TestRepeatedWrites sends every write of the route table 2, 5 and 50 times at
// once under one key: there is one effect and one answer.
func TestRepeatedWrites(t *testing.T) {
	t.Parallel() // beside those that wait
	w := newDuplicates(t)
	w.published()
	writes := map[string]string{}
	for _, route := range w.server.Routes() {
		if _, exempt := unkeyedWrites[route.Operation]; route.Method == http.MethodGet || exempt {
			continue
		}
		writes[route.Operation] = route.Method
		if _, ok := keyedWrites[route.Operation]; !ok {
			t.Errorf("nobody tries %s twice: add it to keyedWrites, or to unkeyedWrites with the reason", route.Operation)
		}
	}
	for _, operation := range slices.Sorted(maps.Keys(keyedWrites)) {
		method, routed := writes[operation]
		if !routed {
			t.Errorf("%s is no keyed write of the route table", operation)
			continue
		}
		t.Run(operation, func(t *testing.T) {
			w.t = t
			for _, times := range []int{1, 2, 5, 50} {
				w.together(t, operation, method, times)
			}
		})
	}
}

// together sends one request many times at once.
func (w *duplicates) together(t *testing.T, operation, method string, times int) {
	t.Helper()
	write := keyedWrites[operation]
	request := write.build(w)
	request.method, request.bearer, request.key = method, write.who(w), fmt.Sprintf("together-%s-%d", operation, times)
	w.pass(10 * time.Second) // the limit on requests is not the point here
	before := w.counted()
	answers := w.sendTogether(request, times)
	first := 0
	for i, answer := range answers {
		if answer.status == http.StatusConflict && answer.Field == "Idempotency-Key" {
			if answer.header.Get("Retry-After") == "" {
				t.Errorf("%d at once: in flight, without saying when to come back", times)
			}
			answers[i] = w.ask(request) // the others are done
		}
		if answers[i].header.Get("Idempotency-Replayed") == "" {
			first++
		}
		if answers[i].status >= 300 || string(answers[i].raw) != string(answers[0].raw) || answers[i].status != answers[0].status {
			t.Fatalf("%d at once: answered %d %.300s and %d %.300s", times, answers[i].status, answers[i].raw, answers[0].status, answers[0].raw)
		}
	}
	if first != 1 && operation != "fileObjection" { // which does not mark repetitions
		t.Errorf("%d at once: %d answers claim to be the first", times, first)
	}
	after := w.counted()
	for table, more := range write.adds {
		if got := after[table] - before[table]; got != more {
			t.Errorf("%d at once: %d more rows of %s, want %d", times, got, table, more)
		}
	}
	if kept := after["operations"] - before["operations"]; kept != 1 {
		t.Errorf("%d at once: %d operations kept", times, kept)
	}
	if times != 5 || operation == "fileObjection" { // whose key binds nothing, it makes the receipt unguessable
		return
	}
	other := write.build(w)
	other.method, other.bearer, other.key = method, request.bearer, request.key
	w.ask(other).want(t, 422, approval.KeyReused)
}

func (w *duplicates) sendTogether(request asked, times int) []answered {
	w.t.Helper()
	answers, ready := make([]answered, times), make(chan struct{})
	var sent sync.WaitGroup
	for i := range answers {
		sent.Go(func() {
			<-ready
			answer, err := w.send(request)
			if err != nil {
				w.t.Error(err)
			}
			answers[i] = answer
		})
	}
	close(ready)
	sent.Wait()
	return answers
}

// counted is the number of rows of every table, and of things in the bucket.
func (w *duplicates) counted() map[string]int {
	w.t.Helper()
	owner := connect(w.t, w.address.Owner)
	counted := map[string]int{}
	found, err := owner.Query(w.t.Context(), `SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`)
	fatal(w.t, err)
	tables, err := pgx.CollectRows(found, pgx.RowTo[string])
	fatal(w.t, err)
	for _, table := range tables {
		var rows int
		fatal(w.t, owner.QueryRow(w.t.Context(), `SELECT count(*) FROM `+table).Scan(&rows))
		counted[table] = rows
	}
	counted["in the bucket"] = w.stored()
	return counted
}

// stored counts what lies in the bucket.
func (w *world) stored() (things int) {
	w.t.Helper()
	for list := w.bucket.List(&blob.ListOptions{}); ; things++ {
		if _, err := list.Next(w.t.Context()); err != nil {
			return things
		}
	}
}

// connect speaks SQL until the test ends.
func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	connection, err := pgx.Connect(context.Background(), dsn)
	fatal(t, err)
	t.Cleanup(func() { connection.Close(context.Background()) })
	return connection
}
