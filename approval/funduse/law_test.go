package funduse_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"linli/approval"
	"linli/approval/funduse"
)

func drawStart(t *rapid.T) funduse.Start {
	begin := start()
	committee := &begin.Parameters.Committee
	committee.Odd, committee.Sealed = rapid.Bool().Draw(t, "odd"), rapid.Bool().Draw(t, "sealed")
	committee.Rounds = rapid.IntRange(1, 3).Draw(t, "rounds")
	committee.QuorumBase = rapid.SampledFrom([]string{"eligible", "all"}).Draw(t, "quorum base")
	committee.PassBase = rapid.SampledFrom([]string{"present", "eligible"}).Draw(t, "pass base")
	if rapid.Bool().Draw(t, "two thirds") {
		committee.PassNum, committee.PassDen = 2, 3
	}
	if rapid.IntRange(0, 3).Draw(t, "required") == 0 {
		committee.RequiredSeats = []string{"resident"}
	}
	begin.Parameters.Notice.BeforePayout = rapid.Bool().Draw(t, "notice before")
	begin.Parameters.Charity.TwoOfficersAbove = rapid.SampledFrom([]approval.Fen{0, 500_000}).Draw(t, "two officers above")
	begin.Gateway = rapid.SampledFrom([]string{funduse.Manual, funduse.HTTP}).Draw(t, "gateway")
	begin.Proposer = rapid.SampledFrom([]string{"h1", "h1", "x"}).Draw(t, "proposer")
	begin.Proposal.EndsOn = rapid.SampledFrom([]string{"2026-06-30", "2026-12-31"}).Draw(t, "ends")
	return begin
}

// drawScene changes how the world will answer.
func (p *play) drawScene(t *rapid.T) {
	p.roster = rosterOf(rapid.SampledFrom([]string{
		"m1:resident m2 m3", "m1 m2:resident m3 +r1", "m1 m2 m3! +r1:resident", "m1 m2 m3:resident m4 m5 +r1 +r2",
		"m1 m2 m3!", "m1 m2 m3:resident m4", "x m1 m2:resident", "m1",
	}).Draw(t, "roster"))
	outcomes := rapid.SampledFrom([]approval.Outcome{
		approval.OutcomePass, approval.OutcomePass, approval.OutcomePass, approval.OutcomeReview, approval.OutcomeMissing, approval.OutcomeBlocked,
	})
	p.rules[funduse.Screening] = rapid.SliceOfN(outcomes, 0, 1).Draw(t, "screening")
	p.rules[funduse.CharityReview] = rapid.SliceOfN(outcomes, 0, 1).Draw(t, "charity")
	p.routes = rapid.SampledFrom([][]string{nil, nil, {"subdistrict"}, {"district", "subdistrict"}}).Draw(t, "routes")
	p.bank = rapid.SampledFrom([][]string{nil, nil, {"账号有误"}}).Draw(t, "bank")
	p.short = rapid.SampledFrom([]int{0, 0, 0, 1}).Draw(t, "short")
}

// drawAct composes what somebody would sensibly do next.
func (p *play) drawAct(t *rapid.T) approval.Act {
	var open []approval.Task
	for _, task := range p.s.Tasks {
		if task.Status == approval.TaskOpen && (task.Kind != approval.Standing || task.Seat == approval.SeatPublic) {
			open = append(open, task)
		}
	}
	if len(open) == 0 {
		return p.drawNoise(t)
	}
	task := rapid.SampledFrom(open).Draw(t, "task")
	action := task.Actions[0]
	if rapid.IntRange(0, 7).Draw(t, "other action") == 0 {
		action = rapid.SampledFrom(task.Actions).Draw(t, "action")
	}
	able := slices.DeleteFunc(slices.Clone(everybody), func(id string) bool { return task.Eligible(cast[id], action) != nil })
	if len(able) == 0 {
		return p.drawNoise(t)
	}
	return p.act(rapid.SampledFrom(able).Draw(t, "who"), action, p.drawForm(t, task, action))
}

// drawForm fills in what the action on this task asks for.
func (p *play) drawForm(t *rapid.T, task approval.Task, action approval.Action) []string {
	form := []string{"task=" + strings.TrimPrefix(task.ID, p.s.Start.CaseID+".")}
	switch action {
	case approval.Approve:
		if task.Seat == funduse.SeatMaker && p.s.Gateway == funduse.Manual {
			form = append(form, "ref=R1")
		}
	case approval.Submit:
		switch {
		case task.Stage == funduse.Roster:
		case task.Seat == funduse.SeatApplicant:
			form = append(form, "papers=a", fmt.Sprintf("unused=%d", rapid.IntRange(-1, 500_001).Draw(t, "unused")))
		case task.Seat == funduse.SeatRefund:
			form = append(form, fmt.Sprintf("amount=%d", p.s.Unused), "ref=R2")
		case strings.HasPrefix(task.Seat, "recovery-"):
			form = append(form, fmt.Sprintf("amount=%d", rapid.IntRange(-1, 500_001).Draw(t, "recovered")), "ref=R3")
		default:
			form = append(form, "text=进展顺利")
		}
	case approval.Correct:
		form = append(form, rapid.SampledFrom([]string{"title=甲", "title=乙", "price=400000"}).Draw(t, "correction"))
	case approval.Return:
		stages := []string{"correction", "committee", "higher", "charity", "acceptance"}
		form = append(form, "stage="+rapid.SampledFrom(stages).Draw(t, "back to"))
	case approval.Reassign, approval.Delegate, approval.AddReviewer, approval.Copy:
		form = append(form, "to="+rapid.SampledFrom(everybody).Draw(t, "to"))
	case approval.Object:
		form = append(form, "objection="+rapid.SampledFrom([]string{"o-1", "o-2"}).Draw(t, "objection"))
	}
	return form
}

// drawNoise composes anything by anybody, sensible or not.
func (p *play) drawNoise(t *rapid.T) approval.Act {
	task := rapid.SampledFrom(p.s.Tasks).Draw(t, "any task")
	action := rapid.SampledFrom(approval.ActionNames).Draw(t, "any action").Action
	form := p.drawForm(t, task, action)
	if rapid.IntRange(0, 3).Draw(t, "stand in") == 0 {
		form = append(form, "for="+rapid.SampledFrom(everybody).Draw(t, "for"))
	}
	if rapid.IntRange(0, 3).Draw(t, "stale") == 0 {
		form = append(form, "hash="+proposal().Hash())
	}
	return p.act(rapid.SampledFrom(everybody).Draw(t, "anybody"), action, form)
}

// drawStop now and then withdraws or terminates, wherever the case stands.
func (p *play) drawStop(t *rapid.T) {
	switch rapid.IntRange(0, 9).Draw(t, "stop") {
	case 0:
		_ = p.take(p.act(p.s.Proposer, approval.Withdraw, nil))
	case 1:
		_ = p.take(p.act("a1", approval.Terminate, nil))
	}
}

// observe holds every single change against the invariants.
func (p *play) observe(prev, next *funduse.State) {
	p.Helper()
	if prev.Payment.Status == funduse.NotSent && next.Payment.Status == funduse.Sent {
		if problem := payable(p, next); problem != "" {
			p.Fatalf("money left although %s", problem)
		}
		if err := next.PayoutAllowed(); err != nil {
			p.Fatalf("money left although not allowed: %v", err)
		}
	}
	if next.Payment.Status == funduse.Paid && prev.Payment.Status == funduse.NotSent {
		p.Fatalf("paid without having been sent")
	}
	holds := p.reserved - p.released - p.settled
	if next.Reserved != (holds == 1) || holds < 0 || p.settled > 1 {
		p.Fatalf("reserved %v after %d reserves, %d releases, %d payments", next.Reserved, p.reserved, p.released, p.settled)
	}
	if next.Status == approval.Completed && next.Payment.Status != funduse.Paid {
		p.Fatalf("completed with payment %q", next.Payment.Status)
	}
	if prev.Ended() && (next.Status != prev.Status || len(next.Acts) != len(prev.Acts) || len(next.Tasks) != len(prev.Tasks)) {
		p.Fatalf("an ended case went on")
	}
	if next.Payment.Recovered < 0 || next.Payment.Recovered+next.Unused > next.Proposal.Amount {
		p.Fatalf("%d recovered and %d unused of %d", next.Payment.Recovered, next.Unused, next.Proposal.Amount)
	}
	p.observeTasks(next)
	if p.quick {
		return
	}
	if copied := next.Clone(); !reflect.DeepEqual(copied, next) {
		p.Fatalf("the state does not survive being copied")
	}
}

// observeTasks: no two tasks or ballots of one name, and no open task at a
// stage the case has left.
func (p *play) observeTasks(s *funduse.State) {
	p.Helper()
	ids := map[string]bool{}
	for _, task := range s.Tasks {
		if ids[task.ID] {
			p.Fatalf("two tasks are called %s", task.ID)
		}
		ids[task.ID] = true
		if task.Status == approval.TaskOpen && task.Stage != s.Stage && task.Stage != approval.CaseDesk {
			p.Fatalf("%s is open at %s", task.ID, s.Stage)
		}
	}
	ballots := map[string]bool{}
	for _, act := range s.Acts {
		if act.Kind != approval.Vote {
			continue
		}
		ballot := fmt.Sprint(act.Round, act.Person)
		if ballots[ballot] || act.For != "" || act.Person != act.Seat {
			p.Fatalf("%s voted twice or for somebody else in round %d", act.Person, act.Round)
		}
		ballots[ballot] = true
	}
	if s.Ended() && len(s.Waiting().For) > 0 {
		p.Fatalf("an ended case waits for %+v", s.Waiting().For)
	}
}

// TestWhateverAnybodyDoes plays random cases: sensible acts, nonsense, the
// clock, and a world that changes its answers. It shows I1, I2, I4, I5 and
// that an ended case is over, on every single change.
func TestWhateverAnybodyDoes(t *testing.T) {
	reached := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		p := newPlay(t, drawStart(t))
		p.watch = p.observe
		p.drawScene(t)
		afterwards := 5 // events an ended case is still bothered with
		for range rapid.IntRange(20, 90).Draw(t, "events") {
			if p.s.Ended() {
				afterwards--
			}
			if afterwards == 0 {
				break
			}
			switch rapid.IntRange(0, 29).Draw(t, "event") {
			case 0:
				p.drawScene(t)
			case 1, 2:
				p.tick()
			case 3, 4, 5:
				_ = p.take(p.drawNoise(t))
			case 6:
				p.drawStop(t)
			default:
				_ = p.take(p.drawAct(t))
			}
			if rapid.IntRange(0, 9).Draw(t, "at once") > 0 {
				p.run()
			}
			reached[string(p.s.Stage)]++
		}
		p.run()
		if approval.ContentHash(p.s.Clone()) != approval.ContentHash(p.s) {
			t.Fatalf("a copied case hashes differently")
		}
		reached[string(p.s.Status)]++
		if p.s.Payment.Status == funduse.Paid {
			reached["paid"]++
		}
		if len(p.keys) != p.s.Payment.Attempt || len(slices.Compact(slices.Sorted(slices.Values(p.keys)))) != len(p.keys) {
			t.Fatalf("%d attempts, keys %v", p.s.Payment.Attempt, p.keys)
		}
	})
	t.Logf("reached %v", reached)
	for _, place := range []string{"paid", "rejected", "correction", "roster", "committee", "higher", "charity", "payout", "acceptance"} {
		if reached[place] == 0 {
			t.Errorf("no case ever reached %q, so nothing was shown about it", place)
		}
	}
}

// TestAnyOrderOfBallotsGivesOneVerdict casts the same ballots in two orders.
func TestAnyOrderOfBallotsGivesOneVerdict(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		begin := drawStart(t)
		begin.Proposer, begin.Parameters.Committee.Odd, begin.Parameters.Committee.Rounds = "h1", false, 1
		roster := rosterOf(rapid.SampledFrom([]string{"m1 m2:resident m3", "m1 m2 m3 m4:resident", "m1 m2 m3:resident m4 m5", "m1:resident m2 m3! m4 m5 +r1"}).Draw(t, "roster"))
		var lines []string
		for _, member := range roster {
			if action := rapid.SampledFrom([]string{"approve", "approve", "reject", "abstain", ""}).Draw(t, "ballot"); action != "" {
				lines = append(lines, member.ID+" "+action)
			}
		}
		vote := func(lines []string) (approval.VoteOutcome, approval.Stage, approval.CaseStatus) {
			p := newPlay(t, begin)
			p.roster = roster
			p.run()
			for _, line := range lines {
				who, action, _ := strings.Cut(line, " ")
				_ = p.take(p.act(who, approval.Action(action), []string{"task=committee.1." + who})) // a settled vote takes no more
				p.run()
			}
			for p.s.Stage == funduse.Committee && p.tick() {
				p.run()
			}
			return p.s.Verdict.Outcome, p.s.Stage, p.s.Status
		}
		outcome, stage, status := vote(lines)
		shuffled := rapid.Permutation(lines).Draw(t, "other order")
		if o, at, st := vote(shuffled); o != outcome || at != stage || st != status {
			t.Fatalf("%v gives %s at %s, %v gives %s at %s", lines, outcome, stage, shuffled, o, at)
		}
		if outcome == approval.VoteOpen {
			t.Fatalf("the vote never closed")
		}
	})
}
