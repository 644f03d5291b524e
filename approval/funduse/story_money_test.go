package funduse_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"linli/approval"
	"linli/approval/funduse"
)

const approved = passed + "c1 approve\n @payout\n"

func manual(s *funduse.Start) { s.Gateway = funduse.Manual }

func TestPayout(t *testing.T) {
	for _, s := range []story{
		{name: "maker and checker differ", script: approved + "x approve\n x approve !same_person\n k1 approve !not_eligible\n q1 approve for=x !same_person\n q1 approve\n @notice"},
		{name: "neither proposer nor officer pays", start: func(s *funduse.Start) { s.Proposer = "h1" }, script: passed + "x approve\n @payout\n x approve !same_person\n k1 reassign to=x !same_person\n k1 approve\n x approve !same_person\n q1 reassign to=k1 !same_person\n q1 reassign to=q2\n q1 approve !not_eligible\n q2 approve\n @notice"},
		{name: "by hand, the bank's number is needed", start: manual, script: approved + "k1 approve !invalid\n k1 approve ref= !invalid\n k1 approve ref=" + strings.Repeat("9", 65) + " !invalid\n k1 approve ref=R1\n q1 approve\n @notice",
			check: func(t *testing.T, p *play) {
				if p.s.Payment.BankReference != "R1" {
					t.Errorf("reference %q", p.s.Payment.BankReference)
				}
			}},
		{name: "the checker says no: the cashier starts anew", script: approved + "k1 approve\n q1 reject\n @payout\n q1 approve !not_eligible\n k2 approve\n q1 approve\n @notice",
			check: func(t *testing.T, p *play) {
				if !slices.Equal(p.keys, []string{"case1/payment/1"}) || p.s.Payment.Maker != "k2" || p.s.Payment.Checker != "q1" {
					t.Errorf("keys %v, %+v", p.keys, p.s.Payment)
				}
			}},
		{name: "the bank refuses: a new attempt has a new key", script: "bank 账号有误 户名不符\n" + approved + "k1 approve\n q1 approve\n @payout\n k1 approve\n q2 approve\n @payout\n k2 approve\n q1 approve\n @notice",
			check: func(t *testing.T, p *play) {
				if !slices.Equal(p.keys, []string{"case1/payment/1", "case1/payment/2", "case1/payment/3"}) || p.s.Payment.Refusal != "" {
					t.Errorf("keys %v, refusal %q", p.keys, p.s.Payment.Refusal)
				}
			}},
		{name: "after the bank's refusal the case can be withdrawn", script: "bank 账号有误\n" + approved + "k1 approve\n q1 approve\n @payout\n h1 withdraw\n @withdrawn", check: givenBack},
		{name: "paid by hand, the case can no longer be withdrawn", start: manual, script: approved + "k1 approve ref=R1\n h1 withdraw !conflict\n a1 terminate !conflict\n q1 reject\n @payout\n h1 withdraw\n @withdrawn", check: givenBack},
		{name: "withdrawn before the order is sent", script: approved + "k1 approve\n h1 withdraw\n @withdrawn", check: givenBack},
		{name: "once paid there is no way back", script: paid + "h1 withdraw !conflict\n a1 terminate !conflict"},
		{name: "content other than approved is not paid", script: approved + "k1 approve hash=0000 !stale_content"},
	} {
		s.play(t)
	}
}

func TestOnlyARefusedOrderIsSentAgain(t *testing.T) {
	p := newPlay(t, start())
	p.perform(approved + "k1 approve\n @payout")
	p.must(p.take(p.act("q1", approval.Approve, nil)))
	if !p.s.ClosePayoutTask(p.now) || p.s.PaymentKey() != "case1/payment/1" {
		t.Fatalf("not sent: %+v", p.s.Payment)
	}
	sent := p.s.Clone()
	if p.s.ClosePayoutTask(p.now) || p.s.PaymentKey() != sent.PaymentKey() {
		t.Errorf("sent twice: %+v", p.s.Payment)
	}
	for _, who := range []string{"h1 withdraw", "a1 terminate"} {
		words := strings.Fields(who)
		if code := approval.CodeOf(p.take(p.act(words[0], approval.Action(words[1]), nil))); code != approval.Conflict {
			t.Errorf("%s while the money is under way: %q", who, code)
		}
	}
	p.s.MarkPaid("R1", p.now)
	paid := p.s.Payment
	p.s.MarkRefused("迟到的拒绝", p.now)
	p.s.MarkPaid("R2", p.now.Add(day))
	if p.s.Payment != paid {
		t.Errorf("a late answer of the bank changed %+v to %+v", paid, p.s.Payment)
	}
}

// TestPayoutAllowed alters a case that may pay and asks again.
func TestPayoutAllowed(t *testing.T) {
	begin := start()
	begin.Parameters.Notice.BeforePayout = true
	p := newPlay(t, begin)
	p.perform("routes subdistrict\n m1 approve\n m2 approve\n s1 approve\n c1 approve\n tick\n @payout\n k1 approve")
	if err := p.s.PayoutAllowed(); err != nil {
		t.Fatal(err)
	}
	act := func(s *funduse.State, seat string) *approval.Accepted {
		return &s.Acts[slices.IndexFunc(s.Acts, func(a approval.Accepted) bool { return a.Seat == seat })]
	}
	for name, c := range map[string]struct {
		change func(s *funduse.State)
		code   approval.Code
	}{
		"another amount":                    {func(s *funduse.State) { s.Proposal.Amount++ }, approval.Conflict},
		"another content throughout":        {func(s *funduse.State) { s.Proposal.Title += "!"; s.ContentHash = s.Proposal.Hash() }, approval.Conflict},
		"a lost ballot":                     {func(s *funduse.State) { act(s, "m1").Action = approval.Abstain }, approval.Conflict},
		"two eligible members":              {func(s *funduse.State) { s.Roster[2].Interested = true }, approval.Conflict},
		"no roster":                         {func(s *funduse.State) { s.Roster = nil }, approval.Conflict},
		"a ballot on other content":         {func(s *funduse.State) { act(s, "m2").ContentHash = "0000" }, approval.Conflict},
		"rules below the floor":             {func(s *funduse.State) { s.Parameters.Committee.MinMembers = 2 }, approval.RuleInvalid},
		"the charity on other content":      {func(s *funduse.State) { act(s, "officer-1").ContentHash = "0000" }, approval.Conflict},
		"the charity rejected":              {func(s *funduse.State) { act(s, "officer-1").Action = approval.Reject }, approval.Conflict},
		"two officers needed":               {func(s *funduse.State) { s.Parameters.Charity.TwoOfficersAbove = 1 }, approval.Conflict},
		"the subdistrict on other content":  {func(s *funduse.State) { act(s, "subdistrict").ContentHash = "0000" }, approval.Conflict},
		"the district missing":              {func(s *funduse.State) { s.Routes[0].Level = "district" }, approval.Conflict},
		"the notice still running":          {func(s *funduse.State) { s.Notice.Ended = false }, approval.Conflict},
		"the proposer is the officer":       {func(s *funduse.State) { s.Proposer = "c1" }, approval.SamePerson},
		"the officer stood in for proposer": {func(s *funduse.State) { act(s, "officer-1").For = "h1" }, approval.SamePerson},
		"the proposer is the maker":         {func(s *funduse.State) { s.Payment.Maker = "h1" }, approval.SamePerson},
		"maker and checker are one":         {func(s *funduse.State) { s.Payment.Checker = "k1" }, approval.SamePerson},
		"the money is not put aside":        {func(s *funduse.State) { s.Reserved = false }, approval.Conflict},
	} {
		altered := p.s.Clone()
		c.change(altered)
		if code := approval.CodeOf(altered.PayoutAllowed()); code != c.code {
			t.Errorf("%s: got %q, want %q", name, code, c.code)
		}
	}
}

func TestNotice(t *testing.T) {
	before := func(s *funduse.Start) { s.Parameters.Notice.BeforePayout = true }
	toNotice := passed + "c1 approve\n @notice_before\n"
	object := "res object objection=o-1\n"
	for _, s := range []story{
		{name: "an overruled objection holds nothing up", script: paid + object + "h1 uphold !same_person\n out uphold !not_eligible\n o1 overrule comment= !comment_required\n o1 overrule\n tick\n @acceptance"},
		{name: "an objection is answered before the notice ends", script: paid + object + "tick\n @notice\n res object objection=o-2 task=notice.1.public !task_closed\n o1 overrule\n @acceptance"},
		{name: "an objection has an id of its own", script: paid + object + "res object objection=o-1 !already_acted\n res object !invalid\n res object objection=a/b !invalid\n res object objection=o-2 comment= !comment_required\n res object objection=o-2\n o1 overrule\n o1 overrule\n tick\n @acceptance"},
		{
			name:   "upheld after payout: what comes back is bounded",
			script: paid + object + "o1 uphold\n tick\n @notice\n c2 submit amount=500001 ref=R !invalid\n c2 submit amount=-1 ref=R !invalid\n c2 submit amount=200000 !invalid\n c2 submit amount=200000 ref=R9\n @acceptance\n h1 submit papers=a unused=300001 !invalid\n h1 submit papers=a unused=300000\n v1 approve\n c1 submit amount=300000 ref=R10\n @completed",
			check: func(t *testing.T, p *play) {
				if p.s.Payment.Recovered != 200_000 || p.s.Unused != 300_000 || !strings.Contains(p.notes[0].Text, "实际支出0.00元,退回5,000.00元") {
					t.Errorf("recovered %d, unused %d, %+v", p.s.Payment.Recovered, p.s.Unused, p.notes)
				}
			},
		},
		{
			name:   "two recoveries share one bound",
			script: paid + object + "res object objection=o-2\n o1 uphold\n o1 uphold\n c1 submit amount=400000 ref=R1\n c1 submit amount=100001 ref=R2 !invalid\n c1 submit amount=100000 ref=R2\n tick\n @acceptance",
		},
		{name: "nothing recovered needs a word why", script: paid + object + "o1 uphold\n c1 submit comment= !comment_required\n c1 submit comment=收款人已注销\n tick\n @acceptance"},
		{name: "before payout: uneventful", start: before, script: toNotice + "tick\n @payout\n k1 approve\n q1 approve\n @acceptance"},
		{
			name: "before payout: upheld sends it back, and the same content is shown again", start: before,
			script: toNotice + object + "o1 uphold\n @correction\n h1 correct price=500000\n m1 approve\n m2 approve\n c1 approve\n @notice_before\n tick\n @payout",
			check: func(t *testing.T, p *play) {
				if len(p.notices) != 2 || p.notices[0].ID == p.notices[1].ID {
					t.Errorf("%d notices", len(p.notices))
				}
			},
		},
		{
			name: "before payout: identical content is no way round the notice", start: before,
			script: toNotice + object + "o1 uphold\n @correction\n h1 correct title=" + proposal().Title + "\n m1 approve\n m2 approve\n c1 approve\n @notice_before\n tick\n @payout",
		},
		{
			name: "before payout: upheld after the clock ran out", start: before,
			script: toNotice + object + "tick\n @notice_before\n o1 uphold\n @correction\n h1 correct title=" + proposal().Title + "\n m1 approve\n m2 approve\n c1 approve\n @notice_before",
		},
		{name: "before payout: back to the charity after it, no second notice", start: before, script: toNotice + "tick\n k1 return stage=charity\n c1 approve\n @payout"},
		{name: "before payout: withdrawn in time", start: before, script: toNotice + "h1 withdraw\n @withdrawn", check: givenBack},
	} {
		s.play(t)
	}
}

func TestNoticeShowsDecisionsAndNoPersons(t *testing.T) {
	begin := start()
	begin.Parameters.Committee.Publish = funduse.PublishNames
	p := newPlay(t, begin)
	p.perform("roster m1 m2 m3! +r1\n m1 approve\n r1 approve\n @charity\n c1 copy to=c2\n c1 reassign to=c2\n c2 approve\n k1 approve\n q1 approve\n @notice")
	notice := p.notices[0]
	var offices []string
	for _, step := range notice.Steps {
		offices = append(offices, step.Office.EN+": "+step.Action.EN)
	}
	want := []string{"community: submit", "charity federation: approve", "cashier: approve", "payment checker: approve"}
	if !slices.Equal(offices, want) {
		t.Errorf("steps %q, want %q", offices, want)
	}
	if v := notice.Vote; v.Eligible != 3 || v.For != 2 || v.Recused != 1 || len(v.Ballots) != 2 {
		t.Errorf("vote %+v", v)
	}
	if notice.Payment == nil || notice.Payment.Amount != 500_000 || notice.Kind != funduse.NoticeKindResult || notice.ContentHash != p.s.ContentHash {
		t.Errorf("notice %+v", notice)
	}
	task, err := funduse.PublicTask(notice)
	if err != nil || p.s.Task(task) == nil || p.s.Task(task).Seat != approval.SeatPublic {
		t.Errorf("the notice leads to task %q, %v", task, err)
	}
}

func TestClosing(t *testing.T) {
	long := func(s *funduse.Start) { s.Proposal.EndsOn = "2026-10-15" }
	for _, s := range []story{
		{name: "papers are needed", script: noticed + "h1 submit !invalid\n h2 submit papers=a !not_eligible\n h1 submit papers=a unused=-1 !invalid\n h1 submit papers=a unused=500001 !invalid"},
		{name: "the supervisor sends the report back", script: noticed + "h1 submit papers=a unused=1\n v1 return stage=payout !invalid\n v1 return stage=acceptance\n h1 submit papers=b unused=0\n v1 approve\n @completed",
			check: func(t *testing.T, p *play) {
				if len(p.refunds) != 0 {
					t.Errorf("refunds %+v", p.refunds)
				}
			}},
		{name: "unused money comes back to the fen", script: noticed + "h1 submit papers=a unused=12345\n v1 approve\n c1 submit amount=12344 ref=R !invalid\n c1 submit amount=12346 ref=R !invalid\n c1 submit amount=12345 !invalid\n c1 submit amount=12345 ref=R7\n @completed",
			check: func(t *testing.T, p *play) {
				want := funduse.RefundOrder{CaseID: "case1", Key: "case1.acceptance.1.refund", Amount: 12_345, BankReference: "R7", At: p.now}
				if len(p.refunds) != 1 || p.refunds[0] != want {
					t.Errorf("refunds %+v, want %+v", p.refunds, want)
				}
			}},
		{name: "the supervisor did not propose it", start: func(s *funduse.Start) { s.Proposer = "x" }, script: "m1 approve\n m2 approve\n c1 approve\n k1 approve\n q1 approve\n tick\n x submit papers=a\n x approve !same_person\n v1 approve\n @completed"},
		{name: "over six months: a word every quarter", start: long, script: paid + "tick\n @disclosure\n tick\n h1 submit !invalid\n h1 submit text=已完成三成\n @disclosure\n tick\n h2 submit text=已完成八成\n @acceptance\n h1 submit papers=a\n v1 approve\n @completed",
			check: func(t *testing.T, p *play) {
				var kinds []string
				for _, note := range p.notes {
					kinds = append(kinds, note.Kind)
				}
				if !slices.Equal(kinds, []string{"disclosure", "disclosure", "closing"}) || p.notes[1].Text != "已完成八成" || p.notes[0].ID == p.notes[1].ID {
					t.Errorf("notes %+v", p.notes)
				}
			}},
		{name: "six months to the day: none", start: func(s *funduse.Start) { s.Proposal.EndsOn = "2026-09-01" }, script: paid + "tick\n @acceptance"},
	} {
		s.play(t)
	}
}

// TestTheNoticeClockNeedsNoBell: an objection after the last moment is refused
// even if nobody has told the case yet that the moment has passed.
func TestTheNoticeClockNeedsNoBell(t *testing.T) {
	p := newPlay(t, start())
	p.perform(paid)
	ends := p.s.Notice.EndsAt
	for after, want := range map[int]approval.Code{-1: "", 0: approval.TaskClosed, 1: approval.TaskClosed} {
		p.now = ends.Add(time.Duration(after))
		if code := approval.CodeOf(p.s.Check(p.act("res", approval.Object, []string{"objection=o-1"}), p.now)); code != want {
			t.Errorf("%dns from the end: %q, want %q", after, code, want)
		}
	}
}
