package store_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"linli/approval"
	"linli/audit"
	"linli/store"
	"linli/store/storetest"
)

func decision(seat string, days int) approval.Task {
	return approval.Task{Stage: "charity", Seat: seat, Kind: approval.Decision, Role: approval.CharityOfficer, Scope: storetest.City, Days: days}
}

func midnight(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 0, 0, 0, 0, approval.Shanghai).UTC()
}

// Wednesday 4 March 2026, ten o'clock: the day itself is not counted, the
// weekend is skipped.
func TestDeadlinesFollowTheCalendar(t *testing.T) {
	c := openCopies(t)
	recorded := c.record(step("case-1", 1, "open", decision("b", 3), decision("a", 1), decision("none", 0)))
	want := []approval.TaskDeadline{
		{TaskID: "case-1.charity.1.a", RemindAt: storetest.Now.Add(19 * time.Hour).UTC(), DueAt: midnight(time.March, 6)},
		{TaskID: "case-1.charity.1.b", RemindAt: midnight(time.March, 7), DueAt: midnight(time.March, 10)},
	}
	if diff := cmp.Diff(want, recorded.Deadlines); diff != "" || recorded.Superseded {
		t.Errorf("recorded (-want +got):\n%s", diff)
	}
	for _, view := range must(c.api.CaseTasks(c.handler(), "case-1", storetest.Now))(t) {
		for _, deadline := range want {
			if view.ID == deadline.TaskID && !view.DueAt.Equal(deadline.DueAt) {
				t.Errorf("task %s is due %s, want %s", view.ID, view.DueAt, deadline.DueAt)
			}
		}
	}
}

func TestRepetitionAnswersTheSameAndWritesNothing(t *testing.T) {
	c := openCopies(t)
	record := step("case-1", 1, "open", decision("a", 2))
	record.Notify = []approval.Message{{Kind: "task", To: []string{"p_officer"}, Text: approval.Text{ZH: "有新任务", EN: "a new task"}}}
	first := c.record(record)
	c.record(step("case-1", 2, "next"))

	if diff := cmp.Diff(first, c.record(record)); diff != "" {
		t.Errorf("the repetition differs:\n%s", diff)
	}
	if steps := must(c.worker.Steps(t.Context(), "case-1"))(t); len(steps) != 2 {
		t.Errorf("%d steps are written, want 2", len(steps))
	}
	if view := must(c.api.Case(c.handler(), "case-1"))(t); view.Seq != 2 {
		t.Errorf("the case went back to step %d", view.Seq)
	}
	messages, _, err := c.api.Messages(c.as("p_officer", approval.CharityOfficer, storetest.City), "", approval.Page{Limit: 10})
	if err != nil || len(messages) != 1 {
		t.Errorf("messages = %v, %v; want one", messages, err)
	}
}

// Two steps were written but never reached the history; the worker that takes
// over decides otherwise. The copy must show the new course and only it.
func TestOrphansAreSupersededAndHealed(t *testing.T) {
	c := openCopies(t)
	officer := c.as("p_officer", approval.CharityOfficer, storetest.City)
	c.record(step("case-1", 1, "open", decision("a", 2)))
	orphan := step("case-1", 2, "approve", approval.Task{Stage: "charity", Seat: "a", Kind: approval.Decision, Role: approval.CharityOfficer,
		Scope: storetest.City, Status: approval.TaskDone, ClosedAs: approval.Approve})
	orphan.Notify = []approval.Message{{Kind: "outcome", To: []string{"p_officer"}, Text: approval.Text{ZH: "已同意", EN: "approved"}}}
	c.record(orphan)
	c.record(step("case-1", 3, "pay", approval.Task{Stage: "payout", Seat: "maker", Kind: approval.Form, Role: approval.Cashier}))

	recorded := c.record(step("case-1", 2, "remind"))
	if !recorded.Superseded {
		t.Error("the answer does not say that a step was superseded")
	}
	views := must(c.api.CaseTasks(c.handler(), "case-1", storetest.Now))(t)
	if len(views) != 1 || views[0].Status != approval.TaskOpen || views[0].DueAt.IsZero() {
		t.Errorf("tasks = %+v; want the one of step 1, open again", views)
	}
	if inbox, _, err := c.api.Inbox(officer, approval.Page{Limit: 10}, storetest.Now); err != nil || len(inbox) != 1 {
		t.Errorf("inbox = %v, %v; want the reopened task", inbox, err)
	}
	if messages, _, err := c.api.Messages(officer, "", approval.Page{Limit: 10}); err != nil || len(messages) != 0 {
		t.Errorf("messages = %v, %v; want none of a superseded step", messages, err)
	}
	if view := must(c.api.Case(c.handler(), "case-1"))(t); view.Seq != 2 {
		t.Errorf("the case stands at step %d, want 2", view.Seq)
	}
	var trail []string
	for _, each := range must(c.api.CaseSteps(c.handler(), "case-1"))(t) {
		trail = append(trail, fmt.Sprintf("%d %s %v", each.Seq, each.Note, each.Superseded))
	}
	if want := []string{"1 步骤open false", "2 步骤approve true", "3 步骤pay true", "2 步骤remind false"}; !slices.Equal(trail, want) {
		t.Errorf("trail = %q, want %q", trail, want)
	}
	if again := c.record(step("case-1", 2, "remind")); !again.Superseded {
		t.Error("the repetition forgot that it superseded")
	}
	// The first course may yet win: its key comes again and is a new attempt.
	if back := c.record(orphan); !back.Superseded {
		t.Error("the first key's return did not supersede")
	}
	if err := audit.VerifySteps(must(c.worker.Steps(t.Context(), "case-1"))(t)); err != nil {
		t.Error(err)
	}
}

// A worker died between its commit and the history. The one that takes over
// writes the same step under the same key, but later: meanwhile a second task
// has fallen due. The copy must say what the history will say.
func TestTheSameStepOfALaterRunSupersedes(t *testing.T) {
	c := openCopies(t)
	c.record(step("case-1", 1, "open", decision("a", 2), decision("b", 2)))
	overdue := func(seat string) approval.Task {
		task := decision(seat, 0)
		task.Escalated = true
		return task
	}
	orphan := step("case-1", 2, "clock/2", overdue("a"))
	orphan.Notify = []approval.Message{{Kind: "reminder", To: []string{"p_officer"}, Text: approval.Text{ZH: "已逾期", EN: "overdue"}}}
	c.record(orphan)
	c.record(step("case-1", 3, "next"))

	again := step("case-1", 2, "clock/2", overdue("a"), overdue("b"))
	again.Notify, again.At = orphan.Notify, orphan.At.Add(time.Hour)
	recorded := c.record(again)
	if !recorded.Superseded {
		t.Error("the answer does not say that a step was superseded")
	}
	if diff := cmp.Diff(recorded, c.record(again)); diff != "" {
		t.Errorf("the repetition differs:\n%s", diff)
	}
	for _, view := range must(c.api.CaseTasks(c.handler(), "case-1", storetest.Now))(t) {
		if !view.Escalated {
			t.Errorf("task %s is not overdue in the copy", view.ID)
		}
	}
	if view := must(c.api.Case(c.handler(), "case-1"))(t); view.Seq != 2 {
		t.Errorf("the case stands at step %d, want 2", view.Seq)
	}
	messages, _, err := c.api.Messages(c.as("p_officer", approval.CharityOfficer, storetest.City), "", approval.Page{Limit: 10})
	if err != nil || len(messages) != 1 {
		t.Errorf("messages = %v, %v; want one", messages, err)
	}
	if err := audit.VerifySteps(must(c.worker.Steps(t.Context(), "case-1"))(t)); err != nil {
		t.Error(err)
	}
}

// A worker that was thought dead writes what another has written after it: the
// copy stays with the later run, whose word reaches the history.
func TestAnEarlierRunComesTooLate(t *testing.T) {
	c := openCopies(t)
	c.record(step("case-1", 1, "open", decision("a", 2)))
	c.record(step("case-1", 2, "approve"))
	c.record(step("case-1", 3, "next"))
	for _, key := range []string{"approve", "remind"} {
		late := step("case-1", 2, key)
		late.At = late.At.Add(-time.Second)
		if _, err := c.worker.Record(t.Context(), late); err == nil || approval.CodeOf(err) != "" {
			t.Errorf("a late %q: %v, want a fault", key, err)
		}
	}
	if steps := must(c.worker.Steps(t.Context(), "case-1"))(t); len(steps) != 3 {
		t.Errorf("%d steps are written, want 3", len(steps))
	}
}

// A worker thought dead may commit late. The case goes on all the same, and
// the step after it is told to send everything.
func TestALateWriteDoesNotStopTheCase(t *testing.T) {
	c := openCopies(t)
	for seq := range 3 {
		c.record(step("case-1", seq+1, fmt.Sprintf("step-%d", seq+1)))
	}
	c.record(step("case-1", 2, "late"))
	if next := c.record(step("case-1", 4, "step-4")); !next.Superseded {
		t.Error("nothing says that the copy has to heal")
	}
	if view := must(c.api.Case(c.handler(), "case-1"))(t); view.Seq != 4 {
		t.Errorf("the case stands at step %d, want 4", view.Seq)
	}
}

func TestAGapIsAFaultAndWritesNothing(t *testing.T) {
	c := openCopies(t)
	for _, record := range []approval.Record{step("case-1", 2, "early"), step("case-1", 0, "zero"), step("case-1", 1, ""), step("", 1, "open")} {
		if _, err := c.worker.Record(t.Context(), record); err == nil || approval.CodeOf(err) != "" {
			t.Errorf("step %d key %q of case %q: %v, want a fault", record.Seq, record.Key, record.CaseID, err)
		}
	}
	foreign := step("case-1", 1, "open", decision("a", 0))
	foreign.Tasks[0].CaseID = "case-2"
	if _, err := c.worker.Record(t.Context(), foreign); err == nil {
		t.Error("a task of another case was recorded")
	}
	unknown := step("case-1", 1, "open")
	unknown.Act = &approval.Act{ID: "a", TaskID: "case-1.never.1.opened", Person: approval.Person{ID: "p"}}
	if _, err := c.worker.Record(t.Context(), unknown); err == nil {
		t.Error("an act on a task nobody opened was recorded")
	}
	_, err := c.api.Case(c.handler(), "case-1")
	refusedAs(t, err, approval.NotFound)
}

func TestAMissingCalendarYearIsRefusedWhole(t *testing.T) {
	c := openCopies(t)
	record := step("case-1", 1, "open", decision("a", 300))
	_, err := c.worker.Record(t.Context(), record)
	refusedAs(t, err, approval.CalendarMissing)
	_, err = c.api.Case(c.handler(), "case-1")
	refusedAs(t, err, approval.NotFound)
}

func TestTrainingDaysAreAsLongAsTold(t *testing.T) {
	c := openCopies(t)
	training := must(store.Open(t.Context(), c.address.Worker, store.WithDayLength(10*time.Second)))(t)
	defer training.Close()
	sealer := must(store.NewSealer(make([]byte, 32)))(t)
	recorded := must(training.Sealing(sealer).Record(t.Context(), step("case-1", 1, "open", decision("a", 300))))(t)
	want := []approval.TaskDeadline{{TaskID: "case-1.charity.1.a", RemindAt: storetest.Now.Add(2990 * time.Second).UTC(), DueAt: storetest.Now.Add(3000 * time.Second).UTC()}}
	if diff := cmp.Diff(want, recorded.Deadlines); diff != "" {
		t.Error(diff)
	}
}

// Cases do not wait for each other, and the same step sent by several workers
// at once is written once.
func TestConcurrentRecords(t *testing.T) {
	c := openCopies(t)
	const cases, workers, length = 4, 3, 5
	var group sync.WaitGroup
	for i := range cases * workers {
		group.Go(func() {
			for seq := range length {
				record := step(fmt.Sprintf("case-%d", i%cases), seq+1, fmt.Sprintf("step-%d", seq+1), decision("a", 2))
				if _, err := c.worker.Record(t.Context(), record); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	for i := range cases {
		steps := must(c.worker.Steps(t.Context(), fmt.Sprintf("case-%d", i)))(t)
		if len(steps) != length {
			t.Errorf("case %d has %d steps, want %d", i, len(steps), length)
		}
		if err := audit.VerifySteps(steps); err != nil {
			t.Error(err)
		}
	}
}

// Whoever can write to the database past every guard still cannot alter a
// step unnoticed.
func TestAlteredStepsAreNamed(t *testing.T) {
	c := openCopies(t)
	for seq := range 3 {
		c.record(step("case-1", seq+1, fmt.Sprintf("step-%d", seq+1)))
	}
	c.tamper(`UPDATE case_events SET record = replace(record, '420000', '920000') WHERE seq = 2`)
	err := audit.VerifySteps(must(c.worker.Steps(t.Context(), "case-1"))(t))
	brokenEntry(t, err, 2, "case-1")
}
