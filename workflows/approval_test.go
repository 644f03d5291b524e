package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"linli/approval"
	"linli/approval/funduse"
)

var (
	subdistrictAsked = approval.Evidence{Outcome: approval.OutcomePass, Approvals: []approval.Route{{Level: "subdistrict", Rule: "r1", Reason: "金额较大"}}}
	bothAsked        = approval.Evidence{Outcome: approval.OutcomeReview, Approvals: []approval.Route{{Level: "district", Rule: "r2"}},
		Findings: []approval.Finding{{ID: "share", Severity: approval.SeverityReview, Verdict: approval.FindingFail, Message: "占比过高"}}}
)

func higher(round, level, who string) move {
	return move{who: who, task: "higher." + round + "." + level, action: approval.Approve}
}

// in a round of an office, with the reason every negative act must give.
func (m move) instead(action approval.Action, form approval.Entry) move {
	m.action, m.form, m.comment = action, form, "理由"
	return m
}

func (m move) refused(code approval.Code) move {
	m.wants = code
	return m
}

func TestHigherApprovalsComeLowestFirst(t *testing.T) {
	w := newWorld(t, nil)
	w.evidence["screening"] = []approval.Evidence{bothAsked}
	w.inOrder(hour, passes("1")...)
	w.ask(hour*5/2, func(now approval.Waiting) { require.Equal(t, []string{"higher.1.subdistrict"}, seats(now)) })
	w.inOrder(3*hour, higher("1", "subdistrict", "dis").refused(approval.NotEligible), higher("1", "subdistrict", "sub"))
	w.ask(hour*9/2, func(now approval.Waiting) { require.Equal(t, []string{"higher.1.district"}, seats(now)) })
	w.inOrder(5*hour, higher("1", "district", "dis"), officer("1", "1", "off1"), maker("1"), checker("1"))
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
	require.Equal(t, []string{"r2", "share"}, w.facts[1].Proposal.AnsweredReviews, "the charity's check sees what people answered for")
}

func TestAHigherOfficeCanRejectAndSendBack(t *testing.T) {
	for name, story := range map[string]struct {
		act    move
		status approval.CaseStatus
		waits  []string
	}{
		"reject":            {higher("1", "subdistrict", "sub").instead(approval.Reject, approval.Entry{}), approval.Rejected, nil},
		"without a reason":  {move{who: "sub", task: "higher.1.subdistrict", action: approval.Reject, wants: approval.CommentRequired}, approval.Withdrawn, []string{"higher.1.subdistrict"}},
		"to correction":     {higher("1", "subdistrict", "sub").instead(approval.Return, approval.Entry{Stage: funduse.Correction}), approval.Withdrawn, []string{"correction.1.applicant"}},
		"to the committee":  {higher("1", "subdistrict", "sub").instead(approval.Return, approval.Entry{Stage: funduse.Committee}), approval.Withdrawn, []string{"committee.2.m1", "committee.2.m2", "committee.2.m3"}},
		"not forwards":      {higher("1", "subdistrict", "sub").instead(approval.Return, approval.Entry{Stage: funduse.Payout}).refused(approval.Invalid), approval.Withdrawn, []string{"higher.1.subdistrict"}},
		"ask for papers":    {higher("1", "subdistrict", "sub").instead(approval.AskCorrection, approval.Entry{Items: []string{"合同"}}), approval.Withdrawn, []string{"correction.1.applicant"}},
		"ask for no papers": {higher("1", "subdistrict", "sub").instead(approval.AskCorrection, approval.Entry{}).refused(approval.Invalid), approval.Withdrawn, []string{"higher.1.subdistrict"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			w.evidence["screening"] = []approval.Evidence{subdistrictAsked}
			w.inOrder(hour, append(passes("1"), story.act)...)
			if story.waits != nil {
				w.ask(4*hour, func(now approval.Waiting) { require.Equal(t, story.waits, seats(now)) })
				w.withdraws(5 * hour)
			}
			require.Equal(t, story.status, w.play().Status)
		})
	}
}

func TestTheCharityCanSendBackToEveryStageBefore(t *testing.T) {
	for stage, seat := range map[approval.Stage]string{
		funduse.Correction: "correction.1.applicant", funduse.Committee: "committee.2.m1", funduse.Higher: "higher.2.subdistrict",
	} {
		t.Run(string(stage), func(t *testing.T) {
			w := newWorld(t, nil)
			w.evidence["screening"] = []approval.Evidence{subdistrictAsked}
			w.inOrder(hour, append(passes("1"), higher("1", "subdistrict", "sub"),
				officer("1", "1", "off1").instead(approval.Return, approval.Entry{Stage: stage}))...)
			w.ask(hour*9/2, func(now approval.Waiting) { require.Equal(t, seat, seats(now)[0]) })
			switch stage {
			case funduse.Correction:
				w.inOrder(5*hour, append([]move{w.correction("1", 420_000)}, passes("2")...)...)
				w.at(8*hour, higher("2", "subdistrict", "sub"))
			case funduse.Committee:
				w.inOrder(5*hour, append(passes("2"), higher("2", "subdistrict", "sub"))...)
			case funduse.Higher:
				w.at(5*hour, higher("2", "subdistrict", "sub2"))
			}
			w.inOrder(10*hour, officer("2", "1", "off2"), maker("1"), checker("1"))
			w.closes()

			require.Equal(t, approval.Completed, w.play().Status)
		})
	}
}

func TestTheCharityCanReject(t *testing.T) {
	w := newWorld(t, nil)
	w.inOrder(hour, append(passes("1"), officer("1", "1", "off1").instead(approval.Reject, approval.Entry{}))...)

	result := w.play()

	require.Equal(t, approval.Rejected, result.Status)
	require.Equal(t, "理由", result.Reason)
}

func TestNobodyApprovesOverMissingEvidence(t *testing.T) {
	for _, outcome := range []approval.Outcome{approval.OutcomeMissing, approval.OutcomeBlocked} {
		w := newWorld(t, nil)
		w.evidence["charity"] = []approval.Evidence{{Outcome: outcome}, passing}
		w.inOrder(hour, append(passes("1"), officer("1", "1", "off1").refused(approval.ActionNotAllowed),
			officer("1", "1", "off1").instead(approval.Return, approval.Entry{Stage: funduse.Committee}))...)
		w.inOrder(6*hour, append(passes("2"), officer("2", "1", "off1"), maker("1"), checker("1"))...)
		w.closes()

		require.Equal(t, approval.Completed, w.play().Status)
	}
}

func TestLargeSumsNeedTwoOfficers(t *testing.T) {
	w := newWorld(t, costing(6_000_000))
	standIn := officer("1", "1", "expert")
	standIn.standing = "off1"
	w.inOrder(hour, append(passes("1"), standIn,
		officer("1", "2", "off1").refused(approval.SamePerson), // who was stood in for
		officer("1", "2", "expert").refused(approval.SamePerson),
		officer("1", "2", "off2"), maker("1"), checker("1"))...)
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
	require.Equal(t, "off1", w.steps("acted")[2].Act.Person.For)
}

func TestAtTheThresholdOneOfficerIsEnough(t *testing.T) {
	w := newWorld(t, costing(5_000_000))
	w.inOrder(hour, decided()...)
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
}

func TestTheSecondOfficerCanTurnTheCaseBack(t *testing.T) {
	w := newWorld(t, costing(6_000_000))
	w.inOrder(hour, append(passes("1"), officer("1", "1", "off1"),
		officer("1", "2", "off2").instead(approval.Return, approval.Entry{Stage: funduse.Committee}))...)
	w.inOrder(6*hour, append(passes("2"), officer("2", "1", "off2"), officer("2", "2", "off1"), maker("1"), checker("1"))...)
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
}

func TestADelegatedTaskComesBack(t *testing.T) {
	w := newWorld(t, nil)
	w.inOrder(hour, append(passes("1"),
		officer("1", "1", "off1").instead(approval.Delegate, approval.Entry{To: []string{"expert"}}),
		officer("1", "1", "off1").refused(approval.Conflict),
		move{who: "off2", under: "charity.1.officer-1", action: approval.Approve, wants: approval.NotEligible},
		move{who: "expert", under: "charity.1.officer-1", action: approval.Reject, comment: "不妥"},
		officer("1", "1", "off1"), // an opinion binds nobody
		maker("1"), checker("1"))...)
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
	require.Equal(t, []string{"expert"}, w.steps("acted")[2].Notify[0].To)
}

func TestAnAddedReviewerIsHeardFirst(t *testing.T) {
	ask := officer("1", "1", "off1").instead(approval.AddReviewer, approval.Entry{To: []string{"expert"}})
	t.Run("agrees", func(t *testing.T) {
		w := newWorld(t, nil)
		w.inOrder(hour, append(passes("1"), ask, officer("1", "1", "off1").refused(approval.Conflict),
			move{who: "expert", under: "charity.1.officer-1", action: approval.Approve}, officer("1", "1", "off1"), maker("1"), checker("1"))...)
		w.closes()
		require.Equal(t, approval.Completed, w.play().Status)
	})
	t.Run("objects", func(t *testing.T) {
		w := newWorld(t, nil)
		w.inOrder(hour, append(passes("1"), ask,
			move{who: "expert", under: "charity.1.officer-1", action: approval.Reject, comment: "不妥"},
			officer("1", "1", "off1").refused(approval.ActionNotAllowed),
			officer("1", "1", "off1").instead(approval.Reject, approval.Entry{}))...)
		require.Equal(t, approval.Rejected, w.play().Status)
	})
}

func TestAReassignedTaskCanBeTakenBack(t *testing.T) {
	to := func(person string) approval.Entry { return approval.Entry{To: []string{person}} }
	w := newWorld(t, nil)
	w.evidence["screening"] = []approval.Evidence{subdistrictAsked}
	w.inOrder(hour, append(passes("1"),
		higher("1", "subdistrict", "sub").instead(approval.Reassign, to("h1")).refused(approval.SamePerson), // the proposer
		higher("1", "subdistrict", "sub").instead(approval.Reassign, to("sub2")),
		higher("1", "subdistrict", "sub").refused(approval.NotEligible),
		higher("1", "subdistrict", "sub").instead(approval.Reassign, to("sub3")),
		higher("1", "subdistrict", "sub2").refused(approval.NotEligible),
		higher("1", "subdistrict", "sub3"), officer("1", "1", "off1"), maker("1"), checker("1"))...)
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
	require.Equal(t, []string{"sub2"}, w.steps("acted")[2].Notify[0].To, "who gets a task hears of it")
	require.Equal(t, []string{"sub3"}, w.steps("acted")[3].Notify[0].To)
}

func TestCopyAndRemind(t *testing.T) {
	standing := func(action approval.Action, to ...string) move {
		return move{who: "h1", task: "case.1.applicant", action: action, form: approval.Entry{To: to}}
	}
	w := newWorld(t, nil)
	w.at(hour, standing(approval.Copy, "expert", "h2"))
	w.at(hour+time.Minute, standing(approval.Copy).refused(approval.Invalid))
	w.at(2*hour, standing(approval.Remind))
	w.at(2*hour+59*time.Minute, standing(approval.Remind).refused(approval.RateLimited))
	w.at(3*hour, standing(approval.Remind))
	w.at(3*hour+time.Minute, move{who: "admin", task: "case.1.administrator", action: approval.Remind, wants: approval.RateLimited})
	w.withdraws(5 * hour)

	require.Equal(t, approval.Withdrawn, w.play().Status)
	acted := w.steps("acted")
	require.Len(t, acted, 4)
	require.Equal(t, []string{"expert", "h2"}, acted[0].Notify[0].To)
	require.Equal(t, "copy", acted[0].Notify[0].Kind)
	require.Len(t, acted[1].Notify, 3, "every member who has not voted")
	require.Equal(t, "reminder", acted[1].Notify[0].Kind)
}
