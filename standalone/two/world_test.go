package two

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	enumspb "go.temporal.io/api/enums/v1"

	"linli/approval"
	"linli/config"
	"linli/internal/app"
	"linli/internal/demo"
	"linli/internal/port"
	"linli/standalone/e2e/stack"
	"linli/standalone/process"
	"linli/workflows"
)

// world is one database, one Temporal and one bank, with two of everything
// that serves on top.
type world struct {
	*stack.Stack
	t       testing.TB
	apis    []*process.Process
	workers []*process.Process
	doors   []string
	broken  atomic.Int64
	sent    atomic.Int64   // acts that were sent, answered or not
	reached chan int64     // each value of sent, for whoever waits to kill
	scope   approval.Scope // of the community whose fund pays
	fund    string
	payee   string

	mu      sync.Mutex
	people  map[string]*person
	receipt map[string][]approval.Receipt // by case: what was acknowledged
}

// open takes the stack's own worker and API away and puts two processes of
// each in their place.
func open(t testing.TB) *world {
	t.Helper()
	w := &world{Stack: stack.Start(t, stack.Options{}), t: t, people: map[string]*person{}, receipt: map[string][]approval.Receipt{}, reached: make(chan int64, 10_000)}
	program := process.Build(t)
	w.leave()
	for i := range 2 {
		c := w.Config
		c.WorkerListen = door(t)
		if i > 0 {
			c.Listen = door(t) // the first one is where the bank reports
		}
		w.doors = append(w.doors, "http://"+c.Listen)
		w.workers = append(w.workers, process.Start(t, fmt.Sprintf("worker %d", i+1), program, process.Settings(t, c, config.Worker), "worker"))
		w.apis = append(w.apis, process.Start(t, fmt.Sprintf("API %d", i+1), program, process.Settings(t, c, config.Serve), "serve"))
		for _, listen := range []string{c.Listen, c.WorkerListen} {
			stack.Until(t, "the process at "+listen+" is ready", func() (bool, string) {
				err := app.Ready(t.Context(), listen)
				return err == nil, fmt.Sprint(err)
			})
		}
	}
	w.ground()
	return w
}

// leave stops what the stack runs in this process, once it has come up.
func (w *world) leave() {
	w.t.Helper()
	stack.Until(w.t, "the stack's worker asks for tasks", func() (bool, string) {
		queue, err := w.Temporal.DescribeTaskQueue(w.t.Context(), workflows.TaskQueue, enumspb.TASK_QUEUE_TYPE_ACTIVITY)
		return err == nil && len(queue.GetPollers()) > 0, fmt.Sprint(err)
	})
	w.API.Stop(w.t)
	w.Worker.Stop(w.t)
}

func door(t testing.TB) string {
	t.Helper()
	free, err := port.Free(0)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("127.0.0.1:%d", free)
}

// ground finds the fund and the payee all cases name.
func (w *world) ground() {
	w.t.Helper()
	data, err := demo.Read()
	if err != nil {
		w.t.Fatal(err)
	}
	known := data.Funds[0]
	w.scope = known.Scope
	w.fund = w.named("/v1/funds?limit=100", known.Name)
	w.payee = w.named("/v1/payees?limit=100", known.Payees[0].Name)
}

func (w *world) named(path, name string) string {
	w.t.Helper()
	var page struct {
		Items []struct{ ID, Name string } `json:"items"`
	}
	w.read(path, &page)
	for _, item := range page.Items {
		if item.Name == name {
			return item.ID
		}
	}
	w.t.Fatalf("there is no %s at %s", name, path)
	return ""
}

// read is what an officer sees.
func (w *world) read(path string, out any) {
	w.t.Helper()
	officer, err := w.as(w.t.Context(), "zb-officer1")
	if err == nil {
		err = officer.json(w.t.Context(), "GET", path, "", nil, out)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// as is the person's session, opened on first use.
func (w *world) as(ctx context.Context, username string) (*person, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if known := w.people[username]; known != nil {
		return known, nil
	}
	p, err := login(ctx, w.doors, username, &w.broken)
	if err == nil {
		w.people[username] = p
	}
	return p, err
}

// deed is what one person does at one seat; "@" names the person's own seat.
type deed struct {
	as    string
	stage approval.Stage
	seat  string
	do    approval.Action
	note  string
}

// act waits for the seat's task, acts on it under one key, and keeps the
// acknowledgement.
func (w *world) act(ctx context.Context, caseID string, d deed) error {
	actor, err := w.as(ctx, d.as)
	if err != nil {
		return err
	}
	seat := d.seat
	if name, own := strings.CutPrefix(seat, "@"); own {
		seat = w.People[name]
	}
	task, err := w.task(ctx, actor, caseID, d.stage, seat)
	if err != nil {
		return err
	}
	w.reached <- w.sent.Add(1)
	var receipt approval.Receipt
	stated := map[string]any{"action": d.do, "comment": d.note, "content_hash": task.ContentHash}
	if err := actor.json(ctx, "POST", "/v1/tasks/"+task.ID+"/acts", "two-"+task.ID, stated, &receipt); err != nil {
		return fmt.Errorf("%s at %s: %w", d.as, d.stage, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.receipt[caseID] = append(w.receipt[caseID], receipt)
	return nil
}

func (w *world) task(ctx context.Context, actor *person, caseID string, stage approval.Stage, seat string) (approval.TaskView, error) {
	for {
		var page struct {
			Items []approval.TaskView `json:"items"`
		}
		if err := actor.json(ctx, "GET", "/v1/cases/"+caseID+"/tasks", "", nil, &page); err != nil && !strings.Contains(err.Error(), "404") {
			return approval.TaskView{}, err
		}
		for _, task := range page.Items {
			if task.Stage == stage && task.Seat == seat && task.Status == approval.TaskOpen {
				return task, nil
			}
		}
		if err := pause(ctx); err != nil {
			return approval.TaskView{}, fmt.Errorf("no task for %s at %s of %s: %w; there are %+v", seat, stage, caseID, err, page.Items)
		}
	}
}
