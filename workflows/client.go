package workflows

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"linli/activities"
	"linli/approval"
	"linli/approval/engagement"
	"linli/approval/funduse"
	"linli/approval/onboarding"
)

// Client is how the rest of Linli speaks to running cases. A refusal comes
// back as *approval.Error; an outcome that is not known yet as
// approval.ErrPending, which is neither a yes nor a no.
type Client struct {
	temporal client.Client
}

// NewClient wraps a connected Temporal client.
func NewClient(temporal client.Client) *Client { return &Client{temporal: temporal} }

// StartFundUse starts the case. Starting the same case again is no error: a
// retry after a lost answer finds it running, or closed.
func (c *Client) StartFundUse(ctx context.Context, start funduse.Start) error {
	return c.start(ctx, start.CaseID, NameFundUse, "fund use in "+string(start.Scope), start)
}

// StartOnboarding is StartFundUse for operator onboarding.
func (c *Client) StartOnboarding(ctx context.Context, start onboarding.Start) error {
	return c.start(ctx, start.CaseID, NameOnboarding, "onboarding in "+string(start.Scope), start)
}

// StartCall is StartFundUse for a call for operators.
func (c *Client) StartCall(ctx context.Context, start onboarding.CallStart) error {
	return c.start(ctx, start.CaseID, NameCall, "call in "+string(start.Scope), start)
}

// StartEngagement starts an engagement that no case starts by itself.
func (c *Client) StartEngagement(ctx context.Context, start engagement.Start) error {
	return c.start(ctx, start.CaseID, NameEngagement, "engagement in "+string(start.Scope), EngagementRun{Start: start})
}

func (c *Client) start(ctx context.Context, caseID, name, summary string, in any) error {
	_, err := c.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: caseID, TaskQueue: TaskQueue,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		StaticSummary:            summary,
	}, name, in)
	var closed *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &closed) {
		return nil
	}
	return unknownYet(err)
}

// Act delivers an act and waits for its outcome as long as ctx allows.
// Delivering the same act again returns the one outcome.
func (c *Client) Act(ctx context.Context, act approval.Act) (approval.Receipt, error) {
	handle, err := c.temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: act.CaseID, UpdateID: act.ID, UpdateName: MessageAct, Args: []any{act},
		WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return approval.Receipt{}, c.unreachable(err)
	}
	return outcome(ctx, handle)
}

// ActOutcome asks for the outcome of an act delivered earlier.
func (c *Client) ActOutcome(ctx context.Context, caseID, actID string) (approval.Receipt, error) {
	return outcome(ctx, c.temporal.GetWorkflowUpdateHandle(client.GetWorkflowUpdateHandleOptions{WorkflowID: caseID, UpdateID: actID}))
}

// Update handles tell a refusal only through Get: UpdateWorkflow itself
// returns no error for a refused Update.
func outcome(ctx context.Context, handle client.WorkflowUpdateHandle) (approval.Receipt, error) {
	var receipt approval.Receipt
	if err := handle.Get(ctx, &receipt); err != nil {
		return approval.Receipt{}, unknownYet(FromWire(err))
	}
	return receipt, nil
}

// Waiting tells who the case waits for, as the case itself sees it.
func (c *Client) Waiting(ctx context.Context, caseID string) (approval.Waiting, error) {
	var waiting approval.Waiting
	value, err := c.temporal.QueryWorkflow(ctx, caseID, "", MessageWaiting)
	if err != nil {
		return waiting, c.unreachable(err)
	}
	if err := value.Get(&waiting); err != nil {
		return waiting, fmt.Errorf("reading whom %s waits for: %w", caseID, err)
	}
	return waiting, nil
}

// BankCalled hints that the bank has news about an attempt.
func (c *Client) BankCalled(ctx context.Context, caseID, key string) error {
	return c.unreachable(c.temporal.SignalWorkflow(ctx, caseID, "", MessageBankCalled, key))
}

// PeopleChanged hints that the register names other people of the operator of a
// case.
func (c *Client) PeopleChanged(ctx context.Context, caseID, operatorID string) error {
	return c.unreachable(c.temporal.SignalWorkflow(ctx, caseID, "", MessagePeople, operatorID))
}

// Export returns the complete history of a closed case in Temporal's own
// JSON. The history of a running case is refused with
// activities.ErrStillOpen: it may hold events that never become durable.
func (c *Client) Export(ctx context.Context, caseID string) ([]byte, error) {
	return c.ExportRun(ctx, caseID, "")
}

// ExportRun is Export for one run of a case that was continued as new.
func (c *Client) ExportRun(ctx context.Context, caseID, runID string) ([]byte, error) {
	described, err := c.temporal.DescribeWorkflowExecution(ctx, caseID, runID)
	if err != nil {
		return nil, c.unreachable(err)
	}
	info := described.GetWorkflowExecutionInfo()
	if info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return nil, activities.ErrStillOpen
	}
	var history historypb.History
	events := c.temporal.GetWorkflowHistory(ctx, caseID, info.GetExecution().GetRunId(), false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return nil, fmt.Errorf("reading the history of %s: %w", caseID, err)
		}
		history.Events = append(history.Events, event)
	}
	return MarshalHistory(&history)
}

// MarshalHistory renders a history in the JSON Temporal's own tools read.
func MarshalHistory(history *historypb.History) ([]byte, error) {
	return temporalproto.CustomJSONMarshalOptions{Indent: "  "}.Marshal(history)
}

// ReadHistory reads what MarshalHistory wrote.
func ReadHistory(from io.Reader) (*historypb.History, error) {
	raw, err := io.ReadAll(from)
	if err != nil {
		return nil, err
	}
	return client.HistoryFromJSON(bytes.NewReader(raw), client.HistoryJSONOptions{})
}

// archiveEvery is how soon after closing a history is sealed.
const archiveEvery = time.Minute

// KeepArchiving makes sure the schedule that seals closed cases exists.
func (c *Client) KeepArchiving(ctx context.Context) error {
	_, err := c.temporal.ScheduleClient().Create(ctx, client.ScheduleOptions{
		ID:            "archive-closed",
		Spec:          client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: archiveEvery}}},
		Overlap:       enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		CatchupWindow: archiveEvery,
		Action:        &client.ScheduleWorkflowAction{ID: "archive-closed", Workflow: NameArchive, TaskQueue: TaskQueue},
	})
	if errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return nil
	}
	return err
}

// unreachable sorts errors of a call that never reached a running case.
func (c *Client) unreachable(err error) error {
	var gone *serviceerror.NotFound
	if errors.As(err, &gone) {
		return approval.Errorf(approval.TaskClosed, "该事项不存在或已办结。", "The case does not exist or has closed.")
	}
	return unknownYet(FromWire(err))
}

// unknownYet marks errors that leave the outcome open: the request may still
// be carried out.
func unknownYet(err error) error {
	var absent *serviceerror.NotFound
	var timedOut *client.WorkflowUpdateServiceTimeoutOrCanceledError
	var unavailable *serviceerror.Unavailable
	var exhausted *serviceerror.ResourceExhausted
	var deadline *serviceerror.DeadlineExceeded
	var canceled *serviceerror.Canceled
	switch {
	case err == nil:
		return nil
	case errors.As(err, &absent): // definite, though asking for an outcome wraps it in a timeout: the SDK looks at a context it has cancelled itself
		return err
	case errors.As(err, &timedOut), errors.As(err, &unavailable), errors.As(err, &exhausted), errors.As(err, &deadline), errors.As(err, &canceled),
		errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return fmt.Errorf("%w: %w", approval.ErrPending, err)
	}
	return err
}
