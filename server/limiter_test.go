package server

import (
	"fmt"
	"testing"
	"time"
)

// TestALimiterRemembersSoManyCallers: a flood of addresses fills no memory and
// takes nothing from those already known; whoever comes later is let in as
// soon as somebody's bucket is full again.
func TestALimiterRemembersSoManyCallers(t *testing.T) {
	limiter, now := newLimiter(time.Minute, 2), time.Unix(0, 0)
	for i := range maxBuckets {
		if !limiter.admits(fmt.Sprint(i), now) {
			t.Fatalf("caller %d of %d was refused", i, maxBuckets)
		}
	}
	if limiter.admits("new", now) || len(limiter.buckets) != maxBuckets {
		t.Errorf("one caller too many was admitted; %d are remembered", len(limiter.buckets))
	}
	if !limiter.admits("0", now) || limiter.admits("0", now) {
		t.Error("a known caller has not got his burst")
	}
	later := now.Add(time.Minute) // all but caller 0 have theirs back
	if !limiter.admits("new", later) || len(limiter.buckets) != 2 {
		t.Errorf("a new caller was refused where others were done; %d are remembered", len(limiter.buckets))
	}
}
