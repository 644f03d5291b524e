package workflows_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"linli/approval"
	"linli/approval/funduse"
)

func TestAnActBeforeItsTaskExistsIsRefused(t *testing.T) {
	w := newWorld(t, nil)
	early := officer("1", "1", "off1")
	early.hash = w.in.Proposal.Hash()
	w.inOrder(hour, append([]move{early.refused(approval.NotFound), maker("1").refused(approval.NotFound)}, decided()...)...)
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
}

// A reset or a lost answer brings the same act again: it has one receipt.
func TestARepeatedActHasOneReceipt(t *testing.T) {
	w := newWorld(t, nil)
	first := vote("1", "m1", approval.Approve)
	first.id = "m1/key"
	other := first
	other.action = approval.Reject
	w.inOrder(hour, first, first, other.refused(approval.KeyReused))
	w.at(4*hour, vote("1", "m2", approval.Approve))
	w.at(5*hour, first) // the stage has changed, the answer has not
	w.inOrder(6*hour, officer("1", "1", "off1"), maker("1"), checker("1"))
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)

	require.Equal(t, approval.Receipt{
		CaseID: "c1", TaskID: "c1.committee.1.m1", Seq: 5, Action: approval.Approve, Stage: funduse.Committee, At: opened.Add(hour),
	}, w.outcomes[0].receipt)
	require.Equal(t, w.outcomes[0].receipt, w.outcomes[1].receipt)
	require.Equal(t, w.outcomes[0].receipt, w.outcomes[4].receipt)
	require.Equal(t, 2, w.notices[0].Vote.Cast)
}

func TestAnObjectionRepeatedIsFollowedOnce(t *testing.T) {
	w := newWorld(t, nil)
	uphold := answer("notice.1", "o1", approval.Uphold)
	uphold.id = "obj/key"
	back := recovery("o1", 100_000)
	back.id = "off1/key"
	w.inOrder(hour, decided()...)
	w.inOrder(day, objection("notice.1", "o1"), uphold, uphold, back, back)
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
	require.Len(t, w.answers, 1)
	require.Equal(t, 1, w.calls["Recover"])
}

// I6, I7: nobody with access to Temporal alone can forge an act.
func TestAForgedActChangesNothing(t *testing.T) {
	w := newWorld(t, nil)
	forged := vote("1", "m1", approval.Reject)
	forged.forged = true
	w.inOrder(hour, forged.refused(approval.BadEnvelope))
	w.ask(hour*3/2, func(now approval.Waiting) { require.Len(t, now.For, 3) })
	w.inOrder(2*hour, decided()...)
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
	require.Equal(t, "m1", w.steps("acted")[0].Act.Person.ID)
	require.Equal(t, approval.Approve, w.steps("acted")[0].Act.Action)
}

func TestTwoMembersVoteAtTheSameMoment(t *testing.T) {
	w := newWorld(t, nil)
	w.at(hour, vote("1", "m1", approval.Approve))
	w.at(hour, vote("1", "m2", approval.Approve))
	w.at(hour, vote("1", "m3", approval.Approve)) // in time: the verdict is not in yet
	w.inOrder(3*hour, officer("1", "1", "off1"), maker("1"), checker("1"))
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
	var seqs []int
	for _, o := range w.outcomes[:3] {
		seqs = append(seqs, o.receipt.Seq)
	}
	require.ElementsMatch(t, []int{5, 6, 7}, seqs)
	require.Equal(t, 3, w.notices[0].Vote.For)
}

// One task, two people at the same moment: the second finds it closed when its
// turn comes, although it was open when the act was let in.
func TestTwoOfficersDecideAtTheSameMoment(t *testing.T) {
	w := newWorld(t, nil)
	w.inOrder(hour, passes("1")...)
	w.at(3*hour, officer("1", "1", "off1"))
	w.at(3*hour, officer("1", "1", "off2").refused(approval.TaskClosed))
	w.inOrder(4*hour, maker("1"), checker("1"))
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
}

func TestAnActDuringASlowWriteWaitsItsTurn(t *testing.T) {
	w := newWorld(t, nil)
	w.env.RegisterDelayedCallback(func() {
		w.meddling["Record"] = func() { w.act(vote("1", "m2", approval.Approve)) }
	}, hour-time.Minute)
	w.at(hour, vote("1", "m1", approval.Approve))
	w.inOrder(3*hour, officer("1", "1", "off1"), maker("1"), checker("1"))
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
	require.Equal(t, "m1", w.steps("acted")[0].Act.Person.ID)
	require.Equal(t, "m2", w.steps("acted")[1].Act.Person.ID)
}

// The database is away for longer than anybody waits: the act is not lost and
// not refused, it is written when the database is back.
func TestAnActOutlastsAnOutageOfTheDatabase(t *testing.T) {
	w := newWorld(t, nil)
	w.env.RegisterDelayedCallback(func() {
		for range 30 {
			w.faults["Record"] = append(w.faults["Record"], errors.New("connection refused"), errBusy)
		}
	}, hour-time.Minute)
	w.inOrder(hour, decided()...)
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
	require.Equal(t, "m1", w.steps("acted")[0].Act.Person.ID)
}

// errBusy is what the store says while the database starts, stops or has no
// connection left.
var errBusy = fmt.Errorf("%w (the database system is starting up)", approval.Errorf(approval.Unavailable, "系统繁忙", "The system is busy."))

func TestAWriteWhoseAnswerWasLostCountsOnce(t *testing.T) {
	w := newWorld(t, nil)
	for range 60 {
		w.faults["Record"] = append(w.faults["Record"], errLost, nil)
	}
	w.inOrder(hour, decided()...)
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
	require.Empty(t, w.journal.orphans)
}

// A worker died between its write and the history: that write is superseded,
// and the next step brings every task, so that the copy heals.
func TestASupersededWriteHeals(t *testing.T) {
	w := newWorld(t, nil)
	w.at(hour, vote("1", "m1", approval.Approve))
	w.env.RegisterDelayedCallback(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		lost := w.journal.tasks["c1.committee.1.m2"]
		lost.Status, lost.ClosedBy = approval.TaskDone, "m2"
		_, err := w.journal.write(approval.Record{
			CaseID: "c1", Seq: len(w.journal.records) + 1, Key: "lost", Kind: "acted", At: opened, Tasks: []approval.Task{lost},
		}, w.calendar)
		require.NoError(t, err)
	}, 2*hour)
	w.at(3*hour, vote("1", "m3", approval.Abstain))
	w.ask(3*hour+time.Minute, func(approval.Waiting) { require.Equal(t, "m2", w.task("committee.1.m2").ClosedBy) })
	w.at(4*hour, move{who: "h1", task: "case.1.applicant", action: approval.Copy, form: approval.Entry{To: []string{"expert"}}})
	w.ask(4*hour+time.Minute, func(approval.Waiting) { require.Equal(t, approval.TaskOpen, w.task("committee.1.m2").Status) })
	w.at(5*hour, vote("1", "m2", approval.Approve))
	w.inOrder(6*hour, officer("1", "1", "off1"), maker("1"), checker("1"))
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
	require.Len(t, w.journal.orphans, 1)
	acted := w.steps("acted")
	require.Len(t, acted[1].Tasks, 1, "the superseding step")
	require.Len(t, acted[2].Tasks, 5, "two standing tasks and three ballots")
	require.Len(t, acted[3].Tasks, 1)
	for _, message := range acted[2].Notify {
		require.Equal(t, "copy", message.Kind, "nobody is told twice")
	}
}

func TestAMissingCalendarYearStopsTheCaseUntilItIsLoaded(t *testing.T) {
	w := newWorld(t, func(s *funduse.Start) { s.OpenedAt = time.Date(2026, 12, 29, 1, 0, 0, 0, time.UTC) })
	loaded := 3*day + 25*time.Minute
	w.ask(2*day, func(now approval.Waiting) {
		require.Equal(t, approval.CalendarMissing, approval.CodeOf(now.Blocked))
		require.Empty(t, now.For)
	})
	w.env.RegisterDelayedCallback(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.calendar = years(t, 2027)
	}, loaded)
	w.ask(loaded+hour, func(now approval.Waiting) {
		require.Nil(t, now.Blocked)
		require.Len(t, now.For, 3)
		require.Equal(t, time.Date(2027, 1, 8, 16, 0, 0, 0, time.UTC), now.For[0].Until.UTC())
	})
	w.inOrder(5*day, decided()...)
	w.inOrder(40*day, report("1", 0), accepted("1"))

	require.Equal(t, approval.Completed, w.play().Status)
}

func TestACaseStoppedByTheCalendarCanBeWithdrawn(t *testing.T) {
	w := newWorld(t, func(s *funduse.Start) { s.OpenedAt = time.Date(2026, 12, 29, 1, 0, 0, 0, time.UTC) })
	w.withdraws(day)

	result := w.play()

	require.Equal(t, approval.Withdrawn, result.Status)
	require.Equal(t, day, w.journal.records[result.Steps-1].At.Sub(w.in.OpenedAt))
}

// An act that would open a task nobody can date is refused whole.
func TestAnActThatNeedsAMissingYearIsRefused(t *testing.T) {
	w := newWorld(t, func(s *funduse.Start) { s.OpenedAt = time.Date(2026, 12, 21, 1, 0, 0, 0, time.UTC) })
	w.at(7*day, vote("1", "m1", approval.Recuse).refused(approval.CalendarMissing)) // the reserve's deadline lies in 2027
	w.ask(7*day+hour, func(now approval.Waiting) {
		require.Equal(t, []string{"committee.1.m1", "committee.1.m2", "committee.1.m3"}, seats(now))
		require.Nil(t, now.Blocked)
	})
	w.at(7*day+2*hour, vote("1", "m1", approval.Approve))
	w.withdraws(7*day + 3*hour)

	require.Equal(t, approval.Withdrawn, w.play().Status)
}
