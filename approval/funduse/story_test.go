package funduse_test

import (
	"testing"

	"linli/approval"
	"linli/approval/funduse"
)

// story is a case played from beginning to end; see perform for the script.
type story struct {
	name   string
	start  func(*funduse.Start)
	script string
	check  func(t *testing.T, p *play)
}

func (s story) play(t *testing.T) {
	t.Run(s.name, func(t *testing.T) {
		begin := start()
		if s.start != nil {
			s.start(&begin)
		}
		p := newPlay(t, begin)
		p.perform(s.script)
		if s.check != nil {
			s.check(t, p)
		}
	})
}

const (
	passed  = "m1 approve\n m2 approve\n @charity\n"
	paid    = passed + "c1 approve\n k1 approve\n q1 approve\n @notice\n"
	noticed = paid + "tick\n @acceptance\n"
	ended   = noticed + "h1 submit papers=a1\n v1 approve\n @completed\n"
)

func TestReview(t *testing.T) {
	for _, s := range []story{
		{name: "three members, everybody agrees", script: ended, check: func(t *testing.T, p *play) {
			if p.sent != 1 || p.reserved != 1 || p.released != 0 || len(p.refunds) != 0 || p.s.Payment.BankReference != "bank:case1/payment/1" {
				t.Errorf("sent %d, reserved %d, released %d, refunds %v, %+v", p.sent, p.reserved, p.released, p.refunds, p.s.Payment)
			}
		}},
		{name: "the third ballot comes too late to matter", script: passed + "m3 reject task=committee.1.m3 !task_closed"},
		{name: "two against reject", script: "m1 reject\n m2 reject\n @rejected", check: givenBack},
		{name: "a tie is no majority", script: "roster m1 m2 m3 m4\n m1 approve\n m2 approve\n m3 reject\n m4 reject\n @rejected", check: givenBack},
		{name: "nobody but a member votes", script: "m4 approve !not_eligible\n out approve !not_eligible\n h1 approve !not_eligible\n m1 approve for=m2 !not_eligible"},
		{name: "one person, one ballot", script: "m1 approve\n m1 approve task=committee.1.m1 !task_closed\n m1 reject task=committee.1.m2 !not_eligible"},
		{name: "recusal calls the reserve in", script: "roster m1 m2 m3 +r1\n r1 approve !not_eligible\n m1 recuse\n m1 approve task=committee.1.m1 !task_closed\n r1 approve\n m2 approve\n @charity"},
		{name: "a blank reason is no recusal", script: "m1 recuse comment= !comment_required\n m1 approve\n m2 approve\n @charity"},
		{
			name: "an interested member leaves too few: the case stands still and never passes",
			script: `roster m1 m2 m3!
				@roster
				sec submit
				@roster
				tick
				tick
				@roster
				m1 approve !not_eligible
				roster m1 m2 m4
				sec submit
				@committee
				m1 approve
				m4 approve
				@charity`,
			check: func(t *testing.T, p *play) {
				if len(p.convened) != 1 {
					t.Errorf("convened %d times, want once", len(p.convened))
				}
			},
		},
		{name: "recusals during the vote leave too few", script: "m1 approve\n m2 recuse\n @roster\n sec submit\n @roster\n a1 terminate\n @terminated", check: givenBack},
		{
			name: "who stepped aside once stays aside, whatever committees come between",
			script: `roster m1 m2 m3
				m1 recuse
				@roster
				roster m2 m3 m4 m5
				sec submit
				m2 approve
				m3 approve
				m4 approve
				c1 return stage=committee
				@committee
				m2 recuse
				m3 recuse
				@roster
				roster m1 m4 m5
				sec submit
				@roster
				roster m1 m4 m5 +r1
				sec submit
				@committee
				m1 approve !not_eligible
				r1 approve
				m4 approve
				@charity`,
		},
		{name: "nobody votes, twice", script: "m1 approve\n tick\n tick\n @committee\n m1 approve\n tick\n tick\n @lapsed", check: givenBack},
		{name: "a second round makes up for the first", script: "tick\n tick\n @committee\n m1 approve\n m2 approve\n @charity"},
		{
			name: "an overdue member recuses himself just before the count: the reserve still gets to vote",
			script: `roster m1 m2 m3 +r1
				m1 approve
				tick
				tick
				& m2 recuse
				@committee
				m1 approve task=committee.1.m1 !task_closed
				r1 approve
				@charity`,
		},
		{name: "an even committee stands still where the rules want an odd one", start: func(s *funduse.Start) { s.Parameters.Committee.Odd = true },
			script: "roster m1 m2 m3 m4\n @roster\n sec submit\n @roster\n roster m1 m2 m3 m4 m5\n sec submit\n @committee\n m1 approve\n m2 approve\n m3 approve\n @charity",
			check: func(t *testing.T, p *play) {
				if p.round(funduse.Committee) != 1 {
					t.Errorf("convened %d times", p.round(funduse.Committee))
				}
			}},
		{name: "the resident's seat must vote", start: func(s *funduse.Start) { s.Parameters.Committee.RequiredSeats = []string{"resident"} },
			script: "roster m1 m2 m3:resident\n m1 approve\n m2 approve\n @committee\n m3 approve\n @charity"},
		{name: "content must be what is on the table", script: "m1 approve hash=0000 !stale_content\n m1 approve hash= !stale_content"},
	} {
		s.play(t)
	}
}

// givenBack holds for every case that ended without paying.
func givenBack(t *testing.T, p *play) {
	t.Helper()
	if p.s.Reserved || p.reserved != p.released || p.s.Payment.Status != funduse.NotSent {
		t.Errorf("reserved %d times, released %d times, still %v, payment %q", p.reserved, p.released, p.s.Reserved, p.s.Payment.Status)
	}
	if p.s.Reason == "" || p.s.ClosedAt.IsZero() {
		t.Errorf("ended without a reason or time: %q at %s", p.s.Reason, p.s.ClosedAt)
	}
}

func TestSealedVoteShowsNothingWhileItRuns(t *testing.T) {
	begin := start()
	begin.Parameters.Committee.Sealed = true
	p := newPlay(t, begin)
	p.perform("m1 reject\n @committee")
	if snapshot := p.s.Snapshot(); !snapshot.Sealed {
		t.Error("the running vote is not marked as sealed")
	}
	if v := p.s.Verdict; v.For+v.Against+v.Abstained != 0 {
		t.Errorf("the state shows the split: %+v", v)
	}
	p.perform("m2 approve\n m3 approve\n @charity")
	if p.s.Snapshot().Sealed || p.s.Verdict.For != 2 || p.s.Verdict.Against != 1 {
		t.Errorf("after the vote: sealed %v, %+v", p.s.Snapshot().Sealed, p.s.Verdict)
	}
}

func TestWaitingNamesTheOpenSeats(t *testing.T) {
	p := newPlay(t, start())
	p.perform("m2 approve\n @committee")
	waiting := p.s.Waiting()
	if len(waiting.For) != 2 || waiting.For[0].Seat != "m1" || waiting.For[1].Seat != "m3" || waiting.For[0].Until.IsZero() {
		t.Errorf("waits for %+v", waiting.For)
	}
	if waiting.Next != funduse.StageName(funduse.CharityReview) || waiting.Status != approval.Running {
		t.Errorf("then %+v, %s", waiting.Next, waiting.Status)
	}
}

// TestAnOpenVoteCannotBeClosed: between the moment a vote looks over and the
// moment it is counted, a recusal may have called a reserve in.
func TestAnOpenVoteCannotBeClosed(t *testing.T) {
	begin := start()
	begin.Parameters.Committee.Rounds = 1
	p := newPlay(t, begin)
	p.perform("roster m1 m2 m3 +r1\n m1 approve\n tick\n tick\n & m2 recuse")
	if p.s.Stage != funduse.Committee {
		t.Fatalf("the case is at %s", p.s.Stage)
	}
	p.must(p.s.CloseReview(p.now))
	if p.s.Stage != funduse.Committee || p.s.Status != approval.Running || p.round(funduse.Committee) != 1 {
		t.Errorf("an open vote was closed: %s at %s", p.s.Status, p.s.Stage)
	}
	p.perform("r1 approve\n @charity")
}
