package engagement_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"linli/approval"
	. "linli/approval/engagement"
	"linli/approval/funduse"
	"linli/approval/onboarding"
)

const community approval.Scope = "370300/370303/370303001/370303001901"

// world plays an engagement: its clock, its people, its acts.
type world struct {
	t     testing.TB
	state *State
	now   time.Time
	seq   int
}

func at(date string) time.Time {
	day, err := time.ParseInLocation(time.DateOnly, date, approval.Shanghai)
	if err != nil {
		panic(err)
	}
	return day
}

func person(role approval.Role) approval.Person {
	return approval.Person{ID: "u-" + string(role), Grants: []approval.Grant{{Role: role, Scope: "370300"}}}
}

var operator = approval.Person{ID: "u-operator"}

func fen(n approval.Fen) *approval.Fen { return &n }
func num(n int64) *int64               { return &n }

func papers() []approval.Attached {
	return []approval.Attached{{ID: "at-1", Kind: "statement", Name: "利润表.pdf", SHA256: fmt.Sprintf("%064x", 1), Size: 100}}
}

func handed() onboarding.Checklist {
	space := onboarding.Inventory{SpaceID: "sp-1", Name: "示范一社区助餐点", Rooms: []string{"厨房"}}
	list, err := onboarding.Draw(space, []onboarding.Item{
		{Kind: onboarding.ItemMeter, Name: "电表", Unit: "kWh", Quantity: 1}, {Kind: onboarding.ItemKeys, Name: "钥匙", Quantity: 2},
		{Kind: onboarding.ItemFire, Name: "灭火器", Quantity: 2}, {Kind: onboarding.ItemPhoto, Name: "照片", Quantity: 4},
	}, "u-handler", at("2025-12-30"))
	if err != nil {
		panic(err)
	}
	list.Confirm(onboarding.Giving, readings(list), "u-handler", at("2025-12-30"))
	list.Confirm(onboarding.Receiving, readings(list), "u-operator", at("2025-12-30"))
	return list
}

func readings(list onboarding.Checklist) []onboarding.Reading {
	var all []onboarding.Reading
	for _, item := range list.Items {
		reading := onboarding.Reading{ItemID: item.ID, Quantity: item.Quantity, State: onboarding.Intact}
		for n := range item.Quantity {
			if item.Kind == onboarding.ItemPhoto {
				reading.Photos = append(reading.Photos, fmt.Sprintf("%064x", n))
			}
		}
		if item.Kind == onboarding.ItemMeter {
			reading.Meter = 42_000
		}
		all = append(all, reading)
	}
	return all
}

func lunch(price approval.Fen) onboarding.Service {
	return onboarding.Service{Name: "老年午餐", Kind: onboarding.Meals, Class: onboarding.LowCharge, Price: price, Unit: "份", Over60: 10, Over80: 15}
}

func start() Start {
	return Start{
		CaseID: ID("c_1"), Onboarding: "c_1", Scope: community, Opener: "u-handler", People: []string{"u-operator"},
		Operator: onboarding.Operator{ID: "op-1", Name: "示例助餐服务部", CreditCode: "92370303QW0000129A", Kind: "sole_trader"},
		Space:    onboarding.Space{ID: "sp-1", Number: 7, Name: "示范一社区助餐点", Area: 3800}, HoldKey: "c_1/space/1", FundID: "fd-1",
		Services: []onboarding.Service{lunch(1_500)},
		Share:    onboarding.Share{Kind: onboarding.ProfitPercent, Percent: 30, Period: onboarding.Monthly},
		StartsOn: "2026-01-01", EndsOn: "2027-12-31", Handover: handed(), RepairDays: 30, MaxMonths: 36,
		Parameters: onboarding.EngagementParameters{
			ReportMonths: 3, ReportDays: 10, ConfirmDays: 5, DonationDays: 10, Excellent: 90, Good: 75, Pass: 60, EvaluationDays: 15,
			RectificationDays: 30, FailuresToExit: 2, RenewalNoticeDays: 60, HandbackDays: 10,
		},
		OpenedAt: at("2026-01-01"),
	}
}

func begin(t testing.TB, change func(*Start)) *world {
	t.Helper()
	return adopted(t, Edition, change)
}

// older is an engagement that began before there were editions.
func older(t testing.TB, change func(*Start)) *world {
	t.Helper()
	return adopted(t, 0, change)
}

// adopted is an engagement that began when this edition was the latest.
func adopted(t testing.TB, edition int, change func(*Start)) *world {
	t.Helper()
	s := start()
	if change != nil {
		change(&s)
	}
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, state: New(s), now: s.OpenedAt}
	w.state.Adopt(edition, w.now)
	w.settled()
	return w
}

// settled does what the workflow does between acts: it asks the clock.
func (w *world) settled() {
	if question := w.state.Unscheduled(); question != nil {
		var moments []time.Time
		for _, date := range question.Dates {
			moments = append(moments, at(date))
		}
		if err := w.state.Schedule(moments); err != nil {
			w.t.Fatal(err)
		}
	}
	for i := range w.state.Tasks {
		if task := &w.state.Tasks[i]; task.Days > 0 && task.DueAt.IsZero() {
			task.DueAt = task.OpenedAt.AddDate(0, 0, task.Days)
		}
	}
	copied := w.state.Clone()
	if !reflect.DeepEqual(copied.Clone(), copied) {
		w.t.Fatal("a state does not survive being copied")
	}
	w.state = copied
}

// until lets the clock run, ringing on the way.
func (w *world) until(date string) {
	w.t.Helper()
	for next := w.state.NextAlarm(); !next.IsZero() && !next.After(at(date)); next = w.state.NextAlarm() {
		w.now = next
		w.state.Ring(next)
		w.settled()
	}
	w.now = at(date)
}

// open is the open task of a seat at a stage.
func (w *world) open(stage approval.Stage, seat string) approval.Task {
	w.t.Helper()
	for _, task := range w.state.OpenAt(stage) {
		if task.Seat == seat {
			return *task
		}
	}
	w.t.Fatalf("no open task %s/%s", stage, seat)
	return approval.Task{}
}

func (w *world) has(stage approval.Stage, seat string) bool {
	for _, task := range w.state.OpenAt(stage) {
		if task.Seat == seat {
			return true
		}
	}
	return false
}

func (w *world) act(by approval.Person, task approval.Task, action approval.Action, comment string, details any) approval.Act {
	act := approval.Act{
		ID: fmt.Sprintf("%s/%d", by.ID, w.seq+1), CaseID: task.CaseID, TaskID: task.ID, Action: action, Person: by, Comment: comment, ContentHash: task.ContentHash,
	}
	if details != nil {
		act.Form.Details, _ = json.Marshal(details)
	}
	return act
}

func (w *world) try(act approval.Act) error {
	before := approval.ContentHash(w.state)
	if err := w.state.Check(act, w.now); err != nil {
		if approval.ContentHash(w.state) != before {
			w.t.Fatal("a check changed the state")
		}
		return err
	}
	w.seq++
	w.state.Apply(act, w.seq, w.now)
	w.settled()
	return nil
}

func (w *world) do(by approval.Person, stage approval.Stage, seat string, action approval.Action, comment string, details any) {
	w.t.Helper()
	if err := w.try(w.act(by, w.open(stage, seat), action, comment, details)); err != nil {
		w.t.Fatalf("%s %s at %s/%s: %v", by.ID, action, stage, seat, err)
	}
}

func (w *world) refused(act approval.Act, code approval.Code, field string) {
	w.t.Helper()
	refusal := approval.Refusal(w.try(act))
	if refusal == nil || refusal.Code != code || refusal.Field != field || refusal.Message.ZH == "" || refusal.Message.EN == "" {
		w.t.Fatalf("want %s at %q, got %v", code, field, refusal)
	}
}

// report plays a period from its report to the ledger.
func (w *world) report(period string, profit, share approval.Fen) {
	w.t.Helper()
	w.do(operator, Reporting, SeatOperator, approval.Submit, "", Details{Report: &Report{
		Period: period, Figures: Figures{Revenue: fen(max(profit, 0) + 1_000_000), Profit: fen(profit)}, Share: share, Papers: papers(),
	}})
	w.do(person(approval.Handler), Reporting, SeatCommunity, approval.Approve, "", nil)
	if share > 0 {
		w.pay()
	}
}

func (w *world) pay() {
	w.t.Helper()
	today := w.now.In(approval.Shanghai).Format(time.DateOnly)
	w.do(operator, Reporting, SeatPayment, approval.Submit, "", Details{Payment: &Payment{BankReference: "B1", PaidOn: today}})
	w.do(person(approval.CharityOfficer), Reporting, SeatCharity, approval.Approve, "", Details{Received: received(today)})
	w.booked()
}

func received(date string) *Received {
	return &Received{ReceivedOn: date, Receipt: funduse.Receipt{Code: "37010126", Number: "0000000001", Item: "运营主体反哺", IssuedOn: date}}
}

// booked does what the workflow does with the ledger.
func (w *world) booked() {
	w.t.Helper()
	order := w.state.Donation(w.now)
	if order == nil {
		w.t.Fatal("nothing to book")
	}
	if err := order.Income.Validate(w.now); err != nil {
		w.t.Fatal(err)
	}
	w.state.Donated(order.Period, "in-1", w.now)
	w.settled()
}

// score plays an evaluation with this total.
func (w *world) score(total int64) {
	w.t.Helper()
	w.do(person(approval.Secretary), Evaluation, SeatCommunity, approval.Submit, "", Details{Scores: sheet(total)})
	w.do(person(approval.SubdistrictApprover), Evaluation, SeatSubdistrict, approval.Approve, "", nil)
}

func sheet(total int64) []Score {
	var scores []Score
	for _, item := range Sheet {
		points := min(total, item.Most)
		total -= points
		scores = append(scores, Score{Item: item.ID, Points: points})
	}
	return scores
}

// handBack plays both sides of the hand-back without a difference.
func (w *world) handBack() {
	w.t.Helper()
	w.do(operator, Exit, string(onboarding.Giving), approval.Confirm, "", Details{Handover: &onboarding.HandoverForm{Readings: readings(w.state.HandBack)}})
	w.do(person(approval.Handler), Exit, string(onboarding.Receiving), approval.Confirm, "", Details{Handover: &onboarding.HandoverForm{Readings: readings(w.state.HandBack)}})
}

// freed does what the workflow does when everything is settled.
func (w *world) freed() {
	w.t.Helper()
	if w.state.Free(w.now) == nil {
		w.t.Fatal("the space cannot be given back yet")
	}
	w.state.Close(w.now)
	if w.state.Free(w.now) != nil {
		w.t.Fatal("the space would be given back twice")
	}
	for _, task := range w.state.Tasks {
		if task.Status == approval.TaskOpen {
			w.t.Fatalf("an ended engagement leaves %s open", task.ID)
		}
	}
}

// dutiful lets the clock run while the operator reports every period, without
// a profit.
func (w *world) dutiful(date string) {
	w.t.Helper()
	for next := w.state.NextAlarm(); !next.IsZero() && !next.After(at(date)); next = w.state.NextAlarm() {
		w.until(next.In(approval.Shanghai).Format(time.DateOnly))
		for _, p := range w.state.Periods {
			if p.Status == Due {
				w.report(p.Name, 0, 0)
			}
		}
	}
	w.now = at(date)
}
