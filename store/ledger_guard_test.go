package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"linli/approval/funduse"
)

// attack runs statements in one transaction and returns the constraint, else
// the code, that refused it; "" when the database let it pass.
func attack(t *testing.T, conn *pgx.Conn, statements string) string {
	t.Helper()
	err := pgx.BeginFunc(context.Background(), conn, func(tx pgx.Tx) error {
		_, err := tx.Exec(context.Background(), statements)
		return err
	})
	if err == nil {
		return ""
	}
	var refused *pgconn.PgError
	if !errors.As(err, &refused) {
		t.Fatalf("%s\n%v", statements, err)
	}
	if refused.ConstraintName != "" {
		return refused.ConstraintName
	}
	return refused.Code
}

// entry is SQL that opens a ledger transaction.
func entry(id, kind, caseID, reverses string) string {
	return `INSERT INTO ledger_transactions (id, fund_id, kind, key, body_hash, case_id, memo, reverses, at, by)
		VALUES ('` + id + `', '$F', '` + kind + `', 'attack:` + id + `', 'x', nullif('` + caseID + `', ''), '', nullif('` + reverses + `', ''), now(), 'attacker');`
}

func posting(id, account, amount string) string {
	return `INSERT INTO ledger_postings (transaction_id, account_id, fund_id, amount) VALUES ('` + id + `', '$F/` + account + `', '$F', ` + amount + `);`
}

func hold(caseID, amount string) string {
	return `INSERT INTO reservations (case_id, attempt, fund_id, amount, status, reserved_at, changed_at)
		VALUES ('` + caseID + `', 1, '$F', ` + amount + `, 'held', now(), now());`
}

// Everything below is tried under the worker's role, the mightiest one that
// serves, in bare SQL: no Go code stands between the attacker and the ledger.
func TestTheDatabaseRefusesUnsoundBooks(t *testing.T) {
	b, ctx := openBooks(t), context.Background()
	income := b.donate("income-0001", 100_000, noon)
	reserve := funduse.ReserveOrder{CaseID: "c1", Key: "r1", FundID: b.fund.ID, Amount: 10_000, At: noon}
	if err := b.worker.Reserve(ctx, reserve); err != nil {
		t.Fatal(err)
	}
	pay(t, b, "c2", 5_000)
	worker := b.asWorker()
	for name, c := range map[string]struct{ refusedBy, statements string }{
		"no postings":       {"ledger_balanced", entry("t1", "reserve", "c9", "")},
		"one posting":       {"ledger_balanced", entry("t1", "reserve", "c9", "") + posting("t1", "fund_available", "-5")},
		"sum is not zero":   {"ledger_balanced", entry("t1", "reserve", "c9", "") + posting("t1", "fund_available", "-5") + posting("t1", "fund_reserved", "6") + hold("c9", "6")},
		"posting of zero":   {"ledger_postings_amount", entry("t1", "reserve", "c9", "") + posting("t1", "fund_available", "0")},
		"posting too large": {"ledger_postings_amount", entry("t1", "reserve", "c9", "") + posting("t1", "fund_available", "10000000000001")},
		"checked early, then spoiled": {"ledger_balanced", entry("t1", "release", "c1", "") + posting("t1", "fund_reserved", "-10000") +
			posting("t1", "fund_available", "10000") + `UPDATE reservations SET status = 'released' WHERE case_id = 'c1'; SET CONSTRAINTS ALL IMMEDIATE;` +
			posting("t1", "fund_transit", "1")},
		"negative fund": {"ledger_not_negative", entry("t1", "reserve", "c9", "") + posting("t1", "fund_available", "-90000") +
			posting("t1", "fund_reserved", "90000") + hold("c9", "90000")},
		"reserve without a case's holding": {"ledger_reserved", entry("t1", "reserve", "c9", "") + posting("t1", "fund_available", "-5") + posting("t1", "fund_reserved", "5")},
		"holding without a booking":        {"ledger_reserved", hold("c9", "5")},
		"status without a movement":        {"ledger_reserved", `UPDATE reservations SET status = 'released' WHERE case_id = 'c1';`},
		"step that does not exist": {"reservation_step", `UPDATE reservations SET status = 'paid', payee_id = '$P', payment_key = 'k',
			gateway = 'manual', bank_reference = 'b' WHERE case_id = 'c1';`},
		"paid again":                 {"reservation_step", `UPDATE reservations SET status = 'held', payee_id = NULL, payment_key = NULL, gateway = NULL, bank_reference = NULL WHERE case_id = 'c2';`},
		"born paid":                  {"reservation_step", strings.Replace(hold("c9", "5"), "'held'", "'paid'", 1)},
		"a second live holding":      {"reservations_one_live", strings.Replace(hold("c2", "5"), "1,", "2,", 1)},
		"returned without refund":    {"refunds_recorded", `UPDATE reservations SET returned = 5 WHERE case_id = 'c2';`},
		"returned more than paid":    {"reservations_returned", `UPDATE reservations SET returned = 5001 WHERE case_id = 'c2';`},
		"available straight out":     {"ledger_shape", entry("t1", "settle", "c9", "") + posting("t1", "fund_available", "-5") + posting("t1", "$P", "5")},
		"held straight out":          {"ledger_reserved", entry("t1", "send", "c1", "") + posting("t1", "fund_reserved", "-10000") + posting("t1", "fund_transit", "10000")},
		"money from nowhere":         {"ledger_shape", entry("t1", "release", "c9", "") + posting("t1", "donor", "-5") + posting("t1", "fund_available", "5")},
		"late posting":               {"ledger_closed", posting("$T", "market", "5")},
		"income without record":      {"income_recorded", entry("t1", "income", "", "") + posting("t1", "donor", "-5") + posting("t1", "fund_available", "5")},
		"reversal that is no mirror": {"ledger_mirror", entry("t1", "reversal", "", "$T") + posting("t1", "donor", "5") + posting("t1", "fund_available", "-5")},
		"reversal of a reserve":      {"ledger_reversible", entry("t1", "reversal", "", "$R") + posting("t1", "fund_available", "10000") + posting("t1", "fund_reserved", "-10000")},
		"another fund's account": {"ledger_postings_transaction_id_fund_id_fkey", entry("t1", "opening", "", "") + `INSERT INTO ledger_postings (transaction_id, account_id, fund_id, amount)
			VALUES ('t1', '$F/charity_clearing', 'f_other', -5);`},
		"forged balance":         {"42501", `UPDATE ledger_balances SET balance = 1 WHERE account_id = '$F/fund_available';`},
		"forged new balance":     {"42501", `INSERT INTO ledger_balances (account_id, fund_id, kind, balance) VALUES ('x', '$F', 'donor', 1);`},
		"new way to move":        {"42501", `INSERT INTO ledger_shapes (kind, account_kind, direction) VALUES ('settle', 'fund_available', -1);`},
		"changed posting":        {"42501", `UPDATE ledger_postings SET amount = 1;`},
		"deleted posting":        {"42501", `DELETE FROM ledger_postings;`},
		"truncated postings":     {"42501", `TRUNCATE ledger_postings;`},
		"changed transaction":    {"42501", `UPDATE ledger_transactions SET memo = 'x';`},
		"deleted transaction":    {"42501", `DELETE FROM ledger_transactions;`},
		"truncated transactions": {"42501", `TRUNCATE ledger_transactions CASCADE;`},
		"changed income":         {"42501", `UPDATE incomes SET amount = 1;`},
		"changed holding amount": {"42501", `UPDATE reservations SET amount = 1 WHERE case_id = 'c1';`},
		"deleted holding":        {"42501", `DELETE FROM reservations;`},
		"triggers off":           {"42501", `ALTER TABLE ledger_postings DISABLE TRIGGER ALL;`},
		"replica role":           {"42501", `SET LOCAL session_replication_role = replica;`},
	} {
		t.Run(name, func(t *testing.T) {
			if by := attack(t, worker, b.fill(c.statements, income)); by != c.refusedBy {
				t.Errorf("refused by %q, want %q", by, c.refusedBy)
			}
		})
	}
	b.sound()
}

// fill puts the ids of the world into SQL.
func (b *books) fill(statements string, income funduse.Income) string {
	entries, _, err := b.worker.FundEntries(context.Background(), b.fund.ID, wholePage)
	if err != nil {
		b.t.Fatal(err)
	}
	reserve := ""
	for _, e := range entries {
		if e.Kind == "reserve" && e.CaseID == "c1" {
			reserve = e.ID
		}
	}
	return strings.NewReplacer("$F/$P", b.fund.ID+"/"+b.payee.ID, "$F", b.fund.ID, "$P", b.payee.ID, "$T", income.EntryID, "$R", reserve).Replace(statements)
}

// The owner of the tables may switch a trigger off, but not by accident.
func TestEvenTheOwnerDoesNotEditTheBooks(t *testing.T) {
	b := openBooks(t)
	b.donate("income-0001", 100_000, noon)
	owner := b.asOwner()
	for _, statements := range []string{
		`UPDATE ledger_postings SET amount = amount * 2`, `DELETE FROM ledger_postings`, `TRUNCATE ledger_postings`,
		`UPDATE ledger_transactions SET at = now()`, `DELETE FROM ledger_transactions`, `TRUNCATE ledger_transactions CASCADE`,
		`UPDATE ledger_balances SET balance = 7`, `DELETE FROM ledger_balances`, `TRUNCATE ledger_balances`,
		`UPDATE incomes SET payer = 'x'`, `DELETE FROM donation_receipts`, `DELETE FROM reservations`, `TRUNCATE reservations CASCADE`,
		`UPDATE payees SET name = 'x'`, `DELETE FROM interests`, `UPDATE committee_members SET reserve = true`, `DELETE FROM committees`,
	} {
		if attack(t, owner, statements) == "" {
			t.Errorf("the database let pass: %s", statements)
		}
	}
	b.sound()
}

// A charity officer's session books income, and nothing that spends.
func TestTheAPIRoleCannotSpend(t *testing.T) {
	b := openBooks(t)
	income := b.donate("income-0001", 100_000, noon)
	officer := b.asAPI("charity_officer@" + string(district))
	for name, statements := range map[string]string{
		"reserve":           entry("t1", "reserve", "c9", "") + posting("t1", "fund_available", "-5") + posting("t1", "fund_reserved", "5"),
		"hold":              hold("c9", "5"),
		"release":           `UPDATE reservations SET status = 'released'`,
		"open account":      `INSERT INTO ledger_accounts (id, fund_id, kind, payee_id, opened_at) VALUES ('x', '$F', 'payee', '$P', now())`,
		"read ciphertext":   `SELECT account_cipher FROM payees`,
		"read whole payees": `SELECT * FROM payees`,
		"forge balance":     `UPDATE ledger_balances SET balance = 1`,
	} {
		if by := attack(t, officer, b.fill(statements, income)); by != "42501" {
			t.Errorf("%s: refused by %q", name, by)
		}
	}
	handler := b.asAPI("handler@" + string(community))
	booking := entry("t2", "income", "", "") + posting("t2", "donor", "-5") + posting("t2", "fund_available", "5")
	if by := attack(t, handler, b.fill(booking, income)); by != "42501" {
		t.Errorf("a handler booked income: refused by %q", by)
	}
	var seen int
	if err := b.asAPI("charity_officer@"+string(neighbour)).QueryRow(context.Background(), `SELECT (SELECT count(*) FROM funds)
		+ (SELECT count(*) FROM ledger_transactions) + (SELECT count(*) FROM ledger_postings) + (SELECT count(*) FROM ledger_balances)
		+ (SELECT count(*) FROM incomes) + (SELECT count(*) FROM donation_receipts) + (SELECT count(id) FROM payees)`).Scan(&seen); err != nil {
		t.Fatal(err)
	}
	if seen != 0 {
		t.Errorf("the neighbouring community's officer sees %d rows", seen)
	}
	b.sound()
}
