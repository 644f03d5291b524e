package onboarding_test

import (
	"strings"
	"testing"

	"linli/approval/onboarding"
)

// mayObject gives the applicant a time to object to a rejection.
func mayObject(s *onboarding.Start) {
	s.Parameters.Reconsideration = onboarding.ReconsiderationParameters{FilingDays: 5, AnswerDays: 3}
}

func ends(words ...string) func(t *testing.T, p *play) {
	return func(t *testing.T, p *play) {
		t.Helper()
		givenBack(t, p)
		for _, word := range words {
			if !strings.Contains(p.s.Reason, word) {
				t.Errorf("ended because of %q, without %q", p.s.Reason, word)
			}
		}
	}
}

func TestReconsideration(t *testing.T) {
	const screened = "rules blocked\n rules blocked\n h1 correct title=乙\n @reconsideration\n"
	tell(t, []story{
		{name: "overruled: the rejection is final", start: mayObject, script: screened + "p1 object\n @reconsideration\n o1 overrule comment=仍在名单\n @rejected", check: ends("缺少托育备案回执", "仍在名单")},
		{name: "upheld: screened again and admitted", start: mayObject, script: screened + "h1 object\n o1 uphold\n @desk_review\n" + reviewed},
		{name: "upheld, rejected again: now it is final", start: mayObject, script: "rules blocked\n rules blocked\n rules blocked\n h1 correct title=乙\n p1 object\n o1 uphold\n @rejected", check: ends("缺少消防承诺")},
		{name: "the desk says no, then yes", start: mayObject, script: "sec approve\n s1 reject comment=方案不实\n @reconsideration\n p2 object\n o1 uphold\n @desk_review\n" + reviewed},
		{name: "the desk says no twice", start: mayObject, script: "sec reject\n @reconsideration\n p2 object\n o1 uphold\n sec reject comment=仍不符合需要\n @rejected", check: ends("仍不符合需要")},
		{name: "no objection in time", start: mayObject, script: screened + "tick\n @reconsideration\n tick\n @rejected", check: ends("缺少托育备案回执")},
		{name: "waived", start: mayObject, script: screened + "p1 abstain\n @rejected", check: ends("缺少托育备案回执")},
		{name: "withdrawn meanwhile", start: mayObject, script: screened + "p1 object\n p1 withdraw\n @withdrawn", check: givenBack},
		{name: "an overdue answer decides nothing", start: mayObject, script: screened + "p1 object\n tick\n tick\n @reconsideration\n o1 overrule\n @rejected"},
		{name: "once, with reasons, by the applicant", start: mayObject, script: screened + "out object !not_eligible\n sec object !not_eligible\n p1 object comment= !comment_required\n" +
			"p1 object\n p2 object task=reconsideration.1.applicant !task_closed"},
		{name: "answered with reasons, to screening or not at all", start: mayObject, script: screened + "p1 object\n o1 overrule comment= !comment_required\n o1 uphold stage=notice !invalid\n" +
			"o1 uphold stage=desk_review !invalid\n o1 uphold stage=screening\n @desk_review"},
		{name: "nobody answers who has decided", start: mayObject, script: "x approve\n s1 reject\n @reconsideration\n p1 object\n x uphold !same_person\n s2 uphold !not_eligible\n o1 uphold\n @desk_review"},
		{name: "nor who is related to the operator", start: mayObject, script: "interested o1\n sec reject\n p1 object\n o1 overrule !same_person\n x overrule\n @rejected"},
		{name: "a call may end it", start: func(s *onboarding.Start) { mayObject(s); underCall(s) }, script: "sec reject\n @reconsideration\n call over\n @rejected", check: givenBack},
		{name: "a rejection is final at once where the rules give no time", script: "rules blocked\n rules blocked\n h1 correct title=乙\n @rejected", check: givenBack},
		{name: "an objection of the notice is another matter", start: mayObject, script: reviewed + "res object objection=o-1\n o1 uphold\n @rejected", check: givenBack},
	})
}
