package engagement_test

import (
	"testing"

	"linli/approval"
	. "linli/approval/engagement"
)

// The copy says how long the term that follows is the operator's to ask for.
func TestAnOperatorMayStillRenew(t *testing.T) {
	standing := func(w *world, want bool, why string) {
		t.Helper()
		if got := w.state.View(w.seq).MayStillRenew(); got != want {
			t.Errorf("%s: %v", why, got)
		}
	}
	good := begin(t, nil)
	standing(good, true, "it has just begun")
	good.dutiful("2026-11-05")
	good.score(65)
	standing(good, true, "its last year is to come")
	good.dutiful("2027-11-05")
	standing(good, true, "its last year is being evaluated")
	good.score(92)
	standing(good, true, "a good score")
	good.do(operator, Renewal, SeatOperator, approval.Submit, "", Details{Renewal: &Extension{EndsOn: "2028-12-31", Papers: papers()}})
	standing(good, true, "it has asked")
	good.do(person(approval.Secretary), Renewal, SeatCommunity, approval.Reject, "另有安排", nil)
	standing(good, false, "it was refused")

	poor := begin(t, nil)
	poor.dutiful("2026-11-05")
	poor.score(92)
	poor.dutiful("2027-11-05")
	poor.score(74)
	standing(poor, false, "short of the mark")

	content := begin(t, nil)
	content.dutiful("2026-11-05")
	content.score(92)
	content.dutiful("2027-11-05")
	content.score(92)
	content.do(operator, Renewal, SeatOperator, approval.Abstain, "不续约", nil)
	standing(content, false, "it declined")

	gone := begin(t, nil)
	gone.until("2026-01-15")
	gone.do(operator, approval.CaseDesk, SeatOperator, approval.Withdraw, "不再经营", nil)
	standing(gone, false, "it leaves")
}
