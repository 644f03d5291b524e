package engagement_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"linli/approval"
	. "linli/approval/engagement"
	"linli/approval/onboarding"
)

// player draws what somebody might do on an open task, sensible or not.
type player struct {
	*world
	rt     *rapid.T
	booked map[string]approval.Fen // what the ledger was given, by key
	freed  int
}

// Whatever people do in whatever order, while the clock runs and runs end in
// between: money is booked once per period and is what the contract makes of
// the report; whoever confirmed does not book; the space is given back once,
// after both sides agreed on everything; and nothing moves after the end.
func TestWhateverAnybodyDoesInAnEngagement(t *testing.T) {
	ended := 0
	rapid.Check(t, func(rt *rapid.T) {
		w := older(t, func(s *Start) {
			s.EndsOn = rapid.SampledFrom([]string{"2026-04-30", "2026-12-31", "2027-06-30"}).Draw(rt, "term")
			s.Share.Percent = rapid.Int64Range(1, 100).Draw(rt, "percent")
			if rapid.IntRange(0, 3).Draw(rt, "taken over") == 0 {
				takenOver(s)
				s.TakenOver.SettledTo = rapid.SampledFrom([]string{"", "2024-06-30", "2026-01-31"}).Draw(rt, "settled to")
			}
		})
		p := &player{world: w, rt: rt, booked: map[string]approval.Fen{}}
		if rapid.IntRange(0, 4).Draw(rt, "older") > 0 {
			w.state.Adopt(rapid.IntRange(1, Edition).Draw(rt, "edition"), w.now)
			w.settled()
		}
		for range rapid.IntRange(20, 200).Draw(rt, "moves") {
			p.move()
			p.effects()
			p.holds()
			if w.state.Ended() {
				ended++
				break
			}
		}
	})
	if ended == 0 {
		t.Error("no play came to its end: the laws about ends were not tried")
	}
}

func (p *player) move() {
	switch rapid.IntRange(0, 9).Draw(p.rt, "kind of move") {
	case 0: // a new run
		p.state.Fold()
		p.state.Adopt(max(p.state.Edition, rapid.IntRange(1, Edition).Draw(p.rt, "edition")), p.now)
		p.settled()
	case 1, 2:
		if next := p.state.NextAlarm(); !next.IsZero() {
			p.now = next
			p.state.Ring(next)
			p.settled()
		}
	default:
		p.act()
	}
}

func (p *player) act() {
	var open []approval.Task
	for _, task := range p.state.Tasks {
		if task.Status == approval.TaskOpen && (task.Kind != approval.Standing || rapid.IntRange(0, 3).Draw(p.rt, "standing") == 0) {
			open = append(open, task)
		}
	}
	if len(open) == 0 {
		return
	}
	task := rapid.SampledFrom(open).Draw(p.rt, "task")
	action := rapid.SampledFrom(task.Actions).Draw(p.rt, "action")
	if action == approval.Withdraw || action == approval.Terminate {
		if rapid.IntRange(0, 7).Draw(p.rt, "really leave") > 0 {
			return
		}
	}
	by := operator
	if len(task.Persons) == 0 {
		by = person(task.Role)
	}
	if rapid.IntRange(0, 5).Draw(p.rt, "somebody else") == 0 {
		by = person(rapid.SampledFrom([]approval.Role{approval.Handler, approval.Secretary, approval.CharityOfficer, approval.SubdistrictApprover}).Draw(p.rt, "who"))
		by.Grants = append(by.Grants, approval.Grant{Role: approval.CharityOfficer, Scope: "370300"}, approval.Grant{Role: approval.Handler, Scope: "370300"})
	}
	_ = p.try(p.world.act(by, task, action, rapid.SampledFrom([]string{"意见", ""}).Draw(p.rt, "comment"), p.form(task)))
}

// form is what fits the task, now and then with a wrong figure.
func (p *player) form(task approval.Task) Details {
	switch {
	case task.Stage == Reporting:
		return p.money(task)
	case task.Stage == Evaluation:
		return Details{Scores: sheet(rapid.Int64Range(40, 100).Draw(p.rt, "score"))}
	case task.Stage == Rectification:
		return Details{Statement: &Statement{Text: "已整改"}}
	case task.Stage == Pricing:
		from := p.now.AddDate(0, 0, rapid.IntRange(0, 40).Draw(p.rt, "days ahead"))
		return Details{Prices: &PriceChange{
			From: from.In(approval.Shanghai).Format("2006-01-02"), Reason: "成本变化",
			Services: []onboarding.Service{lunch(approval.Fen(rapid.Int64Range(1, 5_000).Draw(p.rt, "price")))},
		}}
	case task.Stage == Renewal:
		return Details{Renewal: &Extension{EndsOn: "2028-12-31", Papers: papers()}}
	case task.Stage == Exit:
		all := readings(p.state.HandBack)
		n := rapid.IntRange(0, len(all)-1).Draw(p.rt, "item")
		if rapid.IntRange(0, 6).Draw(p.rt, "defect") == 0 {
			all[n].State, all[n].Note = onboarding.Defective, "损坏"
		}
		stated := all[n : n+1]
		if rapid.Bool().Draw(p.rt, "all that is left") {
			stated = slices.DeleteFunc(all, func(r onboarding.Reading) bool {
				item := p.state.HandBack.Items[slices.IndexFunc(p.state.HandBack.Items, func(i onboarding.Item) bool { return i.ID == r.ItemID })]
				return item.Agreed() || slices.ContainsFunc(p.state.HandBack.Repairs, func(r onboarding.Repair) bool { return r.ItemID == item.ID && r.Open() })
			})
		}
		return Details{Handover: &onboarding.HandoverForm{Readings: stated, Repaired: &onboarding.RepairReport{
			Report: "已处理", WrittenOff: rapid.IntRange(0, 3).Draw(p.rt, "written off") == 0,
		}}}
	}
	return Details{Ground: SafetyAccident}
}

func (p *player) money(task approval.Task) Details {
	today := p.now.In(approval.Shanghai).Format("2006-01-02")
	profit := approval.Fen(rapid.Int64Range(-1_000, 1_000_000).Draw(p.rt, "profit"))
	report := Report{Figures: Figures{Revenue: fen(1_000_000), Profit: fen(profit)}, Papers: papers()}
	for _, period := range p.state.Periods {
		if period.Turn == task.Round {
			report.Period, report.Share = period.Name, period.Amount(p.state.Share, report.Figures)
		}
	}
	if rapid.IntRange(0, 6).Draw(p.rt, "wrong share") == 0 {
		report.Share++
	}
	return Details{Report: &report, Payment: &Payment{BankReference: "B", PaidOn: today}, Received: received(today)}
}

// effects does what the workflow does, the ledger refusing now and then.
func (p *player) effects() {
	for p.state.Pending() {
		switch {
		case p.state.Unscheduled() != nil:
			p.settled()
		case p.state.Weighing(p.now) != nil:
			p.state.Weighed(approval.Evidence{}, p.evidence(), p.now)
		case p.state.Donation(p.now) != nil:
			order := p.state.Donation(p.now)
			if slices.Contains(p.confirmers(order.Period), order.By) {
				p.rt.Fatalf("%s confirmed and books %s", order.By, order.Period)
			}
			if rapid.IntRange(0, 4).Draw(p.rt, "ledger refuses") == 0 {
				p.state.DonationRefused(order.Period, approval.Errorf(approval.Conflict, "票据号码已使用。", "The number was used."), p.now)
				continue
			}
			if _, again := p.booked[order.Key]; again {
				p.rt.Fatalf("%s is booked twice", order.Key)
			}
			p.booked[order.Key] = order.Income.Amount
			p.state.Donated(order.Period, "in-"+order.Period, p.now)
		case p.state.Extension(p.now) != nil:
			if rapid.Bool().Draw(p.rt, "space taken") {
				p.state.ExtensionRefused(approval.Errorf(approval.Conflict, "已有安排。", "Taken."), p.now)
				continue
			}
			p.state.Extended(p.now)
		default:
			p.freed++
			p.state.Close(p.now)
		}
	}
	p.settled()
}

// evidence is what the criteria may say of a new list.
func (p *player) evidence() approval.Evidence {
	return approval.Evidence{Findings: []approval.Finding{{
		ID: "discount", Message: "优惠不足", Severity: rapid.SampledFrom([]approval.Severity{approval.SeverityBlock, approval.SeverityReview, approval.SeverityWarn}).Draw(p.rt, "severity"),
		Verdict: rapid.SampledFrom([]approval.FindingVerdict{approval.FindingOK, approval.FindingFail, approval.FindingUnknown}).Draw(p.rt, "verdict"),
	}}}
}

func (p *player) confirmers(period string) []string {
	for _, known := range p.state.Periods {
		if known.Name == period {
			return known.ConfirmedBy
		}
	}
	return nil
}

// prices: the lists follow each other, each was confirmed by somebody else than
// proposed it, and what is offered is the last that has begun.
func (p *player) prices() {
	lists := p.state.Lists
	if len(lists) == 0 {
		return // older
	}
	for i, list := range lists[1:] {
		if list.From <= lists[i].From || list.Begun && !lists[i].Begun || len(list.ConfirmedBy) == 0 ||
			slices.ContainsFunc(list.ProposedBy, func(by string) bool { return slices.Contains(list.ConfirmedBy, by) }) {
			p.rt.Fatalf("list %d: %+v after %+v", i+1, list, lists[i])
		}
		if last := lists[len(lists)-1]; last.Begun && approval.ContentHash(p.state.Offer()) != approval.ContentHash(last.Services) {
			p.rt.Fatalf("offered %+v", p.state.Offer())
		}
	}
}

// measures: an office is asked about something late only as long as it is.
func (p *player) measures() {
	if p.state.Edition == Edition && p.state.Stage == Exit {
		p.closable()
	}
	for _, task := range p.state.OpenAt(Reporting) {
		for _, office := range []string{SeatUrging, SeatOversight} {
			late, about := strings.CutPrefix(task.Seat, office+"-")
			if !about {
				continue
			}
			if of := p.state.Task(approval.TaskID(task.CaseID, Reporting, task.Round, late)); of == nil || of.Status != approval.TaskOpen || p.state.Stage == Exit {
				p.rt.Fatalf("%s is asked, and nothing is late", task.ID)
			}
		}
	}
}

// closable: at the exit somebody other than the operator can close what is late.
func (p *player) closable() {
	for _, late := range p.state.OpenAt(Reporting) {
		if !late.Escalated || late.Seat != SeatOperator && late.Seat != SeatPayment {
			continue
		}
		if !slices.ContainsFunc(p.state.OpenAt(Reporting), func(t *approval.Task) bool {
			return t.Round == late.Round && strings.HasPrefix(t.Seat, SeatArrears)
		}) {
			p.rt.Fatalf("%s is late, and nobody is asked to close it", late.ID)
		}
	}
}

func (p *player) holds() {
	s, sum := p.state, approval.Fen(0)
	for _, amount := range p.booked {
		sum += amount
	}
	if sum != s.Given {
		p.rt.Fatalf("given %d, booked %d", s.Given, sum)
	}
	for _, period := range s.Periods {
		if onPaper := s.TakenOver != nil && period.To <= s.TakenOver.SettledTo; onPaper {
			if period.Status != Settled || period.Report != nil || period.Share != nil {
				p.rt.Fatalf("%s was settled on paper and stands at %s", period.Name, period.Status)
			}
			continue
		}
		if period.Status == Settled && *period.Share != period.Amount(s.Share, period.Report.Figures) {
			p.rt.Fatalf("%s settled at %d", period.Name, *period.Share)
		}
		if booked, done := p.booked[fmt.Sprintf("%s/share/%s", s.Start.CaseID, period.Name)]; done && (period.Status != Settled || booked != *period.Share) {
			p.rt.Fatalf("%s is booked and stands at %s", period.Name, period.Status)
		}
	}
	p.prices()
	p.measures()
	if !s.Ended() {
		return
	}
	if p.freed != 1 || !s.HandBack.Complete() || s.Free(p.now) != nil || slices.ContainsFunc(s.Periods, Period.Open) {
		p.rt.Fatalf("ended: freed %d times, hand-back %v", p.freed, s.HandBack.Complete())
	}
	before := approval.ContentHash(s)
	s.Ring(p.now.AddDate(1, 0, 0))
	if approval.ContentHash(s) != before || slices.ContainsFunc(s.Tasks, func(t approval.Task) bool { return t.Status == approval.TaskOpen }) {
		p.rt.Fatal("an ended engagement still moves")
	}
}
