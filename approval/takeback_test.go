package approval_test

import (
	"testing"

	"linli/approval"
)

// An absent delegate must not block a seat for ever: whoever holds the role
// takes the task back, and what the delegate was asked is closed.
func TestADelegatedTaskCanBeTakenBack(t *testing.T) {
	const scope = approval.Scope("370300/370303")
	desk := approval.Desk{CaseID: "c", Scope: scope}
	desk.Open(nine, approval.Task{
		Stage: "higher", Round: 1, Seat: "district", Kind: approval.Decision, Role: approval.DistrictApprover, Scope: scope, ContentHash: "h",
		Actions: []approval.Action{approval.Approve, approval.Delegate, approval.Reassign},
	})
	act := approval.Act{
		ID: "d/1", CaseID: "c", TaskID: "c.higher.1.district", Action: approval.Delegate, ContentHash: "h",
		Person: approval.Person{ID: "d", Grants: []approval.Grant{{Role: approval.DistrictApprover, Scope: scope}}},
		Form:   approval.Entry{To: []string{"x"}},
	}
	take := func(id string, action approval.Action, to ...string) error {
		act.ID, act.Action, act.Form.To = id, action, to
		if err := desk.Check(act, nine); err != nil {
			return err
		}
		desk.Apply(act, 1, nine)
		return nil
	}
	if err := take("d/1", approval.Delegate, "x"); err != nil {
		t.Fatal(err)
	}
	if code := approval.CodeOf(take("d/2", approval.Approve)); code != approval.Conflict {
		t.Fatalf("approving while the delegate is asked: %q, want %q", code, approval.Conflict)
	}
	if err := take("d/3", approval.Reassign, "d"); err != nil {
		t.Fatalf("taking the task back: %v", err)
	}
	if err := take("d/4", approval.Approve); err != nil {
		t.Fatalf("approving after taking it back: %v", err)
	}
	for _, task := range desk.Tasks {
		if task.Status == approval.TaskOpen {
			t.Errorf("%s is still open", task.ID)
		}
	}
}
