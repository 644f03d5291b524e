package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"linli/approval"
	"linli/approval/contract"
	"linli/approval/engagement"
	"linli/workflows"
)

// registers lets the register name these people at some moment, and tells the
// case so as often as named.
func (w *admission) registers(civilTime string, told int, people ...string) {
	w.env.RegisterDelayedCallback(func() {
		w.mu.Lock()
		w.signing.People = nil
		for _, person := range people {
			w.signing.People = append(w.signing.People, contract.Signatory{Person: person, Capacity: "负责人"})
		}
		w.mu.Unlock()
		for range told {
			w.env.SignalWorkflow(workflows.MessagePeople, "o1")
		}
	}, civil(civilTime).Sub(w.in.OpenedAt))
}

func (w *admission) noteOf(kind string) (notes []string) {
	for _, record := range w.journal.records {
		if record.Kind == kind {
			notes = append(notes, record.Note)
		}
	}
	return notes
}

// Whoever comes while the parties sign does, however often the case is told,
// and hears of it; the engagement is that person's.
func TestASuccessorSignsAndTakesOver(t *testing.T) {
	w := newAdmission(t, nil)
	w.inOrder("2026-03-03 09:00", deskReview(1)...)
	w.registers("2026-03-16 08:00", 3, "p2")
	w.at("2026-03-16 08:30", admissionMove{who: "p1", task: "signing.1.operator", action: approval.Sign, wants: approval.NotEligible})
	w.registers("2026-03-16 08:40", 1) // nobody is left for a moment
	w.registers("2026-03-16 08:50", 1, "p2")
	signing, taking := signatures(), takesOver()
	for _, moves := range [][]admissionMove{signing, taking} {
		for i := range moves {
			if moves[i].who == "p1" {
				moves[i].who = "p2"
			}
		}
	}
	w.inOrder("2026-03-16 09:00", signing...)
	w.inOrder("2026-03-18 09:00", taking...)

	result := w.play()

	require.Equal(t, approval.Completed, result.Status)
	require.Equal(t, []string{"+p2 -p1"}, w.noteOf("people_changed"))
	require.Equal(t, []string{"p2"}, w.engaged[0].Start.People)
	for _, record := range w.journal.records {
		if record.Kind != "people_changed" {
			continue
		}
		require.Len(t, record.Tasks, 5, "the applicants' standing task, the operator's to sign, and three offices' the successor is kept from: %v", record.Tasks)
		told := false
		for _, message := range record.Notify {
			told = told || message.TaskID == "c1.signing.1.operator" && message.To[0] == "p2"
		}
		require.True(t, told, "the successor hears of the task: %v", record.Notify)
	}
}

// What changed while the application was on its way was told to nobody.
func TestACaseAsksWhoActsWhenItBegins(t *testing.T) {
	w := newAdmission(t, nil)
	w.signing.People = []contract.Signatory{{Person: "p1"}, {Person: "p3"}}
	w.at("2026-03-03 09:00", admissionMove{who: "p3", task: "case.1.applicant", action: approval.Withdraw})

	require.Equal(t, approval.Withdrawn, w.play().Status)
	require.Equal(t, []string{"+p3"}, w.noteOf("people_changed"))
}

// A case that ends while it learns records nothing after its end.
func TestPeopleWhoComeTooLate(t *testing.T) {
	w := newAdmission(t, nil)
	w.at("2026-03-03 09:00", admissionMove{who: "p1", task: "case.1.applicant", action: approval.Withdraw})
	w.registers("2026-03-03 09:00", 1, "p2")

	require.Equal(t, approval.Withdrawn, w.play().Status)
	require.LessOrEqual(t, len(w.noteOf("people_changed")), 1)
}

// The people are carried from run to run: who came in the first reports, pays
// and hands back in the last. A run that is full learns what it was told before
// the next one begins.
func TestASuccessorStaysOverTheRuns(t *testing.T) {
	w := newTenancy(t, nil)
	moved := func(at time.Time, people ...string) {
		w.moves = append(w.moves, tenancyMove{at: at, people: people})
	}
	moved(civil("2026-03-10 09:00"), "op2")
	w.at("2026-03-10 10:00", "op1", "case.1.operator", approval.Withdraw, engagement.Details{}).wants = approval.NotEligible
	for n := range 120 { // copies fill a run, and the people move all the time
		at := civil("2026-03-11 09:00").Add(time.Duration(n) * time.Minute)
		moved(at, [][]string{{"op2", "op3"}, {"op2"}}[n%2]...)
		for range 1 + n%3 {
			w.moves = append(w.moves, tenancyMove{at: at, who: "op2", task: "case.1.operator", action: approval.Copy, to: []string{"h1"}})
		}
	}
	w.at("2026-04-20 09:00", "op2", "case.1.operator", approval.Withdraw, engagement.Details{})
	for _, turn := range []struct {
		at, period string
		n          int
	}{{"2026-04-02 09:00", "2026-03", 1}, {"2026-04-21 09:00", "2026-04", 2}} {
		w.reported(turn.at, turn.period, turn.n, 0, 0)
		w.moves = w.moves[:len(w.moves)-2] // nothing to pay
	}
	w.handsBack("2026-04-22 09:00")
	for i := range w.moves {
		if w.moves[i].who == "op1" && w.moves[i].wants == "" {
			w.moves[i].who = "op2"
		}
	}

	result := w.play()

	require.Equal(t, approval.Withdrawn, result.Status)
	require.Greater(t, result.Runs, 1)
	require.Equal(t, []string{"op2"}, w.view.People)
	moves := 0
	for _, record := range w.journal.records {
		if record.Kind == "people_changed" {
			moves++
		}
	}
	require.Equal(t, 121, moves)
}
