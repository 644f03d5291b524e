package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"linli/bank"
)

type recordKind string

const (
	received recordKind = "received" // an order was taken in, with what will become of it
	settled  recordKind = "settled"  // it became final; a success carries its postings
	notified recordKind = "notified" // the customer has acknowledged the final callback
)

// record is one line of the book file. It holds full account numbers: the file
// is readable by its owner only.
type record struct {
	Seq      int64         `json:"seq"`
	Kind     recordKind    `json:"kind"`
	At       time.Time     `json:"at"`
	Key      string        `json:"key"`
	Order    *bank.Order   `json:"order,omitempty"`
	Plan     *plan         `json:"plan,omitempty"`
	Receipt  *bank.Receipt `json:"receipt,omitempty"`
	Postings []posting     `json:"postings,omitempty"`
}

// plan is what the bank made up its mind to do when it took the order in; it
// is booked with the order, so that a restart does not change the outcome.
type plan struct {
	Refuse   string         `json:"refuse,omitempty"`
	DueAt    time.Time      `json:"dueAt"`
	Callback CallbackManner `json:"callback"`
}

type posting struct {
	Account string `json:"account"`
	Amount  int64  `json:"amountFen"`
}

// book is the append-only file. It is not safe for concurrent use: the ledger
// guards it.
type book struct {
	file   *os.File
	seq    int64
	broken error
}

// openBook replays the file and cuts a torn last line off. A damaged line that
// is not the last is an error: it had been acknowledged.
func openBook(path string) (*book, []record, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("opening the book: %w", err)
	}
	records, err := prepare(file)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("opening the book %s: %w", path, err), file.Close())
	}
	return &book{file: file, seq: int64(len(records))}, records, nil
}

func prepare(file *os.File) ([]record, error) {
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, fmt.Errorf("another process holds it: %w", err)
	}
	text, err := os.ReadFile(file.Name())
	if err != nil {
		return nil, err
	}
	whole := bytes.LastIndexByte(text, '\n') + 1
	records, err := replay(text[:whole])
	if err != nil {
		return nil, err
	}
	if whole < len(text) {
		if err := file.Truncate(int64(whole)); err != nil {
			return nil, fmt.Errorf("cutting the torn last line: %w", err)
		}
	}
	if err := file.Sync(); err != nil {
		return nil, err
	}
	return records, syncDir(filepath.Dir(file.Name()))
}

func replay(text []byte) ([]record, error) {
	var records []record
	for line := range bytes.Lines(text) {
		var entry record
		if err := json.Unmarshal(line, &entry); err != nil {
			return nil, fmt.Errorf("line %d is damaged: %w", len(records)+1, err)
		}
		if entry.Seq != int64(len(records)+1) {
			return nil, fmt.Errorf("line %d carries the number %d", len(records)+1, entry.Seq)
		}
		records = append(records, entry)
	}
	return records, nil
}

// syncDir makes a newly created file itself durable.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// append numbers the records and returns when they are on disk. After a failed
// write nobody knows what the disk holds, so the book takes nothing more until
// a restart has read it again.
func (b *book) append(records ...record) error {
	if b.broken != nil {
		return b.broken
	}
	var text []byte
	for i := range records {
		records[i].Seq = b.seq + int64(i) + 1
		line, err := json.Marshal(records[i])
		if err != nil {
			return fmt.Errorf("encoding a record: %w", err)
		}
		text = append(append(text, line...), '\n')
	}
	_, err := b.file.Write(text)
	if err == nil {
		err = b.file.Sync()
	}
	if err != nil {
		b.broken = fmt.Errorf("writing the book: %w", err)
		return b.broken
	}
	b.seq += int64(len(records))
	return nil
}

func (b *book) close() error {
	b.broken = errors.New("the book is closed")
	return b.file.Close()
}
