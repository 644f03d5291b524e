package chaos_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/converter"

	"linli/approval"
	"linli/approval/funduse"
	"linli/internal/replay"
	"linli/workflows"
)

// told is what one case's history says, read event by event.
type told struct {
	procedure string // the workflow's name
	input     []byte
	start     funduse.Start       // of a fund use
	acts      map[string]*outcome // by the act's id
	effects   []*effect           // regular activities, as they were asked for
	children  []string            // cases this one started
	signals   []signalled         // that it was sent
	closed    bool
	events    []*historypb.HistoryEvent
	result    ending
}

// ending is how a case of any procedure ended.
type ending struct {
	Status approval.CaseStatus `json:"status"`
	Reason string              `json:"reason"`
	Steps  int                 `json:"steps"`
}

// effect is one activity in the history: what was asked for and the answer.
type effect struct {
	name   string
	input  []byte
	result []byte
	done   bool
	failed string // the code of a refusal
}

// signalled is a word of one case to another.
type signalled struct {
	name string
	word []byte
}

// outcome is one act in the history.
type outcome struct {
	act     approval.Act
	receipt *approval.Receipt // nil if refused after all, or not decided yet
	decided bool
}

// history reads a case's history from Temporal.
func (s *system) history(ctx context.Context, caseID string) (told, error) {
	h := told{acts: map[string]*outcome{}}
	accepted, asked := map[int64]string{}, map[int64]*effect{}
	events := s.engine.GetWorkflowHistory(ctx, caseID, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for next := int64(1); events.HasNext(); next++ {
		event, err := events.Next()
		if err != nil {
			return h, err
		}
		if event.GetEventId() != next {
			return h, fmt.Errorf("event %d follows event %d", event.GetEventId(), next-1)
		}
		h.events = append(h.events, event)
		if err := cmp.Or(h.read(event, accepted), h.readEffect(event, asked)); err != nil {
			return h, fmt.Errorf("event %d: %w", next, err)
		}
	}
	return h, nil
}

func (h *told) read(event *historypb.HistoryEvent, accepted map[int64]string) error {
	decode := converter.GetDefaultDataConverter()
	switch event.GetEventType() {
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
		started := event.GetWorkflowExecutionStartedEventAttributes()
		h.procedure, h.input = started.GetWorkflowType().GetName(), first(started.GetInput())
		if started.GetContinuedExecutionRunId() != "" {
			return errors.New("the case was continued as new: acts of an earlier run would not be looked at")
		}
		if h.procedure == workflows.NameFundUse {
			return json.Unmarshal(h.input, &h.start)
		}
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
		request := event.GetWorkflowExecutionUpdateAcceptedEventAttributes().GetAcceptedRequest()
		id := request.GetMeta().GetUpdateId()
		if h.acts[id] != nil {
			return fmt.Errorf("act %s is accepted twice", id)
		}
		o := &outcome{}
		h.acts[id], accepted[event.GetEventId()] = o, id
		if err := decode.FromPayloads(request.GetInput().GetArgs(), &o.act); err != nil {
			return err
		}
		if o.act.ID != id {
			return fmt.Errorf("update %s carries act %s", id, o.act.ID)
		}
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED:
		completed := event.GetWorkflowExecutionUpdateCompletedEventAttributes()
		o := h.acts[accepted[completed.GetAcceptedEventId()]]
		if o == nil || o.decided {
			return fmt.Errorf("an outcome of %s without an act, or its second", completed.GetMeta().GetUpdateId())
		}
		o.decided = true
		if success := completed.GetOutcome().GetSuccess(); success != nil {
			o.receipt = &approval.Receipt{}
			return decode.FromPayloads(success, o.receipt)
		}
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:
		h.closed = true
		return decode.FromPayloads(event.GetWorkflowExecutionCompletedEventAttributes().GetResult(), &h.result)
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED,
		enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT:
		return fmt.Errorf("the case ended by %s", event.GetEventType())
	}
	return nil
}

// readEffect reads what the case did outside itself and heard from others.
func (h *told) readEffect(event *historypb.HistoryEvent, asked map[int64]*effect) error {
	switch event.GetEventType() {
	case enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
		scheduled := event.GetActivityTaskScheduledEventAttributes()
		asked[event.GetEventId()] = &effect{name: scheduled.GetActivityType().GetName(), input: first(scheduled.GetInput())}
		h.effects = append(h.effects, asked[event.GetEventId()])
	case enumspb.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
		completed := event.GetActivityTaskCompletedEventAttributes()
		e := asked[completed.GetScheduledEventId()]
		e.done, e.result = true, first(completed.GetResult())
	case enumspb.EVENT_TYPE_ACTIVITY_TASK_FAILED:
		failed := event.GetActivityTaskFailedEventAttributes()
		asked[failed.GetScheduledEventId()].failed = failed.GetFailure().GetApplicationFailureInfo().GetType()
	case enumspb.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT, enumspb.EVENT_TYPE_ACTIVITY_TASK_CANCELED:
		return fmt.Errorf("an effect ended by %s, its outcome unknown", event.GetEventType())
	case enumspb.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED:
		h.children = append(h.children, event.GetChildWorkflowExecutionStartedEventAttributes().GetWorkflowExecution().GetWorkflowId())
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
		signal := event.GetWorkflowExecutionSignaledEventAttributes()
		h.signals = append(h.signals, signalled{name: signal.GetSignalName(), word: first(signal.GetInput())})
	}
	return nil
}

// first is the one payload of a message, as it was sent.
func first(payloads *commonpb.Payloads) []byte {
	if len(payloads.GetPayloads()) == 0 {
		return nil
	}
	return payloads.GetPayloads()[0].GetData()
}

// of are the effects of one kind.
func (h told) of(name string) (found []*effect) {
	for _, e := range h.effects {
		if e.name == name {
			found = append(found, e)
		}
	}
	return found
}

// replays reports what today's code would have done otherwise in an ended
// case (I9).
func (h told) replays(s *system) []string {
	if !h.closed {
		return nil
	}
	if err := replay.Deep(&historypb.History{Events: h.events}, s.verifier); err != nil {
		return []string{"replay: " + err.Error()}
	}
	return nil
}

// taken are the acts the case took, by step.
func (h told) taken() map[int]*outcome {
	taken := map[int]*outcome{}
	for _, o := range h.acts {
		if o.receipt != nil {
			taken[o.receipt.Seq] = o
		}
	}
	return taken
}

// proposals are all versions of the proposal, by content hash.
func (h told) proposals() map[string]funduse.Proposal {
	versions := map[string]funduse.Proposal{h.start.Proposal.Hash(): h.start.Proposal}
	for _, o := range h.acts {
		var details funduse.Details
		if o.receipt != nil && o.act.Action == approval.Correct && json.Unmarshal(o.act.Form.Details, &details) == nil && details.Proposal != nil {
			versions[details.Proposal.Hash()] = *details.Proposal
		}
	}
	return versions
}

// resting refuses a case of which something is under way: an effect, a decision
// of the procedure, what follows from its end.
func (s *system) resting(ctx context.Context, c caseRow) error {
	described, err := s.engine.DescribeWorkflowExecution(ctx, c.ID, "")
	if err != nil {
		return err
	}
	runs := described.GetWorkflowExecutionInfo().GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
	switch n := len(described.GetPendingActivities()); {
	case n > 0:
		return fmt.Errorf("case %s has %d effects under way", c.ID, n)
	case described.GetPendingWorkflowTask() != nil:
		return fmt.Errorf("case %s has a workflow task under way", c.ID)
	case runs && c.Status != string(approval.Running):
		return fmt.Errorf("case %s has ended %s and not come to its end", c.ID, c.Status)
	}
	return nil
}

// waiting asks a running case whom it waits for.
func (s *system) waiting(ctx context.Context, caseID string) (waiting approval.Waiting, err error) {
	value, err := s.engine.QueryWorkflow(ctx, caseID, "", workflows.MessageWaiting)
	if err != nil {
		return waiting, err
	}
	return waiting, value.Get(&waiting)
}
