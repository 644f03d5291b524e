package funduse_test

import (
	"testing"
	"time"

	"linli/approval"
	"linli/approval/funduse"
)

func TestNobodyVotesOnWhatTheyProposed(t *testing.T) {
	s := funduse.New(start())
	s.Covered(s.OpenedAt)
	roster := []approval.Member{{ID: s.Proposer}, {ID: "m1"}, {ID: "m2"}, {ID: "m3"}, {ID: "m4", Reserve: true}}
	if err := s.Convene(roster, s.OpenedAt); err != nil {
		t.Fatal(err)
	}
	for _, task := range s.OpenAt(funduse.Committee) {
		if task.Seat == s.Proposer {
			t.Error("the proposer was asked for a ballot")
		}
	}
	if len(s.OpenAt(funduse.Committee)) != 4 {
		t.Errorf("%d ballots, want those of three members and the reserve", len(s.OpenAt(funduse.Committee)))
	}
	if roster[0].Interested {
		t.Error("the caller's roster was changed")
	}
}

func TestTheClosingReportCountsFromTheEndOfTheProject(t *testing.T) {
	begin := start()
	s := funduse.New(begin)
	ends, err := time.ParseInLocation(time.DateOnly, begin.Proposal.EndsOn, approval.Shanghai)
	if err != nil {
		t.Fatal(err)
	}
	end := ends.AddDate(0, 0, 1)
	s.EndDisclosures(begin.OpenedAt)
	s.AskAcceptance(begin.OpenedAt)
	if !s.NextAlarm().Equal(end) {
		t.Fatalf("the clock rings at %v, want the end of the project %v", s.NextAlarm(), end)
	}
	s.Ring(end)
	task := s.OpenAt(funduse.Acceptance)[0]
	if task.Days != begin.Parameters.Deadlines.Acceptance || !task.ClockStart().Equal(end) {
		t.Errorf("%d days from %v, want %d from %v", task.Days, task.ClockStart(), begin.Parameters.Deadlines.Acceptance, end)
	}
}
