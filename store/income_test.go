package store_test

import (
	"context"
	"testing"

	"linli/approval"
	"linli/approval/funduse"
)

func (b *books) record(key string, income funduse.NewIncome) (funduse.Income, error) {
	return b.api.AddIncome(b.as(approval.CharityOfficer, district), funduse.IncomeOrder{
		FundID: b.fund.ID, Key: key, By: "p_9", At: noon, Income: income,
	})
}

func TestTheFiveKindsOfIncomeAreDonations(t *testing.T) {
	b := openBooks(t)
	for i, kind := range funduse.IncomeKinds {
		income := donation(approval.Fen(100 * (i + 1)))
		income.Kind = kind.Kind
		if kind.Kind == funduse.DirectedDonation {
			income.Earmark = &funduse.Earmark{Purpose: "敬老", Categories: []funduse.Category{}}
		}
		if err := income.Validate(noon); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the key books once
			if _, err := b.record("key-"+string(kind.Kind), income); err != nil {
				t.Fatal(err)
			}
		}
	}
	if balance := b.balance(); balance.Available != 1_300 || balance.Earmarked != 200 || len(balance.Earmarks) != 1 {
		t.Errorf("balance %+v", balance)
	}
	incomes, _, err := b.api.Incomes(b.as(approval.Auditor, city), b.fund.ID, wholePage)
	if err != nil || len(incomes) != 5 {
		t.Fatalf("%d incomes, %v", len(incomes), err)
	}
	for _, income := range incomes {
		if income.Receipt.Item == "" || income.Receipt.Absence != funduse.Waived || income.Receipt.Reason == "" {
			t.Errorf("an income without its receipt record: %+v", income)
		}
	}
	b.sound()
}

func TestAnIncomeAlreadyPromisedIsNotReversed(t *testing.T) {
	b, ctx := openBooks(t), context.Background()
	income := b.donate("income-0001", 1_000, noon)
	if err := b.worker.Reserve(ctx, funduse.ReserveOrder{CaseID: "c1", Key: "r1", FundID: b.fund.ID, Amount: 1, At: noon}); err != nil {
		t.Fatal(err)
	}
	reverse := func(key string) error {
		_, err := b.api.ReverseIncome(b.as(approval.CharityOfficer, district), funduse.ReversalOrder{
			IncomeID: income.ID, Key: key, Reason: "误记", By: "p_9", At: noon,
		})
		return err
	}
	err := reverse("undo-0001")
	refused := approval.Refusal(err)
	if refused == nil || refused.Code != approval.InsufficientFund {
		t.Fatalf("promised money was reversed: %v", err)
	}
	if want := "可用余额9.99元，不足10.00元。"; refused.Message.ZH != want {
		t.Errorf("refused with %q, want %q", refused.Message.ZH, want)
	}
	if err := b.worker.Release(ctx, funduse.ReleaseOrder{CaseID: "c1", Key: "l1", Reason: "撤回", At: noon}); err != nil {
		t.Fatal(err)
	}
	results := together(10, func(i int) error { return reverse("undo-0002") })
	for _, err := range results {
		if err != nil {
			t.Error(err)
		}
	}
	if err := reverse("undo-0003"); approval.CodeOf(err) != approval.Conflict {
		t.Errorf("a second reversal: %v", err)
	}
	if balance := b.balance(); balance.Total() != 0 {
		t.Errorf("balance %+v", balance)
	}
	b.sound()
}

func TestAnUnqualifiedCharityHostsNoFund(t *testing.T) {
	b := openBooks(t)
	unqualified := must(b.api.RegisterCharity(b.as(approval.Administrator, city), funduse.NewCharity{
		Scope: city, Name: "某商会", CreditCode: "513703005045678902",
	}, "p_9", noon))(t)
	officer := b.asAPI("charity_officer@" + string(district))
	by := attack(t, officer, `INSERT INTO funds (id, scope, charity_id, name, agreement_no, opened_at, opened_by, key, body_hash)
		VALUES ('f_x', '`+string(neighbour)+`', '`+unqualified.ID+`', 'x', 'x', now(), 'x', 'x', 'x')`)
	if by != "funds_charity_qualified" {
		t.Errorf("refused by %q", by)
	}
}
