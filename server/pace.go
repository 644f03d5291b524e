package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"linli/approval"
)

// tooSlow is the code of a body that does not keep coming.
const tooSlow approval.Code = "too_slow"

// paced is a body that must keep coming, so that a caller who dribbles holds
// nothing for long.
type paced struct {
	io.ReadCloser
	control *http.ResponseController
	began   time.Time // of reading; whoever waits in line is not late
	read    int64
}

// Read fails once the body is behind its pace.
func (p *paced) Read(into []byte) (int, error) {
	if p.began.IsZero() {
		p.began = time.Now()
	}
	_ = p.control.SetReadDeadline(p.began.Add(bodyGrace + time.Duration(p.read)*time.Second/bodyPace)) // unsupported where nothing can be slow
	n, err := p.ReadCloser.Read(into)
	if p.read += int64(n); err != nil {
		_ = p.control.SetWriteDeadline(time.Now().Add(answerTimeout))
	}
	switch {
	case errors.Is(err, io.EOF):
		_ = p.control.SetReadDeadline(time.Time{}) // only now: net/http reads on to the end of a body it was not told of
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = approval.Errorf(tooSlow, "请求内容传输过慢，已中止。", "The request came in too slowly and was cut off.")
	}
	return n, err
}

// patience is how long a request may take; it waits while the caller sends.
type patience struct {
	timer *time.Timer
	end   context.CancelFunc
}

func newPatience(ctx context.Context) (context.Context, patience) {
	ctx, cancel := context.WithCancel(ctx)
	return ctx, patience{timer: time.AfterFunc(requestTimeout, cancel), end: cancel}
}

// receiving runs read on the caller's time.
func receiving(ec echo.Context, read func() error) error {
	if p, ok := ec.Get(string(keyPatience)).(patience); ok && p.timer.Stop() {
		defer p.timer.Reset(requestTimeout)
	}
	return read()
}

// berths bound what is held at once: so many in all and so many per holder.
type berths struct {
	all  chan struct{}
	each int

	mu   sync.Mutex
	held map[string]*berth
}

type berth struct {
	places  chan struct{}
	waiting int // and holding
}

func newBerths(all, each int) *berths {
	return &berths{all: make(chan struct{}, all), each: each, held: map[string]*berth{}}
}

// enter waits for a berth; leave it.
func (b *berths) enter(ctx context.Context, holder string) (leave func(), err error) {
	own := b.of(holder)
	for i, places := range []chan struct{}{own.places, b.all} {
		select {
		case places <- struct{}{}:
		case <-ctx.Done():
			if i > 0 {
				<-own.places
			}
			b.forget(holder)
			return nil, ctx.Err()
		}
	}
	return func() { <-b.all; <-own.places; b.forget(holder) }, nil
}

func (b *berths) of(holder string) *berth {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.held[holder] == nil {
		b.held[holder] = &berth{places: make(chan struct{}, b.each)}
	}
	b.held[holder].waiting++
	return b.held[holder]
}

func (b *berths) forget(holder string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.held[holder].waiting--; b.held[holder].waiting == 0 {
		delete(b.held, holder)
	}
}

// tooDeep finds lists and objects in one another beyond what any request has;
// every reader behind would follow them down.
func tooDeep(raw []byte) bool {
	depth, quoted := 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > bodyDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}
