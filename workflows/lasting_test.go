package workflows_test

import (
	"encoding/json"
	"slices"
	"testing"

	enumspb "go.temporal.io/api/enums/v1"
)

// TestNothingLastingIsDoneInsideAWorkflowTask: money moved, or a notice put up,
// by a run whose decisions were then lost cannot be taken back. So only what is
// read, the record itself, which is superseded, and the copy of an engagement,
// which the next one replaces, may be a local activity.
func TestNothingLastingIsDoneInsideAWorkflowTask(t *testing.T) {
	inside := []string{
		"Record", "KeepEngagement",
		"Facts", "Committee", "Moments", "OnboardingFacts", "Scorers", "SigningFacts", "Acting", "Inventory", // read
	}
	seen := map[string]bool{}
	for name, history := range recorded(t) {
		for _, event := range history.GetEvents() {
			if event.GetEventType() != enumspb.EVENT_TYPE_MARKER_RECORDED || event.GetMarkerRecordedEventAttributes().GetMarkerName() != "LocalActivity" {
				continue
			}
			var marker struct{ ActivityType string }
			data := event.GetMarkerRecordedEventAttributes().GetDetails()["data"].GetPayloads()
			if len(data) != 1 || json.Unmarshal(data[0].GetData(), &marker) != nil || marker.ActivityType == "" {
				t.Fatalf("%s, event %d: the marker cannot be read", name, event.GetEventId())
			}
			seen[marker.ActivityType] = true
			if !slices.Contains(inside, marker.ActivityType) {
				t.Errorf("%s, event %d: %s is a local activity", name, event.GetEventId(), marker.ActivityType)
			}
		}
	}
	if len(seen) != len(inside) {
		t.Errorf("seen %v, want all of %v", seen, inside)
	}
}
