package store_test

import (
	"context"
	"flag"
	"fmt"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"linli/approval"
	"linli/approval/funduse"
)

// modelCase is what the model knows of one case.
type modelCase struct {
	status   funduse.HoldingStatus
	earmark  bool
	amount   approval.Fen
	returned approval.Fen
	key      string
}

// moneyModel is the ledger in twenty lines of Go: what the database must agree
// with after every step, accepted or refused.
type moneyModel struct {
	available, earmarked, reserved, transit approval.Fen
	cases                                   map[string]*modelCase
	past                                    []funduse.Balance
}

func (m *moneyModel) spend(earmark bool, amount approval.Fen) bool {
	pot := &m.available
	if earmark {
		pot = &m.earmarked
	}
	if *pot < amount {
		return false
	}
	*pot -= amount
	return true
}

func (m *moneyModel) live(id string) (*modelCase, bool) {
	c, ok := m.cases[id]
	return c, ok && c.status != funduse.HoldingReleased
}

// ledgerMachine drives the database and the model with the same steps.
type ledgerMachine struct {
	b       *books
	model   moneyModel
	run     int
	step    int
	now     time.Time
	earmark string
}

func (l *ledgerMachine) begin(t *rapid.T) (caseID, key string) {
	l.step++
	l.now = l.now.Add(time.Second)
	return fmt.Sprintf("c%d/%d", l.run, rapid.IntRange(1, 4).Draw(t, "case")), fmt.Sprintf("k%d/%d", l.run, l.step)
}

// agree checks that the database accepted exactly what the model accepts.
func agree(t *rapid.T, err error, accepted bool) {
	if err != nil && approval.Refusal(err) == nil {
		t.Fatalf("a fault: %v", err)
	}
	if (err == nil) != accepted {
		t.Fatalf("the model accepts: %t, the ledger says %v", accepted, err)
	}
}

func (l *ledgerMachine) donate(t *rapid.T) {
	_, key := l.begin(t)
	amount := approval.Fen(rapid.IntRange(1, 1000).Draw(t, "amount"))
	_, err := l.b.api.AddIncome(l.b.as(approval.CharityOfficer, district), funduse.IncomeOrder{
		FundID: l.b.fund.ID, Key: key, By: "p_9", At: l.now, Income: donation(amount),
	})
	l.model.available += amount
	agree(t, err, true)
}

func (l *ledgerMachine) reserve(t *rapid.T) {
	id, key := l.begin(t)
	amount, fromEarmark := approval.Fen(rapid.IntRange(1, 800).Draw(t, "amount")), rapid.Bool().Draw(t, "earmark")
	order := funduse.ReserveOrder{CaseID: id, Key: key, FundID: l.b.fund.ID, Amount: amount, At: l.now}
	if fromEarmark {
		order.EarmarkID = l.earmark
	}
	_, live := l.model.live(id)
	accepted := !live && l.model.spend(fromEarmark, amount)
	if accepted {
		l.model.cases[id] = &modelCase{status: funduse.HoldingHeld, earmark: fromEarmark, amount: amount}
		l.model.reserved += amount
	}
	agree(t, l.b.worker.Reserve(context.Background(), order), accepted)
}

func (l *ledgerMachine) release(t *rapid.T) {
	id, key := l.begin(t)
	c, live := l.model.live(id)
	held := live && c.status == funduse.HoldingHeld
	if held {
		c.status = funduse.HoldingReleased
		l.model.reserved -= c.amount
		l.putBack(c, c.amount)
	}
	err := l.b.worker.Release(context.Background(), funduse.ReleaseOrder{CaseID: id, Key: key, Reason: "撤回", At: l.now})
	agree(t, err, !live || c.status != funduse.HoldingSent)
}

func (l *ledgerMachine) putBack(c *modelCase, amount approval.Fen) {
	if c.earmark {
		l.model.earmarked += amount
	} else {
		l.model.available += amount
	}
}

func (l *ledgerMachine) send(t *rapid.T) {
	id, key := l.begin(t)
	c, live := l.model.live(id)
	order := funduse.SendOrder{CaseID: id, Key: key, Amount: 1, PayeeID: l.b.payee.ID, At: l.now}
	if live && rapid.IntRange(0, 9).Draw(t, "exact") > 0 {
		order.Amount = c.amount
	}
	accepted := live && c.status == funduse.HoldingHeld && order.Amount == c.amount
	if accepted {
		c.status, c.key = funduse.HoldingSent, key
		l.model.reserved -= c.amount
		l.model.transit += c.amount
	}
	agree(t, l.b.worker.SendPayment(context.Background(), order), accepted)
}

// answer is the bank's word on an attempt, sometimes on a wrong one.
func (l *ledgerMachine) answer(t *rapid.T) {
	id, key := l.begin(t)
	c, live := l.model.live(id)
	if live && rapid.IntRange(0, 9).Draw(t, "right attempt") > 0 {
		key = c.key
	}
	accepted := live && c.status == funduse.HoldingSent && key == c.key
	if rapid.Bool().Draw(t, "paid") {
		if accepted {
			c.status = funduse.HoldingPaid
			l.model.transit -= c.amount
		}
		order := funduse.SettleOrder{CaseID: id, Key: key, BankReference: fmt.Sprintf("S%d/%d", l.run, l.step), Gateway: "http", At: l.now}
		agree(t, l.b.worker.SettlePayment(context.Background(), order), accepted)
		return
	}
	if accepted {
		c.status = funduse.HoldingHeld
		l.model.transit -= c.amount
		l.model.reserved += c.amount
	}
	order := funduse.ReturnOrder{CaseID: id, Key: key, Reason: fmt.Sprint("拒付", l.step), At: l.now}
	agree(t, l.b.worker.ReturnPayment(context.Background(), order), accepted)
}

func (l *ledgerMachine) refund(t *rapid.T) {
	id, key := l.begin(t)
	c, live := l.model.live(id)
	amount := approval.Fen(rapid.IntRange(1, 800).Draw(t, "amount"))
	accepted := live && c.status == funduse.HoldingPaid && c.returned+amount <= c.amount
	if accepted {
		c.returned += amount
		l.putBack(c, amount)
	}
	order := funduse.RefundOrder{CaseID: id, Key: key, Amount: amount, BankReference: key, At: l.now}
	if rapid.Bool().Draw(t, "recovery") {
		agree(t, l.b.worker.Recover(context.Background(), order), accepted)
		return
	}
	agree(t, l.b.worker.RefundUnused(context.Background(), order), accepted)
}

// check compares the ledger with the model, now and at one time of the past.
func (l *ledgerMachine) check(t *rapid.T) {
	m := &l.model
	m.past = append(m.past, funduse.Balance{Available: m.available, Earmarked: m.earmarked, Reserved: m.reserved, Transit: m.transit, At: l.now})
	i := rapid.IntRange(0, len(m.past)-1).Draw(t, "past")
	for _, want := range []funduse.Balance{m.past[len(m.past)-1], m.past[i]} {
		got, err := l.b.worker.FundBalance(context.Background(), l.b.fund.ID, want.At)
		if err != nil {
			t.Fatal(err)
		}
		got.Earmarks, got.At = nil, want.At
		if got.Available != want.Available || got.Earmarked != want.Earmarked || got.Reserved != want.Reserved || got.Transit != want.Transit {
			t.Fatalf("at %s the ledger holds %+v, the model %+v", want.At, got, want)
		}
	}
}

// The ledger and a model of it, side by side through random steps: whatever
// the order, they accept the same and hold the same, today and in the past.
func TestTheLedgerAgreesWithItsModel(t *testing.T) {
	b := openBooks(t)
	runs := 0
	fewer(t, 25)
	rapid.Check(t, func(t *rapid.T) {
		runs++
		l := &ledgerMachine{b: b, run: runs, now: noon, model: moneyModel{cases: map[string]*modelCase{}, earmarked: 1_000}}
		l.prepare(t)
		t.Repeat(map[string]func(*rapid.T){
			"donate": l.donate, "reserve": l.reserve, "release": l.release, "send": l.send, "answer": l.answer, "refund": l.refund,
			"": l.check,
		})
	})
	b.sound() // once: it reads the books of every run
}

// fewer is for a property whose every step is a transaction: n runs of it
// instead of rapid's 100, unless -rapid.checks asks for a number.
func fewer(t *testing.T, n int) {
	t.Helper()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	checks := flag.Lookup("rapid.checks")
	if asked {
		return
	}
	before := checks.Value.String()
	if err := checks.Value.Set(strconv.Itoa(n)); err != nil { // not flag.Set, which would look like asking
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = checks.Value.Set(before) }) // it was valid
}

// prepare gives every run a fund of its own; runs share the database, so case
// ids and keys carry the run.
func (l *ledgerMachine) prepare(t *rapid.T) {
	fresh := *l.b
	l.b = &fresh
	scope := approval.Scope(fmt.Sprintf("370300/370303/370303001/3703030%05d", l.run))
	conn := l.b.asOwner()
	if _, err := conn.Exec(context.Background(), `INSERT INTO scopes (path, parent, name_zh, created_at, created_by)
		VALUES ($1, '370300/370303/370303001', '社区', now(), 'test')`, string(scope)); err != nil {
		t.Fatal(err)
	}
	_ = conn.Close(context.Background())
	l.b.fund = l.b.openFund(scope)
	gift := donation(1_000)
	gift.Kind, gift.Earmark = funduse.DirectedDonation, &funduse.Earmark{Purpose: "敬老", Categories: []funduse.Category{funduse.Visit}}
	income, err := l.b.api.AddIncome(l.b.as(approval.CharityOfficer, district), funduse.IncomeOrder{
		FundID: l.b.fund.ID, Key: fmt.Sprint("gift", l.run), By: "p_9", At: l.now, Income: gift,
	})
	if err != nil {
		t.Fatal(err)
	}
	l.earmark = income.EarmarkID
}
