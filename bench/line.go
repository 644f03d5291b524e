package bench

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// Line is one way of taking acts. Open begins something that takes so many
// acts one after the other; OpenWhole begins what a case is from its opening
// to its end.
type Line struct {
	Key, Name string
	Open      func(ctx context.Context) (Case, error)
	OpenWhole func(ctx context.Context) (Case, error)

	mu    sync.Mutex
	pool  []Case     // opened before anything is timed
	aside []*waiting // begun, waiting for the clock
}

// Case takes acts until none is left.
type Case interface {
	// ID names it where it is kept.
	ID() string
	// Left is how many acts are still to come.
	Left() int
	// Ready waits until the next act can be taken. Later means that it waits
	// for the clock: somebody takes it up again then.
	Ready(ctx context.Context) error
	// Act takes the next act and returns when it is durable.
	Act(ctx context.Context) error
}

// Later is when a case that waits for the clock can be taken up again.
type Later struct{ At time.Time }

// Error says until when.
func (l *Later) Error() string { return "it waits until " + l.At.Format(time.TimeOnly) }

// Fill opens so many cases for Acts, some at once.
func (l *Line) Fill(ctx context.Context, count, atOnce int) error {
	return Each(ctx, count, atOnce, func(ctx context.Context, _ int) error {
		opened, err := l.Open(ctx)
		if err == nil {
			err = opened.Ready(ctx)
		}
		if err != nil {
			return err
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		l.pool = append(l.pool, opened)
		return nil
	})
}

// Acts keeps so many clients busy with acts on cases that stand open; opening
// them is not part of it, except when the filled ones are used up.
func (l *Line) Acts(ctx context.Context, clients int, length time.Duration) (Sample, error) {
	return load(ctx, clients, length, func(ctx context.Context, w *watch) error {
		opened := l.take()
		if opened == nil {
			var err error
			if opened, err = l.Open(ctx); err != nil {
				return err
			}
			if err = opened.Ready(ctx); err != nil {
				return err
			}
			w.opened++
		}
		for opened.Left() > 0 && !w.over() {
			if err := w.time(func() error { return opened.Act(ctx) }); err != nil {
				return err
			}
		}
		if opened.Left() > 0 {
			l.put(opened)
		}
		return nil
	})
}

// Cases keeps so many clients busy with whole cases. A case that waits for the
// clock is put aside and another one taken up, as people do. A case begun in
// time is played on to there, but what ends too late is not counted.
func (l *Line) Cases(ctx context.Context, clients int, length time.Duration) (Sample, error) {
	return load(ctx, clients, length, func(ctx context.Context, w *watch) error {
		current, err := l.next(ctx)
		if err != nil {
			return err
		}
		for current.Left() > 0 {
			var later *Later
			err := current.Ready(ctx)
			if errors.As(err, &later) {
				l.mu.Lock()
				defer l.mu.Unlock()
				l.aside = append(l.aside, &waiting{Case: current, at: later.At})
				return nil
			}
			if err == nil {
				err = w.time(func() error { return current.Act(ctx) })
			}
			if err != nil {
				return err
			}
		}
		if !w.over() {
			w.cases++
		}
		return nil
	})
}

// waiting is a case put aside.
type waiting struct {
	Case
	at time.Time
}

// next is the case that has been aside longest, if its time has come, or a new
// one.
func (l *Line) next(ctx context.Context) (Case, error) {
	l.mu.Lock()
	if len(l.aside) > 0 && time.Now().After(l.aside[0].at) {
		ripe := l.aside[0].Case
		l.aside = l.aside[1:]
		l.mu.Unlock()
		return ripe, nil
	}
	l.mu.Unlock()
	return l.OpenWhole(ctx)
}

// play takes every act that is left.
func play(ctx context.Context, c Case) error {
	for c.Left() > 0 {
		err := c.Ready(ctx)
		var later *Later
		if errors.As(err, &later) {
			if err := sleep(ctx, time.Until(later.At)); err != nil {
				return err
			}
			continue
		}
		if err == nil {
			err = c.Act(ctx)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Waiting are the cases that were opened for Acts and still stand open.
func (l *Line) Waiting() []Case {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Case(nil), l.pool...)
}

func (l *Line) take() Case {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.pool) == 0 {
		return nil
	}
	taken := l.pool[0]
	l.pool = l.pool[1:]
	return taken
}

func (l *Line) put(c Case) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pool = append(l.pool, c)
}

// Each does something count times, some at once; the first error ends it.
func Each(ctx context.Context, count, atOnce int, do func(ctx context.Context, i int) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(count, atOnce) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < count && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				if err := do(ctx, i); err != nil {
					stop(err)
				}
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}

func sleep(ctx context.Context, length time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(length):
		return nil
	}
}
