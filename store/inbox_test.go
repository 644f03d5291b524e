package store_test

import (
	"cmp"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"linli/approval"
	"linli/store"
	"linli/store/storetest"
)

// substitute makes two people, the second of whom stands in for the first
// on the day of the tests.
func (c *copies) substitute() (absent, substitute approval.Person) {
	c.t.Helper()
	absent = storetest.Person(c.t, c.api, "absent", storetest.Community1,
		approval.Grant{Role: approval.Handler, Scope: storetest.Community1}, approval.Grant{Role: approval.CommitteeMember, Scope: storetest.Community1})
	substitute = storetest.Person(c.t, c.api, "substitute", storetest.Community1, approval.Grant{Role: approval.Secretary, Scope: storetest.Community1})
	err := c.sql(`INSERT INTO substitutions (id, absent, substitute, scope, first_on, last_on, reason, created_at, created_by)
		VALUES ('s1', $1, $2, $3, '2026-03-04', '2026-03-04', '出差', now(), 'test')`, absent.ID, substitute.ID, string(storetest.Community1))
	if err != nil {
		c.t.Fatal(err)
	}
	return absent, substitute
}

func anyOf[T any](t *rapid.T, label string, from ...T) T {
	return rapid.SampledFrom(from).Draw(t, label)
}

// someTasks draws tasks of every kind for and against a few people.
func someTasks(t *rapid.T, people []string) []approval.Task {
	some := func(label string) []string {
		return slices.Sorted(slices.Values(rapid.SliceOfNDistinct(rapid.SampledFrom(people), 0, 2, rapid.ID).Draw(t, label)))
	}
	tasks := make([]approval.Task, rapid.IntRange(1, 8).Draw(t, "tasks"))
	for i := range tasks {
		tasks[i] = approval.Task{
			Stage: "s", Seat: fmt.Sprint(i),
			Kind:     anyOf(t, "kind", approval.Decision, approval.Decision, approval.Vote, approval.Form, approval.Standing),
			Persons:  some("persons"),
			Role:     anyOf(t, "role", "", approval.Handler, approval.CommitteeMember, approval.CharityOfficer),
			Scope:    anyOf(t, "scope", storetest.City, storetest.Zhangdian, storetest.Chezhan, storetest.Community1),
			Excluded: some("excluded"),
			Status:   anyOf(t, "status", approval.TaskOpen, approval.TaskOpen, approval.TaskOpen, approval.TaskDone, approval.TaskCancelled),
		}
		if due := rapid.IntRange(0, 3).Draw(t, "due"); due > 0 {
			tasks[i].DueAt = storetest.Now.Add(time.Duration(due-2) * time.Hour)
		}
	}
	return tasks
}

// expected is what the domain says the inbox holds, most urgent first.
func expected(tasks []approval.Task, actors []approval.Person) []string {
	var mine []approval.Task
	for _, task := range tasks {
		open := task.Status == approval.TaskOpen && task.Kind != approval.Standing
		if open && slices.ContainsFunc(actors, func(actor approval.Person) bool { return task.Eligible(actor, "") == nil }) {
			mine = append(mine, task)
		}
	}
	slices.SortFunc(mine, func(a, b approval.Task) int {
		if a.DueAt.IsZero() != b.DueAt.IsZero() {
			if a.DueAt.IsZero() {
				return 1
			}
			return -1
		}
		return cmp.Or(a.DueAt.Compare(b.DueAt), cmp.Compare(a.ID, b.ID))
	})
	ids := []string{}
	for _, task := range mine {
		ids = append(ids, task.ID)
	}
	return ids
}

func TestInboxIsWhatTheDomainAllows(t *testing.T) {
	c := openCopies(t)
	absent, substitute := c.substitute()
	people := []string{absent.ID, substitute.ID, "p_a", "p_b"}
	standingIn := approval.Person{ID: substitute.ID, For: absent.ID, Grants: absent.Grants}
	round := 0
	rapid.Check(t, func(t *rapid.T) {
		if err := c.sql(`DELETE FROM tasks`); err != nil {
			t.Fatal(err)
		}
		round++
		record := step(fmt.Sprintf("case-%d", round), 1, "open", someTasks(t, people)...)
		c.record(record)
		stranger := approval.Person{ID: anyOf(t, "stranger", "p_a", "p_b", "p_c"), Grants: []approval.Grant{{
			Role:  anyOf(t, "granted role", approval.Handler, approval.CommitteeMember, approval.CharityOfficer, approval.Auditor),
			Scope: anyOf(t, "granted scope", storetest.City, storetest.Zhangdian, storetest.Chezhan, storetest.Community1, storetest.Community2, storetest.Linzi),
		}}}
		limit := rapid.IntRange(1, 4).Draw(t, "limit")
		for _, reader := range []struct {
			person approval.Person
			actors []approval.Person
		}{
			{stranger, []approval.Person{stranger}},
			{absent, []approval.Person{absent}},
			{substitute, []approval.Person{substitute, standingIn}},
			{standingIn, []approval.Person{standingIn}},
			{approval.Person{}, nil},
		} {
			got := c.inboxOf(t, reader.person, limit)
			if want := expected(record.Tasks, reader.actors); !slices.Equal(got, want) {
				t.Fatalf("inbox of %+v in pages of %d:\ngot  %v\nwant %v", reader.person, limit, got, want)
			}
		}
	})
}

func (c *copies) inboxOf(t rapid.TB, person approval.Person, limit int) []string {
	ids := []string{}
	page := approval.Page{Limit: limit}
	for {
		views, next, err := c.api.Inbox(store.WithPerson(c.t.Context(), person), page, storetest.Now)
		if err != nil {
			t.Fatal(err)
		}
		for _, view := range views {
			ids = append(ids, view.ID)
			if !view.Mine || view.Case.Title == "" || view.Overdue != (!view.DueAt.IsZero() && !view.DueAt.After(storetest.Now)) {
				t.Fatalf("view = %+v", view)
			}
		}
		if page.Cursor = next; next == "" {
			return ids
		}
	}
}

func TestASubstitutionEndsWithItsLastDay(t *testing.T) {
	c := openCopies(t)
	absent, substitute := c.substitute()
	c.record(step("case-1", 1, "open", approval.Task{Stage: "s", Seat: "a", Kind: approval.Form, Persons: []string{absent.ID}}))
	for now, want := range map[time.Time]int{
		time.Date(2026, 3, 3, 23, 59, 59, 0, approval.Shanghai): 0,
		time.Date(2026, 3, 4, 0, 0, 0, 0, approval.Shanghai):    1,
		time.Date(2026, 3, 4, 23, 59, 59, 0, approval.Shanghai): 1,
		time.Date(2026, 3, 5, 0, 0, 0, 0, approval.Shanghai):    0,
	} {
		inbox, _, err := c.api.Inbox(store.WithPerson(t.Context(), substitute), approval.Page{Limit: 9}, now)
		if err != nil || len(inbox) != want {
			t.Errorf("at %s: %d tasks, %v; want %d", now, len(inbox), err, want)
		}
	}
}

// With a hundred thousand open tasks a page is a few hundred pages of memory,
// not a walk through all of them: for one who holds a role everywhere, one who
// holds it in one community, and one who holds none.
func TestInboxStaysFastWithAHundredThousandOpenTasks(t *testing.T) {
	c := openCopies(t)
	c.record(step("case-1", 1, "open"))
	for _, statement := range []string{
		`INSERT INTO cases (id, procedure, scope, title, amount, stage, stage_name_zh, stage_name_en, next_zh, next_en, status, reason, proposer,
			content_hash, rule_id, rule_version, rule_hash, sealed, opened_at, closed_at, seq, updated_at)
		 SELECT 'bulk-' || n, procedure, scope, title, amount, stage, stage_name_zh, stage_name_en, next_zh, next_en, status, reason, proposer,
			content_hash, rule_id, rule_version, rule_hash, sealed, opened_at, closed_at, seq, updated_at
		 FROM cases, generate_series(1, 20000) AS n`,
		`INSERT INTO tasks (id, case_id, stage, round, seat, kind, persons, role, scope, excluded, actions, content_hash, parent, days, opened_at,
			due_at, reminded, escalated, status, closed_by, closed_as)
		 SELECT 'bulk-' || (n % 20000 + 1) || '.' || n, 'bulk-' || (n % 20000 + 1), 's', 1, n, 'decision', '{}',
			CASE n % 2 WHEN 0 THEN 'charity_officer' ELSE 'handler' END, '370300/370303/370303001/370303001901', '{}', '{approve}', '', '', 0, now(),
			now() + n * interval '1 second', false, false, 'open', '', ''
		 FROM generate_series(1, 100000) AS n`,
		`INSERT INTO inbox (seat, due_at, task_id) SELECT t.role || '@' || node, t.due_at, t.id FROM tasks AS t, unnest(linli_nodes_of(t.scope)) AS node`,
		`INSERT INTO case_readers (person, case_id) SELECT 'p_' || n, 'bulk-' || n FROM generate_series(1, 20000) AS n`,
		`ANALYZE`,
	} {
		c.tamper(statement) // without foreign key checks: three times as fast
	}
	for _, person := range []approval.Person{
		{ID: "p_city", Grants: []approval.Grant{{Role: approval.CharityOfficer, Scope: storetest.City}}},
		{ID: "p_community", Grants: []approval.Grant{{Role: approval.Handler, Scope: storetest.Community1}}},
		{ID: "p_nobody"},
	} {
		plan := explainInbox(t, session(t, c.address.API, person), person.ID)
		if strings.Contains(plan.text, "Seq Scan on") {
			t.Errorf("%s: a table is read from end to end:\n%s", person.ID, plan.text)
		}
		if !strings.Contains(plan.text, "using inbox_pkey on inbox") {
			t.Errorf("%s: the inbox's index is not used:\n%s", person.ID, plan.text)
		}
		if plan.pages == 0 || plan.pages > 1000 {
			t.Errorf("%s: %d pages are touched:\n%s", person.ID, plan.pages, plan.text)
		}
	}
}

type plan struct {
	text  string
	pages int
}

var sqlcParameter = regexp.MustCompile(`@(\w+)`)

// explainInbox runs the query of the inbox file under EXPLAIN as linli_api.
func explainInbox(t *testing.T, tx pgx.Tx, person string) plan {
	t.Helper()
	file := string(must(os.ReadFile("queries/task.sql"))(t))
	_, query, found := strings.Cut(file, "-- name: Inbox :many\n")
	query, _, ended := strings.Cut(query, ";")
	if !found || !ended {
		t.Fatal("the inbox query is not where it was")
	}
	values := map[string]string{
		"@after_at": "'1970-01-01Z'", "@after_id": "''", "@actors": "ARRAY['" + person + "']", "@standing_in": "false", "@up_to": "21",
	}
	query = sqlcParameter.ReplaceAllStringFunc(strings.ReplaceAll(query, "sqlc.embed(c)", "c.*"), func(name string) string { return values[name] })
	rows := must(tx.Query(t.Context(), `EXPLAIN (ANALYZE, BUFFERS) `+query))(t)
	lines := must(pgx.CollectRows(rows, pgx.RowTo[string]))(t)
	text := strings.Join(lines, "\n")
	touched := plan{text: text}
	for _, count := range regexp.MustCompile(`(?:hit|read)=(\d+)`).FindAllStringSubmatch(text[:strings.Index(text, "->")], -1) { // the topmost node's
		touched.pages += must(strconv.Atoi(count[1]))(t)
	}
	return touched
}
