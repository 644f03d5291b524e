package bank_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"linli/bank"
)

var order = bank.Order{
	Key: "ZB-ZD-2025-0001/payout/1", CaseID: "ZB-ZD-2025-0001", Amount: 880_000,
	PayerAccount: "37001638801050001234", PayeeName: "淄博张店和平装修有限公司",
	PayeeAccount: "6217002280001117788", PayeeBank: "齐商银行张店支行", Purpose: "楼道扶手微改造",
}

func with(change func(*bank.Order)) bank.Order {
	changed := order
	change(&changed)
	return changed
}

func TestValidateNamesEveryMalformedField(t *testing.T) {
	if err := order.Validate(); err != nil {
		t.Fatalf("the sample order is refused: %v", err)
	}
	for field, bad := range map[string]bank.Order{
		"key":          with(func(o *bank.Order) { o.Key = "a\nb" }),
		"caseId":       with(func(o *bank.Order) { o.CaseID = "" }),
		"amountFen":    with(func(o *bank.Order) { o.Amount = 0 }),
		"payerAccount": with(func(o *bank.Order) { o.PayerAccount = "12 34" }),
		"payeeAccount": with(func(o *bank.Order) { o.PayeeAccount = o.PayerAccount }),
		"payeeName":    with(func(o *bank.Order) { o.PayeeName = "坏\xff" }),
		"payeeBank":    with(func(o *bank.Order) { o.PayeeBank = "  " }),
		"purpose":      with(func(o *bank.Order) { o.Purpose = strings.Repeat("长", 201) }),
	} {
		err := bad.Validate()
		if err == nil || !strings.HasPrefix(err.Error(), field+":") {
			t.Errorf("a bad %s gives %v", field, err)
		}
	}
	if err := (bank.Order{}).Validate(); strings.Count(err.Error(), "\n") != 8 {
		t.Errorf("the empty order does not get all nine problems: %v", err)
	}
}

func TestValidKeyRefusesWhatAPathOrHeaderCouldBend(t *testing.T) {
	for _, key := range []string{"", ".", "..", "../book", "/a", "a b", "a?b", "a%2Fb", "a\r\nb", "键", strings.Repeat("k", 129)} {
		if bank.ValidKey(key) {
			t.Errorf("key %q is taken", key)
		}
	}
}

func TestDigestDependsOnEveryField(t *testing.T) {
	seen := map[string]string{order.Digest(): "the order itself"}
	for name, changed := range map[string]bank.Order{
		"key": with(func(o *bank.Order) { o.Key += "x" }), "case": with(func(o *bank.Order) { o.CaseID += "x" }),
		"amount": with(func(o *bank.Order) { o.Amount++ }), "payer": with(func(o *bank.Order) { o.PayerAccount += "1" }),
		"name": with(func(o *bank.Order) { o.PayeeName += "x" }), "payee": with(func(o *bank.Order) { o.PayeeAccount += "1" }),
		"bank": with(func(o *bank.Order) { o.PayeeBank += "x" }), "purpose": with(func(o *bank.Order) { o.Purpose += "x" }),
	} {
		if twin, ok := seen[changed.Digest()]; ok {
			t.Errorf("another %s has the digest of %s", name, twin)
		}
		seen[changed.Digest()] = name
	}
	if again := order; again.Digest() != order.Digest() {
		t.Error("equal orders have different digests")
	}
}

func TestAnOrderIsMaskedWhereverItIsPrinted(t *testing.T) {
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("pays", "order", order)
	for _, text := range []string{log.String(), fmt.Sprint(order), fmt.Sprintf("%+v", order)} {
		if strings.Contains(text, order.PayerAccount) || strings.Contains(text, order.PayeeAccount) || strings.Contains(text, order.PayeeName) {
			t.Errorf("leaks: %s", text)
		}
		if !strings.Contains(text, "****7788") || !strings.Contains(text, "****1234") {
			t.Errorf("lacks the last four: %s", text)
		}
	}
	if got := bank.MaskAccount("1234567"); got != "****" {
		t.Errorf("a short account becomes %s", got)
	}
}

func TestAReceiptMatchesOnlyItsOrder(t *testing.T) {
	receipt := bank.Receipt{Key: order.Key, Status: bank.Succeeded, BankReference: "1", SettledAt: time.Now(), Amount: order.Amount}
	if err := receipt.Matches(order); err != nil {
		t.Error(err)
	}
	if err := receipt.Matches(with(func(o *bank.Order) { o.Amount++ })); err == nil {
		t.Error("another amount matches")
	}
	if err := receipt.Matches(with(func(o *bank.Order) { o.Key += "2" })); err == nil {
		t.Error("another key matches")
	}
	if err := (bank.Receipt{Key: order.Key, Status: bank.Unknown}).Matches(order); err != nil {
		t.Errorf("an unknown key has no amount to compare: %v", err)
	}
}
