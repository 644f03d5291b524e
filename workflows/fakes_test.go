package workflows_test

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"linli/approval"
	"linli/approval/funduse"
	"linli/approval/onboarding"
	"linli/bank"
)

// enter begins an effect: it counts it, lets somebody meddle and answers with
// the fault that is due, if any. It leaves the world locked.
func (w *world) enter(effect string) error {
	w.mu.Lock()
	w.calls[effect]++
	if meddle := w.meddling[effect]; meddle != nil {
		delete(w.meddling, effect)
		w.mu.Unlock()
		meddle()
		w.mu.Lock()
	}
	if len(w.faults[effect]) == 0 {
		return nil
	}
	fault := w.faults[effect][0]
	w.faults[effect] = w.faults[effect][1:]
	return fault
}

// journal is the readable copy, as faithful as approval.Record asks.
type journal struct {
	records []approval.Record
	orphans []approval.Record // superseded
	answers []approval.Recorded
	tasks   map[string]approval.Task
	refuses map[string]error // once, by kind of step
}

// errLost is the fault of a write whose answer got lost after its commit.
var errLost = errors.New("the connection was lost after the commit")

func (w *world) Record(_ context.Context, r approval.Record) (approval.Recorded, error) {
	err := w.enter("Record")
	defer w.mu.Unlock()
	if errors.Is(err, errLost) {
		_, _ = w.journal.write(r, w.calendar)
	}
	if err != nil {
		return approval.Recorded{}, err
	}
	if refusal := w.journal.refuses[r.Kind]; refusal != nil {
		delete(w.journal.refuses, r.Kind)
		return approval.Recorded{}, refusal
	}
	return w.journal.write(r, w.calendar)
}

func (j *journal) write(r approval.Record, calendar *approval.Calendar) (approval.Recorded, error) {
	var recorded approval.Recorded
	switch n := len(j.records); {
	case r.Seq == n && j.records[n-1].Key == r.Key:
		return j.answers[n-1], nil
	case r.Seq == n:
		j.orphans = append(j.orphans, j.records[n-1])
		j.records, j.answers = j.records[:n-1], j.answers[:n-1]
		recorded.Superseded = true
	case r.Seq != n+1:
		return recorded, fmt.Errorf("step %d follows step %d", r.Seq, n)
	}
	for _, task := range r.Tasks {
		if task.Days == 0 || !task.DueAt.IsZero() {
			continue
		}
		due, err := calendar.Deadline(task.ClockStart(), task.Days, approval.WorkingDays)
		if err != nil {
			return recorded, err
		}
		recorded.Deadlines = append(recorded.Deadlines, approval.TaskDeadline{TaskID: task.ID, RemindAt: due.Add(-day), DueAt: due})
	}
	if j.tasks == nil {
		j.tasks = map[string]approval.Task{}
	}
	for _, task := range r.Tasks {
		j.tasks[task.ID] = task
	}
	j.records, j.answers = append(j.records, r), append(j.answers, recorded)
	return recorded, nil
}

// ledger is one fund and one case: every movement once per key, the same key
// with another body refused, no movement without the money.
type ledger struct {
	available, held, sent approval.Fen
	sentKey               string
	booked                map[string]string // key → what was booked
	movements             []movement
}

type movement struct {
	kind   string
	key    string
	amount approval.Fen
}

func (l ledger) of(kind string) []movement {
	return slices.DeleteFunc(slices.Clone(l.movements), func(m movement) bool { return m.kind != kind })
}

func (l ledger) keys(kind string) []string {
	var keys []string
	for _, m := range l.of(kind) {
		keys = append(keys, m.key)
	}
	return keys
}

func (l ledger) total(kind string) (sum approval.Fen) {
	for _, m := range l.of(kind) {
		sum += m.amount
	}
	return sum
}

// book moves money from one pocket to another, once per key.
func (l *ledger) book(kind, key, body string, amount approval.Fen, from, to *approval.Fen) error {
	if earlier, known := l.booked[kind+" "+key]; known {
		if earlier != body {
			return funduse.Reused()
		}
		return nil
	}
	if from != nil {
		if *from < amount {
			return fmt.Errorf("booking %s %s: %d fen, but only %d are there", kind, key, amount, *from)
		}
		*from -= amount
	}
	if to != nil {
		*to += amount
	}
	l.booked[kind+" "+key] = body
	l.movements = append(l.movements, movement{kind, key, amount})
	return nil
}

func (w *world) Reserve(_ context.Context, o funduse.ReserveOrder) error {
	err := w.enter("Reserve")
	defer w.mu.Unlock()
	if err != nil {
		return err
	}
	_, again := w.ledger.booked["reserve "+o.Key]
	if o.Amount > w.ledger.available && !again {
		return funduse.Short(o.Amount, w.ledger.available)
	}
	return w.ledger.book("reserve", o.Key, fmt.Sprint(o.CaseID, o.FundID, o.Amount), o.Amount, &w.ledger.available, &w.ledger.held)
}

func (w *world) Release(_ context.Context, o funduse.ReleaseOrder) error {
	err := w.enter("Release")
	defer w.mu.Unlock()
	if err != nil || w.ledger.held == 0 {
		return err
	}
	return w.ledger.book("release", o.Key, o.CaseID, w.ledger.held, &w.ledger.held, &w.ledger.available)
}

func (w *world) SendPayment(_ context.Context, o funduse.SendOrder) error {
	err := w.enter("SendPayment")
	defer w.mu.Unlock()
	if err != nil {
		return err
	}
	w.ledger.sentKey = o.Key
	return w.ledger.book("send", o.Key, fmt.Sprint(o.CaseID, o.PayeeID, o.Amount), o.Amount, &w.ledger.held, &w.ledger.sent)
}

func (w *world) ReturnPayment(_ context.Context, o funduse.ReturnOrder) error {
	err := w.enter("ReturnPayment")
	defer w.mu.Unlock()
	if err != nil || o.Key != w.ledger.sentKey {
		return err
	}
	return w.ledger.book("return", o.Key, o.Reason, w.ledger.sent, &w.ledger.sent, &w.ledger.held)
}

func (w *world) SettlePayment(_ context.Context, o funduse.SettleOrder) error {
	err := w.enter("SettlePayment")
	defer w.mu.Unlock()
	if err != nil || o.Key != w.ledger.sentKey {
		return err
	}
	return w.ledger.book("settle", o.Key, o.BankReference+" "+o.Gateway, w.ledger.sent, &w.ledger.sent, nil)
}

func (w *world) RefundUnused(_ context.Context, o funduse.RefundOrder) error {
	return w.comesBack("RefundUnused", "refund", o)
}

func (w *world) Recover(_ context.Context, o funduse.RefundOrder) error {
	return w.comesBack("Recover", "recover", o)
}

func (w *world) comesBack(effect, kind string, o funduse.RefundOrder) error {
	err := w.enter(effect)
	defer w.mu.Unlock()
	if err != nil {
		return err
	}
	return w.ledger.book(kind, o.Key, fmt.Sprint(o.BankReference, o.Amount), o.Amount, nil, &w.ledger.available)
}

func (w *world) Committee(context.Context, approval.Scope, string) ([]approval.Member, error) {
	err := w.enter("Committee")
	defer w.mu.Unlock()
	return slices.Clone(w.roster), err
}

func (w *world) FundFacts(context.Context, funduse.FactQuestion) (funduse.MoneyFacts, error) {
	err := w.enter("FundFacts")
	defer w.mu.Unlock()
	return funduse.MoneyFacts{Fund: funduse.FundFacts{
		Available: int64(w.ledger.available), Reserved: int64(w.ledger.held), CommitteeMembers: int64(len(w.roster)),
	}}, err
}

// EvaluateOnboarding is not asked for by fund use.
func (w *world) EvaluateOnboarding(context.Context, approval.RulePin, string, onboarding.Facts) (approval.Evidence, error) {
	return approval.Evidence{}, errors.New("fund use asked for rules of onboarding")
}

func (w *world) Evaluate(_ context.Context, pin approval.RulePin, stage string, facts funduse.Facts) (approval.Evidence, error) {
	err := w.enter("Evaluate")
	defer w.mu.Unlock()
	if err != nil {
		return approval.Evidence{}, err
	}
	w.facts = append(w.facts, facts)
	evidence := approval.Evidence{Outcome: approval.OutcomePass}
	if scripted := w.evidence[stage]; len(scripted) > 0 {
		evidence = scripted[0]
		if len(scripted) > 1 {
			w.evidence[stage] = scripted[1:]
		}
	}
	evidence.Pin, evidence.Stage = pin, stage
	return evidence, nil
}

func (w *world) Publish(_ context.Context, n approval.Notice) (approval.Notice, error) {
	err := w.enter("Publish")
	defer w.mu.Unlock()
	if err != nil {
		return approval.Notice{}, err
	}
	if n.EndsAt, err = w.calendar.Deadline(n.PublishedAt, n.Days, n.DayKind); err != nil {
		return approval.Notice{}, err
	}
	w.notices = append(w.notices, n)
	return n, nil
}

func (w *world) AddNote(_ context.Context, n approval.NoticeNote) error {
	err := w.enter("AddNote")
	defer w.mu.Unlock()
	if err == nil {
		w.notes = append(w.notes, n)
	}
	return err
}

func (w *world) AnswerObjection(_ context.Context, a approval.Objection) error {
	err := w.enter("AnswerObjection")
	defer w.mu.Unlock()
	if err == nil {
		w.answers = append(w.answers, a)
	}
	return err
}

func (w *world) PayeeAccount(context.Context, string) (funduse.PayeeAccount, error) {
	account, err := funduse.ParseAccount("6222020000001234")
	return funduse.PayeeAccount{Name: "示范商行", Bank: "示范银行", Account: account}, err
}

func (w *world) PayerAccount(context.Context, string) (string, error) { return "37030000000001", nil }

func (w *world) Pay(_ context.Context, o bank.Order) (bank.Receipt, error) {
	err := w.enter("Pay")
	defer w.mu.Unlock()
	w.orders = append(w.orders, o)
	if err != nil {
		return bank.Receipt{}, err
	}
	return w.receipt(o.Key), nil
}

func (w *world) Query(_ context.Context, key string) (bank.Receipt, error) {
	err := w.enter("Query")
	defer w.mu.Unlock()
	if err != nil {
		return bank.Receipt{}, err
	}
	return w.receipt(key), nil
}

func (w *world) receipt(key string) bank.Receipt {
	receipt := bank.Receipt{Status: bank.Succeeded, BankReference: "B-" + key}
	if len(w.receipts) > 0 {
		receipt, w.receipts = w.receipts[0], w.receipts[1:]
	}
	receipt.Key = key
	if receipt.Amount == 0 {
		receipt.Amount = w.orders[len(w.orders)-1].Amount
	}
	return receipt
}
