package sandbox

import (
	"os"
	"testing"
	"time"

	"linli/bank"
)

// A pipe takes every write and refuses every fsync: what a dying disk looks
// like, and the only way to see from outside that records are synced at all.
func TestARecordThatIsNotOnDiskIsNotAcknowledged(t *testing.T) {
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	l := &ledger{book: &book{file: writer}, payments: map[string]*payment{}, movement: map[string]int64{}}
	order := bank.Order{Key: "case-1", Amount: 1}
	now := time.Now()
	decide := func() plan { return plan{DueAt: now} }
	if _, fresh, err := l.accept(order, decide, now); err == nil || fresh {
		t.Errorf("an order that was not synced was taken in: fresh %t, %v", fresh, err)
	}
	if _, found, _ := l.find(order.Key, now); found {
		t.Error("an order that was not synced is shown")
	}
	// Nobody knows what the disk holds now, so even a healthy one is not used.
	healthy, err := os.CreateTemp(t.TempDir(), "book")
	if err != nil {
		t.Fatal(err)
	}
	writer.Close()
	l.book.file = healthy
	if _, _, err := l.accept(order, decide, now); err == nil {
		t.Error("the bank went on after its disk failed")
	}
	healthy.Close()
}
