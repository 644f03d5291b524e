package chaos_test

import (
	"context"
	"encoding/json"
	"fmt"

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
	start  funduse.Start
	acts   map[string]*outcome // by the act's id
	order  []string            // accepted acts, as they came
	closed bool
	events []*historypb.HistoryEvent
	result workflows.FundUseResult
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
	accepted := map[int64]string{}
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
		if err := h.read(event, accepted); err != nil {
			return h, fmt.Errorf("event %d: %w", next, err)
		}
	}
	return h, nil
}

func (h *told) read(event *historypb.HistoryEvent, accepted map[int64]string) error {
	decode := converter.GetDefaultDataConverter()
	switch event.GetEventType() {
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
		return decode.FromPayloads(event.GetWorkflowExecutionStartedEventAttributes().GetInput(), &h.start)
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
		request := event.GetWorkflowExecutionUpdateAcceptedEventAttributes().GetAcceptedRequest()
		id := request.GetMeta().GetUpdateId()
		if h.acts[id] != nil {
			return fmt.Errorf("act %s is accepted twice", id)
		}
		o := &outcome{}
		h.acts[id], accepted[event.GetEventId()] = o, id
		h.order = append(h.order, id)
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

// resting reports whether nothing of the case is under way: no effect, no
// decision of the procedure.
func (s *system) resting(ctx context.Context, caseID string) error {
	described, err := s.engine.DescribeWorkflowExecution(ctx, caseID, "")
	if err != nil {
		return err
	}
	if n := len(described.GetPendingActivities()); n > 0 {
		return fmt.Errorf("case %s has %d effects under way", caseID, n)
	}
	if described.GetPendingWorkflowTask() != nil {
		return fmt.Errorf("case %s has a workflow task under way", caseID)
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
