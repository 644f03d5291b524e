package workflows_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"linli/approval"
	"linli/approval/funduse"
)

func TestALongProjectDisclosesEveryQuarter(t *testing.T) {
	w := newWorld(t, func(s *funduse.Start) { s.Proposal.EndsOn = "2027-05-10" }) // 14 months
	w.calendar = years(t, 2027)
	w.inOrder(hour, decided()...)
	quarter := func(n int, text string) move {
		return move{who: "h2", task: fmt.Sprintf("disclosure.1.quarter-%d", n), action: approval.Submit, details: funduse.Details{Text: text}}
	}
	for n, due := range []string{"2026-06-10", "2026-09-10", "2026-12-10", "2027-03-10"} {
		w.at(w.after(due+" 00:00")-hour, quarter(n+1, "早").refused(approval.NotFound))
		w.ask(w.after(due+" 01:00"), func(now approval.Waiting) {
			require.Equal(t, []string{fmt.Sprintf("disclosure.1.quarter-%d", n+1)}, seats(now))
		})
		w.inOrder(w.after(due+" 09:00"), quarter(n+1, "").refused(approval.Invalid), quarter(n+1, "进展正常"))
	}
	w.inOrder(w.after("2027-05-11 09:00"), report("1", 0), accepted("1"))

	require.Equal(t, approval.Completed, w.play().Status)

	require.Len(t, w.notes, 5)
	for n, note := range w.notes[:4] {
		require.Equal(t, fmt.Sprintf("c1-n1-disclosure-%d", n+1), note.ID)
		require.Equal(t, "进展正常", note.Text)
	}
	require.Equal(t, "closing", w.notes[4].Kind)
}

func TestAShortProjectDisclosesNothing(t *testing.T) {
	w := newWorld(t, func(s *funduse.Start) { s.Proposal.EndsOn = "2026-09-10" }) // six months to the day
	w.inOrder(hour, decided()...)
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
	require.NotContains(t, w.kinds(), "disclosure_due")
}

func TestTheSupervisorCanReturnTheReport(t *testing.T) {
	w := newWorld(t, nil)
	w.inOrder(hour, decided()...)
	bare := report("1", 0)
	bare.details.Attachments = nil
	w.closes(bare.refused(approval.Invalid), report("1", 20_000),
		accepted("1").instead(approval.Return, approval.Entry{Stage: funduse.Acceptance}),
		report("2", 0), accepted("2"))

	require.Equal(t, approval.Completed, w.play().Status)
	require.Empty(t, w.ledger.of("refund"), "what the returned report said does not count")
	require.Contains(t, w.notes[0].Text, "实际支出4,200.00元,退回0.00元")
}

func TestUnusedMoneyComesBackToTheFen(t *testing.T) {
	w := newWorld(t, nil)
	w.inOrder(hour, decided()...)
	refund := func(amount approval.Fen, reference string) move {
		return move{who: "off2", task: "acceptance.1.refund", action: approval.Submit, details: funduse.Details{BankReference: reference, Amount: amount}}
	}
	w.closes(report("1", 420_001).refused(approval.Invalid), report("1", 130_000), accepted("1"),
		refund(129_999, "R1").refused(approval.Invalid), refund(130_000, "").refused(approval.Invalid), refund(130_000, "R1"))

	require.Equal(t, approval.Completed, w.play().Status)
	require.EqualValues(t, 130_000, w.ledger.total("refund"))
	require.Equal(t, "c1-n1-closing-1", w.notes[0].ID)
	require.Contains(t, w.notes[0].Text, "实际支出2,900.00元,退回1,300.00元")
}

func TestWhatComesNextIsToldAtEveryStage(t *testing.T) {
	w := newWorld(t, nil)
	var next []string
	for _, moves := range []time.Duration{0, 2, 3, 4, 5} { // made by then
		w.ask(moves*hour+hour/2, func(now approval.Waiting) { next = append(next, string(now.Stage)+" → "+now.Next.EN) })
	}
	w.inOrder(hour, decided()...)
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
	require.Equal(t, []string{
		"committee → charity approval", "charity → payout", "payout → public notice", "payout → public notice", "notice → acceptance and closing",
	}, next)
}
