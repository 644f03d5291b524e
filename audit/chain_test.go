package audit_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"linli/audit"
)

func history(i int) []byte { return []byte(fmt.Sprintf(`{"events":[%d]}`, i)) }

func log(n int) []audit.Entry {
	var entries []audit.Entry
	previous := audit.Genesis
	for i := 1; i <= n; i++ {
		entry := audit.Entry{
			Index: int64(i), CaseID: fmt.Sprintf("case-%d", i), HistorySHA256: audit.HashBytes(history(i)), Size: int64(len(history(i))),
			SealedAt: time.Date(2026, 11, 23, 8, i, 0, 123456000, time.UTC), PreviousHash: previous,
		}
		entry.Hash = audit.Chain(previous, entry)
		previous = entry.Hash
		entries = append(entries, entry)
	}
	return entries
}

func steps(n int) []audit.Step {
	var all []audit.Step
	previous := audit.Genesis
	for i := 1; i <= n; i++ {
		step := audit.Step{CaseID: "case-1", Position: int64(i), Seq: i, Attempt: 1, Record: history(i), PreviousHash: previous}
		step.Hash = audit.ChainStep(previous, step)
		previous = step.Hash
		all = append(all, step)
	}
	return all
}

func brokenAt(t *testing.T, what string, err error, index int64) {
	t.Helper()
	var broken *audit.Broken
	if !errors.As(err, &broken) {
		t.Fatalf("%s: got %v, want a broken entry", what, err)
	}
	if broken.Index != index {
		t.Errorf("%s: entry %d is named, want %d (%s)", what, broken.Index, index, broken.Reason)
	}
}

func TestAWholeChainVerifies(t *testing.T) {
	for n := range 4 {
		if err := audit.VerifyLog(log(n)); err != nil {
			t.Errorf("log of %d: %v", n, err)
		}
		if err := audit.VerifySteps(steps(n)); err != nil {
			t.Errorf("%d steps: %v", n, err)
		}
	}
}

// The bytes are frozen: old logs must verify under every later version.
func TestTheFormatIsFrozen(t *testing.T) {
	if got, want := log(2)[1].Hash, "64cf970fdfd7f17aaeea9b27ba664e97c403c1c8204ef0f41d88c25b4610f21d"; got != want {
		t.Errorf("entry hash = %s, want %s", got, want)
	}
	if got, want := steps(2)[1].Hash, "1f9d3a1f98b35449439d9ed853814a2c496c0df0da3292a9125c16c9fc13835f"; got != want {
		t.Errorf("step hash = %s, want %s", got, want)
	}
}

// Every field of every entry: one altered value is found and named.
func TestEveryAlteredFieldIsNamed(t *testing.T) {
	for i := range 3 {
		alterEach(t, log(3)[i], func(field string, entry audit.Entry) {
			entries := log(3)
			wantIndex := int64(i + 1)
			entries[i] = entry
			if field == "Index" {
				wantIndex = entry.Index
			}
			brokenAt(t, fmt.Sprintf("entry %d, %s", i+1, field), audit.VerifyLog(entries), wantIndex)
		})
		alterEach(t, steps(3)[i], func(field string, step audit.Step) {
			all := steps(3)
			wantIndex := int64(i + 1)
			all[i] = step
			if field == "Position" {
				wantIndex = step.Position
			}
			brokenAt(t, fmt.Sprintf("step %d, %s", i+1, field), audit.VerifySteps(all), wantIndex)
		})
	}
}

// alterEach hands over one copy of original per field, with that field altered.
func alterEach[T any](t *testing.T, original T, try func(field string, altered T)) {
	t.Helper()
	for f := range reflect.TypeFor[T]().NumField() {
		altered := original
		field := reflect.ValueOf(&altered).Elem().Field(f)
		switch value := field.Interface().(type) {
		case string:
			field.SetString(value + "x")
		case int64, int:
			field.SetInt(field.Int() + 100)
		case []byte:
			flipped := slices.Clone(value)
			flipped[len(flipped)/2] ^= 1
			field.SetBytes(flipped)
		case time.Time:
			field.Set(reflect.ValueOf(value.Add(time.Microsecond)))
		default:
			t.Fatalf("field %s: no way to alter a %T", reflect.TypeFor[T]().Field(f).Name, value)
		}
		try(reflect.TypeFor[T]().Field(f).Name, altered)
	}
}

func TestMovedMissingAndRepeatedEntries(t *testing.T) {
	swapped := log(3)
	swapped[0], swapped[1] = swapped[1], swapped[0]
	brokenAt(t, "swapped", audit.VerifyLog(swapped), 2)
	brokenAt(t, "missing", audit.VerifyLog(slices.Delete(log(3), 1, 2)), 3)

	repeated := log(2)
	again := repeated[0]
	again.Index, again.PreviousHash = 3, repeated[1].Hash
	again.Hash = audit.Chain(repeated[1].Hash, again)
	brokenAt(t, "repeated", audit.VerifyLog(append(repeated, again)), 3)
}

func TestHistoryAgainstItsEntry(t *testing.T) {
	entry := log(1)[0]
	if err := entry.VerifyHistory(history(1)); err != nil {
		t.Error(err)
	}
	for i := range history(1) {
		flipped := history(1)
		flipped[i] ^= 1
		brokenAt(t, "flipped", entry.VerifyHistory(flipped), 1)
	}
	brokenAt(t, "cut", entry.VerifyHistory(history(1)[1:]), 1)
}
