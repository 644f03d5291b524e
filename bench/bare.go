package bench

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"linli/worker"
)

// The bare workflow and its names; its queue is its own, its worker's options
// are those of Linli's worker.
const (
	bareQueue    = "bench"
	bareWorkflow = "Bare"
	bareUpdate   = "act"
	bareCommit   = "Commit"
)

// BareStart says how many Updates the workflow takes, and whether each commits
// a row.
type BareStart struct {
	Acts    int  `json:"acts"`
	Commits bool `json:"commits"`
}

// BareAct is what an Update carries.
type BareAct struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// Bare takes so many Updates and ends.
func Bare(ctx workflow.Context, start BareStart) error {
	taken := 0
	err := workflow.SetUpdateHandlerWithOptions(ctx, bareUpdate, func(ctx workflow.Context, act BareAct) (int, error) {
		if start.Commits {
			local := workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: 10 * time.Second})
			if err := workflow.ExecuteLocalActivity(local, bareCommit, act).Get(ctx, nil); err != nil {
				return 0, err
			}
		}
		taken++
		return taken, nil
	}, workflow.UpdateHandlerOptions{Validator: func(workflow.Context, BareAct) error { return nil }})
	if err != nil {
		return err
	}
	return workflow.Await(ctx, func() bool { return taken >= start.Acts && workflow.AllHandlersFinished(ctx) })
}

// Rows is the table the bare lines write to.
const Rows = `CREATE TABLE IF NOT EXISTS bench_rows (id text PRIMARY KEY, text text NOT NULL, at timestamptz NOT NULL)`

const insertRow = `INSERT INTO bench_rows (id, text, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`

// NewBareWorker serves the bare workflow, committing rows into the pool.
func NewBareWorker(connected client.Client, rows *pgxpool.Pool) sdkworker.Worker {
	w := sdkworker.New(connected, bareQueue, worker.Options())
	w.RegisterWorkflowWithOptions(Bare, workflow.RegisterOptions{Name: bareWorkflow})
	w.RegisterActivityWithOptions(func(ctx context.Context, act BareAct) error {
		_, err := rows.Exec(ctx, insertRow, act.ID, act.Text, time.Now())
		return err
	}, activity.RegisterOptions{Name: bareCommit})
	return w
}

// NewBare is the line of bare Updates, or of Updates that commit one row.
func NewBare(connected client.Client, key, name string, acts int, commits bool) *Line {
	var opened atomic.Int64
	run := time.Now().UnixNano()
	open := func(ctx context.Context) (Case, error) {
		id := fmt.Sprintf("bench-%s-%d-%d", key, run, opened.Add(1))
		_, err := connected.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: bareQueue}, bareWorkflow, BareStart{Acts: acts, Commits: commits})
		return &bareCase{engine: connected, id: id, acts: acts}, err
	}
	return &Line{Key: key, Name: name, Open: open, OpenWhole: open}
}

type bareCase struct {
	engine client.Client
	id     string
	acts   int
	taken  int
}

func (b *bareCase) ID() string                  { return b.id }
func (b *bareCase) Left() int                   { return b.acts - b.taken }
func (b *bareCase) Ready(context.Context) error { return nil }

func (b *bareCase) Act(ctx context.Context) error {
	id := fmt.Sprintf("%s/%d", b.id, b.taken)
	handle, err := b.engine.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: b.id, UpdateID: id, UpdateName: bareUpdate, Args: []any{BareAct{ID: id, Text: "同意（示例）"}},
		WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return err
	}
	var taken int
	err = handle.Get(ctx, &taken)
	b.taken++
	return err
}
