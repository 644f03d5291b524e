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

// What the bank or the cashier reports is refused before it can be booked
// twice or on the wrong attempt; the sentence says why.
func TestPaymentsThatDoNotFit(t *testing.T) {
	b, ctx := openBooks(t), context.Background()
	b.donate("income-0001", 100_000, noon)
	pay(t, b, "c1", 10_000)
	send := func(amount approval.Fen, payee string) error {
		return b.worker.SendPayment(ctx, funduse.SendOrder{CaseID: "c2", Key: "c2/p", Amount: amount, PayeeID: payee, At: noon})
	}
	settle := func(key, reference string) error {
		return b.worker.SettlePayment(ctx, funduse.SettleOrder{CaseID: "c2", Key: key, BankReference: reference, Gateway: "manual", At: noon})
	}
	reserve := func(caseID string, amount approval.Fen, earmark string) error {
		return b.worker.Reserve(ctx, funduse.ReserveOrder{CaseID: caseID, Key: "r" + caseID + earmark, FundID: b.fund.ID, EarmarkID: earmark, Amount: amount, At: noon})
	}
	refund := func(key string, amount approval.Fen) error {
		return b.worker.RefundUnused(ctx, funduse.RefundOrder{CaseID: "c1", Key: key, Amount: amount, BankReference: key, At: noon})
	}
	for _, step := range []struct {
		name string
		err  error
		want approval.Code
	}{
		{"send without a holding", send(5_000, b.payee.ID), approval.Conflict},
		{"reserve nothing", reserve("c2", 0, ""), approval.Invalid},
		{"reserve from an earmark that is not there", reserve("c2", 5_000, "em_none"), approval.NotFound},
		{"reserve", reserve("c2", 5_000, ""), ""},
		{"reserve for a paid case", reserve("c1", 5_000, ""), approval.Conflict},
		{"send another amount", send(4_999, b.payee.ID), approval.Conflict},
		{"send to nobody", send(5_000, "py_none"), approval.NotFound},
		{"settle before sending", settle("c2/p", "BR2"), approval.Conflict},
		{"send", send(5_000, b.payee.ID), ""},
		{"release on the way", b.worker.Release(ctx, funduse.ReleaseOrder{CaseID: "c2", Key: "l", Reason: "撤回", At: noon}), approval.Conflict},
		{"settle another attempt", settle("c2/old", "BR2"), approval.Conflict},
		{"settle without a reference", settle("c2/p", " "), approval.Invalid},
		{"settle under another case's reference", settle("c2/p", "BR-c1"), approval.Conflict},
		{"settle", settle("c2/p", " BR2 "), ""},
		{"release what was paid", b.worker.Release(ctx, funduse.ReleaseOrder{CaseID: "c2", Key: "l2", Reason: "终止", At: noon}), ""},
		{"refund too much", refund("f1", 10_001), approval.Conflict},
		{"refund", refund("f2", 9_999), ""},
		{"refund one fen too many", refund("f3", 2), approval.Conflict},
		{"release a case nobody knows", b.worker.Release(ctx, funduse.ReleaseOrder{CaseID: "c9", Key: "l9", Reason: "撤回", At: noon}), ""},
	} {
		if got := approval.CodeOf(step.err); got != step.want || (step.want == "" && step.err != nil) {
			t.Errorf("%s: %v", step.name, step.err)
		}
	}
	b.sound()
}
