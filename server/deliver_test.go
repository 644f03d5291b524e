package server

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"gocloud.dev/blob/memblob"

	"linli/approval"
	"linli/store"
	"linli/store/storetest"
)

// engine stands for the other side of a delivery: it keeps one effect per key
// as Temporal does, and breaks when told to.
type engine struct {
	mu      sync.Mutex
	effects map[string]int // payload text to deliveries
	broken  error          // answered after the effect, as a timeout is
}

func (e *engine) send(_ context.Context, payload parcel) (parcel, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.effects[payload.Text]++
	return payload, e.broken
}

func (e *engine) set(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.broken = err
}

func (e *engine) count(text string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.effects[text]
}

type parcel struct {
	Text string `json:"text"`
}

// post is a server with one more route, which delivers to the engine.
type post struct {
	*Server
	engine *engine
	clock  *atomic.Int64
	url    string
	closed atomic.Bool // nothing can be prepared any more, as after the act that closed its task
}

func newPost(t *testing.T, records Records, clock *atomic.Int64) *post {
	t.Helper()
	bucket := memblob.OpenBucket(nil)
	t.Cleanup(func() { bucket.Close() })
	s, err := New(Config{
		PublicURL: "http://127.0.0.1", Records: records, Scoped: store.WithPerson, Bucket: bucket,
		Now: func() time.Time { return time.Unix(0, clock.Load()) }, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	p := &post{Server: s, engine: &engine{effects: map[string]int{}}, clock: clock}
	handle := deliver(s, "parcel", func(_ context.Context, _ call, in parcel) (parcel, error) {
		if p.closed.Load() {
			return in, approval.Errorf(approval.TaskClosed, "已办结。", "It has closed.")
		}
		if in.Text == "" {
			return in, approval.Errorf(approval.Invalid, "空。", "Empty.").At("text")
		}
		return in, nil
	}, p.engine.send)
	route := Route{Method: "POST", Path: "/parcel", Operation: "parcel", Allow: Public()}
	named := func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ec echo.Context) error {
			ec.Set(string(keyRoute), route)
			return next(ec)
		}
	}
	s.echo.POST(route.Path, handle, named, s.permitted, limited)
	listener := httptest.NewServer(s.Handler())
	t.Cleanup(listener.Close)
	p.url = listener.URL
	return p
}

func (p *post) send(t *testing.T, key, text string) (status int, body string, replayed bool) {
	t.Helper()
	raw, err := json.Marshal(parcel{text})
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequest("POST", p.url+"/parcel", strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", key)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(answer), response.Header.Get("Idempotency-Replayed") == "true"
}

func clockAt(at time.Time) *atomic.Int64 {
	var clock atomic.Int64
	clock.Store(at.UnixNano())
	return &clock
}

func TestDeliveryIsAnsweredOnce(t *testing.T) {
	api, _ := storetest.Open(t)
	p := newPost(t, api, clockAt(storetest.Now))
	status, first, _ := p.send(t, "delivery-1", "one")
	for _, closed := range []bool{false, true} {
		p.closed.Store(closed)
		again, second, replayed := p.send(t, "delivery-1", "one")
		if status != 200 || again != 200 || first != second || !replayed || p.engine.count("one") != 1 {
			t.Errorf("%d %s, again %d %s replayed %v after %d deliveries", status, first, again, second, replayed, p.engine.count("one"))
		}
		if status, body, _ := p.send(t, "delivery-1", "two"); status != 422 || !strings.Contains(body, string(approval.KeyReused)) {
			t.Errorf("another body: %d %s", status, body)
		}
	}
	if status, _, _ := p.send(t, "delivery-6", "six"); status != 409 {
		t.Errorf("closed, and nothing stored under the key: %d", status)
	}
	p.closed.Store(false)
	if status, _, _ := p.send(t, "delivery-2", ""); status != 422 {
		t.Errorf("refused before delivery: %d", status)
	}
	if p.engine.count("two")+p.engine.count("") != 0 {
		t.Error("a refused request was delivered")
	}
}

func TestDeliveryWithoutAnswerIsRepeatedByTheSweeper(t *testing.T) {
	for name, broken := range map[string]error{
		"timeout":     context.DeadlineExceeded,
		"unavailable": approval.Errorf(approval.Unavailable, "忙。", "Busy."),
		"fault":       errors.New("the line is dead"),
	} {
		t.Run(name, func(t *testing.T) {
			api, _ := storetest.Open(t)
			p := newPost(t, api, clockAt(storetest.Now))
			p.engine.set(broken)
			status, body, _ := p.send(t, "delivery-3", "three")
			if status != http.StatusAccepted || !strings.Contains(body, `"href":"/v1/operations/op_`) {
				t.Fatalf("answered %d %s, want 202 and where to ask", status, body)
			}
			if status, _, _ := p.send(t, "delivery-3", "three"); status != http.StatusConflict {
				t.Errorf("a retry within the lease: %d, want 409", status)
			}
			p.engine.set(nil)
			if done, err := p.Redeliver(t.Context()); done != 0 || err != nil {
				t.Errorf("swept %d within the lease, %v", done, err)
			}
			p.clock.Add(int64(approval.OperationLease + time.Second))
			if done, err := p.Redeliver(t.Context()); done != 1 || err != nil {
				t.Errorf("swept %d after the lease, %v; want 1", done, err)
			}
			status, body, replayed := p.send(t, "delivery-3", "three")
			if status != 200 || body != `{"text":"three"}` || !replayed || p.engine.count("three") != 2 {
				t.Errorf("then answered %d %s replayed %v after %d deliveries", status, body, replayed, p.engine.count("three"))
			}
		})
	}
}

func TestFinalRefusalOfADeliveryStays(t *testing.T) {
	api, _ := storetest.Open(t)
	p := newPost(t, api, clockAt(storetest.Now))
	p.engine.set(approval.Errorf(approval.TaskClosed, "已办结。", "Closed."))
	status, first, _ := p.send(t, "delivery-4", "four")
	p.engine.set(nil)
	again, second, replayed := p.send(t, "delivery-4", "four")
	if status != 409 || again != 409 || first != second || !replayed || p.engine.count("four") != 1 {
		t.Errorf("%d %s, again %d %s replayed %v", status, first, again, second, replayed)
	}
}

// crashing stores everything but the answer, as a process does that dies
// between the effect and its record.
type crashing struct{ Records }

func (crashing) Complete(context.Context, approval.Operation, time.Time) error {
	return errors.New("the process died")
}

func TestACrashAfterTheEffectLosesNothing(t *testing.T) {
	api, _ := storetest.Open(t)
	clock := clockAt(storetest.Now)
	dying := newPost(t, crashing{api}, clock)
	dying.send(t, "delivery-5", "five")
	clock.Add(int64(approval.OperationLease + time.Second))

	next := newPost(t, api, clock)
	next.closed.Store(true)
	status, body, _ := next.send(t, "delivery-5", "five") // the caller's own retry delivers again what was stored first
	if status != 200 || body != `{"text":"five"}` || next.engine.count("five") != 1 {
		t.Errorf("answered %d %s, delivered %d times", status, body, next.engine.count("five"))
	}
	if done, err := next.Redeliver(t.Context()); done != 0 || err != nil {
		t.Errorf("swept %d, %v; want nothing left", done, err)
	}
}

func TestTwoSweepersDeliverOnce(t *testing.T) {
	api, _ := storetest.Open(t)
	clock := clockAt(storetest.Now)
	p := newPost(t, api, clock)
	p.engine.set(context.DeadlineExceeded)
	p.send(t, "delivery-6", "six")
	p.engine.set(nil)
	clock.Add(int64(approval.OperationLease + time.Second))
	var waiting sync.WaitGroup
	var total atomic.Int64
	for range 8 {
		waiting.Go(func() {
			done, err := p.Redeliver(t.Context())
			if err != nil {
				t.Error(err)
			}
			total.Add(int64(done))
		})
	}
	waiting.Wait()
	if total.Load() != 1 || p.engine.count("six") != 2 {
		t.Errorf("eight sweepers answered %d, delivered %d times in all", total.Load(), p.engine.count("six"))
	}
}
