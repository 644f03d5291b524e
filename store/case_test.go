package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"linli/approval"
	"linli/store"
	"linli/store/storetest"
)

// copies is a migrated database with the two stores that write and read the
// copy of cases.
type copies struct {
	t           testing.TB
	api, worker *store.Store
	address     storetest.Address
}

func openCopies(t testing.TB) *copies {
	t.Helper()
	c := &copies{t: t}
	c.api, c.worker, c.address = storetest.OpenDSN(t)
	return c
}

// as reads as somebody who holds one role at one scope.
func (c *copies) as(id string, role approval.Role, scope approval.Scope) context.Context {
	return store.WithPerson(c.t.Context(), approval.Person{ID: id, Grants: []approval.Grant{{Role: role, Scope: scope}}})
}

// handler reads as the case handler of the community all test cases lie in.
func (c *copies) handler() context.Context {
	return c.as("p_handler", approval.Handler, storetest.Community1)
}

func (c *copies) record(record approval.Record) approval.Recorded {
	c.t.Helper()
	return must(c.worker.Record(c.t.Context(), record))(c.t)
}

// sql runs one statement as the owner of the database, past row security but
// not past triggers.
func (c *copies) sql(statement string, args ...any) error {
	c.t.Helper()
	conn := must(pgx.Connect(c.t.Context(), c.address.Owner))(c.t)
	defer conn.Close(context.Background())
	_, err := conn.Exec(c.t.Context(), statement, args...)
	return err
}

// step is a well-formed step of a running case; what a test is about it sets
// itself.
func step(caseID string, seq int, key string, tasks ...approval.Task) approval.Record {
	at := storetest.Now.Add(time.Duration(seq) * time.Minute)
	for i := range tasks {
		tasks[i].CaseID = caseID
		if tasks[i].ID == "" {
			tasks[i].ID = approval.TaskID(caseID, tasks[i].Stage, 1, tasks[i].Seat)
		}
		if tasks[i].Scope == "" {
			tasks[i].Scope = storetest.Community1
		}
		if tasks[i].OpenedAt.IsZero() {
			tasks[i].OpenedAt = storetest.Now
		}
		if tasks[i].Status == "" {
			tasks[i].Status = approval.TaskOpen
		}
		if tasks[i].Status != approval.TaskOpen {
			tasks[i].ClosedAt = at
		}
	}
	return approval.Record{
		CaseID: caseID, Seq: seq, Key: key, Kind: "stage", At: at, Tasks: tasks, Note: "步骤" + key,
		Case: approval.CaseSnapshot{
			Procedure: "funduse", Scope: storetest.Community1, Title: "楼道修缮 " + caseID, Amount: 420000, Stage: "committee",
			StageName: approval.Text{ZH: "管委会评议", EN: "committee review"}, Next: approval.Text{ZH: "慈善审批", EN: "charity approval"},
			Status: approval.Running, Proposer: "p_handler", ContentHash: "content-" + caseID,
			Pin: approval.RulePin{ID: "370303/funduse", Version: 1, Hash: "rules"}, OpenedAt: storetest.Now,
		},
	}
}

// ballot is the step of a vote on a seat of the committee.
func ballot(caseID string, seq int, member string, action approval.Action) approval.Record {
	record := step(caseID, seq, "ballot-"+member, approval.Task{
		Stage: "committee", Seat: member, Kind: approval.Vote, Persons: []string{member}, Role: approval.CommitteeMember,
		Status: approval.TaskDone, ClosedBy: member, ClosedAs: action,
	})
	record.Kind = "acted"
	record.Act = &approval.Act{
		ID: record.Key, CaseID: caseID, TaskID: record.Tasks[0].ID, Action: action, Person: approval.Person{ID: member},
		Comment: "表决意见" + member, ContentHash: "content-" + caseID, Envelope: "envelope." + member,
	}
	return record
}

func closed(record approval.Record, status approval.CaseStatus) approval.Record {
	record.Case.Status, record.Case.ClosedAt = status, record.At
	return record
}

func refusedAs(t testing.TB, err error, code approval.Code) {
	t.Helper()
	if approval.CodeOf(err) != code {
		t.Errorf("got %v, want a refusal %s", err, code)
	}
}

func TestCaseIsReadAsItWasRecorded(t *testing.T) {
	c := openCopies(t)
	record := step("case-1", 1, "open")
	record.Evidence = &approval.Evidence{Stage: "screening", Outcome: approval.OutcomePass, EvaluatedAt: record.At.UTC(),
		Findings: []approval.Finding{{ID: "c1", Title: "金额", Verdict: approval.FindingOK}}}
	record.Note, record.Case.Title = "零字节\x00不坏事", "标题\x00"
	c.record(record)
	second := step("case-1", 2, "rejected")
	second.Case.Reason = "材料不实"
	c.record(closed(second, approval.Rejected))

	view := must(c.api.Case(c.handler(), "case-1"))(t)
	want := approval.CaseView{CaseID: "case-1", CaseSnapshot: closed(second, approval.Rejected).Case, Seq: 2, UpdatedAt: second.At}
	if diff := cmp.Diff(want, view); diff != "" {
		t.Errorf("case (-want +got):\n%s", diff)
	}
	evidence := must(c.api.CaseEvidence(c.handler(), "case-1"))(t)
	if len(evidence) != 1 || approval.ContentHash(evidence[0]) != approval.ContentHash(record.Evidence) {
		t.Errorf("evidence = %+v", evidence)
	}
}

func TestCasesAreListedNewestFirstAndFiltered(t *testing.T) {
	c := openCopies(t)
	for i := range 5 {
		record := step(fmt.Sprintf("case-%d", i), 1, "open")
		record.Case.OpenedAt = storetest.Now.Add(time.Duration(i/2) * time.Hour) // ties are broken by id
		record.Case.Title = []string{"100%修缮", "100_修缮", "节日慰问", "修缮\\", "百事"}[i]
		if i == 3 {
			record = closed(record, approval.Completed)
		}
		c.record(record)
	}
	ids := func(filter approval.CaseFilter, limit int) []string {
		var all []string
		page := approval.Page{Limit: limit}
		for {
			views, next, err := c.api.Cases(c.handler(), filter, page)
			if err != nil {
				t.Fatal(err)
			}
			for _, view := range views {
				all = append(all, view.CaseID)
			}
			if page.Cursor = next; next == "" {
				return all
			}
		}
	}
	for _, limit := range []int{1, 2, 10} {
		if got := fmt.Sprint(ids(approval.CaseFilter{}, limit)); got != "[case-4 case-3 case-2 case-1 case-0]" {
			t.Errorf("pages of %d: %s", limit, got)
		}
	}
	for want, filter := range map[string]approval.CaseFilter{
		"[case-0]":                             {Search: "0%"},
		"[case-1]":                             {Search: "0_"},
		"[case-3]":                             {Search: `\`},
		"[case-2]":                             {Search: "E-2"},
		"[case-4 case-2 case-1 case-0]":        {Status: approval.Running},
		"[]":                                   {Stage: "payout"},
		"[case-4 case-3 case-2 case-1 case-0]": {Scope: storetest.Chezhan, Stage: "committee"},
	} {
		if got := fmt.Sprint(ids(filter, 10)); got != want {
			t.Errorf("filter %+v: %s, want %s", filter, got, want)
		}
	}
	if got := ids(approval.CaseFilter{Scope: storetest.Community2}, 10); len(got) != 0 {
		t.Errorf("another community has %v", got)
	}
	_, _, err := c.api.Cases(c.handler(), approval.CaseFilter{}, approval.Page{Limit: 1, Cursor: "bent"})
	refusedAs(t, err, approval.Invalid)
}

// The record keeps what happened whoever asks to change it.
func TestTheRecordIsAppendOnly(t *testing.T) {
	c := openCopies(t)
	c.record(step("case-1", 1, "open"))
	for _, table := range []string{"rule_sets", "proposals", "case_events", "case_event_superseded", "outbox", "outbox_seats", "notices",
		"notice_notes", "objections", "objection_contacts", "objection_answers", "archive_log", "archive_histories"} {
		column := must(firstColumn(c, table))(t)
		for _, statement := range []string{
			"UPDATE " + table + " SET " + column + " = " + column, "DELETE FROM " + table, "TRUNCATE " + table + " CASCADE",
		} {
			if err := c.sql(statement); err == nil {
				t.Errorf("the owner may %s", statement)
			}
		}
	}
}

func firstColumn(c *copies, table string) (column string, err error) {
	conn := must(pgx.Connect(c.t.Context(), c.address.Owner))(c.t)
	defer conn.Close(context.Background())
	err = conn.QueryRow(c.t.Context(), `SELECT attname::text FROM pg_attribute
		WHERE attrelid = $1::text::regclass AND attnum > 0 AND attgenerated = '' AND attidentity = '' LIMIT 1`, table).Scan(&column)
	return column, err
}
