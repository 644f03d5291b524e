package bench

import (
	"context"
	"errors"
	"sync"
	"time"
)

// watch is the stopwatch of one client.
type watch struct {
	end    time.Time
	took   []time.Duration
	cases  int
	opened int
}

func (w *watch) over() bool { return !time.Now().Before(w.end) }

// time does one act. An act that ends after the slice is not counted.
func (w *watch) time(act func() error) error {
	begun := time.Now()
	err := act()
	if err == nil && !w.over() {
		w.took = append(w.took, time.Since(begun))
	}
	return err
}

// load keeps so many clients busy for so long: each begins the next work as
// soon as its last has ended.
func load(ctx context.Context, clients int, length time.Duration, work func(ctx context.Context, w *watch) error) (Sample, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	end := time.Now().Add(length)
	watches := make([]*watch, clients)
	var busy sync.WaitGroup
	for i := range watches {
		w := &watch{end: end}
		watches[i] = w
		busy.Go(func() {
			for !w.over() && ctx.Err() == nil {
				if err := work(ctx, w); err != nil && !errors.Is(err, context.Canceled) {
					stop(err)
				}
			}
		})
	}
	busy.Wait()
	sample := Sample{Elapsed: length}
	for _, w := range watches {
		sample.Took = append(sample.Took, w.took...)
		sample.Cases += w.cases
		sample.Opened += w.opened
	}
	return sample, context.Cause(ctx)
}
