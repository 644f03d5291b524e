package workflows_test

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	tlog "go.temporal.io/sdk/log"
	sdkworker "go.temporal.io/sdk/worker"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"linli/internal/envelope"
	"linli/internal/replay"
	"linli/worker"
	"linli/workflows"
)

// recordings are histories of real cases, one per path. A released one is
// never written again: whoever breaks it breaks cases that are running.
const recordings = "testdata/histories"

// recorded reads every history by its name.
func recorded(t *testing.T) map[string]*historypb.History {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(recordings, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	histories := map[string]*historypb.History{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		history, err := workflows.ReadHistory(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("reading %s: %v", file, err)
		}
		histories[strings.TrimSuffix(filepath.Base(file), ".json")] = history
	}
	return histories
}

// verifier knows the keys the recorded acts were signed with.
func verifier(t *testing.T) *envelope.Verifier {
	t.Helper()
	pem, err := os.ReadFile(filepath.Join(recordings, "keys.pem"))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := envelope.ParsePublic(pem)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := envelope.NewVerifier(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return verifier
}

// TestRecordedHistoriesReplay is I9: what was decided is decided the same way
// by today's code.
func TestRecordedHistoriesReplay(t *testing.T) {
	histories, signers := recorded(t), verifier(t)
	for _, name := range []string{
		"straight", "every_detour", "higher_approvals_two_officers", "no_quorum", "voted_down", "committee_completed", "notice_before_payout",
		"bank_refusal", "objection_upheld", "disclosure", "withdrawn", "terminated", "not_corrected", "paid_by_hand",
		"bank_reference_used_twice", "engagement_first_run", "engagement_last_run", "engagement_failed", "engagement_unpaid", "engagement_forgotten",
		"operator_admitted", "operator_admitted_agreement_2", "operator_withdrawn", "contract_taken_over", "operator_reconsidered", "operator_succeeded", "call", "call_winner_withdrawn", "call_reserve_moves_up",
	} {
		if histories[name] == nil {
			t.Errorf("there is no recorded history %s", name)
		}
	}
	for name, history := range histories {
		t.Run(name, func(t *testing.T) {
			replayer, err := sdkworker.NewWorkflowReplayerWithOptions(sdkworker.WorkflowReplayerOptions{DisableDeadlockDetection: true})
			if err != nil {
				t.Fatal(err)
			}
			worker.RegisterWorkflows(replayer)
			quiet := tlog.NewStructuredLogger(slog.New(slog.DiscardHandler))
			if err := replayer.ReplayWorkflowHistory(quiet, proto.CloneOf(history)); err != nil {
				t.Errorf("the SDK's replay: %v", err)
			}
			if err := replay.Deep(history, signers); err != nil {
				t.Errorf("the deep replay: %v", err)
			}
		})
	}
}

// mutation alters a copy of a history; it reports whether there was anything
// to alter.
type mutation struct {
	name  string
	apply func(history *historypb.History) bool
	field string // of the difference that must be found
}

var mutations = []mutation{
	{"outcome of an act", func(h *historypb.History) bool {
		return firstEvent(h, func(event *historypb.HistoryEvent) bool {
			return swap(event.GetWorkflowExecutionUpdateCompletedEventAttributes().GetOutcome().GetSuccess(), `"seq":`, `"seq":9`)
		})
	}, "outcome of act"},
	{"input of an act", func(h *historypb.History) bool {
		return firstEvent(h, func(event *historypb.HistoryEvent) bool {
			return swap(event.GetWorkflowExecutionUpdateAcceptedEventAttributes().GetAcceptedRequest().GetInput().GetArgs(), `"comment":"`, `"comment":"不`)
		})
	}, "signature of act"},
	{"action of an act", func(h *historypb.History) bool {
		return firstEvent(h, func(event *historypb.HistoryEvent) bool {
			return swap(event.GetWorkflowExecutionUpdateAcceptedEventAttributes().GetAcceptedRequest().GetInput().GetArgs(), `"action":"approve"`, `"action":"reject"`)
		})
	}, ""},
	{"input of an activity", func(h *historypb.History) bool {
		return firstEvent(h, func(event *historypb.HistoryEvent) bool {
			return swap(event.GetActivityTaskScheduledEventAttributes().GetInput(), `"amount":`, `"amount":9`)
		})
	}, "input of "},
	{"amount of the proposal", func(h *historypb.History) bool {
		return firstEvent(h, func(event *historypb.HistoryEvent) bool {
			return swap(event.GetWorkflowExecutionStartedEventAttributes().GetInput(), `"amount":`, `"amount":9`)
		})
	}, ""},
	{"verdict of an evaluation", func(h *historypb.History) bool {
		return firstEvent(h, func(event *historypb.HistoryEvent) bool {
			return swap(event.GetActivityTaskCompletedEventAttributes().GetResult(), `"outcome":"pass"`, `"outcome":"blocked"`)
		})
	}, ""},
	{"result of the case", func(h *historypb.History) bool {
		return firstEvent(h, func(event *historypb.HistoryEvent) bool {
			return swap(event.GetWorkflowExecutionCompletedEventAttributes().GetResult(), `"status":"`, `"status":"un`)
		})
	}, "result"},
	{"what a run carried over", func(h *historypb.History) bool {
		return firstEvent(h, func(event *historypb.HistoryEvent) bool {
			return swap(event.GetWorkflowExecutionContinuedAsNewEventAttributes().GetInput(), `"given":`, `"given":9`)
		})
	}, "carried over"},
	{"length of a timer", func(h *historypb.History) bool {
		return firstEvent(h, func(event *historypb.HistoryEvent) bool {
			timer := event.GetTimerStartedEventAttributes()
			if timer == nil {
				return false
			}
			timer.StartToFireTimeout = durationpb.New(timer.GetStartToFireTimeout().AsDuration() + 1)
			return true
		})
	}, "timer"},
	{"last event missing", func(h *historypb.History) bool {
		h.Events = h.Events[:len(h.Events)-1]
		return true
	}, "last event"},
	{"three last events missing", func(h *historypb.History) bool {
		h.Events = h.Events[:len(h.Events)-3]
		return true
	}, "last event"},
	{"event in the middle missing", func(h *historypb.History) bool {
		middle := len(h.Events) / 2
		h.Events = append(h.Events[:middle:middle], h.Events[middle+1:]...)
		return true
	}, "event id"},
	{"act left out and renumbered", func(h *historypb.History) bool {
		for i, event := range h.Events {
			if event.GetEventType() == enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED {
				h.Events = append(h.Events[:i:i], h.Events[i+1:]...)
				for n, left := range h.Events {
					left.EventId = int64(n) + 1
				}
				return true
			}
		}
		return false
	}, ""},
}

// TestTamperedHistoriesAreFound alters each recorded history in each way; the
// deep replay must say no to every one of them.
func TestTamperedHistoriesAreFound(t *testing.T) {
	altered, signers := map[string]int{}, verifier(t)
	for name, history := range recorded(t) {
		for _, mutation := range mutations {
			copied := proto.CloneOf(history)
			if !mutation.apply(copied) {
				continue
			}
			altered[mutation.name]++
			err := replay.Deep(copied, signers)
			if err == nil {
				t.Errorf("%s: %s: not found", name, mutation.name)
				continue
			}
			var difference *replay.Difference
			if mutation.field != "" && (!errors.As(err, &difference) || !strings.HasPrefix(difference.Field, mutation.field)) {
				t.Errorf("%s: %s: found as %v, want a difference in %q", name, mutation.name, err, mutation.field)
			}
		}
	}
	for _, mutation := range mutations {
		if altered[mutation.name] == 0 {
			t.Errorf("no history could be altered in its %s", mutation.name)
		}
	}
}

// firstEvent alters the first event that lets itself be altered.
func firstEvent(h *historypb.History, alter func(*historypb.HistoryEvent) bool) bool {
	for _, event := range h.GetEvents() {
		if alter(event) {
			return true
		}
	}
	return false
}

// swap replaces text in the first payload that has it.
func swap(payloads *commonpb.Payloads, old, replacement string) bool {
	for _, payload := range payloads.GetPayloads() {
		if bytes.Contains(payload.GetData(), []byte(old)) {
			payload.Data = bytes.Replace(payload.GetData(), []byte(old), []byte(replacement), 1)
			return true
		}
	}
	return false
}
