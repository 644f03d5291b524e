package temporal_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/types/known/durationpb"

	"linli/internal/pg"
	"linli/standalone/temporal"
	"linli/standalone/temporal/temporaltest"
)

// waiting is a case that waits for one word.
func waiting(ctx workflow.Context) (string, error) {
	var word string
	workflow.GetSignalChannel(ctx, "word").Receive(ctx, &word)
	return word, nil
}

func begin(t *testing.T, c client.Client, id string) client.WorkflowRun {
	t.Helper()
	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: "q"}, waiting)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func work(t *testing.T, c client.Client) worker.Worker {
	t.Helper()
	w := worker.New(c, "q", worker.Options{})
	w.RegisterWorkflow(waiting)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	return w
}

func finish(t *testing.T, c client.Client, id string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := c.SignalWorkflow(ctx, id, "", "word", "done"); err != nil {
		t.Fatal(err)
	}
	var got string
	if err := c.GetWorkflow(ctx, id, "").Get(ctx, &got); err != nil || got != "done" {
		t.Fatalf("workflow %s returned %q, %v", id, got, err)
	}
}

func TestNamespacesOfTwoTestsDoNotMeet(t *testing.T) {
	one, two := temporaltest.Start(t), temporaltest.Start(t)
	if one.Address != two.Address || one.Namespace == two.Namespace {
		t.Fatalf("one server and two namespaces expected, got %+v and %+v", one, two)
	}
	begin(t, one.Client, "same-id")
	begin(t, two.Client, "same-id")
	defer work(t, one.Client).Stop()
	finish(t, one.Client, "same-id")
}

func TestErasingCallsAreRefusedWithAReason(t *testing.T) {
	s := temporaltest.Start(t)
	run := begin(t, s.Client, "case")
	service := s.Client.WorkflowService()
	calls := map[string]func() error{
		"terminate": func() error { return s.Client.TerminateWorkflow(t.Context(), "case", "", "why") },
		"reset": func() error {
			_, err := s.Client.ResetWorkflowExecution(t.Context(), &workflowservice.ResetWorkflowExecutionRequest{Namespace: s.Namespace})
			return err
		},
		"delete": func() error {
			_, err := service.DeleteWorkflowExecution(t.Context(), &workflowservice.DeleteWorkflowExecutionRequest{Namespace: s.Namespace})
			return err
		},
		"start in place of a running case": func() error {
			_, err := s.Client.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "case", TaskQueue: "q",
				WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING}, waiting)
			return err
		},
	}
	for name, call := range calls {
		var denied *serviceerror.PermissionDenied
		if err := call(); !errors.As(err, &denied) || !strings.Contains(denied.Reason, "break-glass") {
			t.Errorf("%s: %v; want a refusal with its reason", name, err)
		}
	}
	described, err := s.Client.DescribeWorkflowExecution(t.Context(), "case", run.GetRunID())
	if err != nil {
		t.Fatal(err)
	}
	if got := described.GetWorkflowExecutionInfo().GetStatus(); got != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		t.Errorf("the case is %v after refused calls", got)
	}
}

func TestHistoriesAreKeptTenYears(t *testing.T) {
	s := temporaltest.Start(t)
	described, err := s.Client.WorkflowService().DescribeNamespace(t.Context(), &workflowservice.DescribeNamespaceRequest{Namespace: s.Namespace})
	if err != nil {
		t.Fatal(err)
	}
	if kept := described.GetConfig().GetWorkflowExecutionRetentionTtl(); kept.AsDuration() < 10*365*24*time.Hour {
		t.Errorf("retention is %v", kept.AsDuration())
	}
	_, err = s.Client.WorkflowService().UpdateNamespace(t.Context(), shorter(described))
	var denied *serviceerror.PermissionDenied
	if !errors.As(err, &denied) {
		t.Errorf("shortening the retention: %v; want a refusal", err)
	}
}

func shorter(d *workflowservice.DescribeNamespaceResponse) *workflowservice.UpdateNamespaceRequest {
	config := d.GetConfig()
	config.WorkflowExecutionRetentionTtl = durationpb.New(time.Hour)
	return &workflowservice.UpdateNamespaceRequest{Namespace: d.GetNamespaceInfo().GetName(), Config: config}
}

// ownCluster is for the tests that start and stop servers themselves.
func ownCluster(t *testing.T) *pg.Cluster {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "linli-temporal-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	cluster, err := pg.Start(t.Context(), pg.Config{DataDir: dir, Disposable: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cluster.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return cluster
}

// serve runs f against a server of its own and stops it.
func serve(t *testing.T, cfg temporal.Config, f func(client.Client)) {
	t.Helper()
	begun := time.Now()
	cfg.Log = func(line string) { t.Log(line) }
	server, err := temporal.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("started in %v", time.Since(begun))
	defer func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	}()
	c, err := client.Dial(client.Options{HostPort: server.FrontendAddress(), Namespace: temporal.DefaultNamespace})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	f(c)
}

func TestRestartKeepsCasesAndBreakGlassIsLogged(t *testing.T) {
	cluster := ownCluster(t)
	log := filepath.Join(t.TempDir(), "temporal.log")
	serve(t, temporal.Config{Cluster: cluster, LogFile: log}, func(c client.Client) {
		begin(t, c, "kept")
		begin(t, c, "ended")
	})
	serve(t, temporal.Config{Cluster: cluster, LogFile: log, BreakGlass: "ticket 7, duty officer"}, func(c client.Client) {
		w := work(t, c)
		defer w.Stop()
		finish(t, c, "kept")
		if err := c.TerminateWorkflow(t.Context(), "ended", "", "ordered"); err != nil {
			t.Errorf("break-glass is set and terminate is refused: %v", err)
		}
	})
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "ticket 7, duty officer") || !strings.Contains(string(text), "TerminateWorkflowExecution") {
		t.Errorf("the log does not say who broke the glass for what:\n%s", text)
	}
}

func TestTemporalRoleReachesOnlyItsOwnDatabases(t *testing.T) {
	cluster := ownCluster(t)
	if err := cluster.EnsureDatabase(t.Context(), "linli", "linli", "pw"); err != nil {
		t.Fatal(err)
	}
	serve(t, temporal.Config{Cluster: cluster, LogFile: os.DevNull}, func(client.Client) {})
	for database, want := range map[string]bool{"temporal": true, "temporal_visibility": true, "linli": false} {
		conn, err := pgx.Connect(t.Context(), cluster.DSN("temporal", cluster.RolePassword("temporal"), database))
		if (err == nil) != want {
			t.Errorf("role temporal in database %s: %v", database, err)
		}
		if err == nil {
			conn.Close(context.Background())
		}
	}
}
