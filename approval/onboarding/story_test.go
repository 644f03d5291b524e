package onboarding_test

import (
	"slices"
	"strings"
	"testing"

	"linli/approval"
	"linli/approval/onboarding"
)

// story is a case played from beginning to end; see perform for the script.
type story struct {
	name   string
	start  func(*onboarding.Start)
	script string
	check  func(t *testing.T, p *play)
}

func tell(t *testing.T, stories []story) {
	t.Helper()
	for _, s := range stories {
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
}

const (
	reviewed = "sec approve\n s1 approve\n @notice\n"
	noticed  = reviewed + "tick\n @signing\n"
	signed   = noticed + "p1 sign\n sec sign\n s1 sign\n @handover\n"
	listing  = signed + "h1 submit list\n"
	ended    = listing + "h1 confirm sound\n p1 confirm sound\n @completed\n"
)

// underCall makes the case answer a call, so that a panel scores it.
func underCall(s *onboarding.Start) { s.Application.CallID = "call1" }

const scored = "sec approve\n s1 approve\n @scoring\n e1 submit scores=80,70\n e2 submit scores=90,60\n e3 submit scores=70,70\n @ranking\n"

func kept(t *testing.T, p *play) {
	t.Helper()
	if p.held != 1 || p.freed != 0 || p.allotted != 1 || !p.s.Held {
		t.Errorf("held %d, freed %d, allotted %d, holds %v", p.held, p.freed, p.allotted, p.s.Held)
	}
}

// givenBack holds for every case that ended without taking the space over.
func givenBack(t *testing.T, p *play) {
	t.Helper()
	if p.s.Held || p.held != p.freed || p.allotted != 0 {
		t.Errorf("held %d times, freed %d times, still %v, allotted %d", p.held, p.freed, p.s.Held, p.allotted)
	}
	if p.s.Reason == "" || p.s.ClosedAt.IsZero() {
		t.Errorf("ended without a reason or time: %q at %s", p.s.Reason, p.s.ClosedAt)
	}
}

func TestFromApplicationToHandover(t *testing.T) {
	tell(t, []story{
		{name: "everybody agrees", script: ended, check: kept},
		{name: "the operator's own person filed it", start: func(s *onboarding.Start) { s.Applicant = "p1" }, script: ended, check: kept},
		{
			name: "a correction, an objection and two defects", script: "rules blocked\n @correction\n p1 correct title=补正后\n" + reviewed +
				"res object objection=o-1\n o1 overrule\n tick\n @signing\n p1 sign\n sec sign\n s1 sign\n h1 submit list\n" +
				"h1 confirm sound\n p1 confirm worn\n h1 submit repaired\n h1 confirm sound\n p1 confirm worn\n h1 submit repaired\n h1 confirm sound\n p1 confirm sound\n @completed",
			check: func(t *testing.T, p *play) {
				kept(t, p)
				if len(p.answers) != 1 || p.answers[0].Status != "overruled" || len(p.s.Checklist.Repairs) != 2 || p.s.Application.Title != "补正后" {
					t.Errorf("answers %+v, repairs %+v", p.answers, p.s.Checklist.Repairs)
				}
			},
		},
		{name: "the district too, where routed", script: "routes district\n sec approve\n s1 approve\n @desk_review\n d1 approve\n @notice"},
		{name: "a level nobody knows is the district's business", script: "routes province\n sec approve\n s1 approve\n d1 approve\n @notice"},
		{
			name: "nobody is to review: the district does", start: func(s *onboarding.Start) { s.Parameters.Review.Levels = nil },
			script: "sec approve !not_eligible\n @desk_review\n d1 approve\n @notice",
		},
	})
}

func TestScreening(t *testing.T) {
	tell(t, []story{
		{name: "one request lists everything that is missing", script: "rules blocked\n @correction", check: func(t *testing.T, p *play) {
			if !strings.Contains(p.s.Reason, "托育备案") || !strings.Contains(p.s.Reason, "消防承诺") || p.s.Corrections != 1 {
				t.Errorf("asked for %q", p.s.Reason)
			}
		}},
		{name: "the second time the verdict stands", script: "rules blocked\n rules missing\n p2 correct title=乙\n @rejected", check: givenBack},
		{name: "nobody corrects in time", script: "rules missing\n tick\n tick\n @lapsed", check: givenBack},
		{name: "a correction keeps operator and space", script: "rules blocked\n h1 correct space=sp-2 !invalid\n h1 correct !invalid\n h1 correct title=乙\n @desk_review"},
		{name: "a licence that has run out is no correction", script: "rules blocked\n h1 correct expired !invalid\n @correction"},
		{name: "nobody else corrects", script: "rules blocked\n h2 correct title=乙 !not_eligible\n out correct title=乙 !not_eligible"},
		{
			name:   "over a review criterion the last office says why",
			script: "rules review\n sec approve comment=\n s1 approve comment= !comment_required\n s1 approve\n @notice",
		},
	})
}

func TestDeskReview(t *testing.T) {
	tell(t, []story{
		{name: "the community says no", script: "sec reject\n @rejected", check: givenBack},
		{name: "the subdistrict asks for a correction", script: "sec approve\n s1 ask_correction\n @correction\n h1 correct title=乙\n @desk_review\n sec approve\n s1 approve\n @notice"},
		{name: "the subdistrict sends it back to the community", script: "sec approve\n s1 return stage=desk_review\n @desk_review\n s1 approve !not_eligible\n sec approve"},
		{name: "back only where it may go", script: "sec approve\n s1 return stage=signing !invalid\n s1 return !invalid\n s1 return stage=correction\n @correction"},
		{name: "an overdue review decides nothing", script: "tick\n tick\n @desk_review\n sec approve\n s1 approve\n @notice"},
		{name: "nobody decides on two levels", script: "x approve\n x approve !same_person\n s1 approve\n @notice"},
		{name: "who is related to the operator decides nothing", script: "interested sec\n sec approve !same_person\n sec2 approve\n s1 approve\n @notice"},
		{name: "nor does who filed it", start: func(s *onboarding.Start) { s.Applicant = "sec" }, script: "sec approve !same_person\n sec2 approve"},
		{name: "content must be what is on the table", script: "sec approve hash=0000 !stale_content\n sec approve hash= !stale_content"},
		{name: "withdrawn", script: "p2 withdraw\n @withdrawn", check: givenBack},
		{name: "only the applicants withdraw", script: "out withdraw !not_eligible\n sec withdraw !not_eligible\n a1 terminate\n @terminated", check: givenBack},
	})
}

func TestScoring(t *testing.T) {
	tell(t, []story{
		{name: "three scorers", start: underCall, script: scored, check: func(t *testing.T, p *play) {
			// 80·60+70·40, 90·60+60·40, 70·60+70·40 in hundredths
			if r := p.s.Result; r.Counted != 3 || r.Sum != 7600+7800+7000 || r.Mean() != "74.67" {
				t.Errorf("came to %+v, %s", r, r.Mean())
			}
		}},
		{name: "below the mark", start: underCall, script: "sec approve\n s1 approve\n e1 submit scores=50,50\n e2 submit scores=60,60\n e3 submit scores=69,60\n @rejected", check: givenBack},
		{name: "at the mark", start: underCall, script: "sec approve\n s1 approve\n e1 submit scores=50,50\n e2 submit scores=60,60\n e3 submit scores=70,70\n @ranking"},
		{name: "a sheet is complete or nothing", start: underCall, script: `sec approve
			s1 approve
			e1 submit !invalid
			e1 submit points=service:80 !invalid
			e1 submit points=service:80,service:80 !invalid
			e1 submit points=service:80,colour:80 !invalid
			e1 submit scores=101,0 !invalid
			e1 submit scores=-1,0 !invalid
			e1 submit scores=0,100
			e1 submit scores=0,100 task=scoring.1.e1 !task_closed`},
		{name: "in person, and one's own", start: underCall, script: "sec approve\n s1 approve\n e1 submit scores=1,1 for=e2 !not_eligible\n e1 submit scores=1,1 task=scoring.1.e2 !not_eligible\n e4 submit scores=1,1 !not_eligible"},
		{
			name: "too few scorers stop the case", start: underCall,
			script: "panel e1 e2\n sec approve\n s1 approve\n @panel\n tick\n tick\n @panel\n s2 submit\n @panel\n panel e1 e2 e4\n s2 submit\n @scoring",
		},
		{
			name: "who steps aside is replaced by a new panel", start: underCall,
			script: "sec approve\n s1 approve\n e1 submit scores=80,80\n e2 recuse\n e3 submit scores=80,80\n @panel\n panel e1 e2 e3 e4\n s1 submit\n @scoring\n e2 submit scores=1,1 !same_person\n e1 submit scores=80,80\n e3 submit scores=80,80\n e4 submit scores=80,80\n @ranking",
		},
		{name: "a missing scorer neither blocks nor passes", start: underCall, script: "panel e1 e2 e3 e4\n sec approve\n s1 approve\n e1 submit scores=80,80\n e2 submit scores=80,80\n e3 submit scores=80,80\n @scoring\n tick\n tick\n @ranking"},
		{name: "overdue with too few: no pass", start: underCall, script: "sec approve\n s1 approve\n e1 submit scores=99,99\n tick\n tick\n @scoring\n e2 submit scores=99,99\n e3 submit scores=99,99\n @ranking"},
		{
			name: "highest and lowest dropped", start: func(s *onboarding.Start) { underCall(s); s.Parameters.Panel.DropExtremes = true },
			script: "sec approve\n s1 approve\n @panel\n panel e1 e2 e3 e4 e5\n s1 submit\n e1 submit scores=100,100\n e2 submit scores=80,80\n e3 submit scores=70,70\n e4 submit scores=60,60\n e5 submit scores=0,0\n @ranking",
			check: func(t *testing.T, p *play) {
				if r := p.s.Result; r.Counted != 3 || r.Mean() != "70.00" || r.All != 5 {
					t.Errorf("came to %+v", r)
				}
			},
		},
		{name: "reviewers and related people do not score", start: underCall, script: "interested e1\n panel e1 e2 e3 e4 x\n x approve\n s1 approve\n @scoring", check: func(t *testing.T, p *play) {
			if !slices.Equal(p.s.Scorers, []string{"e2", "e3", "e4"}) {
				t.Errorf("the panel is %v", p.s.Scorers)
			}
		}},
		{name: "single scores are hidden while the panel scores", start: underCall, script: "sec approve\n s1 approve\n @scoring", check: func(t *testing.T, p *play) {
			if !p.s.Snapshot().Sealed {
				t.Error("the scores are open")
			}
		}},
		{name: "without a panel by the rules, straight on", start: func(s *onboarding.Start) { underCall(s); s.Parameters.Panel.Use = onboarding.PanelNever }, script: "sec approve\n s1 approve\n @ranking"},
		{name: "always, if the rules say so", start: func(s *onboarding.Start) { s.Parameters.Panel.Use = onboarding.PanelAlways }, script: "sec approve\n s1 approve\n @scoring\n e1 submit scores=80,80\n e2 submit scores=80,80\n e3 submit scores=80,80\n @notice"},
	})
}

func TestRanking(t *testing.T) {
	tell(t, []story{
		{name: "the best goes on", start: underCall, script: scored + "call 1/2\n @ranking\n call turn\n @notice\n call over\n @notice"},
		{name: "the reserve waits and moves up", start: underCall, script: scored + "call 2/3\n @ranking\n call 2/3\n call turn\n @notice"},
		{name: "the space went to somebody else", start: underCall, script: scored + "call 2/2\n call over\n @rejected", check: givenBack},
		{name: "a call that is off ends what has not been ranked yet", start: underCall, script: "sec approve\n call over\n @rejected", check: givenBack},
		{name: "a candidate may leave", start: underCall, script: scored + "p1 withdraw\n @withdrawn\n call turn\n @withdrawn", check: givenBack},
		{name: "sent back to the desk it keeps its turn", start: underCall, script: scored + "call turn\n res object objection=o-1\n o1 uphold stage=desk_review\n @desk_review\n sec2 approve\n s2 approve\n e1 submit scores=80,80\n e2 submit scores=80,80\n e3 submit scores=80,80\n @notice"},
	})
}

func TestNotice(t *testing.T) {
	tell(t, []story{
		{name: "the notice says it all", script: reviewed, check: func(t *testing.T, p *play) {
			n := p.notices[0]
			if n.Admission == nil || n.Admission.Services[0].Price80 != 1020 || n.Admission.Services[0].Price60 != 1080 || n.Admission.Share.ZH != "按季度反哺利润的30%" || len(n.Steps) != 3 {
				t.Errorf("published %+v", n)
			}
		}},
		{name: "the space is held before anybody reads it", script: reviewed, check: func(t *testing.T, p *play) {
			if p.held != 1 || !p.s.Held {
				t.Errorf("held %d", p.held)
			}
		}},
		{name: "a loser gets a precise refusal and no notice", script: "taken\n sec approve\n s1 approve\n @rejected", check: func(t *testing.T, p *play) {
			givenBack(t, p)
			if len(p.notices) != 0 || p.held != 0 || !strings.Contains(p.s.Reason, "已有运营主体") {
				t.Errorf("%d notices, held %d, %q", len(p.notices), p.held, p.s.Reason)
			}
		}},
		{name: "an objection holds the notice open", script: reviewed + "res object objection=o-1\n tick\n @notice\n tick\n @notice\n o1 overrule\n @signing"},
		{name: "upheld, it rejects", script: reviewed + "res object objection=o-1\n res object objection=o-2\n o1 uphold\n @rejected", check: func(t *testing.T, p *play) {
			givenBack(t, p)
			if len(p.answers) != 2 || p.answers[0].Status != "upheld" || p.answers[1].Status != "upheld" {
				t.Errorf("answered %+v", p.answers)
			}
		}},
		{
			name: "upheld, it goes back to the desk, gives the space back and is noticed anew", script: reviewed + "res object objection=o-1\n o1 uphold stage=desk_review\n @desk_review\n sec2 approve\n s2 approve\n @notice\n res object objection=o-2\n o1 overrule\n tick\n @signing",
			check: func(t *testing.T, p *play) {
				if p.held != 2 || p.freed != 1 || len(p.notices) != 2 || p.notices[0].ID == p.notices[1].ID {
					t.Errorf("held %d, freed %d, %d notices", p.held, p.freed, len(p.notices))
				}
			},
		},
		{name: "upheld, it goes nowhere else", script: reviewed + "res object objection=o-1\n o1 uphold stage=signing !invalid"},
		{name: "after the period nobody objects", script: noticed + "res object objection=o-1 task=notice.1.public !task_closed"},
		{name: "a reviewer does not judge the objection", script: "sec approve\n x approve\n res object objection=o-1\n x overrule !same_person\n o1 overrule"},
		{name: "withdrawn during the notice", script: reviewed + "h1 withdraw\n @withdrawn", check: givenBack},
	})
}

func TestSigning(t *testing.T) {
	tell(t, []story{
		{name: "in any order", script: noticed + "s1 sign\n sec sign\n p1 sign\n @handover"},
		{name: "nobody signs twice or for two", script: noticed + "p1 sign\n p1 sign task=signing.1.operator !already_acted\n x sign task=signing.1.community\n x sign task=signing.1.subdistrict !same_person"},
		{name: "only who may", script: noticed + "p2 sign task=signing.1.operator !not_eligible\n h2 sign !not_eligible\n sec sign task=signing.1.operator !not_eligible"},
		{name: "with a fresh proof", script: noticed + "p1 sign proof= !reauthentication_required\n p1 sign proof=token !reauthentication_required\n p1 sign proof=totp"},
		{name: "only the contract as it lies there", script: noticed + "p1 sign hash=0000 !stale_content\n p1 sign hash= !stale_content", check: func(t *testing.T, p *play) {
			if act := p.act("p1", approval.Sign, []string{"hash=" + p.s.ContentHash}); approval.CodeOf(p.take(act)) != approval.StaleContent {
				t.Error("signing the application's hash signs the contract")
			}
		}},
		{name: "nobody signs in time", script: noticed + "p1 sign\n sec sign\n tick\n tick\n @lapsed", check: func(t *testing.T, p *play) {
			givenBack(t, p)
			if !strings.Contains(p.s.Reason, "示例街道办事处") {
				t.Errorf("lapsed because of %q", p.s.Reason)
			}
		}},
		{name: "a party refuses", script: noticed + "sec reject\n @rejected", check: givenBack},
		{name: "withdrawn before all have signed", script: noticed + "p1 sign\n sec sign\n p2 withdraw\n @withdrawn", check: givenBack},
		{name: "once all have signed the contract binds", script: signed + "p1 withdraw !conflict\n a1 terminate\n @terminated", check: givenBack},
		{name: "no fund, no donation agreement, no signing", script: "fund\n" + noticed + "fund 示范一社区发展基金\n p1 sign\n @signing", check: func(t *testing.T, p *play) {
			if p.laid != 1 {
				t.Errorf("laid %d times", p.laid)
			}
		}},
	})
}

func TestHandover(t *testing.T) {
	tell(t, []story{
		{name: "an occupied space is not handed over", script: "occupied 某店\n" + signed + "h1 submit list !task_closed\n free\n h1 submit list\n @handover"},
		{name: "a list leaves nothing out", script: signed + "h1 submit !invalid\n p1 submit list !same_person\n h1 submit list"},
		{name: "each side speaks for itself", script: listing + "p1 confirm sound task=handover.1.giving !same_person\n h1 confirm sound task=handover.1.receiving !not_eligible\n p1 confirm sound\n @handover"},
		{name: "nothing is handed over by waiting", script: listing + "tick\n tick\n @handover\n h1 confirm sound\n p1 confirm sound\n @completed", check: kept},
		{name: "agreed is agreed", script: listing + "h1 confirm sound\n & p1 confirm sound\n & p1 confirm sound !invalid\n @completed"},
		{name: "a defect is mended before it counts", script: listing + "h1 confirm sound\n p1 confirm worn\n @handover\n p1 submit repaired !same_person\n h2 submit repaired\n h2 submit repaired task=handover.1.repair-1 !task_closed\n @handover"},
		{name: "a case that was taken over takes no more acts", script: ended + "p1 withdraw !task_closed"},
	})
}
