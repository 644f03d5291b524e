package engagement_test

import (
	"strings"
	"testing"

	"linli/approval"
	. "linli/approval/engagement"
	"linli/approval/onboarding"
)

// takenOver is an engagement of a contract of 2023 that is taken over in 2026.
func takenOver(s *Start) {
	s.StartsOn, s.EndsOn, s.OpenedAt = "2023-01-01", "2026-12-31", at("2026-03-02")
	s.Handover = onboarding.Checklist{
		SpaceID: "sp-1", SpaceName: "示范一社区助餐点", Paper: strings.Repeat("b", 64),
		Items: []onboarding.Item{{ID: "room-1", Kind: onboarding.ItemRoom, Name: "厨房", Quantity: 1}},
	}
	s.TakenOver = &TakenOver{SignedOn: "2022-12-20", SettledTo: "2026-01-31", ConfirmedBy: []string{"u-secretary", "u-subdistrict"}, Papers: papers()}
}

func TestATakenOverEngagementGoesOnWhereThePaperLeftIt(t *testing.T) {
	w := begin(t, takenOver)
	w.until("2026-03-03")
	for _, p := range w.state.Periods {
		want := Running
		switch {
		case p.To <= "2026-01-31":
			want = Settled
		case p.Name == "2026-02":
			want = Due
		}
		if p.Status != want || (want == Settled) != (p.Reason != "") {
			t.Errorf("%s is %s (%s), want %s", p.Name, p.Status, p.Reason, want)
		}
	}
	w.refused(w.act(operator, w.open(Reporting, SeatOperator), approval.Submit, "", Details{Report: &Report{
		Period: "2026-01", Figures: Figures{Revenue: fen(1), Profit: fen(0)}, Papers: papers()}}), approval.Conflict, "form/details/report/period")
	w.report("2026-02", 1_000_000, 300_000)
	if w.state.Given != 300_000 {
		t.Errorf("given %d: what was settled on paper is not booked again", w.state.Given)
	}
	if view := w.state.View(1); view.TakenOver == nil || len(view.TakenOver.ConfirmedBy) != 2 || len(view.Periods) != 39 {
		t.Errorf("the copy says %+v, %d periods", view.TakenOver, len(view.Periods))
	}
}

// Domain 7, case 10: 56, rectification, 52, exit, space returned; all of it on
// the day the contract is taken over, once the operator has reported.
func TestThePastYearOfATakenOverContractIsEvaluatedAtOnce(t *testing.T) {
	w := begin(t, takenOver)
	w.until("2026-03-03")
	if len(w.state.Evaluations) != 1 || w.state.Evaluations[0].Year != "2025-01-01/2025-12-31" || len(w.state.Owed) != 0 {
		t.Fatalf("evaluations %+v, owed %v", w.state.Evaluations, w.state.Owed)
	}
	w.score(56)
	w.do(operator, Rectification, SeatOperator, approval.Submit, "", Details{Statement: &Statement{Text: "已整改"}})
	w.score(52)
	if w.state.Stage != Exit || w.state.Leaving.Ground != FailedEvaluation || w.state.HandBack.Complete() {
		t.Fatalf("at %s, %+v", w.state.Stage, w.state.Leaving)
	}
	w.report("2026-02", 0, 0)
	w.report("2026-03", 0, 0)
	w.handBack()
	w.freed()
	if w.state.Status != approval.Terminated {
		t.Errorf("ended as %s", w.state.Status)
	}
}

func TestWhatWasEvaluatedOnPaperIsNotEvaluatedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Start)
		years  string // that are evaluated at once
	}{
		"the past year was":               {func(s *Start) { s.TakenOver.EvaluatedTo = "2025-12-31" }, ""},
		"only an earlier year was":        {func(s *Start) { s.TakenOver.EvaluatedTo = "2023-12-31" }, "2025-01-01/2025-12-31"},
		"none is over":                    {func(s *Start) { s.StartsOn, s.TakenOver.SettledTo = "2026-01-01", "" }, ""},
		"the running year is due as well": {func(s *Start) { s.OpenedAt = at("2026-11-27") }, "2025-01-01/2025-12-31 2026-01-01/2026-12-31"},
	} {
		w := begin(t, func(s *Start) {
			takenOver(s)
			c.change(s)
		})
		w.until(after(w.state.OpenedAt.In(approval.Shanghai).Format("2006-01-02")))
		years := append([]string{}, w.state.Owed...)
		for _, one := range w.state.Evaluations {
			years = append([]string{one.Year}, years...)
		}
		if got := strings.Join(years, " "); got != c.years {
			t.Errorf("%s: %q, want %q", name, got, c.years)
		}
	}
}

func after(date string) string { return at(date).AddDate(0, 0, 1).Format("2006-01-02") }
