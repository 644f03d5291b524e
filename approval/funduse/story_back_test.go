package funduse_test

import (
	"testing"

	"linli/approval"
	"linli/approval/funduse"
)

func TestScreening(t *testing.T) {
	for _, s := range []story{
		{
			name: "one correction, then it goes on",
			script: `rules screening blocked
				@correction
				h2 correct title=x !not_eligible
				h1 correct !invalid
				h1 correct fund=f2 !invalid
				h1 correct price=0 !invalid
				h1 correct title=更换单元门
				@committee`,
			check: func(t *testing.T, p *play) {
				if p.reserved != 1 || p.s.ContentHash != p.s.Proposal.Hash() || p.s.Reason != "" {
					t.Errorf("reserved %d times, hash %s, reason %q", p.reserved, p.s.ContentHash, p.s.Reason)
				}
			},
		},
		{
			name:   "a second failing screening rejects with the reasons",
			script: "rules screening blocked\n rules screening missing\n @correction\n h1 correct title=a\n @rejected",
			check: func(t *testing.T, p *play) {
				givenBack(t, p)
				if p.s.Reason != "缺少三家比价单" {
					t.Errorf("rejected because %q", p.s.Reason)
				}
			},
		},
		{name: "nobody corrects in time", script: "rules screening blocked\n tick\n @correction\n tick\n @lapsed", check: givenBack},
		{name: "a correction in the last moment counts", script: "rules screening blocked\n tick\n tick\n & h1 correct title=a\n @committee"},
		{name: "no rule engine ever said pass: nothing goes on", script: "rules screening nonsense\n @correction"},
		{name: "the fund is short", script: "short 1\n @correction\n h1 correct price=100\n @committee", check: func(t *testing.T, p *play) {
			if p.s.Proposal.Amount != 100 || !p.s.Reserved {
				t.Errorf("%s, reserved %v", p.s.Proposal.Amount.Yuan(), p.s.Reserved)
			}
		}},
		{name: "the fund is short twice", script: "short 1\n short 1\n @correction\n h1 correct price=100\n @rejected", check: givenBack},
		{name: "withdrawn while being corrected", script: "rules screening blocked\n h2 withdraw !not_eligible\n h1 withdraw comment= !comment_required\n h1 withdraw\n @withdrawn", check: givenBack},
	} {
		s.play(t)
	}
}

func TestHigherApproval(t *testing.T) {
	for _, s := range []story{
		{
			name: "subdistrict, then district",
			script: `routes district subdistrict
				m1 approve
				m2 approve
				@higher
				d1 approve !not_eligible
				s1 approve
				@higher
				s1 approve !same_person
				d1 approve
				@charity`,
		},
		{name: "a failed review criterion asks the subdistrict", script: "rules screening review\n m1 approve\n m2 approve\n @higher\n s1 approve\n @charity"},
		{name: "an unknown level is nobody's approval, so the district's is asked", script: "routes village\n m1 approve\n m2 approve\n @higher\n d1 approve\n @charity"},
		{name: "rejected above", script: "routes subdistrict\n m1 approve\n m2 approve\n s1 reject\n @rejected", check: givenBack},
		{name: "back to the committee", script: "routes subdistrict\n m1 approve\n m2 approve\n s1 return stage=charity !invalid\n s1 return stage=committee\n @committee\n m1 approve\n m3 approve\n @higher\n s1 approve\n @charity"},
		{name: "the charity asks the higher office again", script: "routes subdistrict\n m1 approve\n m2 approve\n s1 approve\n c1 return stage=higher\n @higher\n s1 approve\n @charity"},
		{name: "the charity cannot return where nobody was asked", script: passed + "c1 return stage=higher !invalid\n c1 return stage=payout !invalid\n c1 return !invalid"},
		{name: "stopped between an act and its consequence", script: "routes subdistrict\n m1 approve\n m2 approve\n s1 approve\n & h1 withdraw\n @withdrawn", check: givenBack},
	} {
		s.play(t)
	}
}

func TestReturns(t *testing.T) {
	for _, s := range []story{
		{
			name: "corrected content needs every approval again",
			script: passed + `c1 return stage=correction
				@correction
				h1 correct title=更换单元门
				@committee
				m1 approve
				@committee
				m2 approve
				@charity
				c1 approve
				@payout`,
			check: func(t *testing.T, p *play) {
				if p.reserved != 2 || p.released != 1 || !p.s.Reserved {
					t.Errorf("reserved %d times, released %d times", p.reserved, p.released)
				}
			},
		},
		{name: "a ballot on the content before the correction is stale", script: passed + "c1 ask_correction\n h1 correct title=b\n @committee\n m1 approve hash=" + proposal().Hash() + " !stale_content"},
		{name: "back to the committee, which now says no", script: passed + "c1 return stage=committee\n @committee\n m1 reject\n m2 reject\n @rejected", check: givenBack},
		{name: "the cashier returns to the charity", script: passed + "c1 approve\n k1 return stage=charity\n @charity\n c2 approve\n k1 approve\n q1 approve\n @notice"},
		{name: "the cashier cannot reach the committee", script: passed + "c1 approve\n k1 return stage=committee !invalid"},
		{name: "a blocked charity check cannot be approved", script: "rules charity blocked\n" + passed + "c1 approve !action_not_allowed\n c1 reject\n @rejected", check: givenBack},
		{name: "missing evidence cannot be approved", script: "rules charity missing\n" + passed + "c1 approve !action_not_allowed"},
		{name: "no such evidence outcome", script: "rules charity nonsense\n" + passed + "c1 approve !action_not_allowed"},
		{name: "the charity rejects", script: passed + "c1 reject\n @rejected", check: givenBack},
	} {
		s.play(t)
	}
}

func TestCharityOfficers(t *testing.T) {
	two := func(s *funduse.Start) { s.Parameters.Charity.TwoOfficersAbove = 499_999 }
	for _, s := range []story{
		{name: "one officer up to the threshold", start: func(s *funduse.Start) { s.Parameters.Charity.TwoOfficersAbove = 500_000 }, script: passed + "c1 approve\n @payout"},
		{name: "two above it, and not the same one twice", start: two, script: passed + "c1 approve\n @charity\n c1 approve !same_person\n c2 approve for=c1 !same_person\n c2 approve\n @payout"},
		{name: "nor somebody who stood in for the second", start: two, script: passed + "c1 approve for=c2\n c2 approve !same_person\n c1 approve !same_person\n c3 approve\n @payout"},
		{name: "the second officer rejects", start: two, script: passed + "c1 approve\n c2 reject\n @rejected", check: givenBack},
		{name: "the second officer returns: both are asked again", start: two, script: passed + "c1 approve\n c2 return stage=committee\n m1 approve\n m2 approve\n @charity\n c2 approve\n @charity\n c1 approve\n @payout"},
		{name: "a reviewer's no binds the seat", script: passed + "c1 add_reviewer to=c2,c3\n c1 approve !conflict\n c2 approve\n c3 reject\n c1 approve !action_not_allowed\n c2 approve !action_not_allowed\n c1 return stage=committee\n @committee"},
		{name: "the proposer is no officer", start: func(s *funduse.Start) { s.Proposer = "x" }, script: passed + "x approve !same_person\n c1 reassign to=x !same_person\n c1 delegate to=x !same_person"},
	} {
		s.play(t)
	}
}

func TestStandingTasks(t *testing.T) {
	for _, s := range []story{
		{name: "one reminder an hour, from whoever", script: "h1 remind\n a1 remind !rate_limited"},
		{name: "only an administrator terminates", script: "h1 terminate !not_eligible\n out terminate !not_eligible\n a1 terminate\n @terminated", check: givenBack},
		{name: "an ended case takes nothing", script: "h1 withdraw\n @withdrawn\n a1 terminate !task_closed\n h1 remind !task_closed\n m1 approve !task_closed"},
	} {
		s.play(t)
	}
}

// TestAConsequenceOfAnEndedCaseIsNone takes every step the procedure might
// still have under way when a case is stopped.
func TestAConsequenceOfAnEndedCaseIsNone(t *testing.T) {
	p := newPlay(t, start())
	p.perform(passed + "c1 approve\n k1 approve\n q1 approve comment=核对无误\n & a1 terminate")
	if p.s.Status != approval.Terminated {
		t.Fatalf("%s at %s", p.s.Status, p.s.Stage)
	}
	for name, step := range map[string]func(s *funduse.State){
		"screened":     func(s *funduse.State) { s.Screened(p.evidence(funduse.Screening), p.now) },
		"blocked":      func(s *funduse.State) { s.Screened(approval.Evidence{Outcome: approval.OutcomeBlocked}, p.now) },
		"correction":   func(s *funduse.State) { s.CloseCorrection(p.now) },
		"convened":     func(s *funduse.State) { _ = s.Convene(rosterOf("m1 m2 m3"), p.now) },
		"reviewed":     func(s *funduse.State) { _ = s.CloseReview(p.now) },
		"higher":       func(s *funduse.State) { s.CloseHigher(p.now) },
		"charity asks": func(s *funduse.State) { s.AskCharity(p.evidence(funduse.CharityReview), p.now) },
		"charity":      func(s *funduse.State) { s.CloseCharity(p.now) },
		"cashier":      func(s *funduse.State) { s.AskCashier(p.now) },
		"payout": func(s *funduse.State) {
			if s.ClosePayoutTask(p.now) {
				t.Error("a terminated case sends money")
			}
		},
		"published": func(s *funduse.State) { s.Published(s.DraftNotice(p.now)) },
		"notice":    func(s *funduse.State) { s.CloseNotice(p.now) },
		"accepted": func(s *funduse.State) {
			if s.CloseAcceptanceTask(p.now) {
				t.Error("a terminated case is complete")
			}
		},
		"completed": func(s *funduse.State) { s.Complete(p.now) },
	} {
		after := p.s.Clone()
		step(after)
		if after.Status != approval.Terminated || after.Stage != funduse.Closed || after.Payment.Status != funduse.NotSent {
			t.Errorf("%s: %s at %s, payment %q", name, after.Status, after.Stage, after.Payment.Status)
		}
		for _, task := range after.Tasks {
			if task.Status == approval.TaskOpen {
				t.Errorf("%s opened %s", name, task.ID)
			}
		}
	}
}
