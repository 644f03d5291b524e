package e2e

import (
	"net/http"
	"testing"
	"time"

	"linli/approval"
	"linli/approval/engagement"
	"linli/standalone/e2e/stack"
)

func priceList(from string, price, over60 int64) map[string]any {
	return map[string]any{"prices": map[string]any{"from": from, "reason": "食材涨价（示例）", "services": []map[string]any{
		{"name": "老年午餐", "kind": "meals", "class": "low_charge", "price": price, "unit": "份", "over60": over60, "over80": 15},
	}}}
}

// bulletin waits until the public reads what is asked for.
func (e *tenancy) bulletin(what string, holds func(approval.Bulletin) bool) {
	e.t.Helper()
	stack.Until(e.t, "the bulletin shows "+what, func() (bool, string) {
		got := e.write(e.operator, "GET", "/v1/public/bulletins/"+e.id, "", nil)
		if got.status != http.StatusOK {
			return false, got.String()
		}
		var bulletin approval.Bulletin
		got.into(e.t, &bulletin)
		return holds(bulletin), got.String()
	})
}

// Prices change on the real stack: the district's rules send a list back, the
// community confirms the next one, and the public reads it from its day on.
// Meanwhile a report stays out: the secretary is asked, then the subdistrict.
func TestPricesChangeAndALateReportGoesUp(t *testing.T) {
	t.Parallel()
	w := open(t, stack.Options{DayLength: 500 * time.Millisecond})
	e := w.engage("zd", "c_e2e_prices", 12, w.let("示例助餐服务部", "92370303QW0000129A", "P1"), func(start *engagement.Start) { start.Parameters.ReportDays = 3 })
	from := day(0, 90)
	propose := deed{as: e.operator, stage: engagement.Pricing, seat: engagement.SeatOperator, do: approval.Submit, details: priceList(from, 1_800, 5)}
	e.act(e.id, propose)
	returned := e.shown("what the rules say", func(v engagement.View) bool {
		return v.Proposal != nil && v.Proposal.Status == engagement.ProposalReturned
	}).Proposal
	if len(returned.Findings) != 1 || returned.Findings[0].ID != "meals_discount" {
		t.Fatalf("the rules hold against the list: %+v", returned.Findings)
	}
	propose.details = priceList(from, 1_800, 10)
	e.act(e.id, propose)
	e.act(e.id, deed{as: "zd-handler", stage: engagement.Pricing, seat: engagement.SeatCommunity, do: approval.Approve, comment: "同意"})
	e.bulletin("the list to come", func(b approval.Bulletin) bool {
		return b.Services[0].Price == 1_500 && b.Next != nil && b.Next.From == from && b.Next.Services[0].Price60 == 1_620
	})

	e.act(e.id, deed{as: "zd-secretary", stage: engagement.Reporting, seat: engagement.SeatUrging + "-operator", do: approval.Submit, comment: "已约谈（示例）"})
	e.act(e.id, deed{as: "zd-street", stage: engagement.Reporting, seat: engagement.SeatOversight + "-operator", do: approval.Submit, comment: "责成三日内报送（示例）"})
	for person, seat := range map[string]string{"zd-secretary": engagement.SeatUrging, "zd-street": engagement.SeatOversight} {
		told := all[approval.MessageView](w, person, "/v1/messages?kind=escalation&")
		if len(told) == 0 || told[0].CaseID != e.id {
			t.Errorf("%s was told nothing about %s: %+v", person, seat, told)
		}
	}
	e.bulletin("the new list, and the old one on record", func(b approval.Bulletin) bool {
		return b.Services[0].Price == 1_800 && b.ValidFrom == from && b.Next == nil && len(b.Past) == 1 && b.Past[0].Services[0].Price == 1_500
	})
	e.withdraws()
	e.settles(approval.Withdrawn)
	e.keeps("engagement_prices_changed")
}
