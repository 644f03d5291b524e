package observe

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"linli/approval"
	"linli/bank"
	"linli/workflows"
)

// busy is a process that has counted everything it can count, once or more.
func busy(t *testing.T) *Metrics {
	t.Helper()
	m, log := NewMetrics(), slog.New(slog.DiscardHandler)
	m.Answered(t.Context(), "POST", "/v1/tasks/{task}/acts", 200, 20*time.Millisecond)
	m.Answered(t.Context(), "PROPFIND", "", 404, time.Millisecond)
	m.Refused(approval.StaleContent)
	m.Acted(approval.Approve, nil)
	m.Acted(approval.Approve, approval.ErrPending)
	m.Acted(approval.Reject, approval.Errorf(approval.CommentRequired, "请说明。", "Say why."))
	m.Evaluated("screening", string(approval.OutcomePass), time.Millisecond)
	m.Paid("pay", string(bank.Unknown))
	m.performed("Reserve", nil, time.Millisecond)
	m.performed("SettlePayment", temporal.NewNonRetryableApplicationError("no", "conflict", nil), time.Millisecond)
	m.performed("Publish", errors.New("the database is gone"), time.Millisecond)
	m.SDK().WithTags(map[string]string{"code": "calendar_missing"}).Counter(workflows.CounterStandsStill).Inc(1)
	sdk(m.SDK())
	m.WatchBacklog(log, func(_ context.Context, now time.Time) (approval.Backlog, error) {
		waits := approval.Waiters{Count: 2, Oldest: now.Add(-time.Hour)}
		return approval.Backlog{
			Tasks:   []approval.TaskBacklog{{Stage: "committee", Open: 3, Overdue: 1, Oldest: now.Add(-time.Minute)}},
			Running: map[approval.Stage]int{"committee": 4}, Payouts: waits, Unsealed: waits,
		}, nil
	})
	m.WatchPending(log, func(context.Context) (approval.Waiters, error) { return approval.Waiters{}, nil })
	m.WatchBooks(log, func(context.Context) (int, error) { return 0, nil })
	m.WatchWorkers(log, func(context.Context) (map[string]int, error) {
		return map[string]int{"workflow": 1, "activity": 0}, nil
	})
	return m
}

// sdk counts as Temporal's SDK does: one name under several sets of tags.
func sdk(h client.MetricsHandler) {
	h = h.WithTags(map[string]string{"namespace": "linli"})
	h.Counter("temporal_request").Inc(1)
	h.WithTags(map[string]string{"operation": "RespondWorkflowTaskCompleted"}).Counter("temporal_request").Inc(2)
	h.Counter("temporal_request_failure").Inc(1)
	h.Timer("temporal_request_latency").Record(time.Millisecond)
	h.Timer("temporal_workflow_task_schedule_to_start_latency").Record(2 * time.Second)
	h.Timer("temporal_activity_execution_latency").Record(time.Second)
	h.Counter("temporal_workflow_task_execution_failed").Inc(1)
	h.Gauge("temporal_num_pollers").Update(16)
	h.Gauge("temporal_worker_task_slots_available").Update(99)
	h.Gauge("temporal_worker_task_slots_used").Update(1)
}

func scrape(t *testing.T, m *Metrics) string {
	t.Helper()
	served := httptest.NewServer(m.Handler())
	defer served.Close()
	response, err := http.Get(served.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%d %v: %s", response.StatusCode, err, text)
	}
	return string(text)
}

func TestWhatIsCounted(t *testing.T) {
	text := scrape(t, busy(t))
	for _, line := range []string{
		`linli_http_requests_total{method="POST",route="/v1/tasks/{task}/acts",status="200"} 1`,
		`linli_http_requests_total{method="any",route="none",status="404"} 1`,
		`linli_http_request_seconds_count{method="POST",route="/v1/tasks/{task}/acts"} 1`,
		`linli_refusals_total{code="stale_content"} 1`,
		`linli_acts_total{action="approve",outcome="accepted"} 1`,
		`linli_acts_total{action="approve",outcome="pending"} 1`,
		`linli_acts_total{action="reject",outcome="refused"} 1`,
		`linli_rule_evaluation_seconds_count{outcome="pass",stage="screening"} 1`,
		`linli_payouts_total{call="pay",result="unknown"} 1`,
		`linli_ledger_operations_total{operation="Reserve",result="booked"} 1`,
		`linli_ledger_operations_total{operation="SettlePayment",result="refused"} 1`,
		`linli_activity_seconds_count{activity="Publish",result="failed"} 1`,
		`linli_case_stands_still_total{code="calendar_missing"} 1`,
		`temporal_request_total{namespace="linli"} 1`,
		`temporal_request_total{namespace="linli",operation="RespondWorkflowTaskCompleted"} 2`,
		`temporal_num_pollers{namespace="linli"} 16`,
		`linli_tasks_overdue{stage="committee"} 1`,
		`linli_task_oldest_age_seconds{stage="committee"} 60`,
		`linli_cases_running{stage="committee"} 4`,
		`linli_archive_oldest_age_seconds 3600`,
		`linli_operations_pending 0`,
		`linli_ledger_differences 0`,
		`linli_worker_pollers{kind="activity"} 0`,
		`linli_watch_up{group="books"} 1`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("missing: %s", line)
		}
	}
	if strings.Contains(text, "linli_ledger_operations_total{operation=\"Publish\"") {
		t.Error("a notice is no movement of money")
	}
}

// A watched group is read once however many look, and a failure is told
// instead of what was true before.
func TestWatch(t *testing.T) {
	m, reads := NewMetrics(), 0
	var fault error
	m.Watch("books", time.Hour, slog.New(slog.DiscardHandler), func(context.Context) ([]Reading, error) {
		reads++
		return []Reading{{differences, 7, nil}}, fault
	})
	scrape(t, m)
	if text := scrape(t, m); reads != 1 || !strings.Contains(text, "linli_ledger_differences 7") {
		t.Errorf("%d reads: %s", reads, text)
	}
	fault = errors.New("gone")
	failing := NewMetrics()
	failing.Watch("books", 0, slog.New(slog.DiscardHandler), func(context.Context) ([]Reading, error) {
		return []Reading{{differences, 7, nil}}, fault
	})
	if text := scrape(t, failing); strings.Contains(text, "linli_ledger_differences 7") || !strings.Contains(text, `linli_watch_up{group="books"} 0`) {
		t.Errorf("a reading that failed is still shown: %s", text)
	}
}

func TestExpose(t *testing.T) {
	closed, err := NewMetrics().Expose("")
	if err != nil || closed.Close() != nil {
		t.Fatalf("nowhere: %v", err)
	}
	if _, err := NewMetrics().Expose("256.0.0.1:1"); err == nil {
		t.Error("an address nobody has is listened on")
	}
}
