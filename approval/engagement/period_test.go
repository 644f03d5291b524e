package engagement_test

import (
	"testing"

	. "linli/approval/engagement"
	"linli/approval/onboarding"
)

// What both sides signed holds, however often the district would like to hear.
func TestAnEngagementReportsAsItsContractSays(t *testing.T) {
	quarterly := func(s *Start) {
		s.Share.Period = onboarding.Quarterly
		s.Parameters.ReportMonths = 1
	}
	onPaper := func(s *Start) {
		takenOver(s)
		quarterly(s)
		s.TakenOver.SettledTo = "2025-12-31"
	}
	monthly := func(s *Start) { s.Parameters.ReportMonths = 3 }
	for name, c := range map[string]struct {
		edition int
		start   func(*Start)
		running string // the first period that is not settled
		of      int    // periods of the term
	}{
		"quarterly":               {Edition, quarterly, "2026-Q1", 8},
		"quarterly, taken over":   {Edition, onPaper, "2026-Q1", 16},
		"monthly":                 {Edition, monthly, "2026-01", 24},
		"as it began, edition 1":  {1, quarterly, "2026-01", 24},
		"as it began, no edition": {0, quarterly, "2026-01", 24},
	} {
		w := adopted(t, c.edition, c.start)
		w.state.Adopt(Edition, w.now) // what runs keeps its periods
		w.settled()
		first := 0
		for w.state.Periods[first].Status == Settled {
			first++
		}
		if got := w.state.Periods[first].Name; got != c.running || len(w.state.Periods) != c.of {
			t.Errorf("%s: %s is the first of %d periods", name, got, len(w.state.Periods)-first)
		}
	}
}

// An older engagement keeps the periods of its term; a renewed term is the contract's.
func TestARenewedTermReportsAsTheContractSays(t *testing.T) {
	w := adopted(t, 1, func(s *Start) {
		s.EndsOn, s.Share.Period, s.Parameters.ReportMonths = "2026-12-31", onboarding.Quarterly, 1
	})
	w.dutiful("2026-11-05")
	w.state.Adopt(Edition, w.now)
	w.settled()
	w.score(95)
	w.granted("2027-12-31")
	w.state.Extended(w.now)
	w.settled()
	if last := w.state.Periods[len(w.state.Periods)-1]; len(w.state.Periods) != 12+4 || last.Name != "2027-Q4" {
		t.Fatalf("%d periods, the last is %s", len(w.state.Periods), last.Name)
	}
}
