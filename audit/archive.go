package audit

import (
	"fmt"
	"strconv"
	"time"
)

// Entry is one line of the archive log: that the history of a closed case was
// sealed, and what it was. Index counts from 1 without gaps; Size is bytes.
type Entry struct {
	Index         int64     `json:"index"`
	CaseID        string    `json:"case_id"`
	HistorySHA256 string    `json:"history_sha256"`
	Size          int64     `json:"size"`
	SealedAt      time.Time `json:"sealed_at"`
	PreviousHash  string    `json:"previous_hash"`
	Hash          string    `json:"hash"`
}

// Chain is the hash of entry when it follows the entry with the hash previous;
// entry's own PreviousHash and Hash are not looked at.
func Chain(previous string, entry Entry) string {
	return fields("linli-archive-v1", previous, strconv.FormatInt(entry.Index, 10), entry.CaseID,
		entry.HistorySHA256, strconv.FormatInt(entry.Size, 10), instant(entry.SealedAt))
}

// VerifyLog checks a whole log in order and returns a *Broken for the first
// entry that was altered, moved, repeated or follows a missing one. An entry
// cut off at the end is not seen: compare the length with one that was
// published.
func VerifyLog(log []Entry) error {
	previous := Genesis
	cases := make(map[string]int64, len(log))
	for i, entry := range log {
		if err := entry.follows(previous, int64(i)+1); err != nil {
			return err
		}
		if first, twice := cases[entry.CaseID]; twice {
			return entry.broken("the case was sealed before, as entry " + strconv.FormatInt(first, 10))
		}
		cases[entry.CaseID] = entry.Index
		previous = entry.Hash
	}
	return nil
}

// VerifyHistory refuses bytes that are not the history the entry sealed.
func (e Entry) VerifyHistory(history []byte) error {
	if int64(len(history)) != e.Size {
		return e.broken(fmt.Sprintf("the history has %d bytes, %d were sealed", len(history), e.Size))
	}
	if hash := HashBytes(history); hash != e.HistorySHA256 {
		return e.broken(fmt.Sprintf("the history hashes to %s, sealed was %s", hash, e.HistorySHA256))
	}
	return nil
}

func (e Entry) follows(previous string, index int64) error {
	switch {
	case e.Index != index:
		return e.broken("entry " + strconv.FormatInt(index, 10) + " was expected here")
	case e.PreviousHash != previous:
		return e.broken("it does not follow the entry before it")
	case e.Hash != Chain(previous, e):
		return e.broken("its content does not match its hash")
	}
	return nil
}

func (e Entry) broken(reason string) error {
	return &Broken{Index: e.Index, CaseID: e.CaseID, Reason: reason}
}
