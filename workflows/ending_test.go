package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"linli/approval"
	"linli/approval/funduse"
	"linli/bank"
)

// stopsAt lists every stage a case can be stopped in, with a world that waits
// there a day after the opening.
var stopsAt = map[string]func(*testing.T) *world{
	"correction": func(t *testing.T) *world {
		w := newWorld(t, nil)
		w.evidence["screening"] = []approval.Evidence{failing}
		return w
	},
	"roster": func(t *testing.T) *world {
		w := newWorld(t, nil)
		w.roster = nil
		return w
	},
	"committee": func(t *testing.T) *world { return newWorld(t, nil) },
	"higher": func(t *testing.T) *world {
		w := newWorld(t, nil)
		w.evidence["screening"] = []approval.Evidence{subdistrictAsked}
		w.inOrder(hour, passes("1")...)
		return w
	},
	"charity": func(t *testing.T) *world {
		w := newWorld(t, nil)
		w.inOrder(hour, passes("1")...)
		return w
	},
	"notice_before": func(t *testing.T) *world {
		w := newWorld(t, noticeFirst)
		w.inOrder(hour, approved()...)
		return w
	},
	"payout": func(t *testing.T) *world {
		w := newWorld(t, nil)
		w.inOrder(hour, approved()...)
		return w
	},
	"payout, checker": func(t *testing.T) *world {
		w := newWorld(t, nil)
		w.inOrder(hour, append(approved(), maker("1"))...)
		return w
	},
	"payout, refused by the bank": func(t *testing.T) *world {
		w := newWorld(t, nil)
		w.receipts = []bank.Receipt{{Status: bank.Refused, Reason: "户名不符"}}
		w.inOrder(hour, decided()...)
		return w
	},
}

func noticeFirst(s *funduse.Start) { s.Parameters.Notice.BeforePayout = true }

var termination = move{who: "admin", task: "case.1.administrator", action: approval.Terminate, comment: "重复立项"}

func TestACaseCanBeStoppedUntilTheMoneyIsSent(t *testing.T) {
	for name, waiting := range stopsAt {
		t.Run(name, func(t *testing.T) {
			w := waiting(t)
			w.at(day, move{who: "h2", task: "case.1.applicant", action: approval.Withdraw, comment: "x", wants: approval.NotEligible})
			w.at(day+time.Minute, move{who: "h1", task: "case.1.applicant", action: approval.Withdraw, wants: approval.CommentRequired})
			w.withdraws(day + time.Hour)

			result := w.play()

			require.Equal(t, approval.Withdrawn, result.Status)
			require.Equal(t, withdrawal.comment, result.Reason)
			require.LessOrEqual(t, len(w.ledger.of("release")), 1)
		})
		t.Run(name+", by the administrator", func(t *testing.T) {
			w := waiting(t)
			w.at(day, termination)

			result := w.play()

			require.Equal(t, approval.Terminated, result.Status)
			require.Equal(t, termination.comment, result.Reason)
		})
	}
}

func TestACaseCannotBeStoppedOnceTheMoneyIsSent(t *testing.T) {
	w := newWorld(t, nil)
	for range 20 {
		w.receipts = append(w.receipts, bank.Receipt{Status: bank.Processing})
	}
	w.inOrder(hour, decided()...)
	for _, later := range []time.Duration{time.Minute, day, w.after("2026-03-27 09:00") - sentAt} { // at the bank, noticed, accepting
		w.at(sentAt+later, withdrawal.refused(approval.Conflict))
		w.at(sentAt+later, termination.refused(approval.Conflict))
	}
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
}

// Only an act on record ends a case.
func TestACancellationFromOutsideIsIgnored(t *testing.T) {
	w := newWorld(t, nil)
	w.inOrder(hour, decided()...)
	w.env.RegisterDelayedCallback(w.env.CancelWorkflow, 90*time.Minute)
	w.env.RegisterDelayedCallback(w.env.CancelWorkflow, 3*day)
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
}

func TestAnAcceptedActIsFinishedThroughACancellation(t *testing.T) {
	w := newWorld(t, nil)
	w.env.RegisterDelayedCallback(func() { w.meddling["Record"] = w.env.CancelWorkflow }, 90*time.Minute)
	w.inOrder(hour, decided()...)
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
}
