package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"linli/approval"
	"linli/approval/funduse"
)

func objection(stage, id string) move {
	return move{who: "resident", task: stage + ".public", action: approval.Object, comment: "价格偏高", details: funduse.Details{ObjectionID: id}}
}

func answer(stage, id string, action approval.Action) move {
	return move{who: "obj", task: stage + ".objection-" + id, action: action, comment: "已核查"}
}

func recovery(id string, amount approval.Fen) move {
	return move{who: "off1", task: "notice.1.recovery-" + id, action: approval.Submit, comment: "追回",
		details: funduse.Details{Amount: amount, BankReference: "R-" + id}}
}

func TestTheNoticeRunsItsWorkingDays(t *testing.T) {
	w := newWorld(t, nil)
	w.inOrder(hour, decided()...)
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)

	require.Equal(t, sentAt, w.notices[0].PublishedAt.Sub(opened))
	require.Equal(t, w.after("2026-03-10 00:00"), w.steps("noticed")[0].At.Sub(opened))
	require.Equal(t, "c1-n1", w.notices[0].ID)
	require.Equal(t, funduse.NoticeKindResult, w.notices[0].Kind)
	require.Equal(t, approval.TaskDone, w.task("notice.1.public").Status)
}

func TestADistrictMayAskForTheNoticeBeforeThePayment(t *testing.T) {
	w := newWorld(t, noticeFirst)
	w.inOrder(hour, approved()...)
	w.at(4*hour, maker("1").refused(approval.NotFound))
	w.ask(w.after("2026-03-09 23:00"), func(now approval.Waiting) { require.Equal(t, funduse.NoticeBefore, now.Stage) })
	w.inOrder(w.after("2026-03-10 09:00"), maker("1"), checker("1"))
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
	require.Len(t, w.notices, 1)
	require.Equal(t, funduse.NoticeKindBefore, w.notices[0].Kind)
	require.Nil(t, w.notices[0].Payment)
}

func TestAnOverruledObjectionIsAnsweredInPublic(t *testing.T) {
	w := newWorld(t, nil)
	w.inOrder(hour, decided()...)
	unsigned := answer("notice.1", "o1", approval.Overrule)
	unsigned.comment = ""
	w.inOrder(day, objection("notice.1", "o1"), objection("notice.1", "").refused(approval.Invalid), objection("notice.1", "o1").refused(approval.AlreadyActed),
		unsigned.refused(approval.CommentRequired), answer("notice.1", "o1", approval.Overrule), answer("notice.1", "o1", approval.Uphold).refused(approval.TaskClosed))
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
	require.Equal(t, []approval.Objection{{
		ID: "o1", NoticeID: "c1-n1", CaseID: "c1", Status: "overruled", Answer: "已核查", AnsweredAt: opened.Add(day + 4*hour),
	}}, w.answers)
	require.Equal(t, w.after("2026-03-10 00:00"), w.steps("noticed")[0].At.Sub(opened))
	for _, clock := range w.steps("clock") {
		require.NotEmpty(t, clock.Tasks, "an alarm of a task that is done leaves no step")
	}
}

func TestObjectionsAreTakenUntilTheLastMinute(t *testing.T) {
	w := newWorld(t, nil)
	w.inOrder(hour, decided()...)
	w.at(w.after("2026-03-09 23:59"), objection("notice.1", "o1"))
	w.at(w.after("2026-03-10 00:00"), objection("notice.1", "o2").refused(approval.TaskClosed))
	w.ask(w.after("2026-03-12 08:00"), func(now approval.Waiting) {
		require.Equal(t, []string{"notice.1.objection-o1"}, seats(now), "the notice does not end while an objection is open")
	})
	w.at(w.after("2026-03-12 08:30"), objection("notice.1", "o3").refused(approval.TaskClosed))
	w.at(w.after("2026-03-12 09:00"), answer("notice.1", "o1", approval.Overrule))
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
	require.Equal(t, w.after("2026-03-12 09:00"), w.steps("noticed")[0].At.Sub(opened))
}

func TestAnOverdueObjectionIsEscalatedAndStaysOpen(t *testing.T) {
	w := newWorld(t, nil)
	w.inOrder(hour, decided()...)
	w.at(w.after("2026-03-09 10:00"), objection("notice.1", "o1"))
	w.at(w.after("2026-03-30 09:00"), answer("notice.1", "o1", approval.Overrule))
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
	escalated := false
	for _, message := range w.messages() {
		escalated = escalated || message.Kind == "escalation" && message.TaskID == "c1.notice.1.objection-o1"
	}
	require.True(t, escalated)
	require.Equal(t, w.after("2026-03-30 09:00"), w.steps("noticed")[0].At.Sub(opened))
}

func TestAnObjectionUpheldBeforeThePaymentSendsTheCaseBack(t *testing.T) {
	w := newWorld(t, noticeFirst)
	w.inOrder(hour, approved()...)
	w.inOrder(day, objection("notice_before.1", "o1"), answer("notice_before.1", "o1", approval.Uphold))
	w.ask(day+2*hour, func(now approval.Waiting) { require.Equal(t, []string{"correction.1.applicant"}, seats(now)) })
	w.inOrder(2*day, append([]move{w.correction("1", 400_000)}, append(passes("2"), officer("2", "1", "off1"))...)...)
	w.inOrder(w.after("2026-03-12 09:00"), maker("1"), checker("1"))
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
	require.Len(t, w.notices, 2)
	require.Equal(t, "c1-n2", w.notices[1].ID)
	require.Equal(t, []string{"c1/release/1"}, w.ledger.keys("release"))
	require.Equal(t, "upheld", w.answers[0].Status)
	require.EqualValues(t, 400_000, w.ledger.total("settle"))
}

func TestAnObjectionUpheldAfterThePaymentOpensARecovery(t *testing.T) {
	w := newWorld(t, nil)
	w.inOrder(hour, decided()...)
	w.inOrder(day, objection("notice.1", "o1"), answer("notice.1", "o1", approval.Uphold), recovery("o1", 420_001).refused(approval.Invalid))
	w.ask(w.after("2026-03-11 09:00"), func(now approval.Waiting) { require.Equal(t, []string{"notice.1.recovery-o1"}, seats(now)) })
	w.at(w.after("2026-03-12 09:00"), recovery("o1", 100_000))
	w.closes(report("1", 320_001).refused(approval.Invalid), report("1", 0), accepted("1"))

	require.Equal(t, approval.Completed, w.play().Status)
	require.Equal(t, []movement{{"recover", "c1.notice.1.recovery-o1", 100_000}}, w.ledger.of("recover"))
	require.Contains(t, w.notes[0].Text, "实际支出3,200.00元,退回1,000.00元")
}

func TestARefusedRecoveryIsAskedForAgain(t *testing.T) {
	w := newWorld(t, nil)
	w.faults["Recover"] = []error{approval.Errorf(approval.Conflict, "流水号已用", "the reference was used before")}
	w.inOrder(hour, decided()...)
	w.inOrder(day, objection("notice.1", "o1"), answer("notice.1", "o1", approval.Uphold))
	w.at(2*day, recovery("o1", 100_000))
	w.ask(2*day+time.Minute, func(now approval.Waiting) { require.Equal(t, []string{"notice.1.recovery-o1-"}, seats(now)) })
	w.at(3*day, recovery("o1-", 90_000))
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
	require.Equal(t, []movement{{"recover", "c1.notice.1.recovery-o1-", 90_000}}, w.ledger.of("recover"))
}

func TestARefusedReferenceByHandIsAskedForAgain(t *testing.T) {
	w := newWorld(t, func(s *funduse.Start) { s.Gateway = funduse.Manual })
	w.faults["SettlePayment"] = []error{approval.Errorf(approval.Conflict, "流水号已用", "the reference was used before")}
	w.inOrder(hour, append(passes("1"), officer("1", "1", "off1"))...)
	for i, round := range []string{"1", "2"} {
		made := maker(round)
		made.details.BankReference = "R" + round
		w.inOrder(time.Duration(i+2)*day, made, checker(round))
	}
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
	require.Equal(t, []movement{{"settle", "c1/payment/2", 420_000}}, w.ledger.of("settle"))
}

func TestAnUpheldObjectionAnswersTheOthersItOvertakes(t *testing.T) {
	w := newWorld(t, func(s *funduse.Start) { s.Parameters.Notice.BeforePayout = true })
	w.inOrder(hour, append(passes("1"), officer("1", "1", "off1"))...)
	w.inOrder(day, objection("notice_before.1", "o1"), objection("notice_before.1", "o2"), answer("notice_before.1", "o2", approval.Uphold))
	w.withdraws(2 * day)

	require.Equal(t, approval.Withdrawn, w.play().Status)
	require.Len(t, w.answers, 2)
	require.Equal(t, "upheld", w.answers[1].Status)
	require.Equal(t, "o1", w.answers[1].ID)
}

func TestANoticeBeforePayoutHearsOfThePayment(t *testing.T) {
	w := newWorld(t, func(s *funduse.Start) { s.Parameters.Notice.BeforePayout = true })
	w.inOrder(hour, append(passes("1"), officer("1", "1", "off1"))...)
	w.inOrder(10*day, maker("1"), checker("1"))
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
	require.Equal(t, "payment", w.notes[0].Kind)
	require.Contains(t, w.notes[0].Text, "已拨付4,200.00元")
}
