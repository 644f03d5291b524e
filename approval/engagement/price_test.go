package engagement_test

import (
	"strings"
	"testing"

	"linli/approval"
	. "linli/approval/engagement"
	"linli/approval/onboarding"
)

func dearer() *PriceChange {
	return &PriceChange{From: "2026-03-01", Services: []onboarding.Service{lunch(1_800)}, Reason: "食材涨价"}
}

// propose plays a proposal up to what the criteria say of it.
func (w *world) propose(change *PriceChange, found ...approval.Finding) {
	w.t.Helper()
	w.do(operator, Pricing, SeatOperator, approval.Submit, "", Details{Prices: change})
	if w.state.Weighing(w.now) == nil || w.has(Pricing, SeatCommunity) || w.has(Pricing, SeatOperator) {
		w.t.Fatal("the community is asked, or the operator again, before the criteria were")
	}
	w.state.Weighed(approval.Evidence{Findings: []approval.Finding{{ID: "papers", Verdict: approval.FindingFail, Severity: approval.SeverityBlock, Message: "缺少申请表"}}},
		approval.Evidence{Findings: append([]approval.Finding{{ID: "papers", Verdict: approval.FindingFail, Severity: approval.SeverityBlock, Message: "缺少申请表"}}, found...)}, w.now)
	w.settled()
}

func (w *world) offers(price approval.Fen) {
	w.t.Helper()
	if offer := w.state.Offer(); len(offer) != 1 || offer[0].Price != price {
		w.t.Fatalf("offered %+v, want %d fen", offer, price)
	}
}

func TestAConfirmedListIsValidFromItsDayAndTheOldOneStaysOnRecord(t *testing.T) {
	w := begin(t, nil)
	w.until("2026-02-10")
	w.propose(dearer())
	if len(w.state.Proposal.Findings) != 0 {
		t.Fatalf("what the criteria say of both lists is held against the new one: %+v", w.state.Proposal.Findings)
	}
	w.do(person(approval.Handler), Pricing, SeatCommunity, approval.Approve, "", nil)
	w.offers(1_500)
	w.until("2026-02-28")
	w.offers(1_500)
	bulletin := w.state.View(1).Bulletin()
	if bulletin.Next == nil || bulletin.Next.From != "2026-03-01" || bulletin.Next.Services[0].Price60 != 1_620 || bulletin.Services[0].Price != 1_500 || len(bulletin.Past) != 0 {
		t.Fatalf("%+v", bulletin)
	}
	w.until("2026-03-01")
	w.offers(1_800)
	bulletin = w.state.View(1).Bulletin()
	if bulletin.Next != nil || bulletin.ValidFrom != "2026-03-01" || len(bulletin.Past) != 1 ||
		bulletin.Past[0].From != "2026-01-01" || bulletin.Past[0].To != "2026-02-28" || bulletin.Past[0].Services[0].Price != 1_500 {
		t.Fatalf("%+v", bulletin)
	}
	again := dearer()
	again.From, again.Services[0].Price = "2026-04-01", 1_700
	w.propose(again)
	w.do(person(approval.Handler), Pricing, SeatCommunity, approval.Approve, "", nil)
	w.do(operator, approval.CaseDesk, SeatOperator, approval.Withdraw, "不做了", nil)
	if w.offers(1_800); len(w.state.Lists) != 2 || w.has(Pricing, SeatOperator) {
		t.Errorf("an operator that leaves still changes its prices: %+v", w.state.Lists)
	}
}

func TestPricesRefused(t *testing.T) {
	w := begin(t, nil)
	w.until("2026-02-10")
	task := w.open(Pricing, SeatOperator)
	for field, spoil := range map[string]func(*PriceChange){
		"from":              func(c *PriceChange) { c.From = "2026-02-10" }, // today
		"from/":             func(c *PriceChange) { c.From = "2028-01-01" }, // after the term
		"from//":            func(c *PriceChange) { c.From = "bald" },
		"reason":            func(c *PriceChange) { c.Reason = " " },
		"services":          func(c *PriceChange) { c.Services = nil },
		"services/":         func(c *PriceChange) { c.Services = []onboarding.Service{lunch(1_500)} }, // nothing changes
		"services/0/price":  func(c *PriceChange) { c.Services[0].Price = -1 },
		"services/0/over80": func(c *PriceChange) { c.Services[0].Over80 = 5 },
		"services/1/name":   func(c *PriceChange) { c.Services = append(c.Services, c.Services[0]) },
		"services/0/kind":   func(c *PriceChange) { c.Services[0].Kind = "casino" },
	} {
		change := dearer()
		spoil(change)
		w.refused(w.act(operator, task, approval.Submit, "", Details{Prices: change}), approval.Invalid, "form/details/prices/"+strings.TrimRight(field, "/"))
	}
	w.refused(w.act(operator, task, approval.Submit, "", nil), approval.Invalid, "form/details/prices")
	w.refused(w.act(person(approval.Handler), task, approval.Submit, "", Details{Prices: dearer()}), approval.NotEligible, "")

	w.propose(dearer())
	decide := w.open(Pricing, SeatCommunity)
	insider := approval.Person{ID: operator.ID, Grants: person(approval.Handler).Grants}
	w.refused(w.act(insider, decide, approval.Approve, "", nil), approval.SamePerson, "")
	w.refused(w.act(person(approval.Handler), decide, approval.Return, "", nil), approval.CommentRequired, "comment")
	w.do(person(approval.Handler), Pricing, SeatCommunity, approval.Approve, "", nil)
	second := dearer()
	second.Services[0].Price = 1_900
	w.refused(w.act(operator, w.open(Pricing, SeatOperator), approval.Submit, "", Details{Prices: second}), approval.Invalid, "form/details/prices/from") // a list from that day is confirmed
}

func TestAListIsNeverConfirmedForThePast(t *testing.T) {
	w := begin(t, nil)
	w.until("2026-02-10")
	w.propose(dearer())
	w.until("2026-03-02")
	w.refused(w.act(person(approval.Handler), w.open(Pricing, SeatCommunity), approval.Approve, "", nil), approval.Conflict, "")
	w.do(person(approval.Handler), Pricing, SeatCommunity, approval.Return, "请调整执行日期", nil)
	w.offers(1_500)
	if task := w.open(Pricing, SeatOperator); task.Kind != approval.Form || w.state.Proposal.Note != "请调整执行日期" {
		t.Fatalf("the operator does not hear of it: %+v", task)
	}
	later := dearer()
	later.From = "2026-03-10"
	w.propose(later)
	w.do(person(approval.Handler), Pricing, SeatCommunity, approval.Return, "涨幅过大", nil)
	w.do(operator, Pricing, SeatOperator, approval.Abstain, "", nil)
	if task := w.open(Pricing, SeatOperator); task.Kind != approval.Standing || w.state.Proposal.Status != ProposalDropped {
		t.Fatalf("%+v", w.state.Proposal)
	}
}

func TestCriteriaReturnWhatTheyForbid(t *testing.T) {
	w := begin(t, nil)
	w.until("2026-02-10")
	for _, finding := range []approval.Finding{
		{ID: "discount", Verdict: approval.FindingFail, Severity: approval.SeverityBlock, Message: "助餐对60岁以上老人优惠不足"},
		{ID: "licences", Verdict: approval.FindingUnknown, Severity: approval.SeverityWarn, Message: "缺少证据"},
	} {
		w.propose(dearer(), finding)
		if w.has(Pricing, SeatCommunity) || w.state.Proposal.Status != ProposalReturned || w.state.Proposal.Note != finding.Message+"。" {
			t.Fatalf("%+v", w.state.Proposal)
		}
	}
	w.propose(dearer(), approval.Finding{ID: "market", Verdict: approval.FindingFail, Severity: approval.SeverityReview, Message: "市场化项目过半"})
	w.refused(w.act(person(approval.Handler), w.open(Pricing, SeatCommunity), approval.Approve, " ", nil), approval.CommentRequired, "comment")
	w.do(person(approval.Handler), Pricing, SeatCommunity, approval.Approve, "已征求居民意见", nil)
	if w.state.Proposal.Status != ProposalConfirmed {
		t.Fatalf("%+v", w.state.Proposal)
	}
}

// An engagement that began before prices could change goes on as it was until
// it adopts the edition; then what was agreed is the first list.
func TestAnOlderEngagementAdoptsTheEdition(t *testing.T) {
	w := older(t, nil)
	w.until("2026-02-20")
	if w.has(Pricing, SeatOperator) || len(w.state.Lists) != 0 || !w.state.Outdated(Edition) || w.has(Reporting, "urging-operator") {
		t.Fatal("an engagement knows what it has not adopted")
	}
	w.offers(1_500)
	w.state.Adopt(Edition, w.now)
	w.settled()
	if w.state.Outdated(Edition) || !w.has(Pricing, SeatOperator) || !w.has(Renewal, SeatOperator) {
		t.Fatal("not adopted")
	}
	w.propose(dearer())
}
