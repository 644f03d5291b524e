package onboarding_test

import (
	"testing"
	"time"

	"linli/approval"
	"linli/approval/onboarding"
)

func TestFitnessIsLookedAtAgainBeforeSigning(t *testing.T) {
	tell(t, []story{
		{name: "nothing has changed", script: ended, check: kept},
		{name: "a matter of judgement was judged at the desk", script: "looks review\n" + ended, check: kept},
		{name: "a licence has run out and is renewed", script: "looks blocked\n" + noticed + "p1 sign !action_not_allowed\n @signing\n p1 submit\n p1 sign\n sec sign\n s1 sign\n @handover", check: func(t *testing.T, p *play) {
			if p.freed != 0 || !p.s.Held || p.s.Reason != "" {
				t.Errorf("freed %d times, held %v, because of %q", p.freed, p.s.Held, p.s.Reason)
			}
		}},
		{name: "still not in order, in order at last", script: "looks blocked\n looks missing\n" + noticed + "p1 submit\n @signing\n p2 submit\n p1 sign\n sec sign\n s1 sign\n @handover"},
		{name: "not put in order in time", script: "looks blocked\n" + noticed + "tick\n @signing\n tick\n @lapsed", check: ends("签约前复核未通过", "缺少托育备案回执", "逾期未补齐")},
		{name: "nobody else says so", script: "looks blocked\n" + noticed + "sec submit !not_eligible\n out submit !not_eligible"},
		{name: "withdrawn instead", script: "looks blocked\n" + noticed + "p1 withdraw\n @withdrawn", check: givenBack},
	})
}

func TestAskingAgainGivesNoMoreTime(t *testing.T) {
	p := newPlay(t, start())
	p.perform("looks blocked\n looks blocked\n" + noticed)
	first := p.s.OpenAt(onboarding.Signing)[0].OpenedAt
	p.now = p.now.Add(2 * time.Hour)
	p.perform("p1 submit\n @signing")
	if open := p.s.OpenAt(onboarding.Signing); len(open) != 1 || !open[0].ClockStart().Equal(first) || open[0].Seat != "applicant-2" || open[0].Offers(approval.Sign) {
		t.Errorf("asked again with %+v", open)
	}
}
