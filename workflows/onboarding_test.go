package workflows_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"linli/approval"
	"linli/approval/approvaltest"
	"linli/approval/onboarding"
)

// runsThrough plays an ordinary case from the desk to the handover.
func (w *admission) runsThrough() {
	w.inOrder("2026-03-03 09:00", deskReview(1)...)
	w.inOrder("2026-03-16 09:00", signatures()...)
	w.inOrder("2026-03-18 09:00", takesOver()...)
}

func missing(message string) approval.Evidence {
	return approval.Evidence{Outcome: approval.OutcomeBlocked, Findings: []approval.Finding{
		{ID: "L1", Severity: approval.SeverityBlock, Verdict: approval.FindingFail, Message: message},
		{ID: "L2", Severity: approval.SeverityBlock, Verdict: approval.FindingUnknown, Message: "未查询信用名单"},
	}}
}

func TestAnOperatorIsAdmitted(t *testing.T) {
	w := newAdmission(t, nil)
	w.runsThrough()

	result := w.play()

	require.Equal(t, approval.Completed, result.Status)
	require.Equal(t, map[string]string{"c1/space/1": "allotted"}, w.holds)
	require.Len(t, w.notices, 1)
	require.Less(t, slices.Index(w.orders, "HoldSpace"), slices.Index(w.orders, "Publish"), "the space is held before anybody reads the notice")
	require.Len(t, w.sealed, 6, "three parties, two documents")
	start := w.engaged[0].Start
	require.NoError(t, start.Validate())
	require.Equal(t, "c1/space/1", start.HoldKey)
	require.Equal(t, []string{"p1"}, start.People)
	require.Equal(t, "f1", start.FundID)
	require.Equal(t, []string{
		"opened", "screened", "acted", "reviewed", "acted", "reviewed", "held", "published", "clock", "noticed", "looked_again", "drawn",
		"acted", "acted", "acted", "signed", "vacant", "acted", "acted", "acted", "closed",
	}, w.kinds())
}

func TestOneCorrectionRequestListsEverything(t *testing.T) {
	w := newAdmission(t, nil)
	w.evidence = []approval.Evidence{missing("缺少小餐饮登记证")}
	corrected := w.in.Application
	corrected.Title = "补正后的申请"
	w.ask("2026-03-02 10:00", func(waiting approval.Waiting) { require.Equal(t, "correction.1.applicant", seatsOf(waiting)) })
	w.at("2026-03-02 11:00", admissionMove{who: "p1", task: "correction.1.applicant", action: approval.Correct, details: with(onboarding.Details{Application: &corrected})})
	w.runsThrough()

	result := w.play()

	require.Equal(t, approval.Completed, result.Status)
	require.Equal(t, "缺少小餐饮登记证;未查询信用名单", w.journal.records[1].Case.Reason)
	require.Equal(t, corrected.Hash(), w.notices[0].ContentHash)
	require.Len(t, w.facts, 3, "screened twice, looked at again before signing")
}

func TestNobodyCorrectsInTime(t *testing.T) {
	w := newAdmission(t, nil)
	w.evidence = []approval.Evidence{missing("缺少小餐饮登记证")}

	result := w.play()

	require.Equal(t, approval.Lapsed, result.Status)
	require.Empty(t, w.holds)
}

func TestTheVerdictStandsTheSecondTime(t *testing.T) {
	w := newAdmission(t, nil)
	w.evidence = []approval.Evidence{missing("缺少证照"), missing("仍缺少证照")}
	w.at("2026-03-02 11:00", admissionMove{who: "h1", task: "correction.1.applicant", action: approval.Correct, details: with(onboarding.Details{Application: &w.in.Application})})

	result := w.play()

	require.Equal(t, approval.Rejected, result.Status)
	require.Contains(t, result.Reason, "仍缺少证照")
}

func TestTheLoserOfASpaceGetsAPreciseRefusal(t *testing.T) {
	w := newAdmission(t, nil)
	w.taken = true
	w.inOrder("2026-03-03 09:00", deskReview(1)...)

	result := w.play()

	require.Equal(t, approval.Rejected, result.Status)
	require.Contains(t, result.Reason, "示例某店")
	require.Empty(t, w.notices)
	require.NotContains(t, w.orders, "FreeSpace", "nothing was held, nothing is given back")
}

func TestAnUpheldObjectionFreesTheSpaceAndItIsHeldAnew(t *testing.T) {
	w := newAdmission(t, nil)
	w.inOrder("2026-03-03 09:00", deskReview(1)...)
	objection := onboarding.Details{ObjectionID: "o-1"}
	w.at("2026-03-04 09:00", admissionMove{who: "resident", task: "notice.1.public", action: approval.Object, comment: "油烟扰民", details: with(objection)})
	w.at("2026-03-05 09:00", admissionMove{who: "obj", task: "notice.1.objection-o-1", action: approval.Uphold, comment: "须重新核实排烟", form: approval.Entry{Stage: onboarding.DeskReview}})
	w.inOrder("2026-03-06 09:00", deskReview(2)...)
	w.inOrder("2026-03-20 09:00", signatures()...)
	w.inOrder("2026-03-23 09:00", takesOver()...)

	result := w.play()

	require.Equal(t, approval.Completed, result.Status)
	require.Equal(t, map[string]string{"c1/space/1": "free", "c1/space/2": "allotted"}, w.holds)
	require.Len(t, w.notices, 2)
	require.Equal(t, "upheld", w.answers[0].Status)
	require.Equal(t, "c1/space/2", w.engaged[0].Start.HoldKey)
}

func TestAnUpheldObjectionRejects(t *testing.T) {
	w := newAdmission(t, nil)
	w.inOrder("2026-03-03 09:00", deskReview(1)...)
	w.at("2026-03-04 09:00", admissionMove{who: "resident", task: "notice.1.public", action: approval.Object, details: with(onboarding.Details{ObjectionID: "o-1"})})
	w.at("2026-03-05 09:00", admissionMove{who: "obj", task: "notice.1.objection-o-1", action: approval.Uphold, comment: "证照系伪造"})

	result := w.play()

	require.Equal(t, approval.Rejected, result.Status)
	require.Equal(t, map[string]string{"c1/space/1": "free"}, w.holds)
}

func TestNobodySignsInTime(t *testing.T) {
	w := newAdmission(t, nil)
	w.inOrder("2026-03-03 09:00", deskReview(1)...)
	w.inOrder("2026-03-16 09:00", signatures()[:2]...)

	result := w.play()

	require.Equal(t, approval.Lapsed, result.Status)
	require.Contains(t, result.Reason, "示例街道办事处")
	require.Equal(t, map[string]string{"c1/space/1": "free"}, w.holds)
	require.Len(t, w.sealed, 4)
}

func TestSigningIsRefusedPrecisely(t *testing.T) {
	w := newAdmission(t, nil)
	w.inOrder("2026-03-03 09:00", deskReview(1)...)
	signed := signatures()
	again, altered, early := signed[0], signed[1], signed[2]
	again.wants, again.id = approval.AlreadyActed, "p1/again"
	altered.hash, altered.wants = "00", approval.StaleContent
	early.wants = approval.NotFound
	w.at("2026-03-05 09:00", early)
	w.inOrder("2026-03-16 09:00", signed[0], again, altered, signed[1], signed[2])
	w.inOrder("2026-03-18 09:00", takesOver()...)

	require.Equal(t, approval.Completed, w.play().Status)
	require.Len(t, w.sealed, 6)
}

func TestASigningWaitsForAFund(t *testing.T) {
	w := newAdmission(t, nil)
	w.signing.FundID = ""
	w.inOrder("2026-03-03 09:00", deskReview(1)...)
	w.ask("2026-03-12 09:00", func(waiting approval.Waiting) {
		require.NotNil(t, waiting.Blocked)
		require.Equal(t, approval.Conflict, waiting.Blocked.Code)
		w.mu.Lock()
		w.signing.FundID = "f1"
		w.mu.Unlock()
	})
	w.inOrder("2026-03-16 09:00", signatures()...)
	w.inOrder("2026-03-18 09:00", takesOver()...)

	require.Equal(t, approval.Completed, w.play().Status)
}

func TestAnOccupiedSpaceIsNotHandedOver(t *testing.T) {
	w := newAdmission(t, nil)
	w.occupied = "示例旧店"
	w.inOrder("2026-03-03 09:00", deskReview(1)...)
	w.inOrder("2026-03-16 09:00", signatures()...)
	w.ask("2026-03-17 09:00", func(waiting approval.Waiting) {
		require.NotNil(t, waiting.Blocked)
		require.Contains(t, waiting.Blocked.Message.ZH, "示例旧店")
		require.Empty(t, waiting.For)
		w.mu.Lock()
		w.occupied = ""
		w.mu.Unlock()
	})
	w.inOrder("2026-03-18 09:00", takesOver()...)

	require.Equal(t, approval.Completed, w.play().Status)
}

func TestTwoDefectsAreMendedBeforeTheHandoverCounts(t *testing.T) {
	w := newAdmission(t, nil)
	w.inOrder("2026-03-03 09:00", deskReview(1)...)
	w.inOrder("2026-03-16 09:00", signatures()...)
	moves := takesOver()
	found := approvaltest.AsListed(handedOver)
	for i := range 2 {
		found[i].State, found[i].Note = onboarding.Defective, "有损坏"
	}
	mended := handover(onboarding.HandoverForm{Readings: approvaltest.AsListed(handedOver)[:2]})
	repaired := handover(onboarding.HandoverForm{Repaired: &onboarding.RepairReport{Report: "已修好"}})
	moves[2].details = handover(onboarding.HandoverForm{Readings: found})
	w.inOrder("2026-03-18 09:00", append(moves,
		admissionMove{who: "h1", task: "handover.1.repair-1", action: approval.Submit, details: repaired},
		admissionMove{who: "h1", task: "handover.1.repair-2", action: approval.Submit, details: repaired},
		admissionMove{who: "h1", task: "handover.1.giving", action: approval.Confirm, details: mended},
		admissionMove{who: "p1", task: "handover.1.receiving", action: approval.Confirm, details: mended},
	)...)

	require.Equal(t, approval.Completed, w.play().Status)
	require.Len(t, w.engaged[0].Start.Handover.Repairs, 2)
}

func TestWithdrawnAtAnyStage(t *testing.T) {
	for stage, at := range map[string]string{"desk_review": "2026-03-02 12:00", "notice": "2026-03-05 09:00", "signing": "2026-03-16 08:00"} {
		t.Run(stage, func(t *testing.T) {
			w := newAdmission(t, nil)
			if stage != "desk_review" {
				w.inOrder("2026-03-03 09:00", deskReview(1)...)
			}
			w.at(at, admissionMove{who: "p1", task: "case.1.applicant", action: approval.Withdraw, comment: "另寻场地"})

			require.Equal(t, approval.Withdrawn, w.play().Status)
			require.Equal(t, stage != "desk_review", w.holds["c1/space/1"] == "free")
		})
	}
}

func TestTerminatedDuringTheHandover(t *testing.T) {
	w := newAdmission(t, nil)
	w.inOrder("2026-03-03 09:00", deskReview(1)...)
	w.inOrder("2026-03-16 09:00", signatures()...)
	w.at("2026-03-17 09:00", admissionMove{who: "p1", task: "case.1.applicant", action: approval.Withdraw, wants: approval.Conflict})
	w.at("2026-03-17 10:00", admissionMove{who: "admin", task: "case.1.administrator", action: approval.Terminate, comment: "阵地征用"})

	require.Equal(t, approval.Terminated, w.play().Status)
	require.Equal(t, map[string]string{"c1/space/1": "free"}, w.holds)
}

// A withdrawal that comes in while the space is being held: what was held for
// a case that has ended is given back.
func TestWithdrawnWhileTheSpaceIsBeingHeld(t *testing.T) {
	w := newAdmission(t, nil)
	w.faults["HoldSpace"] = []error{errors.New("the database is away")}
	w.inOrder("2026-03-03 09:00", deskReview(1)...)
	w.env.RegisterDelayedCallback(func() {
		w.act(admissionMove{who: "p1", task: "case.1.applicant", action: approval.Withdraw, comment: "另寻场地"})
	}, civil("2026-03-03 10:00").Sub(opened)+100_000_000) // within the retry's first wait

	require.Equal(t, approval.Withdrawn, w.play().Status)
	require.Equal(t, map[string]string{"c1/space/1": "free"}, w.holds)
}

// Every effect that happens and whose answer is lost happens once.
func TestLostAnswersChangeNothing(t *testing.T) {
	w := newAdmission(t, nil)
	for _, effect := range []string{"HoldSpace", "Publish", "AllotSpace", "KeepSeal", "Record screened", "Record held", "Record closed", "Record acted"} {
		w.lost[effect] = 1
	}
	w.runsThrough()

	require.Equal(t, approval.Completed, w.play().Status)
	require.Len(t, w.notices, 1)
	require.Len(t, w.sealed, 6)
}

func TestAnOverdueReviewNeverPasses(t *testing.T) {
	w := newAdmission(t, nil)
	w.ask("2026-04-01 09:00", func(waiting approval.Waiting) { require.Equal(t, "desk_review.1.community", seatsOf(waiting)) })
	w.at("2026-04-02 09:00", admissionMove{who: "sec", task: "desk_review.1.community", action: approval.Reject, comment: "长期无人办理"})

	require.Equal(t, approval.Rejected, w.play().Status)
}

func TestWhoIsRelatedToTheOperatorDoesNotReview(t *testing.T) {
	w := newAdmission(t, nil)
	w.register.Interested = []string{"sec"}
	review := deskReview(1)
	review[0].wants = approval.SamePerson
	w.at("2026-03-03 09:00", review[0])
	w.at("2026-03-04 09:00", admissionMove{who: "h1", task: "case.1.applicant", action: approval.Withdraw, comment: "撤回"})

	require.Equal(t, approval.Withdrawn, w.play().Status)
}

// --- under a call -------------------------------------------------------------------

func answersCall(s *onboarding.Start) { s.Application.CallID = "call1" }

func TestTheWinnerOfACallSigns(t *testing.T) {
	w := newAdmission(t, answersCall)
	w.inOrder("2026-03-03 09:00", append(deskReview(1), sheets(1, 80)...)...)
	w.says("2026-03-05 09:00", onboarding.Word{Place: onboarding.Place{Rank: 1, Of: 2, Turn: true}})
	w.inOrder("2026-03-16 09:00", signatures()...)
	w.inOrder("2026-03-18 09:00", takesOver()...)

	require.Equal(t, approval.Completed, w.play().Status)
	require.Len(t, w.reports, 2)
	require.Equal(t, onboarding.Scored, w.reports[0].Status)
	require.Equal(t, onboarding.Result{Counted: 3, Sum: 24_000, All: 3, Total: 24_000, Items: []int64{240}}, w.reports[0].Candidate.Result)
	require.Equal(t, "80.00", w.notices[0].Admission.Score)
}

func TestTheReserveWaitsAndMovesUp(t *testing.T) {
	w := newAdmission(t, answersCall)
	w.inOrder("2026-03-03 09:00", append(deskReview(1), sheets(1, 70)...)...)
	w.says("2026-03-05 09:00", onboarding.Word{Place: onboarding.Place{Rank: 2, Of: 2}})
	w.says("2026-03-05 10:00", onboarding.Word{Place: onboarding.Place{Rank: 2, Of: 2}}) // delivered twice
	w.ask("2026-03-20 09:00", func(waiting approval.Waiting) { require.Equal(t, onboarding.Ranking, waiting.Stage) })
	w.says("2026-04-10 09:00", onboarding.Word{Place: onboarding.Place{Rank: 2, Of: 2, Turn: true}})
	w.inOrder("2026-04-20 09:00", signatures()...)
	w.inOrder("2026-04-22 09:00", takesOver()...)

	require.Equal(t, approval.Completed, w.play().Status)
	require.Equal(t, 2, countKind(w.kinds(), "called"))
}

func TestTheSpaceGoesToSomebodyElse(t *testing.T) {
	w := newAdmission(t, answersCall)
	w.inOrder("2026-03-03 09:00", append(deskReview(1), sheets(1, 70)...)...)
	w.says("2026-03-05 09:00", onboarding.Word{Place: onboarding.Place{Rank: 2, Of: 2}, Over: true, Reason: "招引结束"})

	result := w.play()

	require.Equal(t, approval.Rejected, result.Status)
	require.Equal(t, "招引结束", result.Reason)
	require.Equal(t, onboarding.Left, w.reports[len(w.reports)-1].Status)
	require.Empty(t, w.holds)
}

func TestTooFewScorersStopTheCaseUntilThereAreEnough(t *testing.T) {
	w := newAdmission(t, answersCall)
	w.scorers = []string{"m1", "m2"}
	w.inOrder("2026-03-03 09:00", deskReview(1)...)
	w.ask("2026-03-10 09:00", func(waiting approval.Waiting) {
		require.Equal(t, "panel.2.convener", seatsOf(waiting))
		w.mu.Lock()
		w.scorers = []string{"m1", "m2", "m3"}
		w.mu.Unlock()
	})
	w.at("2026-03-10 10:00", admissionMove{who: "sub2", task: "panel.2.convener", action: approval.Submit})
	w.inOrder("2026-03-11 09:00", sheets(1, 59)...)

	result := w.play()

	require.Equal(t, approval.Rejected, result.Status)
	require.Contains(t, result.Reason, "59.00")
}

func TestACallThatHasEndedIsOverForALateCandidate(t *testing.T) {
	w := newAdmission(t, answersCall)
	w.callGone = true
	w.inOrder("2026-03-03 09:00", append(deskReview(1), sheets(1, 80)...)...)

	result := w.play()

	require.Equal(t, approval.Rejected, result.Status)
	require.Equal(t, "招引已结束", result.Reason)
}

func countKind(kinds []string, kind string) int {
	return len(kinds) - len(slices.DeleteFunc(slices.Clone(kinds), func(k string) bool { return k == kind }))
}
