package store_test

import (
	"context"
	"testing"
	"time"

	"linli/approval"
	"linli/approval/funduse"
)

// The life of one case's money: reserved, sent, refused by the bank, sent
// again, paid, partly refunded – and the balance as it stood at every step.
func TestACasesMoneyFromReserveToRefund(t *testing.T) {
	b, ctx := openBooks(t), context.Background()
	b.donate("income-0001", 100_000, noon)
	at := func(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }
	steps := []struct {
		name      string
		run       func() error
		available approval.Fen
		reserved  approval.Fen
		transit   approval.Fen
	}{
		{"reserve", func() error {
			return b.worker.Reserve(ctx, funduse.ReserveOrder{CaseID: "c1", Key: "c1/r1", FundID: b.fund.ID, Amount: 60_000, At: at(1)})
		}, 40_000, 60_000, 0},
		{"send", func() error {
			return b.worker.SendPayment(ctx, funduse.SendOrder{CaseID: "c1", Key: "c1/p1", Amount: 60_000, PayeeID: b.payee.ID, At: at(2)})
		}, 40_000, 0, 60_000},
		{"return", func() error {
			return b.worker.ReturnPayment(ctx, funduse.ReturnOrder{CaseID: "c1", Key: "c1/p1", Reason: "账号已注销", At: at(3)})
		}, 40_000, 60_000, 0},
		{"send again", func() error {
			return b.worker.SendPayment(ctx, funduse.SendOrder{CaseID: "c1", Key: "c1/p2", Amount: 60_000, PayeeID: b.payee.ID, At: at(4)})
		}, 40_000, 0, 60_000},
		{"settle", func() error {
			return b.worker.SettlePayment(ctx, funduse.SettleOrder{CaseID: "c1", Key: "c1/p2", BankReference: "BR1", Gateway: "manual", At: at(5)})
		}, 40_000, 0, 0},
		{"refund", func() error {
			return b.worker.RefundUnused(ctx, funduse.RefundOrder{CaseID: "c1", Key: "c1/f1", Amount: 10_000, BankReference: "BR2", At: at(6)})
		}, 50_000, 0, 0},
		{"recover", func() error {
			return b.worker.Recover(ctx, funduse.RefundOrder{CaseID: "c1", Key: "c1/v1", Amount: 50_000, BankReference: "BR3", At: at(7)})
		}, 100_000, 0, 0},
	}
	for i, step := range steps {
		for range 2 { // every step a second time changes nothing
			if err := step.run(); err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
		}
		got := b.balance()
		if got.Available != step.available || got.Reserved != step.reserved || got.Transit != step.transit {
			t.Fatalf("after %s: %+v", step.name, got)
		}
		b.sound()
		past := must(b.api.FundBalance(b.as(approval.Auditor, city), b.fund.ID, at(i+1)))(t)
		if past.Available != got.Available || past.Reserved != got.Reserved || past.Transit != got.Transit {
			t.Fatalf("the balance at the time of %s reads %+v, it was %+v", step.name, past, got)
		}
	}
	if past := must(b.api.FundBalance(b.as(approval.Auditor, city), b.fund.ID, at(2)))(t); past.Transit != 60_000 {
		t.Errorf("the balance of the past has changed: %+v", past)
	}
	if before := must(b.api.FundBalance(b.as(approval.Auditor, city), b.fund.ID, noon.Add(-time.Hour)))(t); before.Total() != 0 {
		t.Errorf("the fund held money before it had any: %+v", before)
	}
}
