// Package replay runs a recorded case again and compares everything it said
// with what its history says it said.
//
// The SDK's own replayer compares kinds, names and ids only: code that decides
// the opposite, an altered outcome of an act or a history that breaks off all
// pass it. Here the payloads are compared too: the outcome of every act, the
// input of every activity, the length of every timer, the result of the case,
// or what a run that was continued as new carried over. Event ids must be contiguous and the close event present, and every accepted
// act must carry the signature that was made for it.
//
// It refuses to judge what a history cannot show: a history rewritten
// consistently from its first event on replays well. Only the seal made when
// the case closed tells that one apart.
package replay

import (
	"errors"
	"fmt"
	"log/slog"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/interceptor"
	tlog "go.temporal.io/sdk/log"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"linli/approval"
	"linli/worker"
)

// Difference is one place where history and code disagree. Event is 0 where
// the history has no event to point at.
type Difference struct {
	Event    int64  `json:"event"`
	Field    string `json:"field"`
	Recorded string `json:"recorded"`
	Replayed string `json:"replayed"`
}

// Error tells the difference in one line.
func (d *Difference) Error() string {
	return fmt.Sprintf("event %d: %s: recorded %s, replayed %s", d.Event, d.Field, shorten(d.Recorded), shorten(d.Replayed))
}

const longest = 400 // bytes of a payload that are worth showing

func shorten(text string) string {
	if len(text) > longest {
		return text[:longest] + "…"
	}
	return text
}

// Verifier checks the signed envelope of an act and returns its claims.
type Verifier interface {
	Verify(envelope string) (approval.Claims, error)
}

// Deep replays the complete history of a closed run on today's code. The error
// joins a *Difference for everything that does not agree; it is nil only if
// all of it does.
func Deep(history *historypb.History, envelopes Verifier) error {
	if err := whole(history.GetEvents()); err != nil {
		return err
	}
	seen := &transcript{outcomes: map[string]outcome{}, inputs: map[string][]any{}}
	replayer, err := sdkworker.NewWorkflowReplayerWithOptions(sdkworker.WorkflowReplayerOptions{
		Interceptors:             append([]interceptor.WorkerInterceptor{&listener{seen: seen}}, worker.Interceptors()...),
		DisableDeadlockDetection: true, // it looks at the wall clock: a busy auditor's machine proves nothing about a case
	})
	if err != nil {
		return fmt.Errorf("preparing the replay: %w", err)
	}
	worker.RegisterWorkflows(replayer)
	started := history.Events[0].GetWorkflowExecutionStartedEventAttributes()
	err = replayer.ReplayWorkflowHistoryWithOptions(tlog.NewStructuredLogger(slog.New(slog.DiscardHandler)), history, sdkworker.ReplayWorkflowHistoryOptions{
		OriginalExecution: workflow.Execution{ID: started.GetWorkflowId(), RunID: started.GetOriginalExecutionRunId()},
	})
	if err != nil {
		return fmt.Errorf("replaying: %w", err)
	}
	return errors.Join(compare(history.Events, seen, envelopes)...)
}

// whole refuses a history with a beginning, an end or an event missing.
func whole(events []*historypb.HistoryEvent) error {
	if len(events) == 0 {
		return &Difference{Field: "events", Recorded: "none", Replayed: "at least a start and an end"}
	}
	for i, event := range events {
		if event.GetEventId() != int64(i)+1 {
			return &Difference{Event: int64(i) + 1, Field: "event id", Recorded: fmt.Sprint(event.GetEventId()), Replayed: fmt.Sprint(i + 1)}
		}
	}
	if first := events[0].GetEventType(); first != enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED {
		return &Difference{Event: 1, Field: "first event", Recorded: first.String(), Replayed: "a start"}
	}
	switch last := events[len(events)-1]; last.GetEventType() {
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:
		return nil
	default:
		return &Difference{Event: last.GetEventId(), Field: "last event", Recorded: last.GetEventType().String(), Replayed: "the completion of the case"}
	}
}
