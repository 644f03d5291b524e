package approval_test

import (
	"testing"
	"time"

	"linli/approval"
)

func TestEligible(t *testing.T) {
	holder, named := officer("p_1"), approval.Person{ID: "p_1"}
	standIn := officer("p_2")
	standIn.For = "p_1"
	for _, c := range []struct {
		name   string
		task   approval.Task
		person approval.Person
		action approval.Action
		code   approval.Code
	}{
		{"role, nobody named", approval.Task{Role: approval.CharityOfficer, Scope: community}, holder, approval.Approve, ""},
		{"name alone", approval.Task{Persons: []string{"p_1"}, Scope: community}, named, approval.Approve, ""},
		{"name without the role", approval.Task{Role: approval.CharityOfficer, Scope: community, Persons: []string{"p_1"}}, named, approval.Approve, approval.NotEligible},
		{"role without the name", approval.Task{Role: approval.CharityOfficer, Scope: community, Persons: []string{"p_9"}}, holder, approval.Approve, approval.NotEligible},
		{"role takes back", approval.Task{Role: approval.CharityOfficer, Scope: community, Persons: []string{"p_9"}}, holder, approval.Reassign, ""},
		{"no role to take back by", approval.Task{Scope: community, Persons: []string{"p_9"}}, holder, approval.Reassign, approval.NotEligible},
		{"neither role nor name", approval.Task{Scope: community}, holder, approval.Approve, approval.NotEligible},
		{"stand-in takes the named seat", approval.Task{Role: approval.CharityOfficer, Scope: community, Persons: []string{"p_1"}}, standIn, approval.Approve, ""},
		{"stand-in has left his own seat", approval.Task{Role: approval.CharityOfficer, Scope: community, Persons: []string{"p_2"}}, standIn, approval.Approve, approval.NotEligible},
		{"stand-in cannot vote", approval.Task{Kind: approval.Vote, Role: approval.CharityOfficer, Scope: community, Persons: []string{"p_1"}}, standIn, approval.Approve, approval.NotEligible},
		{"stand-in himself excluded", approval.Task{Role: approval.CharityOfficer, Scope: community, Excluded: []string{"p_2"}}, standIn, approval.Approve, approval.SamePerson},
		{"stand-in for the excluded", approval.Task{Role: approval.CharityOfficer, Scope: community, Excluded: []string{"p_1"}}, standIn, approval.Approve, approval.SamePerson},
		{"an empty exclusion excludes nobody", approval.Task{Role: approval.CharityOfficer, Scope: community, Excluded: []string{""}}, holder, approval.Approve, ""},
		{"a task nowhere", approval.Task{Role: approval.CharityOfficer}, holder, approval.Approve, approval.NotEligible},
	} {
		t.Run(c.name, func(t *testing.T) {
			if code := approval.CodeOf(c.task.Eligible(c.person, c.action)); code != c.code {
				t.Errorf("got %q, want %q", code, c.code)
			}
		})
	}
}

func at(hours int) time.Time { return nine.Add(time.Duration(hours) * time.Hour) }

// clocked is a desk whose tasks a, b and c are reminded of and due at these hours.
func clocked(hours ...[2]int) *approval.Desk {
	d := &approval.Desk{CaseID: "c1", Scope: community}
	var deadlines []approval.TaskDeadline
	for i, h := range hours {
		task := seat()
		task.Seat = string(rune('a' + i))
		opened := d.Open(nine, task)
		deadlines = append(deadlines, approval.TaskDeadline{TaskID: opened[0].ID, RemindAt: at(h[0]), DueAt: at(h[1])})
	}
	d.SetDeadlines(append(deadlines, approval.TaskDeadline{TaskID: "no such task", DueAt: nine}))
	return d
}

// TestAlarmsInOrder rings a desk at each of its alarms, as the workflow does.
func TestAlarmsInOrder(t *testing.T) {
	d := clocked([2]int{10, 20}, [2]int{5, 15}, [2]int{12, 12})
	want := []struct {
		hour            int
		seat            string
		late, escalated bool
	}{
		{5, "b", false, false}, {10, "a", false, false}, {12, "c", true, true}, {15, "b", true, true}, {20, "a", true, true},
	}
	for _, w := range want {
		next := d.NextAlarm()
		if !next.Equal(at(w.hour)) {
			t.Fatalf("next alarm at %s, want %s", next, at(w.hour))
		}
		if early := d.Ring(next.Add(-time.Nanosecond)); early != nil {
			t.Fatalf("rang early: %+v", early)
		}
		rung := d.Ring(next)
		if len(rung) != 1 || rung[0].Seat != w.seat || !rung[0].Reminded || rung[0].Escalated != w.escalated {
			t.Fatalf("at hour %d rang %+v, want seat %s", w.hour, rung, w.seat)
		}
		if again := d.Ring(next); again != nil {
			t.Fatalf("rang twice: %+v", again)
		}
	}
	if next := d.NextAlarm(); !next.IsZero() {
		t.Errorf("an alarm is left at %s", next)
	}
	for _, task := range d.Tasks {
		if task.Status != approval.TaskOpen || task.ClosedAs != "" {
			t.Errorf("the clock decided %s", task.ID)
		}
	}
}

func TestLateRingTellsOnce(t *testing.T) {
	d := clocked([2]int{5, 10})
	if rung := d.Ring(at(50)); len(rung) != 1 || !rung[0].Escalated || !rung[0].Reminded {
		t.Errorf("after a long silence: %+v", rung)
	}
	if !d.NextAlarm().IsZero() {
		t.Error("an escalated task still has an alarm")
	}
}

func TestTaskWithoutAReminderStillFallsDue(t *testing.T) {
	d := desk(seat())
	d.SetDeadlines([]approval.TaskDeadline{{TaskID: d.Tasks[0].ID, DueAt: at(10)}})
	if next := d.NextAlarm(); !next.Equal(at(10)) {
		t.Errorf("next alarm %s, want the due time", next)
	}
	if rung := d.Ring(at(10)); len(rung) != 1 || !rung[0].Escalated {
		t.Errorf("rang %+v", rung)
	}
}

func TestClosedAndTimelessTasksNeverRing(t *testing.T) {
	d := clocked([2]int{5, 10})
	d.Cancel(nine)
	d.Open(nine, approval.Task{Stage: reviewing, Round: 1, Seat: "standing", Kind: approval.Standing})
	if !d.NextAlarm().IsZero() || d.Ring(at(100)) != nil {
		t.Error("a closed or timeless task rang")
	}
}

func TestCancelNamesItsStages(t *testing.T) {
	other := seat()
	other.Stage = "payout"
	for _, c := range []struct {
		stages []approval.Stage
		open   int
	}{{[]approval.Stage{reviewing}, 1}, {[]approval.Stage{"committee"}, 2}, {nil, 0}} {
		d := desk(seat(), other)
		d.Cancel(at(1), c.stages...)
		open := 0
		for _, task := range d.Tasks {
			if task.Status == approval.TaskOpen {
				open++
			} else if task.Status != approval.TaskCancelled || !task.ClosedAt.Equal(at(1)) || task.ClosedBy != "" {
				t.Errorf("cancelled as %+v", task)
			}
		}
		if open != c.open {
			t.Errorf("cancelling %v leaves %d open, want %d", c.stages, open, c.open)
		}
	}
}
