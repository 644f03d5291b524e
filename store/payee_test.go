package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"linli/approval"
	"linli/approval/funduse"
	"linli/store"
)

const number = "6217001234567890" // the account openBooks registers

func TestOnlyTheWorkerOpensAnAccount(t *testing.T) {
	b, ctx := openBooks(t), context.Background()
	opened := must(b.worker.PayeeAccount(ctx, b.payee.ID))(t)
	if opened.Account.Reveal() != number || opened.Name != "张店区惠民维修部" {
		t.Errorf("opened %+v", opened)
	}
	if _, err := b.api.PayeeAccount(b.as(approval.Handler, community), b.payee.ID); approval.CodeOf(err) != approval.Forbidden {
		t.Errorf("the API's role opened an account: %v", err)
	}
	if _, err := b.worker.PayeeAccount(ctx, "py_none"); approval.CodeOf(err) != approval.NotFound {
		t.Errorf("an unknown payee: %v", err)
	}
	var row string
	if err := b.asOwner().QueryRow(ctx, `SELECT string_agg(p::text, ' ') || string_agg(encode(account_cipher, 'escape'), ' ') FROM payees p`).Scan(&row); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(row, number[:12]) {
		t.Errorf("the number lies in clear in %s", row)
	}
}

func TestASealedNumberOpensNowhereElse(t *testing.T) {
	b, ctx := openBooks(t), context.Background()
	other := must(b.api.RegisterPayee(b.as(approval.Handler, community), funduse.NewPayee{
		Scope: community, Name: "别家", Bank: "中国银行", Account: "6217001234567899",
	}, "p_9", noon))(t)
	if other.AccountDigest == b.payee.AccountDigest {
		t.Error("two numbers share a digest")
	}
	owner := b.asOwner()
	for _, statement := range []string{
		`ALTER TABLE payees DISABLE TRIGGER append_only`, // as somebody with the owner's password would
		`UPDATE payees SET account_cipher = (SELECT account_cipher FROM payees WHERE id = '` + other.ID + `') WHERE id = '` + b.payee.ID + `'`,
	} {
		if _, err := owner.Exec(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	if opened, err := b.worker.PayeeAccount(ctx, b.payee.ID); err == nil {
		t.Errorf("a number copied from another payee opened as %s", opened.Account)
	}
	stranger, err := store.NewSealer([]byte(strings.Repeat("x", 32)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.worker.Sealing(stranger).PayeeAccount(ctx, other.ID); err == nil {
		t.Error("another deployment's key opened the number")
	}
}

func TestASealerNeedsAWholeKey(t *testing.T) {
	for _, size := range []int{0, 16, 31, 33} {
		if _, err := store.NewSealer(make([]byte, size)); err == nil {
			t.Errorf("a key of %d bytes was taken", size)
		}
	}
}

func TestAnAccountNumberDoesNotPrint(t *testing.T) {
	account := must(funduse.ParseAccount(number))(t)
	opened := funduse.PayeeAccount{PayeeID: "p", Account: account}
	marshalled := must(json.Marshal(opened))(t)
	for _, printed := range []string{
		fmt.Sprint(account), fmt.Sprintf("%v %+v %#v %s %q %x", account, account, account, account, account, account),
		fmt.Sprintf("%+v %#v", opened, opened), string(marshalled),
	} {
		if strings.Contains(printed, number[:12]) || !strings.Contains(printed, "7890") {
			t.Errorf("printed %s", printed)
		}
	}
}
