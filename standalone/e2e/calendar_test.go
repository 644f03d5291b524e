package e2e

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"linli/approval"
	"linli/approval/funduse"
	"linli/internal/demo"
	"linli/standalone/e2e/stack"
)

// TestMissingCalendar opens a case in a year whose working days nobody has
// entered: it stands still and says why, guesses nothing, and goes on by
// itself once the year is there.
func TestMissingCalendar(t *testing.T) {
	t.Parallel()
	w := open(t, stack.Options{})
	year := time.Now().In(approval.Shanghai).Year()
	w.Administer(t, fmt.Sprintf("DELETE FROM calendars WHERE year >= %d", year))

	caseID := w.propose("zd", w.draft("zd", 25_000, "application", "budget"))
	var waiting struct {
		approval.Waiting
		Source string `json:"source"`
	}
	stack.Until(t, "the case says why it stands still", func() (bool, string) {
		got := w.write("zd-handler", "GET", "/v1/cases/"+caseID+"/waiting", "", nil)
		if got.status == http.StatusNotFound {
			return false, got.String()
		}
		got.into(t, &waiting)
		return waiting.Blocked != nil, got.String()
	})
	blocked := waiting.Blocked
	if blocked.Code != approval.CalendarMissing || !bilingual(blocked.Message.ZH, blocked.Message.EN) || waiting.Source != "case" {
		t.Errorf("the case says %+v (%s)", blocked, waiting.Source)
	}
	stands := w.glance("zd", caseID)

	for _, each := range []int{year, year + 1} {
		w.refuse(attempt{as: "zd-admin", method: "PUT", path: fmt.Sprintf("/v1/calendars/%d", each), body: demo.InventedYear(each),
			status: http.StatusForbidden, code: approval.Forbidden})
	}
	if now := w.glance("zd", caseID); now != stands {
		t.Errorf("the case went from %+v to %+v without a calendar", stands, now)
	}
	for _, each := range []int{year, year + 1} {
		var entered approval.CalendarYear
		w.write("admin", "PUT", fmt.Sprintf("/v1/calendars/%d", each), w.key(), demo.InventedYear(each)).into(t, &entered)
	}
	task := w.task("zd-m1", caseID, funduse.Committee, "@zd-m1")
	if task.DueAt.Before(time.Now().Add(5 * 24 * time.Hour)) {
		t.Errorf("the ballot is due at %s, want seven working days from now", task.DueAt)
	}
	waiting.Blocked = nil
	w.write("zd-handler", "GET", "/v1/cases/"+caseID+"/waiting", "", nil).into(t, &waiting)
	if waiting.Blocked != nil || len(waiting.For) != 3 {
		t.Errorf("the case still says %+v and waits for %d", waiting.Blocked, len(waiting.For))
	}
}
