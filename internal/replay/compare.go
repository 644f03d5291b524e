package replay

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	"linli/approval"
)

// comparison walks a history and takes from the transcript what it meets.
type comparison struct {
	seen        *transcript
	envelopes   Verifier
	activities  int
	timers      int
	accepted    map[string]int64
	differences []error
}

func compare(events []*historypb.HistoryEvent, seen *transcript, envelopes Verifier) []error {
	c := &comparison{seen: seen, envelopes: envelopes, accepted: map[string]int64{}}
	for _, event := range events {
		c.look(event)
	}
	for _, id := range slices.Sorted(maps.Keys(c.accepted)) {
		c.differ(c.accepted[id], "act "+id, "no outcome", "an outcome")
	}
	if left := len(seen.activities) - c.activities; left > 0 {
		c.differ(0, "activities", fmt.Sprint(c.activities), fmt.Sprint(len(seen.activities)))
	}
	return c.differences
}

func (c *comparison) look(event *historypb.HistoryEvent) {
	switch event.GetEventType() {
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
		c.update(event)
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED:
		c.outcome(event)
	case enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
		c.activity(event)
	case enumspb.EVENT_TYPE_TIMER_STARTED:
		c.timer(event)
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:
		c.payloads(event.GetEventId(), "result", event.GetWorkflowExecutionCompletedEventAttributes().GetResult(), c.seen.result.value)
		if err := c.seen.result.err; err != nil {
			c.differ(event.GetEventId(), "result", "a completion", err.Error())
		}
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:
		c.carried(event)
	}
}

// carried compares the whole state one run hands to the next.
func (c *comparison) carried(event *historypb.HistoryEvent) {
	recorded := event.GetWorkflowExecutionContinuedAsNewEventAttributes().GetInput()
	var again *workflow.ContinueAsNewError
	switch {
	case !errors.As(c.seen.result.err, &again):
		c.differ(event.GetEventId(), "carried over", text(recorded), "the end of the case")
	case !proto.Equal(recorded, again.Input):
		c.differ(event.GetEventId(), "carried over", text(recorded), text(again.Input))
	}
}

func (c *comparison) update(event *historypb.HistoryEvent) {
	request := event.GetWorkflowExecutionUpdateAcceptedEventAttributes().GetAcceptedRequest()
	id := request.GetMeta().GetUpdateId()
	c.accepted[id] = event.GetEventId()
	args, taken := c.seen.inputs[id]
	if !taken {
		c.differ(event.GetEventId(), "act "+id, "accepted", "never seen")
		return
	}
	c.payloads(event.GetEventId(), "input of act "+id, request.GetInput().GetArgs(), args...)
}

func (c *comparison) outcome(event *historypb.HistoryEvent) {
	attributes := event.GetWorkflowExecutionUpdateCompletedEventAttributes()
	id := attributes.GetMeta().GetUpdateId()
	delete(c.accepted, id)
	replayed, answered := c.seen.outcomes[id]
	field := "outcome of act " + id
	switch recorded := attributes.GetOutcome(); {
	case !answered:
		c.differ(event.GetEventId(), field, "an outcome", "none")
	case recorded.GetFailure() == nil && replayed.err != nil:
		c.differ(event.GetEventId(), field, "accepted", replayed.err.Error())
	case recorded.GetFailure() == nil:
		c.payloads(event.GetEventId(), field, recorded.GetSuccess(), replayed.value)
		c.signature(event.GetEventId(), id)
	case replayed.err == nil:
		c.differ(event.GetEventId(), field, recorded.GetFailure().GetMessage(), "accepted")
	default:
		again := temporal.GetDefaultFailureConverter().ErrorToFailure(replayed.err)
		if !proto.Equal(bare(recorded.GetFailure()), bare(again)) {
			c.differ(event.GetEventId(), field, prototext.Format(recorded.GetFailure()), prototext.Format(again))
		}
	}
}

// signature holds an accepted act against its envelope: what a replay does not
// feel, such as a comment, the signature covers.
func (c *comparison) signature(event int64, id string) {
	for _, arg := range c.seen.inputs[id] {
		act, ok := arg.(approval.Act)
		if !ok {
			continue
		}
		claims, err := c.envelopes.Verify(act.Envelope)
		if err == nil {
			err = claims.Match(act)
		}
		if err != nil {
			c.differ(event, "signature of act "+id, act.Envelope, err.Error())
		}
	}
}

// bare leaves out where in the code a failure was made.
func bare(failure *failurepb.Failure) *failurepb.Failure {
	copied := proto.CloneOf(failure)
	for f := copied; f != nil; f = f.GetCause() {
		f.StackTrace, f.Source = "", ""
	}
	return copied
}

func (c *comparison) activity(event *historypb.HistoryEvent) {
	attributes := event.GetActivityTaskScheduledEventAttributes()
	name := attributes.GetActivityType().GetName()
	if c.activities >= len(c.seen.activities) {
		c.differ(event.GetEventId(), "activity", name, "none")
		return
	}
	replayed := c.seen.activities[c.activities]
	c.activities++
	if replayed.name != name {
		c.differ(event.GetEventId(), "activity", name, replayed.name)
		return
	}
	c.payloads(event.GetEventId(), "input of "+name, attributes.GetInput(), replayed.args...)
}

// timer finds the recorded timer among the replayed ones, in order. Those in
// between were stopped before they could reach the history.
func (c *comparison) timer(event *historypb.HistoryEvent) {
	recorded := event.GetTimerStartedEventAttributes().GetStartToFireTimeout().AsDuration()
	for at := c.timers; at < len(c.seen.timers); at++ {
		if c.seen.timers[at] == recorded {
			c.timers = at + 1
			return
		}
	}
	var left []time.Duration
	if c.timers < len(c.seen.timers) {
		left = c.seen.timers[c.timers:]
	}
	c.differ(event.GetEventId(), "timer", recorded.String(), fmt.Sprint(left))
}

func (c *comparison) payloads(event int64, field string, recorded *commonpb.Payloads, values ...any) {
	replayed, err := converter.GetDefaultDataConverter().ToPayloads(values...)
	if err != nil {
		c.differ(event, field, text(recorded), "not encodable: "+err.Error())
		return
	}
	if !proto.Equal(recorded, replayed) {
		c.differ(event, field, text(recorded), text(replayed))
	}
}

func text(payloads *commonpb.Payloads) string {
	joined := ""
	for _, payload := range payloads.GetPayloads() {
		joined += string(payload.GetData()) + " "
	}
	return joined
}

func (c *comparison) differ(event int64, field, recorded, replayed string) {
	c.differences = append(c.differences, &Difference{Event: event, Field: field, Recorded: recorded, Replayed: replayed})
}
