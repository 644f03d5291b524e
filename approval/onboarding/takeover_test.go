package onboarding_test

import (
	"strings"
	"testing"
	"time"

	"linli/approval"
	"linli/approval/onboarding"
)

// onPaper makes the case one of a contract that was signed on paper a year ago.
func onPaper(s *onboarding.Start) {
	s.Application.StartsOn, s.Application.EndsOn = "2025-01-01", "2027-12-31"
	s.Application.Attachments = []approval.Attached{{ID: "at-1", Kind: "contract", Name: "合同.pdf", SHA256: strings.Repeat("a", 64), Size: 100}}
	s.Application.Takeover = &onboarding.Takeover{
		SignedOn: "2024-12-20", SettledTo: "2025-12-31",
		SignedBy: []onboarding.PaperSigner{{Seat: "operator", Name: "示例负责人", Capacity: "经营者"}, {Seat: "community", Name: "示例书记"}},
	}
}

// handedOver has the handover take place on paper, too.
func handedOver(s *onboarding.Start) {
	s.Application.Attachments = append(s.Application.Attachments, approval.Attached{ID: "at-2", Kind: "handover", Name: "移交书.pdf", SHA256: strings.Repeat("b", 64), Size: 100})
	s.Application.Takeover.Handover = &onboarding.PaperHandover{On: "2024-12-30", Items: []onboarding.Item{{Kind: onboarding.ItemKeys, Name: "大门钥匙", Unit: "把", Quantity: 2}}}
}

func both(s *onboarding.Start) {
	onPaper(s)
	handedOver(s)
}

func TestAnExistingContractIsTakenOver(t *testing.T) {
	const confirmed = "sec approve\n s1 approve\n"
	tell(t, []story{
		{name: "handed over on paper", start: both, script: confirmed + "@completed", check: func(t *testing.T, p *play) {
			kept(t, p)
			list := p.s.Checklist
			if list.Paper != strings.Repeat("b", 64) || len(list.Items) != 2 || list.Items[0].Name != "厨房" || p.s.ContractHash() != strings.Repeat("a", 64) {
				t.Errorf("list %+v, contract %s", list, p.s.ContractHash())
			}
			if _, err := list.Certificate(onboarding.CertificateFacts{}); approval.CodeOf(err) != approval.Conflict {
				t.Errorf("the certificate is printed a second time: %v", err)
			}
			if back := list.HandBack(p.now); back.Complete() || back.Paper != "" || len(back.Items) != 2 {
				t.Errorf("the hand-back begins with %+v", back)
			}
			if people := strings.Join(p.s.Agents(), ","); people != "p1,p2" || p.s.FundID == "" {
				t.Errorf("%s act for the operator, the share goes to %q", people, p.s.FundID)
			}
		}},
		{name: "still to be handed over", start: onPaper, script: confirmed + "@handover\n h1 submit list\n h1 confirm sound\n p1 confirm worn\n h1 submit repaired\n h1 confirm sound\n p1 confirm sound\n @completed", check: kept},
		{name: "two levels whatever the rules ask", start: func(s *onboarding.Start) {
			both(s)
			s.Parameters.Review.Levels, s.Parameters.Panel.Use = []string{"district"}, onboarding.PanelAlways
		}, script: "d1 approve !not_eligible\n " + confirmed + "@completed", check: kept},
		{name: "nobody confirms twice", start: both, script: "x approve\n x approve !same_person\n s1 approve\n @completed"},
		{name: "whoever registered it does not confirm it", start: func(s *onboarding.Start) {
			both(s)
			s.Applicant = "x"
		}, script: "x approve !same_person\n " + confirmed + "@completed"},
		{name: "nor who acts for the operator", start: func(s *onboarding.Start) {
			both(s)
			s.People = []string{"p1", "sec"}
		}, script: "sec approve !same_person\n sec2 approve\n s1 approve\n @completed"},
		{name: "nor who is related to it", start: both, script: "interested s1\n sec approve\n s1 approve !same_person\n s2 approve\n @completed"},
		{name: "the operator neither corrects nor withdraws it", start: both, script: "sec return stage=correction\n @correction\n p1 correct title=乙 !not_eligible\n p1 withdraw !not_eligible\n h1 withdraw\n @withdrawn", check: givenBack},
		{name: "a return is corrected and confirmed anew", start: both, script: "sec approve\n s1 return stage=correction comment=页码不全\n @correction\n h1 correct admission !invalid\n h1 correct title=乙\n " + confirmed + "@completed", check: kept},
		{name: "sent back to the desk", start: both, script: "sec approve\n s1 return stage=desk_review\n @desk_review\n " + confirmed + "@completed"},
		{name: "rejected", start: both, script: "sec approve\n s1 reject comment=合同存疑\n @rejected", check: givenBack},
		{name: "somebody else has the space", start: both, script: "taken\n " + confirmed + "@rejected", check: givenBack},
		{name: "without a fund it stands still", start: both, script: "fund\n " + confirmed + "@handover\n fund 示范基金\n @completed", check: kept},
		{name: "somebody still sits there", start: onPaper, script: "occupied 某店\n " + confirmed + "@handover\n h1 submit list !task_closed\n free\n h1 submit list\n h1 withdraw\n @withdrawn", check: givenBack},
	})
}

func TestABadTakeoverIsRefusedAtItsField(t *testing.T) {
	good := start()
	both(&good)
	if err := good.Application.Validate(); err != nil {
		t.Fatal(err)
	}
	if err := good.Application.Current(opened); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		field string
		spoil func(*onboarding.Application)
	}{
		{"call_id", func(a *onboarding.Application) { a.CallID = "call1" }},
		{"ends_on", func(a *onboarding.Application) { a.EndsOn, a.Takeover.SettledTo = "2026-03-01", "" }},
		{"takeover/signed_on", func(a *onboarding.Application) { a.Takeover.SignedOn = "2026-03-03" }},
		{"takeover/signed_on", func(a *onboarding.Application) { a.Takeover.SignedOn = "" }},
		{"takeover/signed_by", func(a *onboarding.Application) { a.Takeover.SignedBy = a.Takeover.SignedBy[:1] }},
		{"takeover/signed_by/0/name", func(a *onboarding.Application) { a.Takeover.SignedBy[0].Name = " " }},
		{"takeover/signed_by/1/seat", func(a *onboarding.Application) { a.Takeover.SignedBy[1].Seat = "bank" }},
		{"takeover/settled_to", func(a *onboarding.Application) { a.Takeover.SettledTo = "2024-12-31" }},
		{"takeover/settled_to", func(a *onboarding.Application) { a.Takeover.SettledTo = "2025-11-30" }}, // a quarter ends in December
		{"takeover/settled_to", func(a *onboarding.Application) { a.Takeover.SettledTo = "2026-03-31" }}, // has not ended
		{"takeover/settled_to", func(a *onboarding.Application) { a.Takeover.SettledTo = "2028-03-31" }},
		{"takeover/evaluated_to", func(a *onboarding.Application) { a.Takeover.EvaluatedTo = "2025-12-30" }},
		{"takeover/evaluated_to", func(a *onboarding.Application) { a.Takeover.EvaluatedTo = "2027-12-31" }}, // has not begun
		{"takeover/handover/on", func(a *onboarding.Application) { a.Takeover.Handover.On = "2026-04-01" }},
		{"attachments", func(a *onboarding.Application) { a.Attachments = a.Attachments[1:] }},
		{"attachments", func(a *onboarding.Application) { a.Attachments = a.Attachments[:1] }},
	} {
		begin := start()
		both(&begin)
		a := begin.Application
		c.spoil(&a)
		err := a.Validate()
		if err == nil {
			err = a.Current(opened)
		}
		if refusal := approval.Refusal(err); refusal == nil || refusal.Code != approval.Invalid || refusal.Field != c.field || refusal.Message.ZH == "" || refusal.Message.EN == "" {
			t.Errorf("%s: got %v", c.field, refusal)
		}
	}
}

func TestRulesSayUntilWhenContractsAreTakenOver(t *testing.T) {
	rules := parameters()
	if refusal := approval.Refusal(rules.MayTakeOver(opened)); refusal == nil || refusal.Code != approval.Conflict || refusal.Field != "takeover" {
		t.Errorf("without a date: %v", refusal)
	}
	rules.TakeoverUntil = "2026-03-02"
	if err := rules.MayTakeOver(opened); err != nil {
		t.Errorf("on the last day: %v", err)
	}
	refusal := approval.Refusal(rules.MayTakeOver(opened.Add(24 * time.Hour)))
	if refusal == nil || refusal.Code != approval.Conflict || !strings.Contains(refusal.Message.ZH, "2026-03-02") {
		t.Errorf("the day after: %v", refusal)
	}
}

// A list on paper that does not fit the register is refused where the paper is
// transcribed, not forgotten.
func TestAPaperListThatDoesNotFitTheRegisterStopsTheCase(t *testing.T) {
	begin := start()
	both(&begin)
	begin.Application.Takeover.Handover.Items[0].Room = "地下室"
	s := onboarding.New(begin)
	refusal := approval.Refusal(s.Ready(onboarding.Inventory{SpaceID: "sp-1", Rooms: []string{"厨房"}}, opened))
	if refusal == nil || refusal.Field != "takeover/handover/items/0/room" {
		t.Errorf("got %v", refusal)
	}
	begin.Application.Takeover.Handover.Items = nil
	if refusal := approval.Refusal(onboarding.New(begin).Ready(onboarding.Inventory{SpaceID: "sp-1"}, opened)); refusal == nil || refusal.Field != "takeover/handover/items" {
		t.Errorf("an empty list: %v", refusal)
	}
}
