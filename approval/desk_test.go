package approval_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"linli/approval"
)

const (
	community = approval.Scope("370300/370303/370303001/370303001901")
	reviewing = approval.Stage("charity")
)

var nine = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC) // Monday, 09:00 in Shanghai

// officer is a person with the charity officer's role at the city.
func officer(id string) approval.Person {
	return approval.Person{ID: id, Grants: []approval.Grant{{Role: approval.CharityOfficer, Scope: "370300"}}}
}

// seat is an officer's decision with every shared action on offer.
func seat() approval.Task {
	return approval.Task{
		Stage: reviewing, Round: 1, Seat: "officer-1", Kind: approval.Decision, Role: approval.CharityOfficer, Scope: community,
		Excluded: []string{"proposer"}, ContentHash: "h1",
		Actions: []approval.Action{
			approval.Approve, approval.Reject, approval.Return, approval.AskCorrection, approval.Reassign,
			approval.Delegate, approval.AddReviewer, approval.Copy, approval.Remind,
		},
	}
}

func desk(tasks ...approval.Task) *approval.Desk {
	d := &approval.Desk{CaseID: "c1", Scope: community}
	d.Open(nine, tasks...)
	return d
}

var acts int

// by is an act on the desk's first task under an id of its own.
func by(d *approval.Desk, person approval.Person, action approval.Action) approval.Act {
	acts++
	return approval.Act{
		ID: fmt.Sprintf("%s/%d", person.ID, acts), CaseID: d.CaseID, TaskID: d.Tasks[0].ID,
		Action: action, Person: person, Comment: "理由", ContentHash: d.Tasks[0].ContentHash,
	}
}

func to(act approval.Act, persons ...string) approval.Act {
	act.Form.To = persons
	return act
}

// take checks and applies an act that must be taken.
func take(t *testing.T, d *approval.Desk, act approval.Act, now time.Time) approval.Accepted {
	t.Helper()
	if err := d.Check(act, now); err != nil {
		t.Fatalf("%s by %s refused: %v", act.Action, act.Person.ID, err)
	}
	return d.Apply(act, len(d.Acts)+1, now)
}

func copied(t *testing.T, d *approval.Desk) *approval.Desk {
	t.Helper()
	raw, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var out approval.Desk
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return &out
}

func ExampleDesk() {
	d := desk(seat())
	act := approval.Act{
		ID: "p_1/first", CaseID: "c1", TaskID: "c1.charity.1.officer-1", Action: approval.Approve,
		Person: officer("p_1"), ContentHash: "h1",
	}
	fmt.Println(d.Check(act, nine))
	accepted := d.Apply(act, 1, nine)
	fmt.Println(accepted.Seat, d.Task(act.TaskID).Status)
	act.ID = "p_1/second"
	fmt.Println(d.Check(act, nine))
	// Output:
	// <nil>
	// officer-1 done
	// task_closed: This task is closed and takes no more acts.
}

func TestDeskRefuses(t *testing.T) {
	type change = func(d *approval.Desk, act *approval.Act)
	vote := func(d *approval.Desk, _ *approval.Act) { d.Tasks[0].Kind = approval.Vote }
	long := strings.Repeat("理", approval.MaxComment+1)
	for _, c := range []struct {
		name   string
		action approval.Action
		change change
		code   approval.Code
		field  string
	}{
		{"an act without an id", approval.Approve, func(_ *approval.Desk, a *approval.Act) { a.ID = "" }, approval.KeyMissing, ""},
		{"an act signed for another case", approval.Approve, func(_ *approval.Desk, a *approval.Act) { a.CaseID = "c2" }, approval.NotFound, "case_id"},
		{"an unknown task", approval.Approve, func(_ *approval.Desk, a *approval.Act) { a.TaskID = "c1.charity.2.officer-1" }, approval.NotFound, "task"},
		{"a done task", approval.Approve, func(d *approval.Desk, _ *approval.Act) { d.Tasks[0].Status = approval.TaskDone }, approval.TaskClosed, ""},
		{"a cancelled task", approval.Approve, func(d *approval.Desk, _ *approval.Act) { d.Cancel(nine, reviewing) }, approval.TaskClosed, ""},
		{"an outsider", approval.Approve, func(_ *approval.Desk, a *approval.Act) { a.Person.Grants = nil }, approval.NotEligible, ""},
		{"the role elsewhere", approval.Approve, func(_ *approval.Desk, a *approval.Act) { a.Person.Grants[0].Scope = "370300/370304" }, approval.NotEligible, ""},
		{"a role holder who is not named", approval.Approve, func(d *approval.Desk, _ *approval.Act) { d.Tasks[0].Persons = []string{"else"} }, approval.NotEligible, ""},
		{"an excluded person", approval.Approve, func(_ *approval.Desk, a *approval.Act) { a.Person.ID = "proposer" }, approval.SamePerson, ""},
		{"a substitute of an excluded person", approval.Approve, func(_ *approval.Desk, a *approval.Act) { a.Person.For = "proposer" }, approval.SamePerson, ""},
		{"a substitute's vote", approval.Approve, func(d *approval.Desk, a *approval.Act) { vote(d, a); a.Person.For = "p_2" }, approval.NotEligible, ""},
		{"an action not on offer", approval.Withdraw, nil, approval.ActionNotAllowed, "action"},
		{"an unknown action", "bless", nil, approval.ActionNotAllowed, "action"},
		{"a decision on other content", approval.Approve, func(_ *approval.Desk, a *approval.Act) { a.ContentHash = "h0" }, approval.StaleContent, "content_hash"},
		{"a decision on no content", approval.Reject, func(_ *approval.Desk, a *approval.Act) { a.ContentHash = "" }, approval.StaleContent, "content_hash"},
		{"signing on a session alone", approval.Sign, func(d *approval.Desk, _ *approval.Act) { d.Tasks[0].Actions = []approval.Action{approval.Sign} }, approval.Reauthenticate, "reauthentication"},
		{"signing other content", approval.Sign, func(d *approval.Desk, a *approval.Act) {
			d.Tasks[0].Actions, a.Reauthenticated, a.ContentHash = []approval.Action{approval.Sign}, approval.ByTOTP, "h0"
		}, approval.StaleContent, "content_hash"},
		{"signing what is signed", approval.Sign, func(d *approval.Desk, _ *approval.Act) {
			d.Tasks[0].Status, d.Tasks[0].ClosedAs = approval.TaskDone, approval.Sign
		}, approval.AlreadyActed, ""},
		{"a rejection without a reason", approval.Reject, func(_ *approval.Desk, a *approval.Act) { a.Comment = "" }, approval.CommentRequired, "comment"},
		{"a return with a blank reason", approval.Return, func(_ *approval.Desk, a *approval.Act) { a.Comment = " \n" }, approval.CommentRequired, "comment"},
		{"a comment too long", approval.Approve, func(_ *approval.Desk, a *approval.Act) { a.Comment = long }, approval.Invalid, "comment"},
		{"a correction of nothing", approval.AskCorrection, nil, approval.Invalid, "form/items"},
		{"a correction of a blank item", approval.AskCorrection, func(_ *approval.Desk, a *approval.Act) { a.Form.Items = []string{"合同", " "} }, approval.Invalid, "form/items"},
		{"a reassignment to nobody", approval.Reassign, nil, approval.Invalid, "form/to"},
		{"a reassignment to two", approval.Reassign, func(_ *approval.Desk, a *approval.Act) { *a = to(*a, "p_2", "p_3") }, approval.Invalid, "form/to"},
		{"a delegation to an empty name", approval.Delegate, func(_ *approval.Desk, a *approval.Act) { *a = to(*a, "") }, approval.Invalid, "form/to"},
		{"a reassignment to an excluded person", approval.Reassign, func(_ *approval.Desk, a *approval.Act) { *a = to(*a, "proposer") }, approval.SamePerson, "form/to"},
		{"a delegation to oneself", approval.Delegate, func(_ *approval.Desk, a *approval.Act) { *a = to(*a, "p_1") }, approval.Invalid, "form/to"},
		{"no added reviewer", approval.AddReviewer, nil, approval.Invalid, "form/to"},
		{"one reviewer added twice", approval.AddReviewer, func(_ *approval.Desk, a *approval.Act) { *a = to(*a, "p_2", "p_2") }, approval.Invalid, "form/to"},
		{"oneself as added reviewer", approval.AddReviewer, func(_ *approval.Desk, a *approval.Act) { *a = to(*a, "p_2", "p_1") }, approval.Invalid, "form/to"},
		{"21 copies", approval.Copy, func(_ *approval.Desk, a *approval.Act) {
			for i := range 21 {
				a.Form.To = append(a.Form.To, fmt.Sprint("p", i))
			}
		}, approval.Invalid, "form/to"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := desk(seat())
			act := by(d, officer("p_1"), c.action)
			if c.change != nil {
				c.change(d, &act)
			}
			before := copied(t, d)
			err := approval.Refusal(d.Check(act, nine))
			if err == nil || err.Code != c.code || err.Field != c.field {
				t.Errorf("got %v, want %s at %q", err, c.code, c.field)
			}
			if !reflect.DeepEqual(before, copied(t, d)) {
				t.Error("a refusal changed the desk")
			}
		})
	}
}

func TestDeskTakes(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(d *approval.Desk, act *approval.Act)
		action approval.Action
	}{
		{"an approval without a comment", func(_ *approval.Desk, a *approval.Act) { a.Comment = "" }, approval.Approve},
		{"the longest comment", func(_ *approval.Desk, a *approval.Act) { a.Comment = strings.Repeat("理", approval.MaxComment) }, approval.Reject},
		{"a substitute", func(d *approval.Desk, a *approval.Act) { d.Tasks[0].Persons, a.Person.For = []string{"p_2"}, "p_2" }, approval.Approve},
		{"a copy to oneself", func(_ *approval.Desk, a *approval.Act) { *a = to(*a, "p_1") }, approval.Copy},
		{"a copy without naming content", func(_ *approval.Desk, a *approval.Act) { *a, a.ContentHash = to(*a, "p_2"), "" }, approval.Copy},
		{"a reminder", nil, approval.Remind},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := desk(seat())
			act := by(d, officer("p_1"), c.action)
			if c.change != nil {
				c.change(d, &act)
			}
			before := copied(t, d)
			if err := d.Check(act, nine); err != nil {
				t.Errorf("refused: %v", err)
			}
			if !reflect.DeepEqual(before, copied(t, d)) {
				t.Error("checking changed the desk")
			}
		})
	}
}

func TestRepeatedActPassesAndItsIDServesNothingElse(t *testing.T) {
	d := desk(seat())
	act := by(d, officer("p_1"), approval.Approve)
	accepted := take(t, d, act, nine)
	again := act
	again.Envelope = "signed once more"
	if err := d.Check(again, nine.Add(time.Hour)); err != nil {
		t.Errorf("a repetition was refused: %v", err)
	}
	if done := d.Done(act.ID); done == nil || !reflect.DeepEqual(*done, accepted) {
		t.Errorf("the repetition finds %+v, want %+v", done, accepted)
	}
	again.Action = approval.Reject
	if code := approval.CodeOf(d.Check(again, nine)); code != approval.KeyReused {
		t.Errorf("another act under the same id: %q", code)
	}
}

func TestDelegatedTaskWaitsForItsAnswer(t *testing.T) {
	for _, c := range []struct {
		action    approval.Action
		answer    approval.Action
		mayDecide approval.Code
	}{
		{approval.Delegate, approval.Approve, ""},
		{approval.Delegate, approval.Reject, ""}, // an opinion binds nobody
		{approval.AddReviewer, approval.Approve, ""},
		{approval.AddReviewer, approval.Reject, approval.ActionNotAllowed},
	} {
		t.Run(fmt.Sprintf("%s answered by %s", c.action, c.answer), func(t *testing.T) {
			d := desk(seat())
			take(t, d, to(by(d, officer("p_1"), c.action), "p_2"), nine)
			if code := approval.CodeOf(d.Check(by(d, officer("p_1"), approval.Approve), nine)); code != approval.Conflict {
				t.Errorf("the seat decided without its answer: %q", code)
			}
			if err := d.Check(by(d, officer("p_1"), approval.Remind), nine); err != nil {
				t.Errorf("a waiting task takes no reminder: %v", err)
			}
			child := d.Tasks[1]
			answer := by(d, approval.Person{ID: "p_2"}, c.answer)
			answer.TaskID = child.ID
			stranger := answer
			stranger.ID, stranger.Person = "p_3/1", officer("p_3")
			if code := approval.CodeOf(d.Check(stranger, nine)); code != approval.NotEligible {
				t.Errorf("somebody else answered: %q", code)
			}
			take(t, d, answer, nine)
			if code := approval.CodeOf(d.Check(by(d, officer("p_1"), approval.Approve), nine)); code != c.mayDecide {
				t.Errorf("after the answer: %q, want %q", code, c.mayDecide)
			}
			if err := d.Check(by(d, officer("p_1"), approval.Reject), nine); err != nil {
				t.Errorf("the seat may always reject: %v", err)
			}
		})
	}
}

func TestEveryAddedReviewerIsHeard(t *testing.T) {
	d := desk(seat())
	take(t, d, to(by(d, officer("p_1"), approval.AddReviewer), "p_2", "p_3"), nine)
	for i, person := range []string{"p_2", "p_3"} {
		if code := approval.CodeOf(d.Check(by(d, officer("p_1"), approval.Approve), nine)); code != approval.Conflict {
			t.Errorf("decided after %d of 2 answers: %q", i, code)
		}
		answer := by(d, approval.Person{ID: person}, approval.Approve)
		answer.TaskID = d.Tasks[i+1].ID
		take(t, d, answer, nine)
	}
	take(t, d, by(d, officer("p_1"), approval.Approve), nine)
}

func TestReassignedTaskChangesHandsAndCanBeTakenBack(t *testing.T) {
	d := desk(seat())
	take(t, d, to(by(d, officer("p_1"), approval.Reassign), "p_2"), nine)
	if code := approval.CodeOf(d.Check(by(d, officer("p_1"), approval.Approve), nine)); code != approval.NotEligible {
		t.Errorf("whoever handed it over still decides: %q", code)
	}
	if code := approval.CodeOf(d.Check(to(by(d, approval.Person{ID: "p_9"}, approval.Reassign), "p_9x"), nine)); code != approval.NotEligible {
		t.Errorf("an outsider reassigns: %q", code)
	}
	take(t, d, to(by(d, officer("p_3"), approval.Reassign), "p_1"), nine)
	take(t, d, by(d, officer("p_1"), approval.Approve), nine)
}

func TestOneReminderAnHour(t *testing.T) {
	d := desk(seat())
	take(t, d, by(d, officer("p_1"), approval.Remind), nine)
	for after, want := range map[time.Duration]approval.Code{
		0: approval.RateLimited, time.Hour - time.Nanosecond: approval.RateLimited, time.Hour: "",
	} {
		if code := approval.CodeOf(d.Check(by(d, officer("p_2"), approval.Remind), nine.Add(after))); code != want {
			t.Errorf("after %s: %q, want %q", after, code, want)
		}
	}
}

func TestDecidedIsTheActThatClosedTheSeat(t *testing.T) {
	d := desk(seat())
	if d.Decided(reviewing, 1, "officer-1") != nil {
		t.Error("an open seat has decided")
	}
	take(t, d, by(d, officer("p_1"), approval.Remind), nine)
	rejected := take(t, d, by(d, officer("p_1"), approval.Reject), nine)
	if got := d.Decided(reviewing, 1, "officer-1"); got == nil || got.ID != rejected.ID {
		t.Errorf("got %+v, want %s", got, rejected.ID)
	}
	if d.Decided(reviewing, 2, "officer-1") != nil {
		t.Error("the next round is decided already")
	}
}
