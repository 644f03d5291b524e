package city

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"linli/approval"
)

func TestTheBarSaysHowFarAndHowLong(t *testing.T) {
	begun := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)
	b := &bar{title: "基金 / funds", total: 200, begun: begun, now: func() time.Time { return begun.Add(10 * time.Second) }}
	for done, want := range map[int]string{
		0:   "基金 / funds [........................] 0/200  …",
		50:  "基金 / funds [######..................] 50/200  5.0/s  剩余约 / about 30s left",
		200: "基金 / funds [########################] 200/200  20.0/s  用时 / took 10s",
	} {
		if got := b.line(done); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func newRun(out *bytes.Buffer) *run { return &run{Options: Options{Workers: 3, Out: out}} }

func TestWaitingTakesNoPlace(t *testing.T) {
	var out bytes.Buffer
	var opened atomic.Bool
	var jobs []job
	for range 20 { // more than there are places, all waiting for the last
		jobs = append(jobs, job{"waits", func(context.Context) (time.Duration, error) {
			if opened.Load() {
				return 0, nil
			}
			return time.Millisecond, nil
		}})
	}
	jobs = append(jobs, once("opens", func(context.Context) error { opened.Store(true); return nil }))
	if err := newRun(&out).work(t.Context(), "试", jobs); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "21/21") {
		t.Errorf("it says %q", out.String())
	}
}

func TestTheFirstFaultEndsTheWork(t *testing.T) {
	fault := errors.New("broken")
	forever := job{"waits", func(context.Context) (time.Duration, error) { return time.Millisecond, nil }}
	err := newRun(&bytes.Buffer{}).work(t.Context(), "试", []job{forever, once("示例社区", func(context.Context) error { return fault })})
	if !errors.Is(err, fault) || !strings.Contains(err.Error(), "示例社区") {
		t.Errorf("ended with %v", err)
	}
}

func TestOnlyWhatMayComeTrueIsAskedAgain(t *testing.T) {
	for _, c := range []struct {
		err   error
		again bool
	}{
		{errors.New("connection refused"), true},
		{errPending, true},
		{&approval.Error{Code: approval.RateLimited}, true},
		{&approval.Error{Code: approval.Unavailable}, true},
		{&approval.Error{Code: approval.Conflict, Field: "Idempotency-Key"}, true},
		{&approval.Error{Code: approval.Conflict}, false},
		{&approval.Error{Code: approval.KeyReused, Field: "Idempotency-Key"}, false},
		{&approval.Error{Code: approval.Invalid}, false},
	} {
		if final(c.err) == c.again {
			t.Errorf("%v: asked again %v", c.err, !c.again)
		}
	}
}
