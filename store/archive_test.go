package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"linli/approval"
	"linli/audit"
	"linli/store/storetest"
)

// tamper changes rows as an intruder with all rights would: triggers off.
func (c *copies) tamper(statement string) {
	c.t.Helper()
	conn := must(pgx.Connect(c.t.Context(), c.address.Owner))(c.t)
	defer conn.Close(context.Background())
	if _, err := conn.Exec(c.t.Context(), `SET session_replication_role = replica`); err != nil {
		c.t.Fatal(err)
	}
	tag := must(conn.Exec(c.t.Context(), statement))(c.t)
	if tag.Update() && tag.RowsAffected() == 0 {
		c.t.Fatalf("nothing was altered by %s", statement)
	}
}

func brokenEntry(t testing.TB, err error, index int64, caseID string) {
	t.Helper()
	var broken *audit.Broken
	if !errors.As(err, &broken) || broken.Index != index || broken.CaseID != caseID {
		t.Errorf("got %v, want entry %d of %s to be named", err, index, caseID)
	}
}

func history(i int) []byte { return []byte(fmt.Sprintf(`{"events":[{"eventId":"%d"}]}`, i)) }

// archived closes n cases, the last one first, and seals their histories.
func (c *copies) archived(n int) {
	c.t.Helper()
	for i := 1; i <= n; i++ {
		c.record(closed(step(fmt.Sprintf("case-%d", i), 1, "open"), approval.Completed))
		if err := c.worker.Seal(c.t.Context(), fmt.Sprintf("case-%d", i), history(i), storetest.Now.Add(time.Duration(i)*time.Hour)); err != nil {
			c.t.Fatal(err)
		}
	}
}

func TestSealedHistoriesFormAVerifiedLog(t *testing.T) {
	c := openCopies(t)
	c.archived(3)
	log := must(c.worker.ArchiveLog(t.Context()))(t)
	if err := audit.VerifyLog(log); err != nil || len(log) != 3 {
		t.Errorf("log of %d: %v", len(log), err)
	}
	auditor := c.as("p_auditor", approval.Auditor, storetest.Zhangdian)
	if got := must(c.api.ArchivedHistory(auditor, "case-2"))(t); !slices.Equal(got, history(2)) {
		t.Errorf("history = %s", got)
	}
	if log := must(c.api.ArchiveLog(auditor))(t); len(log) != 3 {
		t.Errorf("the auditor sees %d entries", len(log))
	}
	if log := must(c.api.ArchiveLog(c.handler()))(t); len(log) != 0 {
		t.Errorf("a handler sees %d entries of the archive", len(log))
	}
	_, err := c.api.ArchivedHistory(c.as("p_other", approval.Auditor, storetest.Linzi), "case-2")
	refusedAs(t, err, approval.NotFound)
}

func TestSealingTwice(t *testing.T) {
	c := openCopies(t)
	c.archived(1)
	if err := c.worker.Seal(t.Context(), "case-1", history(1), storetest.Now); err != nil {
		t.Errorf("the same history again: %v", err)
	}
	refusedAs(t, c.worker.Seal(t.Context(), "case-1", history(9), storetest.Now), approval.Conflict)
	if log := must(c.worker.ArchiveLog(t.Context()))(t); len(log) != 1 {
		t.Errorf("the log has %d entries", len(log))
	}
}

func TestUnarchivedListsClosedCasesLongestClosedFirst(t *testing.T) {
	c := openCopies(t)
	c.record(step("running", 1, "open"))
	for i, id := range []string{"late", "early", "middle"} {
		record := closed(step(id, 1, "open"), approval.Rejected)
		record.Case.ClosedAt = storetest.Now.Add([]time.Duration{3, 1, 2}[i] * time.Hour)
		c.record(record)
	}
	if got := must(c.worker.Unarchived(t.Context(), 2))(t); !slices.Equal(got, []string{"early", "middle"}) {
		t.Errorf("unarchived = %v", got)
	}
	if err := c.worker.Seal(t.Context(), "early", history(1), storetest.Now); err != nil {
		t.Fatal(err)
	}
	if got := must(c.worker.Unarchived(t.Context(), 9))(t); !slices.Equal(got, []string{"middle", "late"}) {
		t.Errorf("unarchived = %v", got)
	}
}

func TestATamperedArchiveNamesTheEntry(t *testing.T) {
	c := openCopies(t)
	c.archived(3)
	c.tamper(`CREATE TABLE saved AS TABLE archive_log`)
	for name, attack := range map[string]struct {
		statement string
		index     int64
	}{
		"hash":     {`UPDATE archive_log SET history_sha256 = reverse(history_sha256) WHERE index = 2`, 2},
		"size":     {`UPDATE archive_log SET size = size + 1 WHERE index = 2`, 2},
		"time":     {`UPDATE archive_log SET sealed_at = sealed_at + interval '1 microsecond' WHERE index = 3`, 3},
		"case":     {`UPDATE archive_log SET case_id = 'case-9' WHERE index = 1`, 1},
		"previous": {`UPDATE archive_log SET previous_hash = reverse(previous_hash) WHERE index = 2`, 2},
		"own hash": {`UPDATE archive_log SET entry_hash = reverse(entry_hash) WHERE index = 2`, 2},
		"removed":  {`DELETE FROM archive_log WHERE index = 1`, 2},
	} {
		t.Run(name, func(t *testing.T) {
			c.tamper(attack.statement)
			caseID := fmt.Sprintf("case-%d", attack.index)
			if name == "case" {
				caseID = "case-9"
			}
			brokenEntry(t, audit.VerifyLog(must(c.worker.ArchiveLog(t.Context()))(t)), attack.index, caseID)
			c.tamper(`DELETE FROM archive_log`)
			c.tamper(`INSERT INTO archive_log TABLE saved`)
		})
	}
}

func TestATamperedHistoryNamesTheEntry(t *testing.T) {
	c := openCopies(t)
	c.archived(2)
	size := len(must(c.worker.ArchivedHistory(t.Context(), "case-2"))(t))
	if size == 0 {
		t.Fatal("an empty history was sealed")
	}
	c.tamper(`UPDATE archive_histories SET gzip = set_byte(gzip, length(gzip) / 2, get_byte(gzip, length(gzip) / 2) # 1) WHERE case_id = 'case-2'`)
	_, err := c.worker.ArchivedHistory(t.Context(), "case-2")
	brokenEntry(t, err, 2, "case-2")
	c.tamper(`UPDATE archive_histories SET gzip = (SELECT gzip FROM archive_histories WHERE case_id = 'case-1') WHERE case_id = 'case-2'`)
	_, err = c.worker.ArchivedHistory(t.Context(), "case-2")
	brokenEntry(t, err, 2, "case-2")
}

func TestALogWithABrokenEndTakesNoMore(t *testing.T) {
	c := openCopies(t)
	c.archived(2)
	c.tamper(`UPDATE archive_log SET size = size + 1 WHERE index = 2`)
	c.record(closed(step("case-3", 1, "open"), approval.Completed))
	brokenEntry(t, c.worker.Seal(t.Context(), "case-3", history(3), storetest.Now), 2, "case-2")
}
