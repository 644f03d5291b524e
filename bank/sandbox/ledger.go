package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"linli/bank"
)

var errKeyReused = errors.New("another order was booked under this key")

// payment is the present state of one key: the sum of its records.
type payment struct {
	order      bank.Order
	plan       plan
	reference  string
	receivedAt time.Time
	final      *bank.Receipt
	notified   bool
}

func (p *payment) receipt() bank.Receipt {
	if p.final != nil {
		return *p.final
	}
	return p.processing()
}

func (p *payment) processing() bank.Receipt {
	return bank.Receipt{Key: p.order.Key, Status: bank.Processing, BankReference: p.reference, Amount: p.order.Amount}
}

// ledger is the book with its state in memory. State changes only by applying
// a record that is already on disk, at run time as at replay.
type ledger struct {
	mu       sync.Mutex
	book     *book
	payments map[string]*payment
	keys     []string // in order of arrival
	movement map[string]int64
}

func openLedger(path string) (*ledger, error) {
	file, records, err := openBook(path)
	if err != nil {
		return nil, err
	}
	l := &ledger{book: file, payments: map[string]*payment{}, movement: map[string]int64{}}
	for _, entry := range records {
		if err := l.apply(entry); err != nil {
			return nil, errors.Join(fmt.Errorf("replaying line %d of the book: %w", entry.Seq, err), file.close())
		}
	}
	return l, nil
}

func (l *ledger) commit(entries ...record) error {
	if err := l.book.append(entries...); err != nil {
		return err
	}
	for _, entry := range entries {
		if err := l.apply(entry); err != nil {
			return err
		}
	}
	return nil
}

func (l *ledger) apply(entry record) error {
	known := l.payments[entry.Key]
	switch {
	case entry.Kind == received && known == nil && entry.Order != nil && entry.Plan != nil:
		l.payments[entry.Key] = &payment{order: *entry.Order, plan: *entry.Plan, reference: reference(entry.Seq), receivedAt: entry.At}
		l.keys = append(l.keys, entry.Key)
	case entry.Kind == settled && known != nil && known.final == nil && entry.Receipt != nil:
		known.final = entry.Receipt
		for _, moved := range entry.Postings {
			l.movement[moved.Account] += moved.Amount
		}
	case entry.Kind == notified && known != nil && known.final != nil:
		known.notified = true
	default:
		return fmt.Errorf("a record %q does not fit the key %q", entry.Kind, entry.Key)
	}
	return nil
}

func reference(seq int64) string { return fmt.Sprintf("LSB%012d", seq) }

// accept books the order once; fresh tells whether this call did. A known key
// with another order is errKeyReused. An order due at once is settled in the
// same write.
func (l *ledger) accept(order bank.Order, decide func() plan, now time.Time) (got payment, fresh bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if known := l.payments[order.Key]; known != nil {
		if known.order.Digest() != order.Digest() {
			return payment{}, false, errKeyReused
		}
		err := l.settleIfDue(known, now)
		return *known, false, err
	}
	decided := decide()
	taken := record{Kind: received, At: now, Key: order.Key, Order: &order, Plan: &decided}
	entries := []record{taken}
	if !decided.DueAt.After(now) {
		planned := &payment{order: order, plan: decided, reference: reference(l.book.seq + 1)}
		entries = append(entries, settlement(planned, now))
	}
	if err := l.commit(entries...); err != nil {
		return payment{}, false, err
	}
	return *l.payments[order.Key], true, nil
}

// find returns the state of a key, settling it first if its time has come.
func (l *ledger) find(key string, now time.Time) (got payment, found bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	known := l.payments[key]
	if known == nil {
		return payment{}, false, nil
	}
	err = l.settleIfDue(known, now)
	return *known, true, err
}

func (l *ledger) settleIfDue(known *payment, now time.Time) error {
	if known.final != nil || known.plan.DueAt.After(now) {
		return nil
	}
	return l.commit(settlement(known, now))
}

func settlement(p *payment, now time.Time) record {
	final := bank.Receipt{Key: p.order.Key, Status: bank.Succeeded, BankReference: p.reference, SettledAt: now, Amount: p.order.Amount}
	entry := record{Kind: settled, At: now, Key: p.order.Key, Receipt: &final}
	if p.plan.Refuse != "" {
		final.Status, final.Reason = bank.Refused, p.plan.Refuse
		return entry
	}
	entry.Postings = []posting{
		{Account: p.order.PayerAccount, Amount: -p.order.Amount},
		{Account: p.order.PayeeAccount, Amount: p.order.Amount},
	}
	return entry
}

func (l *ledger) markNotified(key string, now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.payments[key].notified {
		return nil
	}
	return l.commit(record{Kind: notified, At: now, Key: key})
}

// owed lists the keys that are not final or whose final callback nobody has
// acknowledged: the work a restart takes up again.
func (l *ledger) owed() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(l.keys), func(key string) bool { return l.payments[key].notified })
}

// statement settles what is due and gives the masked view.
func (l *ledger) statement(now time.Time) (bank.Book, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	view := bank.Book{Payments: []bank.BookedPayment{}, Accounts: []bank.Account{}}
	for _, key := range l.keys {
		known := l.payments[key]
		if err := l.settleIfDue(known, now); err != nil {
			return bank.Book{}, err
		}
		view.Payments = append(view.Payments, bank.BookedPayment{
			Receipt: known.receipt(), CaseID: known.order.CaseID, Digest: known.order.Digest(), ReceivedAt: known.receivedAt,
			PayerAccount: bank.MaskAccount(known.order.PayerAccount), PayeeAccount: bank.MaskAccount(known.order.PayeeAccount),
		})
		total := totalOf(&view.Totals, known.receipt().Status)
		total.Orders++
		total.Amount += known.order.Amount
	}
	for account, moved := range l.movement {
		view.Accounts = append(view.Accounts, bank.Account{Account: bank.MaskAccount(account), Movement: moved})
	}
	slices.SortFunc(view.Accounts, func(a, b bank.Account) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Movement, b.Movement))
	})
	return view, nil
}

func totalOf(totals *bank.Totals, status bank.Status) *bank.Total {
	switch status {
	case bank.Succeeded:
		return &totals.Succeeded
	case bank.Refused:
		return &totals.Refused
	default:
		return &totals.Processing
	}
}

func (l *ledger) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.book.close()
}
