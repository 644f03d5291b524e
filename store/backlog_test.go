package store_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"linli/approval"
	"linli/store"
	"linli/store/storetest"
)

func TestBacklog(t *testing.T) {
	c := openCopies(t)
	backlog := func() approval.Backlog {
		return must(c.worker.Backlog(t.Context(), storetest.Now.Add(2*time.Hour)))(t)
	}
	if diff := cmp.Diff(approval.Backlog{Running: map[approval.Stage]int{}}, backlog()); diff != "" {
		t.Errorf("of an empty system: %s", diff)
	}
	task := func(seat string, kind approval.TaskKind, due time.Duration) approval.Task {
		return approval.Task{Stage: "s", Seat: seat, Kind: kind, Persons: []string{"p_1"}, DueAt: storetest.Now.Add(due)}
	}
	open := step("c_1", 1, "k1", task("late", approval.Decision, time.Hour), task("early", approval.Vote, 3*time.Hour), task("always", approval.Standing, time.Hour))
	c.record(open)
	closed := step("c_2", 1, "k2")
	closed.Case.Status, closed.Case.ClosedAt = approval.Completed, closed.At
	c.record(closed)
	got := backlog()
	want := approval.Backlog{
		Tasks:    []approval.TaskBacklog{{Stage: "s", Open: 2, Overdue: 1, Oldest: storetest.Now.UTC()}},
		Running:  map[approval.Stage]int{open.Case.Stage: 1},
		Unsealed: approval.Waiters{Count: 1, Oldest: closed.At.UTC()},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("one running and one closed case: %s", diff)
	}
	if err := c.worker.Seal(t.Context(), "c_2", []byte("history"), storetest.Now); err != nil {
		t.Fatal(err)
	}
	if got := backlog().Unsealed; got != (approval.Waiters{}) {
		t.Errorf("a sealed case still waits for its seal: %+v", got)
	}
}

func TestPendingBacklog(t *testing.T) {
	api, _ := storetest.Open(t)
	if none := must(api.PendingBacklog(t.Context()))(t); none != (approval.Waiters{}) {
		t.Errorf("of nothing: %+v", none)
	}
	op := anOperation(api, "linli", "pending-key", "a")
	op.Kind, op.Payload = "act", json.RawMessage(`{}`)
	kept, _, err := api.Claim(t.Context(), op, storetest.Now)
	if err != nil {
		t.Fatal(err)
	}
	if one := must(api.PendingBacklog(t.Context()))(t); one.Count != 1 || !one.Oldest.Equal(storetest.Now) {
		t.Errorf("one write is pending: %+v", one)
	}
	kept.Status, kept.HTTPStatus, kept.Answer = approval.OperationDone, 200, json.RawMessage(`{}`)
	if err := api.Complete(t.Context(), kept, storetest.Now); err != nil {
		t.Fatal(err)
	}
	if none := must(api.PendingBacklog(t.Context()))(t); none.Count != 0 {
		t.Errorf("an answered write is still pending: %+v", none)
	}
}

// Both roles see whether the schema fits the program, and what to do if not.
func TestMigrated(t *testing.T) {
	c := openCopies(t)
	for role, s := range map[string]*store.Store{"api": c.api, "worker": c.worker} {
		if err := s.Migrated(t.Context()); err != nil {
			t.Errorf("%s: %v", role, err)
		}
	}
	if err := c.sql(`DELETE FROM goose_db_version WHERE version_id = (SELECT max(version_id) FROM goose_db_version)`); err != nil {
		t.Fatal(err)
	}
	if err := c.api.Migrated(t.Context()); err == nil || !strings.Contains(err.Error(), "linli migrate") {
		t.Errorf("an older schema: %v", err)
	}
}
