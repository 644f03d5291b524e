package store_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"linli/approval"
	"linli/approval/funduse"
	"linli/store"
	"linli/store/storetest"
)

func proposal(title string) funduse.Proposal {
	return funduse.Proposal{Title: title, Category: funduse.Repair, Purpose: "楼道照明", Amount: 420000,
		Lines: []funduse.Line{{Item: "灯具", Amount: 420000}}, FundID: "f_1", StartsOn: "2026-03-10", EndsOn: "2026-04-10"}
}

// aCase has a task for a named person from another district, a copy to a
// second one, and a message to a role.
func (c *copies) aCase() {
	c.t.Helper()
	record := step("case-1", 1, "open",
		approval.Task{Stage: "opinion", Seat: "named", Kind: approval.Opinion, Persons: []string{"p_named"}, Actions: []approval.Action{approval.Approve}},
		approval.Task{Stage: "charity", Seat: "officer", Kind: approval.Decision, Role: approval.CharityOfficer, Scope: storetest.Zhangdian})
	record.Notify = []approval.Message{
		{Kind: "copy", To: []string{"p_copied"}, Text: approval.Text{ZH: "抄送", EN: "a copy"}},
		{Kind: "task", Role: approval.CharityOfficer, Scope: storetest.Zhangdian, Text: approval.Text{ZH: "待办", EN: "a task"}},
	}
	record.Evidence = &approval.Evidence{Stage: "screening", Outcome: approval.OutcomePass}
	c.record(record)
	if err := c.api.SaveContent(c.handler(), "case-1", storetest.Community1, approval.ContentOf(proposal("楼道")), storetest.Now); err != nil {
		c.t.Fatal(err)
	}
}

func TestWhoSeesACase(t *testing.T) {
	c := openCopies(t)
	c.aCase()
	at := func(scope approval.Scope) []approval.Grant {
		return []approval.Grant{{Role: approval.Auditor, Scope: scope}}
	}
	known := must(c.api.CaseTasks(c.handler(), "case-1", storetest.Now))(t)[0]
	for who, test := range map[string]struct {
		person approval.Person
		sees   bool
	}{
		"its community":              {approval.Person{ID: "p_1", Grants: at(storetest.Community1)}, true},
		"its subdistrict":            {approval.Person{ID: "p_1", Grants: at(storetest.Chezhan)}, true},
		"its district":               {approval.Person{ID: "p_1", Grants: at(storetest.Zhangdian)}, true},
		"the city":                   {approval.Person{ID: "p_1", Grants: at(storetest.City)}, true},
		"the community next door":    {approval.Person{ID: "p_1", Grants: at(storetest.Community2)}, false},
		"another district":           {approval.Person{ID: "p_1", Grants: at(storetest.Linzi)}, false},
		"a scope with a like prefix": {approval.Person{ID: "p_1", Grants: at("370300/37030")}, false},
		"somebody named in a task":   {approval.Person{ID: "p_named", Grants: at(storetest.Linzi)}, true},
		"somebody sent a copy":       {approval.Person{ID: "p_copied"}, true},
		"the public":                 {approval.Person{}, false},
	} {
		ctx := store.WithPerson(t.Context(), test.person)
		_, caseErr := c.api.Case(ctx, "case-1")
		tasks, tasksErr := c.api.CaseTasks(ctx, "case-1", storetest.Now)
		task, taskErr := c.api.Task(ctx, "case-1", known.ID, storetest.Now)
		steps, stepsErr := c.api.CaseSteps(ctx, "case-1")
		_, evidenceErr := c.api.CaseEvidence(ctx, "case-1")
		_, proposalErr := c.api.Proposal(ctx, "case-1", "")
		list, _, listErr := c.api.Cases(ctx, approval.CaseFilter{}, approval.Page{Limit: 9})
		if listErr != nil {
			t.Fatal(listErr)
		}
		for i, err := range []error{caseErr, tasksErr, taskErr, stepsErr, evidenceErr, proposalErr} {
			if test.sees != (err == nil) || !test.sees && approval.CodeOf(err) != approval.NotFound {
				t.Errorf("%s, read %d: %v; sees = %v", who, i, err, test.sees)
			}
		}
		if known.Mine = false; test.sees && !cmp.Equal(task, known) {
			t.Errorf("%s sees %+v alone and %+v among all", who, task, known)
		}
		if _, err := c.api.Task(ctx, "case-1", "case-1.nothing", storetest.Now); approval.CodeOf(err) != approval.NotFound {
			t.Errorf("%s reads a task that is none: %v", who, err)
		}
		if test.sees != (len(list) == 1) || test.sees != (len(tasks) == 2) || test.sees != (len(steps) == 1) {
			t.Errorf("%s sees %d cases, %d tasks, %d steps; sees = %v", who, len(list), len(tasks), len(steps), test.sees)
		}
		tx := session(t, c.address.API, test.person)
		for _, table := range []string{"cases", "case_tasks", "case_steps", "proposals"} {
			var rows int
			if err := tx.QueryRow(t.Context(), `SELECT count(*) FROM `+table).Scan(&rows); err != nil || (rows > 0) != test.sees {
				t.Errorf("%s selects %d rows of %s, %v; sees = %v", who, rows, table, err, test.sees)
			}
		}
	}
}

func TestTheAPIWritesNoCases(t *testing.T) {
	c := openCopies(t)
	c.aCase()
	_, err := c.api.Record(c.as("p_admin", approval.Administrator, storetest.City), step("case-1", 2, "forged"))
	refusedAs(t, err, approval.Forbidden)
	for _, statement := range []string{
		`UPDATE cases SET title = ''`, `DELETE FROM tasks`, `INSERT INTO inbox VALUES ('person:x', now(), 'case-1.opinion.1.named')`,
		`INSERT INTO case_readers VALUES ('p_1', 'case-1')`, `SELECT record FROM case_events`, `SELECT closed_as FROM tasks`,
		`INSERT INTO notices SELECT * FROM notices`, `INSERT INTO archive_log SELECT * FROM archive_log`,
		`INSERT INTO objection_answers VALUES ('o', 'upheld', '', now())`, `DELETE FROM outbox`, `UPDATE rule_sets SET source = 'x'`,
	} {
		tx := session(t, c.address.API, approval.Person{ID: "p_1", Grants: []approval.Grant{{Role: approval.Administrator, Scope: storetest.City}}})
		if _, err := tx.Exec(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("%s: %v, want permission denied", statement, err)
		}
	}
}

// While a round is sealed everybody sees that a ballot was cast and nobody
// how, not even in SQL; afterwards everything is there.
func TestSealedBallotsAreHidden(t *testing.T) {
	c := openCopies(t)
	open := step("case-1", 1, "open", decision("a", 0))
	open.Case.Sealed = true
	c.record(open)
	cast := ballot("case-1", 2, "p_member", approval.Reject)
	cast.Case.Sealed = true
	c.record(cast)
	secrets := []string{string(approval.Reject), cast.Act.Comment, cast.Act.Envelope, cast.Note}

	read := func() (texts []string) {
		for _, each := range must(c.api.CaseSteps(c.handler(), "case-1"))(t) {
			if each.Seq == 2 {
				if each.Person != "p_member" || each.Seat != "p_member" || each.Stage != "committee" {
					t.Errorf("the ballot's row does not say who cast it: %+v", each)
				}
				texts = append(texts, string(each.Action), each.Comment, each.Envelope, each.Note)
			}
		}
		return texts
	}
	closedAs := func() approval.Action {
		for _, view := range must(c.api.CaseTasks(c.handler(), "case-1", storetest.Now))(t) {
			if view.Kind == approval.Vote {
				return view.ClosedAs
			}
		}
		t.Fatal("the ballot's task is missing")
		return ""
	}
	if got := read(); !slices.Equal(got, make([]string, 4)) || closedAs() != "" {
		t.Errorf("while sealed the trail shows %q, the task %q", got, closedAs())
	}
	tx := session(t, c.address.API, approval.Person{ID: "p_1", Grants: []approval.Grant{{Role: approval.Administrator, Scope: storetest.City}}})
	for _, view := range []string{"case_steps", "case_tasks"} {
		var all string
		if err := tx.QueryRow(t.Context(), `SELECT string_agg(v::text, '') FROM `+view+` AS v`).Scan(&all); err != nil {
			t.Fatal(err)
		}
		for _, secret := range secrets {
			if strings.Contains(strings.ReplaceAll(all, "步骤open", ""), secret) {
				t.Errorf("%s shows %q while sealed", view, secret)
			}
		}
	}
	c.record(step("case-1", 3, "verdict"))
	if got := read(); !slices.Equal(got, secrets) || closedAs() != approval.Reject {
		t.Errorf("after the verdict the trail shows %q, the task %q; want %q", got, closedAs(), secrets)
	}
}

// A role's message reaches whoever holds the role when it is read.
func TestMessagesReachTheirReaders(t *testing.T) {
	c := openCopies(t)
	c.aCase()
	second := step("case-1", 2, "more")
	second.Notify = []approval.Message{{Kind: "outcome", To: []string{"p_copied", "p_officer"}, Text: approval.Text{ZH: "结果", EN: "the outcome"}}}
	c.record(second)
	officer := func(id string, scope approval.Scope) approval.Person {
		return approval.Person{ID: id, Grants: []approval.Grant{{Role: approval.CharityOfficer, Scope: scope}}}
	}
	for _, test := range []struct {
		reader approval.Person
		kind   string
		want   []string
	}{
		{approval.Person{ID: "p_copied"}, "", []string{"the outcome", "a copy"}},
		{approval.Person{ID: "p_copied"}, "copy", []string{"a copy"}},
		{officer("p_officer", storetest.City), "", []string{"the outcome", "a task"}},
		{officer("p_new", storetest.Zhangdian), "", []string{"a task"}},
		{officer("p_new", storetest.Chezhan), "", nil},
		{officer("p_new", storetest.Linzi), "", nil},
		{approval.Person{}, "", nil},
	} {
		var got []string
		page := approval.Page{Limit: 1}
		for {
			views, next, err := c.api.Messages(store.WithPerson(t.Context(), test.reader), test.kind, page)
			if err != nil {
				t.Fatal(err)
			}
			for _, view := range views {
				got = append(got, view.Text.EN)
			}
			if page.Cursor = next; next == "" {
				break
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%+v reads %q of kind %q, want %q", test.reader, got, test.kind, test.want)
		}
	}
}

func TestProposalsAreKeptVersionByVersion(t *testing.T) {
	c := openCopies(t)
	first, second := proposal("一楼"), proposal("二楼")
	save := func(p funduse.Proposal) {
		t.Helper()
		for range 2 { // again changes nothing
			if err := c.api.SaveContent(c.handler(), "case-1", storetest.Community1, approval.ContentOf(p), storetest.Now); err != nil {
				t.Fatal(err)
			}
		}
	}
	save(first)
	if got := must(c.api.Proposal(c.handler(), "case-1", ""))(t); got.Hash() != first.Hash() {
		t.Error("before the case is known, its first proposal is not found")
	}
	record := step("case-1", 1, "open")
	record.Case.ContentHash = first.Hash()
	c.record(record)
	save(second)
	for hash, want := range map[string]string{"": "一楼", first.Hash(): "一楼", second.Hash(): "二楼"} {
		if got := must(c.api.Proposal(c.handler(), "case-1", hash))(t); got.Title != want {
			t.Errorf("proposal %q is %s, want %s", hash, got.Title, want)
		}
	}
	_, err := c.api.Proposal(c.handler(), "case-1", "other")
	refusedAs(t, err, approval.NotFound)
	refusedAs(t, c.api.SaveContent(c.handler(), "case-2", storetest.Community2, approval.ContentOf(first), storetest.Now), approval.Forbidden)

	c.tamper(`UPDATE proposals SET proposal = jsonb_set(proposal, '{amount}', '920000')`)
	if _, err := c.api.Proposal(c.handler(), "case-1", first.Hash()); err == nil || approval.CodeOf(err) != "" {
		t.Errorf("an altered proposal reads as %v, want a fault", err)
	}
}
