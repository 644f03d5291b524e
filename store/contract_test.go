package store_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"linli/approval"
	"linli/approval/contract"
	"linli/store"
	"linli/store/storetest"
)

func agreements(sha string) contract.Drawn {
	document := func(kind contract.Kind, sha string) contract.Document {
		return contract.Document{Number: "case-1-" + string(kind), Title: contract.Kinds[0].Name, Template: contract.Pin{Kind: kind, Version: 1, Hash: "t"}, SHA256: sha, Size: 9}
	}
	return contract.Drawn{CaseID: "case-1", At: storetest.Now, Documents: []contract.Document{
		document(contract.Operating, strings.Repeat(sha, 64)), document(contract.Donation, strings.Repeat("d", 63)+sha),
	}}
}

func sealFor(drawn contract.Drawn, i int, seat, act, value string) contract.Sealed {
	order := contract.SealOrder{
		CaseID: drawn.CaseID, Document: drawn.Documents[i], Parties: []contract.Party{{Seat: contract.SeatOperator, Name: "示例运营公司"}, {Seat: contract.SeatCommunity, Name: "示例一社区"}},
		Signature: contract.Signature{Seat: seat, Person: "p_named", ActID: act, Capacity: "经办人", Hash: contract.SetHash(drawn.Documents), At: storetest.Now},
	}
	return order.Sealed(contract.Seal{Statement: string(approval.CanonicalJSON(order.Statement("张三", ""))), Algorithm: "SM2", Key: "k1", Value: value})
}

var sealingKey = contract.PublicKey{ID: "k1", Algorithm: "SM2", Public: "pem"}

func (c *copies) drawn(drawn contract.Drawn) contract.Drawn {
	c.t.Helper()
	for range 2 { // as a worker that never heard the answer
		if err := c.worker.KeepDrawn(c.t.Context(), drawn); err != nil {
			c.t.Fatal(err)
		}
	}
	return drawn
}

func TestTheFirstSealStands(t *testing.T) {
	c := openCopies(t)
	c.aCase()
	drawn := c.drawn(agreements("a"))
	var wait sync.WaitGroup
	for _, value := range []string{"one", "two", "three", "four"} {
		wait.Go(func() {
			if err := c.worker.KeepSeal(t.Context(), sealFor(drawn, 0, contract.SeatOperator, "p_named/k1", value), sealingKey); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	kept := must(c.worker.SealOf(t.Context(), "case-1", drawn.Documents[0].SHA256, contract.SeatOperator))(t)
	if kept == nil || kept.ActID != "p_named/k1" || kept.Seal.Key != "k1" || !kept.At.Equal(storetest.Now) {
		t.Fatalf("kept %+v", kept)
	}
	if err := c.worker.KeepSeal(t.Context(), sealFor(drawn, 0, contract.SeatOperator, "p_named/k2", "five"), sealingKey); approval.CodeOf(err) != approval.AlreadyActed {
		t.Errorf("another act: %v", err)
	}
	if again := must(c.worker.SealOf(t.Context(), "case-1", drawn.Documents[0].SHA256, contract.SeatOperator))(t); *again != *kept {
		t.Errorf("%+v became %+v", kept, again)
	}
	if none := must(c.worker.SealOf(t.Context(), "case-1", drawn.Documents[1].SHA256, contract.SeatOperator))(t); none != nil {
		t.Errorf("a seal nobody gave: %+v", none)
	}
	unknown := sealFor(agreements("b"), 0, contract.SeatOperator, "p_named/k1", "x")
	if err := c.worker.KeepSeal(t.Context(), unknown, sealingKey); err == nil {
		t.Error("sealed what was never drawn")
	}
}

func TestAgreementsAsPeopleReadThem(t *testing.T) {
	c := openCopies(t)
	c.aCase()
	first := c.drawn(agreements("a"))
	if err := c.worker.KeepSeal(t.Context(), sealFor(first, 0, contract.SeatOperator, "p_named/k1", "x"), sealingKey); err != nil {
		t.Fatal(err)
	}
	second := agreements("b")
	second.At = second.At.AddDate(0, 0, 1)
	c.drawn(second)
	for _, seat := range []string{contract.SeatOperator, contract.SeatCommunity} {
		if err := c.worker.KeepSeal(t.Context(), sealFor(second, 1, seat, seat+"/k2", "y"), sealingKey); err != nil {
			t.Fatal(err)
		}
	}
	reader := store.WithPerson(t.Context(), approval.Person{ID: "p_named"}) // named in a task, no grant
	views := must(c.api.Contracts(reader, "case-1"))(t)
	if len(views) != 4 || !views[0].Current || !views[1].Current || views[2].Current || views[3].Current {
		t.Fatalf("%+v", views)
	}
	if views[0].Template.Kind != contract.Operating || views[0].Complete || !views[1].Complete || len(views[1].Signatures) != 2 || views[1].Signatures[0].Name != "张三" {
		t.Errorf("%+v", views[:2])
	}
	file := must(c.api.SignatureFile(reader, "case-1", second.Documents[1].SHA256))(t)
	if !file.Complete || file.Document != second.Documents[1] || file.SetHash != contract.SetHash(second.Documents) || len(file.Keys) != 1 || file.Keys[0] != sealingKey {
		t.Errorf("%+v", file)
	}
	if _, err := c.api.SignatureFile(reader, "case-1", strings.Repeat("0", 64)); approval.CodeOf(err) != approval.NotFound {
		t.Errorf("a file of nothing: %v", err)
	}
	stranger := store.WithPerson(t.Context(), approval.Person{ID: "p_1", Grants: []approval.Grant{{Role: approval.Secretary, Scope: storetest.Community2}}})
	if views := must(c.api.Contracts(stranger, "case-1"))(t); len(views) != 0 {
		t.Errorf("next door reads %+v", views)
	}
	if keys := must(c.api.SignatureKeys(t.Context()))(t); len(keys) != 1 || keys[0] != sealingKey {
		t.Errorf("the public keys are public: %+v", keys)
	}
}

func TestAgreementsAreAppendOnly(t *testing.T) {
	c := openCopies(t)
	c.aCase()
	drawn := c.drawn(agreements("a"))
	if err := c.worker.KeepSeal(t.Context(), sealFor(drawn, 0, contract.SeatOperator, "p_named/k1", "x"), sealingKey); err != nil {
		t.Fatal(err)
	}
	for role, dsn := range map[string]string{"owner": c.address.Owner, "api": c.address.API, "worker": c.address.Worker} {
		conn := must(pgx.Connect(t.Context(), dsn))(t)
		for _, statement := range []string{
			`UPDATE contracts SET sha256 = repeat('0', 64)`, `DELETE FROM contracts`, `UPDATE contract_seals SET value = 'z'`, `DELETE FROM contract_seals`, `TRUNCATE contract_seals CASCADE`,
			`UPDATE signature_keys SET public = 'z'`, `DELETE FROM signature_keys`, `DELETE FROM contract_scans`,
		} {
			if _, err := conn.Exec(t.Context(), statement); err == nil {
				t.Errorf("%s as %s went through", statement, role)
			} else if role == "owner" && !strings.Contains(err.Error(), "append-only") {
				t.Errorf("%s: %v", statement, err)
			}
		}
		conn.Close(t.Context())
	}
	for _, statement := range []string{
		`INSERT INTO contract_seals SELECT case_id, sha256, 'forged', act_id, statement, algorithm, key_id, value, signed_at FROM contract_seals`,
		`INSERT INTO contracts (case_id, sha256) VALUES ('case-1', 'x')`, `INSERT INTO signature_keys VALUES ('k2', 'SM2', 'pem')`,
	} {
		api := must(pgx.Connect(t.Context(), c.address.API))(t)
		if _, err := api.Exec(t.Context(), statement); err == nil {
			t.Errorf("the API's role wrote: %s", statement)
		}
		api.Close(t.Context())
	}
}
