package city

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"linli/approval"
)

// job is one thing to make. do takes it as far as it goes now, and says when
// to look at it again; 0 is never, it is done.
type job struct {
	name string
	do   func(ctx context.Context) (again time.Duration, err error)
}

// once is a job that is done in one go.
func once(name string, do func(ctx context.Context) error) job {
	return job{name, func(ctx context.Context) (time.Duration, error) { return 0, do(ctx) }}
}

// filings is how often a case is filed before a city gives up on it.
const filings = 5

// filed is a job that files a case and takes it to its end. When its time ran
// out before its people came to it, as on a busy machine, it is filed again, as
// people would; try is the part of its key that tells the filings apart.
func filed(name string, file func(ctx context.Context, try string) (caseID string, err error), advance func(ctx context.Context, caseID string) (again time.Duration, err error)) job {
	opened, try, n := "", "", 1
	return job{name, func(ctx context.Context) (again time.Duration, err error) {
		if opened == "" {
			if opened, err = file(ctx, try); err != nil {
				return 0, err
			}
		}
		again, err = advance(ctx, opened)
		if errors.Is(err, errLapsed) && n < filings {
			n++
			opened, try = "", fmt.Sprintf("-try-%d", n)
			return soon, nil
		}
		return again, err
	}}
}

// errLapsed is a case nobody came to in time.
var errLapsed = errors.New("its time ran out")

// failed says how a case ended that should have been completed.
func failed(standing approval.CaseView) error {
	err := fmt.Errorf("case %s ended as %s: %s", standing.CaseID, standing.Status, standing.Reason)
	if standing.Status == approval.Lapsed {
		return errors.Join(err, errLapsed)
	}
	return err
}

// work does the jobs, several at a time; what waits for others takes no place,
// and what has begun goes before what has not: an open case has deadlines. The
// first fault ends it.
func (r *run) work(ctx context.Context, title string, jobs []job) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	begun, fresh, done := make(chan job, len(jobs)), make(chan job, len(jobs)), atomic.Int64{}
	for _, each := range jobs {
		fresh <- each
	}
	finished := make(chan struct{})
	if len(jobs) == 0 {
		close(finished)
	}
	var workers sync.WaitGroup
	for range r.Workers {
		workers.Go(func() {
			for {
				each, more := next(ctx, finished, begun, fresh)
				if !more {
					return
				}
				again, err := each.do(ctx)
				switch {
				case err != nil && ctx.Err() == nil:
					stop(fmt.Errorf("%s: %w", each.name, err))
				case err != nil:
				case again > 0:
					time.AfterFunc(again, func() { begun <- each })
				case done.Add(1) == int64(len(jobs)):
					close(finished)
				}
			}
		})
	}
	bar := r.bar(title, len(jobs))
	tick := time.NewTicker(bar.every)
	defer tick.Stop()
	for waiting := true; waiting; {
		select {
		case <-tick.C:
			bar.show(int(done.Load()))
		case <-ctx.Done():
			waiting = false
		case <-finished:
			waiting = false
		}
	}
	workers.Wait()
	bar.end(int(done.Load()))
	if done.Load() == int64(len(jobs)) {
		return nil
	}
	return context.Cause(ctx)
}

// next is a job that has begun, if one is ready, else a fresh one.
func next(ctx context.Context, finished <-chan struct{}, begun, fresh <-chan job) (job, bool) {
	select {
	case each := <-begun:
		return each, true
	default:
	}
	select {
	case <-ctx.Done():
	case <-finished:
	case each := <-begun:
		return each, true
	case each := <-fresh:
		return each, true
	}
	return job{}, false
}
