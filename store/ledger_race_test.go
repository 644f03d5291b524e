package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"linli/approval"
	"linli/approval/funduse"
)

// together runs n calls at once and returns what each came to.
func together(n int, run func(i int) error) []error {
	results, start := make([]error, n), make(chan struct{})
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			<-start
			results[i] = run(i)
		})
	}
	close(start)
	group.Wait()
	return results
}

func TestTwoHundredReservationsAgainstRoomForThirtySeven(t *testing.T) {
	b, ctx := openBooks(t), context.Background()
	b.donate("income-0001", 37*1_000+999, noon)
	results := together(200, func(i int) error {
		return b.worker.Reserve(ctx, funduse.ReserveOrder{CaseID: fmt.Sprint("c", i), Key: fmt.Sprint("r", i), FundID: b.fund.ID, Amount: 1_000, At: noon})
	})
	held := 0
	for _, err := range results {
		switch approval.CodeOf(err) {
		case approval.InsufficientFund:
		default:
			if err != nil {
				t.Fatal(err)
			}
			held++
		}
	}
	if balance := b.balance(); held != 37 || balance.Available != 999 || balance.Reserved != 37_000 {
		t.Errorf("%d reservations held, balance %+v", held, balance)
	}
	b.sound()
}

func TestFiftyTimesTheSameKeyBooksOnce(t *testing.T) {
	b, ctx := openBooks(t), context.Background()
	b.donate("income-0001", 100_000, noon)
	order := funduse.ReserveOrder{CaseID: "c1", Key: "r1", FundID: b.fund.ID, Amount: 1_000, At: noon}
	for _, err := range together(50, func(int) error { return b.worker.Reserve(ctx, order) }) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if balance := b.balance(); balance.Reserved != 1_000 {
		t.Errorf("the same key reserved %s yuan", balance.Reserved.Yuan())
	}
	order.Amount++
	if err := b.worker.Reserve(ctx, order); approval.CodeOf(err) != approval.KeyReused {
		t.Errorf("the key with another body: %v", err)
	}
	b.sound()
}

// One hot fund, everything at once: income, cases that hold, pay, refund and
// release. Bookings queue, none deadlocks, none is lost.
func TestAHotFundTakesEverythingAtOnce(t *testing.T) {
	b, ctx := openBooks(t), context.Background()
	b.donate("income-0001", 1_000_000, noon)
	const cases = 40
	for _, err := range together(2*cases, func(i int) error {
		id := fmt.Sprint("c", i)
		if i%2 == 0 {
			_, err := b.api.AddIncome(b.as(approval.CharityOfficer, district), funduse.IncomeOrder{
				FundID: b.fund.ID, Key: id, By: "p_9", At: noon, Income: donation(100),
			})
			return err
		}
		if err := b.worker.Reserve(ctx, funduse.ReserveOrder{CaseID: id, Key: id, FundID: b.fund.ID, Amount: 1_000, At: noon}); err != nil {
			return err
		}
		if i%4 == 1 {
			return b.worker.Release(ctx, funduse.ReleaseOrder{CaseID: id, Key: id, Reason: "撤回", At: noon})
		}
		if err := b.worker.SendPayment(ctx, funduse.SendOrder{CaseID: id, Key: id, Amount: 1_000, PayeeID: b.payee.ID, At: noon}); err != nil {
			return err
		}
		if err := b.worker.SettlePayment(ctx, funduse.SettleOrder{CaseID: id, Key: id, BankReference: id, Gateway: "http", At: noon}); err != nil {
			return err
		}
		return b.worker.RefundUnused(ctx, funduse.RefundOrder{CaseID: id, Key: id, Amount: 300, BankReference: "R" + id, At: noon})
	}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := approval.Fen(1_000_000 + cases*100 - cases/2*700)
	if balance := b.balance(); balance.Available != want || balance.Reserved != 0 || balance.Transit != 0 {
		t.Errorf("balance %+v, want %s yuan available", balance, want.Yuan())
	}
	b.sound()
}

// Settling one attempt from many sides, with different keys of the bank's
// answer, pays once (I2).
func TestACaseIsPaidOnceWhoeverReportsIt(t *testing.T) {
	b, ctx := openBooks(t), context.Background()
	b.donate("income-0001", 100_000, noon)
	for _, err := range []error{
		b.worker.Reserve(ctx, funduse.ReserveOrder{CaseID: "c1", Key: "r1", FundID: b.fund.ID, Amount: 1_000, At: noon}),
		b.worker.SendPayment(ctx, funduse.SendOrder{CaseID: "c1", Key: "p1", Amount: 1_000, PayeeID: b.payee.ID, At: noon}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	results := together(20, func(i int) error {
		return b.worker.SettlePayment(ctx, funduse.SettleOrder{CaseID: "c1", Key: "p1", BankReference: fmt.Sprint("BR", i%2), Gateway: "http", At: noon})
	})
	paid := 0
	for _, err := range results {
		if err == nil {
			paid++
		} else if code := approval.CodeOf(err); code != approval.KeyReused {
			t.Fatalf("unexpected: %v", err)
		}
	}
	if paid != 10 { // those that report the reference that was first
		t.Errorf("%d of 20 reports were taken as the payment", paid)
	}
	b.sound()
}
