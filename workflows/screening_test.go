package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"linli/approval"
	"linli/approval/funduse"
)

var failing = approval.Evidence{Outcome: approval.OutcomeBlocked, Findings: []approval.Finding{
	{ID: "a", Severity: approval.SeverityBlock, Verdict: approval.FindingFail, Message: "缺少三方比价"},
	{ID: "b", Severity: approval.SeverityWarn, Verdict: approval.FindingFail, Message: "仅提示"},
	{ID: "c", Severity: approval.SeverityWarn, Verdict: approval.FindingUnknown, Message: "户数未知"},
}}

var passing = approval.Evidence{Outcome: approval.OutcomePass}

func (w *world) correction(round string, amount approval.Fen) move {
	proposal := priced(w.in.Proposal, amount)
	return move{who: "h1", task: "correction." + round + ".applicant", action: approval.Correct, details: funduse.Details{Proposal: &proposal}}
}

func TestScreeningAsksOnceForEverythingThatIsMissing(t *testing.T) {
	w := newWorld(t, nil)
	w.evidence["screening"] = []approval.Evidence{failing, passing}
	old := w.in.Proposal.Hash()
	w.ask(hour/2, func(now approval.Waiting) { require.Equal(t, []string{"correction.1.applicant"}, seats(now)) })
	stale := vote("1", "m1", approval.Approve)
	stale.hash, stale.wants = old, approval.StaleContent
	w.inOrder(hour, w.correction("1", 400_000), stale)
	w.inOrder(4*hour, decided()...)
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)

	require.Equal(t, "缺少三方比价;户数未知", w.steps("screened")[0].Case.Reason)
	require.NotEqual(t, old, w.notices[0].ContentHash)
	require.Equal(t, priced(w.in.Proposal, 400_000).Hash(), w.notices[0].ContentHash)
	require.Equal(t, []movement{{"reserve", "c1/reserve/2", 400_000}}, w.ledger.of("reserve"), "nothing was held for the first attempt")
}

func TestASecondFailureRejects(t *testing.T) {
	w := newWorld(t, nil)
	w.evidence["screening"] = []approval.Evidence{failing}
	w.at(hour, w.correction("1", 400_000))

	result := w.play()

	require.Equal(t, approval.Rejected, result.Status)
	require.Equal(t, "缺少三方比价;户数未知", result.Reason)
	require.Empty(t, w.ledger.movements)
}

func TestWhoDoesNotCorrectInTimeLosesTheCase(t *testing.T) {
	w := newWorld(t, nil)
	w.evidence["screening"] = []approval.Evidence{failing}

	result := w.play()

	require.Equal(t, approval.Lapsed, result.Status)
	require.Equal(t, w.after("2026-03-10 00:00"), w.journal.records[result.Steps-1].At.Sub(opened))
	require.Len(t, w.steps("clock"), 2, "a reminder and the end")
}

func TestACorrectionCarriesAWholeProposalForTheSameFund(t *testing.T) {
	w := newWorld(t, nil)
	w.evidence["screening"] = []approval.Evidence{failing, passing}
	otherFund, unsound, empty := w.correction("1", 1), w.correction("1", 1), w.correction("1", 1)
	otherFund.details.Proposal.FundID, unsound.details.Proposal.Amount, empty.details.Proposal = "f2", 7, nil
	unread := w.correction("1", 1)
	unread.details, unread.form.Details = funduse.Details{}, []byte(`{"proposal":{"titel":"x"}}`)
	somebody := w.correction("1", 1)
	somebody.who = "h2"
	somebody.wants = approval.NotEligible
	for _, m := range []*move{&otherFund, &unsound, &empty, &unread} {
		m.wants = approval.Invalid
	}
	w.inOrder(hour, otherFund, unsound, empty, unread, somebody)
	w.withdraws(8 * hour)

	require.Equal(t, approval.Withdrawn, w.play().Status)
	require.Len(t, w.steps("acted"), 1)
}

// asked lets the charity send a case that holds money back to its proposer.
func (w *world) asked() {
	w.inOrder(hour, append(passes("1"), move{
		who: "off1", task: "charity.1.officer-1", action: approval.AskCorrection, comment: "见附", form: approval.Entry{Items: []string{"补合同", "补照片"}},
	})...)
}

func TestACorrectedCaseReservesAnewUnderAnotherKey(t *testing.T) {
	w := newWorld(t, nil)
	w.asked()
	w.ask(hour*7/2, func(now approval.Waiting) { require.Equal(t, []string{"correction.1.applicant"}, seats(now)) })
	w.at(5*hour, w.correction("1", 300_000))
	w.inOrder(6*hour, append(passes("2"), officer("2", "1", "off1"), maker("1"), checker("1"))...)
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)

	require.Equal(t, "补合同;补照片", w.steps("charity")[0].Case.Reason)
	require.Equal(t, []movement{
		{"reserve", "c1/reserve/1", 420_000}, {"release", "c1/release/1", 420_000}, {"reserve", "c1/reserve/2", 300_000},
		{"send", "c1/payment/1", 300_000}, {"settle", "c1/payment/1", 300_000},
	}, w.ledger.movements)
}

func TestALapsedCorrectionReleasesOnce(t *testing.T) {
	w := newWorld(t, nil)
	w.asked()

	require.Equal(t, approval.Lapsed, w.play().Status)
	require.Equal(t, []string{"c1/release/1"}, w.ledger.keys("release"))
	require.Equal(t, 1, w.calls["Release"])
}

// An act that is taken while the money goes back must not bring the memory of
// the reserve back: criteria would count money the case does not hold.
func TestAnActDuringTheReleaseKeepsTheBooksInMindRight(t *testing.T) {
	w := newWorld(t, nil)
	w.asked()
	w.meddling["Release"] = func() {
		w.act(move{who: "h1", task: "case.1.applicant", action: approval.Copy, form: approval.Entry{To: []string{"expert"}}})
	}
	w.at(5*hour, w.correction("1", 300_000))
	w.withdraws(6 * hour)

	require.Equal(t, approval.Withdrawn, w.play().Status)
	require.EqualValues(t, 10_000_000, w.facts[2].Fund.Available, "the second screening sees the fund as it is")
	require.Zero(t, w.facts[2].Fund.Reserved)
}

func TestAFundTooPoorAsksForACorrectionAndThenRejects(t *testing.T) {
	w := newWorld(t, nil)
	w.ledger.available = 410_000
	w.inOrder(hour, w.correction("1", 415_000))

	result := w.play()

	require.Equal(t, approval.Rejected, result.Status)
	require.Contains(t, result.Reason, "余额")
	require.Equal(t, []string{"opened", "screened", "uncovered", "acted", "corrected", "screened", "uncovered"}, w.kinds())
	require.Empty(t, w.ledger.movements)
}

func TestAFundTooPoorIsEnoughForLess(t *testing.T) {
	w := newWorld(t, nil)
	w.ledger.available = 410_000
	w.inOrder(hour, append([]move{w.correction("1", 410_000)}, decided()...)...)
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
	require.Zero(t, w.ledger.available)
}

func TestAWithdrawalDuringTheReserveGivesTheMoneyBack(t *testing.T) {
	w := newWorld(t, nil)
	w.meddling["Reserve"] = func() { w.act(withdrawal) }

	require.Equal(t, approval.Withdrawn, w.play().Status)
	require.Len(t, w.ledger.of("release"), 1)
}

// A step that is refused for good must not keep a withdrawn case alive.
func TestAWithdrawnCaseStopsTryingWhatIsRefused(t *testing.T) {
	for _, effect := range []string{"Reserve", "FundFacts", "Evaluate", "Committee"} {
		t.Run(effect, func(t *testing.T) {
			w := newWorld(t, nil)
			for range 10_000 {
				w.faults[effect] = append(w.faults[effect], approval.Errorf(approval.NotFound, "没有", "gone"))
			}
			w.ask(hour, func(now approval.Waiting) { require.Equal(t, approval.NotFound, approval.CodeOf(now.Blocked)) })
			w.withdraws(2 * hour)

			result := w.play()

			require.Equal(t, approval.Withdrawn, result.Status)
			require.Less(t, w.calls[effect], 20)
		})
	}
}
