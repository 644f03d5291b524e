package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"linli/approval"
	"linli/approval/funduse"
)

func TestACommitteeThatRejectsEndsTheCase(t *testing.T) {
	w := newWorld(t, nil)
	w.inOrder(hour, vote("1", "m1", approval.Reject), vote("1", "m2", approval.Reject))

	result := w.play()

	require.Equal(t, approval.Rejected, result.Status)
	require.Contains(t, result.Reason, "赞成 0 票")
	require.Equal(t, approval.TaskCancelled, w.task("committee.1.m3").Status)
	require.Equal(t, []string{"c1/release/1"}, w.ledger.keys("release"))
}

func TestAVoteIsSettledAsSoonAsNothingCanChangeIt(t *testing.T) {
	w := newWorld(t, nil)
	w.inOrder(hour, vote("1", "m1", approval.Approve), vote("1", "m2", approval.Abstain), vote("1", "m3", approval.Approve))
	w.ask(hour*5/2, func(now approval.Waiting) { require.Equal(t, []string{"committee.1.m3"}, seats(now)) })
	w.ask(hour*7/2, func(now approval.Waiting) { require.Equal(t, []string{"charity.1.officer-1"}, seats(now)) })
	w.withdraws(5 * hour)

	require.Equal(t, approval.Withdrawn, w.play().Status)
}

func TestWithoutAQuorumTwiceTheCaseLapses(t *testing.T) {
	w := newWorld(t, nil)
	w.at(hour, vote("1", "m1", approval.Approve))
	w.ask(w.after("2026-03-10 01:00"), func(now approval.Waiting) {
		require.Equal(t, []string{"committee.2.m1", "committee.2.m2", "committee.2.m3"}, seats(now), "everybody votes anew")
	})
	w.at(w.after("2026-03-11 09:00"), vote("2", "m2", approval.Approve))

	result := w.play()

	require.Equal(t, approval.Lapsed, result.Status)
	require.Equal(t, w.after("2026-03-18 00:00"), w.journal.records[result.Steps-1].At.Sub(opened))
}

func TestARecusalCallsTheReserveIn(t *testing.T) {
	w := newWorld(t, nil)
	w.inOrder(hour,
		vote("1", "m1", approval.Recuse),
		move{who: "m4", task: "committee.1.m4", action: approval.Approve},
		vote("1", "m2", approval.Approve),
		officer("1", "1", "off1"))
	w.at(8*hour, move{
		who: "off2", task: "charity.1.officer-1", action: approval.Approve, wants: approval.TaskClosed,
	})
	w.at(9*hour, move{who: "cash", task: "payout.1.maker", action: approval.Return, comment: "金额有疑", form: approval.Entry{Stage: funduse.CharityReview}})
	w.at(10*hour, move{who: "off1", task: "charity.2.officer-1", action: approval.Return, comment: "重新表决", form: approval.Entry{Stage: funduse.Committee}})
	w.ask(11*hour, func(now approval.Waiting) {
		require.Equal(t, []string{"committee.2.m2", "committee.2.m3", "committee.2.m4"}, seats(now), "who stepped aside stays aside")
	})
	w.withdraws(12 * hour)

	require.Equal(t, approval.Withdrawn, w.play().Status)
}

func TestAnInterestedMemberGetsNoBallot(t *testing.T) {
	w := newWorld(t, nil)
	w.roster[0].Interested, w.roster[0].Reason = true, "配偶任职"
	w.inOrder(hour,
		move{who: "m1", task: "committee.1.m1", action: approval.Approve, wants: approval.NotFound},
		move{who: "m1", task: "committee.1.m4", action: approval.Approve, wants: approval.NotEligible},
		move{who: "m4", task: "committee.1.m4", action: approval.Approve},
		vote("1", "m2", approval.Approve), officer("1", "1", "off1"), maker("1"), checker("1"))
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
	require.Equal(t, 1, w.notices[0].Vote.Recused)
}

func TestAVoteIsCastOnceAndInPerson(t *testing.T) {
	w := newWorld(t, nil)
	proxy := vote("1", "m2", approval.Approve)
	proxy.who, proxy.standing = "m3", "m2"
	again, proxy2 := vote("1", "m1", approval.Reject), vote("1", "m2", approval.Approve)
	again.wants, proxy.wants = approval.TaskClosed, approval.NotEligible
	proxy2.who, proxy2.wants = "m3", approval.NotEligible
	w.inOrder(hour, vote("1", "m1", approval.Approve), again, proxy, proxy2)
	w.withdraws(6 * hour)

	require.Equal(t, approval.Withdrawn, w.play().Status)
	require.Len(t, w.steps("acted"), 2, "the ballot and the withdrawal")
}

func TestACommitteeTooSmallStopsTheCaseUntilItHasGrown(t *testing.T) {
	w := newWorld(t, nil)
	w.roster = w.roster[:2]
	complete := func(round string) move {
		return move{who: "sec", task: "roster." + round + ".secretary", action: approval.Submit}
	}
	w.ask(30*day, func(now approval.Waiting) { require.Equal(t, []string{"roster.2.secretary"}, seats(now)) })
	w.at(31*day, complete("2"))
	w.ask(31*day+hour, func(now approval.Waiting) {
		require.Equal(t, []string{"roster.3.secretary"}, seats(now), "saying so does not make it complete")
	})
	w.env.RegisterDelayedCallback(func() { w.roster = append(w.roster, approval.Member{ID: "m3"}) }, 32*day)
	w.inOrder(33*day, complete("3"), vote("1", "m1", approval.Approve), vote("1", "m3", approval.Approve),
		officer("1", "1", "off1"), maker("1"), checker("1"))
	w.inOrder(60*day, report("1", 0), accepted("1"))

	require.Equal(t, approval.Completed, w.play().Status)
}

func TestRecusalsCanLeaveTheCommitteeTooSmall(t *testing.T) {
	w := newWorld(t, nil)
	w.roster = w.roster[:3]
	w.at(hour, vote("1", "m1", approval.Approve))
	w.at(2*hour, vote("1", "m3", approval.Recuse))
	w.ask(3*hour, func(now approval.Waiting) { require.Equal(t, funduse.Roster, now.Stage) })
	w.withdraws(4 * hour)

	require.Equal(t, approval.Withdrawn, w.play().Status)
}

func TestADistrictMayAskForAnOddCommittee(t *testing.T) {
	w := newWorld(t, func(s *funduse.Start) { s.Parameters.Committee.Odd = true })
	w.roster[3].Reserve = false
	w.ask(hour, func(now approval.Waiting) { require.Equal(t, []string{"roster.2.secretary"}, seats(now)) })
	w.env.RegisterDelayedCallback(func() { w.roster = append(w.roster, approval.Member{ID: "m5"}) }, 2*hour)
	w.at(3*hour, move{who: "sec", task: "roster.2.secretary", action: approval.Submit})
	w.ask(4*hour, func(now approval.Waiting) { require.Len(t, now.For, 5) })
	w.withdraws(5 * hour)

	require.Equal(t, approval.Withdrawn, w.play().Status)
}

func TestASealedVoteStaysSealedUntilTheVerdict(t *testing.T) {
	w := newWorld(t, func(s *funduse.Start) {
		s.Parameters.Committee.Sealed, s.Parameters.Committee.Publish = true, funduse.PublishCounts
	})
	w.inOrder(hour, decided()...)
	w.closes()

	w.play()

	for _, record := range w.journal.records {
		require.Equal(t, record.Case.Stage == funduse.Committee, record.Case.Sealed, "step %d, %s", record.Seq, record.Kind)
	}
	require.Empty(t, w.notices[0].Vote.Ballots)
	require.Equal(t, 2, w.notices[0].Vote.For)
}

// I10: a clock reminds and escalates; it never decides.
func TestTheClockRemindsAndEscalatesByTheCalendar(t *testing.T) {
	w := newWorld(t, func(s *funduse.Start) { s.OpenedAt = s.OpenedAt.AddDate(0, 0, 30) }) // Wednesday before Qingming
	w.inOrder(hour, passes("1")...)
	w.at(60*day, officer("1", "1", "off1"))
	w.inOrder(61*day, maker("1"), checker("1"))
	w.inOrder(100*day, report("1", 0), accepted("1"))

	require.Equal(t, approval.Completed, w.play().Status)

	clock := w.steps("clock")[:2]
	require.Equal(t, w.after("2026-04-09 00:00"), clock[0].At.Sub(w.in.OpenedAt), "the holiday and the weekend do not count")
	require.Equal(t, w.after("2026-04-10 00:00"), clock[1].At.Sub(w.in.OpenedAt))
	task, proposer := "c1.charity.1.officer-1", []string{"h1"} // who may not act hears nothing
	require.Equal(t, []approval.Message{
		{Kind: "reminder", TaskID: task, Role: approval.CharityOfficer, Scope: community, Except: proposer, Text: clock[0].Notify[0].Text},
	}, clock[0].Notify)
	require.Equal(t, []approval.Message{
		{Kind: "overdue", TaskID: task, Role: approval.CharityOfficer, Scope: community, Except: proposer, Text: clock[1].Notify[0].Text},
		{Kind: "escalation", TaskID: task, Role: approval.Administrator, Scope: community, Text: clock[1].Notify[1].Text},
	}, clock[1].Notify)
	require.Equal(t, "off1", w.task("charity.1.officer-1").ClosedBy)
}

// A vote may change while the step that closes it cannot be recorded: the step
// closes what it saw decided or nothing.
func TestARecusalBeforeTheVerdictIsRecordedReopensTheVote(t *testing.T) {
	w := newWorld(t, func(s *funduse.Start) { s.Parameters.Committee.Rounds = 1 })
	w.journal.refuses = map[string]error{"reviewed": approval.Errorf(approval.CalendarMissing, "缺年历", "no calendar")}
	due := w.after("2026-03-10 00:00")
	w.at(due+30*time.Second, vote("1", "m1", approval.Recuse))
	w.ask(due+hour, func(now approval.Waiting) { require.Contains(t, seats(now), "committee.1.m4") })
	w.inOrder(due+9*hour, vote("1", "m2", approval.Approve), move{who: "m4", task: "committee.1.m4", action: approval.Approve})
	w.ask(due+12*hour, func(now approval.Waiting) { require.Equal(t, funduse.CharityReview, now.Stage) })
	w.withdraws(due + 24*hour)

	require.Equal(t, approval.Withdrawn, w.play().Status)
}
