package engagement_test

import (
	"strings"
	"testing"

	"linli/approval"
	. "linli/approval/engagement"
	"linli/approval/onboarding"
)

func inKind(s *Start) {
	s.Share, s.FundID, s.EndsOn = onboarding.Share{Kind: onboarding.InKindHours, Hours: 1200, Period: onboarding.Monthly}, "", "2026-12-31"
}

// gives reports hours for every period that falls due until a day.
func (w *world) gives(until string, hours int64) {
	w.t.Helper()
	for next := w.state.NextAlarm(); !next.IsZero() && !next.After(at(until)); next = w.state.NextAlarm() {
		w.until(next.In(approval.Shanghai).Format("2006-01-02"))
		for _, p := range w.state.Periods {
			if p.Status == Due {
				w.do(operator, Reporting, SeatOperator, approval.Submit, "", Details{Report: &Report{Period: p.Name, Figures: Figures{Hours: num(hours)}, Papers: papers()}})
				w.do(person(approval.Handler), Reporting, SeatCommunity, approval.Approve, "", nil)
			}
		}
	}
	w.until(until)
}

// Hours that were promised and not given are carried, shown and made up; until
// then there is no renewal.
func TestHoursAreHeldAgainstThePromise(t *testing.T) {
	w := begin(t, inKind)
	w.gives("2026-11-05", 90) // ten months of a hundred on average
	view := w.state.View(1)
	if owed := view.Periods[0].HoursOwed; owed == nil || *owed != 102 || *view.Periods[1].HoursOwed != 92 { // 31 and 28 of 365 days
		t.Fatalf("%+v", view.Periods[:2])
	}
	if view.Hours != 900 || view.HoursDue != 999 || view.HoursShort != 99 {
		t.Fatalf("given %d of %d, short %d", view.Hours, view.HoursDue, view.HoursShort)
	}
	w.score(95)
	renewal := w.open(Renewal, SeatOperator)
	ask := Details{Renewal: &Extension{EndsOn: "2027-12-31", Papers: papers()}}
	refusal := approval.Refusal(w.try(w.act(operator, renewal, approval.Submit, "", ask)))
	if renewal.Kind != approval.Standing || refusal == nil || refusal.Code != approval.Conflict || !strings.Contains(refusal.Message.ZH, "尚欠99小时") {
		t.Fatalf("%s, %v", renewal.Kind, refusal)
	}
	w.gives("2026-12-02", 98+99) // November, and what was missing but for one hour more
	if view := w.state.View(1); view.HoursShort != 1 {
		t.Fatalf("short %d of %d", view.HoursShort, view.HoursDue)
	}
}

func TestWhoGivesTheHoursRenews(t *testing.T) {
	w := begin(t, inKind)
	w.gives("2026-11-05", 100)
	w.score(95)
	if w.open(Renewal, SeatOperator).Kind != approval.Form || w.state.HoursShort() != 0 {
		t.Fatalf("short %d", w.state.HoursShort())
	}
	w.granted("2027-12-31")
}

// What was settled on paper is not asked for again, what is left open at the
// exit stays short, and before edition 2 nothing was counted.
func TestWhichPeriodsOweHours(t *testing.T) {
	paper := begin(t, func(s *Start) {
		takenOver(s)
		s.Share, s.FundID = onboarding.Share{Kind: onboarding.InKindHours, Hours: 1200, Period: onboarding.Monthly}, ""
	})
	paper.until("2026-03-03")
	if view := paper.state.View(1); view.HoursShort != 0 || view.Periods[0].HoursOwed != nil {
		t.Fatalf("short %d", view.HoursShort)
	}
	gone := begin(t, inKind)
	gone.until("2026-01-31")
	gone.do(operator, approval.CaseDesk, SeatOperator, approval.Withdraw, "不再经营", nil)
	gone.handBack()
	gone.until("2026-03-01")
	gone.do(person(approval.SubdistrictApprover), Reporting, SeatArrears, approval.Approve, "失联", nil)
	gone.freed()
	if view := gone.state.View(1); view.HoursShort != 102 {
		t.Fatalf("short %d", view.HoursShort)
	}
	old := adopted(t, 1, inKind)
	old.gives("2026-02-02", 0)
	if view := old.state.View(1); view.HoursShort != 0 || view.Periods[0].HoursOwed != nil {
		t.Fatalf("short %d", view.HoursShort)
	}
	old.state.Adopt(Edition, old.now)
	if old.state.HoursShort() != 102 {
		t.Fatalf("short %d after the edition", old.state.HoursShort())
	}
}
