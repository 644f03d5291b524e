package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"linli/approval"
	"linli/approval/engagement"
	"linli/approval/funduse"
	"linli/approval/onboarding"
	"linli/audit"
	"linli/store"
	"linli/store/storetest"
)

// engaged opens a case for an engagement, as its first recorded step does.
func (b *books) engaged(caseID string, scope approval.Scope) {
	b.t.Helper()
	b.runs(caseID, scope, 1, "open")
}

// runs records a step of an engagement.
func (b *books) runs(caseID string, scope approval.Scope, seq int, key string) {
	b.t.Helper()
	record := step(caseID, seq, key, approval.Task{Stage: "case", Seat: "operator", Kind: approval.Standing, Persons: []string{"p_1"}, Scope: scope})
	record.Case.Procedure, record.Case.Scope = engagement.Procedure, scope
	must(b.worker.Record(context.Background(), record))(b.t)
}

func (b *books) share(caseID, period string, amount approval.Fen, receipt int) engagement.ShareOrder {
	return engagement.ShareOrder{
		Key: caseID + "/share/" + period, CaseID: caseID, FundID: b.fund.ID, Period: period, By: "p_2", At: noon,
		Income: funduse.NewIncome{
			Kind: funduse.OperatorShare, Amount: amount, Payer: "示例运营公司", PayerCreditCode: "91370303QW00000147", Memo: period + "反哺",
			ReceivedOn: "2026-03-03", Receipt: funduse.Receipt{Code: "37010126", Number: fmt.Sprintf("%010d", receipt), Item: "反哺", IssuedOn: "2026-03-03"},
		},
	}
}

func view(caseID string, seq int) engagement.View {
	return engagement.View{
		CaseID: caseID, Seq: seq, Onboarding: "c_1", Scope: community, People: []string{"p_1"}, Stage: engagement.Operating, Status: approval.Running,
		Operator: onboarding.Operator{ID: "op-1", Name: "示例助餐服务部"}, Space: onboarding.Space{ID: "sp-1", Number: 7, Name: "示范一社区助餐点"},
		Term: engagement.Term{From: "2026-01-01", To: "2027-12-31"}, Periods: []engagement.Period{}, Evaluations: []engagement.Assessment{},
		Services: []onboarding.Service{{Name: "午餐", Kind: onboarding.Meals, Class: onboarding.LowCharge, Price: 1_500, Unit: "份", Over60: 10, Over80: 15}},
		OpenedAt: noon,
	}
}

func TestAShareIsBookedOncePerPeriod(t *testing.T) {
	b, ctx := openBooks(t), context.Background()
	b.engaged("e_1", community)
	order := b.share("e_1", "2026-02", 300_001, 1)
	ids := make([]string, 10)
	for i, err := range together(10, func(i int) (err error) {
		ids[i], err = b.worker.BookShare(ctx, order)
		return err
	}) {
		if err != nil || ids[i] != ids[0] || ids[i] == "" {
			t.Errorf("repetition %d: income %q, %v", i, ids[i], err)
		}
	}
	other := order
	other.Income.Amount++
	_, err := b.worker.BookShare(ctx, other)
	refusedAs(t, err, approval.KeyReused)
	renamed := order
	renamed.Key, renamed.Income.Receipt.Number = "another key", "0000000002"
	_, err = b.worker.BookShare(ctx, renamed) // the same period under another key
	refusedAs(t, err, approval.Conflict)
	if balance := b.balance(); balance.Available != 300_001 {
		t.Errorf("the fund holds %s", balance.Available.Yuan())
	}
	income := must(b.api.Income(b.as(approval.Auditor, city), ids[0]))(t)
	if income.Kind != funduse.OperatorShare || income.Receipt.Number != "0000000001" || income.RecordedBy != "p_2" {
		t.Errorf("income %+v", income)
	}
	b.sound()
}

func TestAUsedReceiptNumberIsRefusedAndNothingBooked(t *testing.T) {
	b, ctx := openBooks(t), context.Background()
	b.engaged("e_1", community)
	must(b.worker.BookShare(ctx, b.share("e_1", "2026-01", 100, 1)))(t)
	_, err := b.worker.BookShare(ctx, b.share("e_1", "2026-02", 200, 1))
	refusedAs(t, err, approval.Conflict)
	if refusal := approval.Refusal(err); refusal.Field != "receipt/number" {
		t.Errorf("blames %q", refusal.Field)
	}
	must(b.worker.BookShare(ctx, b.share("e_1", "2026-02", 200, 2)))(t) // corrected, under the same key
	if balance := b.balance(); balance.Available != 300 {
		t.Errorf("the fund holds %d fen", balance.Available)
	}
	b.sound()
}

// Whatever engagements pay in whatever order and however often it is repeated,
// the fund holds the sum of what each period came to.
func TestTheFundHoldsTheSumOfAllShares(t *testing.T) {
	b, ctx := openBooks(t), context.Background()
	for _, caseID := range []string{"e_1", "e_2", "e_3"} {
		b.engaged(caseID, community)
	}
	model, receipt := map[string]approval.Fen{}, 0
	rapid.Check(t, func(rt *rapid.T) {
		for range rapid.IntRange(1, 5).Draw(rt, "bookings") {
			caseID := rapid.SampledFrom([]string{"e_1", "e_2", "e_3"}).Draw(rt, "case")
			period := fmt.Sprintf("2026-%02d", rapid.IntRange(1, 12).Draw(rt, "month"))
			amount := approval.Fen(rapid.Int64Range(1, 1_000_000).Draw(rt, "fen"))
			receipt++
			_, err := b.worker.BookShare(ctx, b.share(caseID, period, amount, receipt))
			if booked, again := model[caseID+period]; again {
				if approval.CodeOf(err) != approval.KeyReused {
					rt.Fatalf("booking %s of %s as %d over %d: %v", period, caseID, amount, booked, err)
				}
				continue
			}
			if err != nil {
				rt.Fatal(err)
			}
			model[caseID+period] = amount
		}
	})
	sum := approval.Fen(0)
	for _, amount := range model {
		sum += amount
	}
	if balance := b.balance(); balance.Available != sum || balance.Total() != sum {
		t.Errorf("the fund holds %s, the shares come to %s", balance.Total().Yuan(), sum.Yuan())
	}
	b.sound()
}

func TestAnEngagementIsReadByItsOwnPeopleAndItsBulletinByEverybody(t *testing.T) {
	b, ctx := openBooks(t), context.Background()
	b.engaged("e_1", community)
	for seq := 2; seq <= 4; seq++ {
		b.runs("e_1", community, seq, fmt.Sprint("step", seq))
	}
	if err := b.worker.KeepEngagement(ctx, view("e_1", 3)); err != nil {
		t.Fatal(err)
	}
	older := view("e_1", 2)
	older.Operator.Name = "旧名"
	if err := b.worker.KeepEngagement(ctx, older); err != nil {
		t.Fatal(err)
	}
	for name, reader := range map[string]context.Context{
		"handler":  b.as(approval.Handler, community),
		"auditor":  b.as(approval.Auditor, city),
		"operator": store.WithPerson(ctx, approval.Person{ID: "p_1"}),
	} {
		if got, err := b.api.Engagement(reader, "e_1"); err != nil || got.Operator.Name != "示例助餐服务部" || got.Seq != 3 {
			t.Errorf("%s: %+v, %v", name, got.Operator, err)
		}
	}
	for name, stranger := range map[string]context.Context{
		"neighbour": b.as(approval.Handler, neighbour), "other operator": store.WithPerson(ctx, approval.Person{ID: "p_3"}), "nobody": ctx,
	} {
		_, err := b.api.Engagement(stranger, "e_1")
		if approval.CodeOf(err) != approval.NotFound {
			t.Errorf("%s reads a foreign engagement: %v", name, err)
		}
	}
	all, _, err := b.api.Bulletins(ctx, approval.BulletinFilter{Scope: district, Search: "午餐"}, wholePage)
	if err != nil || len(all) != 1 || all[0].Services[0].Price60 != 1_350 || all[0].Services[0].Price80 != 1_275 {
		t.Fatalf("%+v, %v", all, err)
	}
	if found, _, _ := b.api.Bulletins(ctx, approval.BulletinFilter{Scope: neighbour}, wholePage); len(found) != 0 {
		t.Errorf("the neighbour shows %+v", found)
	}
	over := view("e_1", 4)
	over.Status, over.ClosedAt = approval.Completed, noon.Add(time.Hour)
	if err := b.worker.KeepEngagement(ctx, over); err != nil {
		t.Fatal(err)
	}
	if left, _, _ := b.api.Bulletins(ctx, approval.BulletinFilter{}, wholePage); len(left) != 0 {
		t.Errorf("an ended engagement is still on the bulletin: %+v", left)
	}
	list, _, err := b.api.Engagements(b.as(approval.Handler, community), engagement.Filter{Status: approval.Completed, OperatorID: "op-1"}, wholePage)
	if err != nil || len(list) != 1 {
		t.Errorf("%d engagements, %v", len(list), err)
	}
}

// A worker that dies before its word reaches the history leaves a copy of steps
// that never counted.
func TestTheCopyOfAnEngagementFollowsTheStepsThatCount(t *testing.T) {
	b, ctx := openBooks(t), context.Background()
	b.engaged("e_1", community)
	b.runs("e_1", community, 2, "lost")
	b.runs("e_1", community, 3, "lost too")
	lost := view("e_1", 3)
	lost.Overdue = 7
	keep := func(v engagement.View) engagement.View {
		t.Helper()
		if err := b.worker.KeepEngagement(ctx, v); err != nil {
			t.Fatal(err)
		}
		return must(b.api.Engagement(b.as(approval.Handler, community), "e_1"))(t)
	}
	keep(lost)
	b.runs("e_1", community, 2, "counts")
	if got := keep(view("e_1", 2)); got.Seq != 2 || got.Overdue != 0 {
		t.Errorf("the copy shows step %d, overdue %d; step 3 was superseded", got.Seq, got.Overdue)
	}
	if got := keep(lost); got.Seq != 2 || got.Overdue != 0 {
		t.Errorf("the copy shows step %d, overdue %d; step 3 came after it was superseded", got.Seq, got.Overdue)
	}
}

func TestMomentsFollowTheCalendarOrTheTraining(t *testing.T) {
	question := engagement.DateQuestion{OpenedAt: noon, StartsOn: "2026-01-01", Dates: []string{"2026-02-01", "2027-01-01"}}
	b := openBooks(t)
	got := must(b.worker.Moments(t.Context(), question))(t)
	if want := time.Date(2026, 2, 1, 0, 0, 0, 0, approval.Shanghai); !got[0].Equal(want) || len(got) != 2 {
		t.Errorf("moments %v", got)
	}
	training := must(store.Open(t.Context(), b.address.Worker, store.WithDayLength(time.Second)))(t)
	t.Cleanup(training.Close)
	got = must(training.Moments(t.Context(), question))(t)
	if !got[0].Equal(noon.Add(31*time.Second)) || !got[1].Equal(noon.Add(365*time.Second)) {
		t.Errorf("moments in training %v", got)
	}
}

// A case that was continued as new is sealed run by run in the one chain.
func TestRunsOfOneCaseAreSealedInTheOneChain(t *testing.T) {
	c := openCopies(t)
	c.record(step("e_1", 1, "open"))
	for i, id := range []string{"e_1.1", "e_1.2"} {
		for range 2 { // sealing again changes nothing
			if err := c.worker.Seal(t.Context(), id, history(i), storetest.Now); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := c.worker.Seal(t.Context(), "e_9.1", history(9), storetest.Now); err == nil {
		t.Error("a run of no case was sealed")
	}
	c.record(closed(step("e_1", 2, "close"), approval.Completed))
	if cases := must(c.worker.Unarchived(t.Context(), 10))(t); len(cases) != 1 || cases[0] != "e_1" {
		t.Errorf("unarchived: %v", cases)
	}
	if err := c.worker.Seal(t.Context(), "e_1", history(3), storetest.Now); err != nil {
		t.Fatal(err)
	}
	log := must(c.worker.ArchiveLog(t.Context()))(t)
	if err := audit.VerifyLog(log); err != nil || len(log) != 3 {
		t.Errorf("a log of %d: %v", len(log), err)
	}
	auditor := c.as("p_auditor", approval.Auditor, storetest.Zhangdian)
	if got := must(c.api.ArchivedHistory(auditor, "e_1.2"))(t); string(got) != string(history(1)) {
		t.Errorf("history %s", got)
	}
	_, err := c.api.ArchivedHistory(c.as("p_other", approval.Auditor, storetest.Linzi), "e_1.2")
	refusedAs(t, err, approval.NotFound)
}
