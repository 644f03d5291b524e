package sandbox_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"linli/bank"
	"linli/bank/sandbox"
)

const adminToken = "the token of the test bank"

var secret = []byte("a shared secret of the test bank")

func orderOf(key string) bank.Order {
	return bank.Order{
		Key: key, CaseID: "ZB-ZD-2025-0001", Amount: 880_000,
		PayerAccount: "37001638801050001234", PayeeName: "淄博张店和平装修有限公司",
		PayeeAccount: "6217002280001117788", PayeeBank: "齐商银行张店支行", Purpose: "楼道扶手微改造",
	}
}

// failer is what *testing.T and *rapid.T share.
type failer interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// world is a bank behind a real listener that outlives the bank's restarts.
type world struct {
	t       failer
	config  sandbox.Config
	bank    *sandbox.Bank
	current atomic.Pointer[sandbox.Bank]
	server  *httptest.Server
	client  *bank.Client
}

func open(t failer, config sandbox.Config) *world {
	t.Helper()
	config.Secret, config.AdminToken = secret, adminToken
	config.CallbackRetry = time.Millisecond
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	w := &world{t: t, config: config}
	w.start()
	w.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.current.Load().ServeHTTP(rw, r) }))
	w.client = w.clientWith(bank.Config{Timeout: 5 * time.Second})
	return w
}

func (w *world) start() {
	w.t.Helper()
	started, err := sandbox.New(w.config)
	if err != nil {
		w.t.Fatal(err)
	}
	w.bank = started
	w.current.Store(started)
}

func (w *world) restart() {
	w.t.Helper()
	if err := w.bank.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.start()
}

func (w *world) close() {
	_ = w.bank.Close()
	w.server.Close()
}

func (w *world) clientWith(config bank.Config) *bank.Client {
	w.t.Helper()
	config.BaseURL, config.Secret = w.server.URL, secret
	client, err := bank.New(config)
	if err != nil {
		w.t.Fatal(err)
	}
	return client
}

func newWorld(t *testing.T, program sandbox.Program) *world {
	return newWorldWith(t, sandbox.Config{Program: program})
}

func newWorldWith(t *testing.T, config sandbox.Config) *world {
	t.Helper()
	config.BookPath = filepath.Join(t.TempDir(), "book.jsonl")
	w := open(t, config)
	t.Cleanup(w.close)
	return w
}

func (w *world) behave(program sandbox.Program) {
	w.t.Helper()
	if err := w.bank.Behave(program); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) bookText() string {
	w.t.Helper()
	text, err := os.ReadFile(w.config.BookPath)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(text)
}

// bookings counts how often the file says a key was taken in, and how often
// money moved for it.
func (w *world) bookings(key string) (taken, moved int) {
	for line := range strings.Lines(w.bookText()) {
		if !strings.Contains(line, fmt.Sprintf("\"key\":%q", key)) {
			continue
		}
		if strings.Contains(line, `"kind":"received"`) {
			taken++
		}
		if strings.Contains(line, `"postings"`) {
			moved++
		}
	}
	return taken, moved
}

func (w *world) wantBookings(key string, wantTaken, wantMoved int) {
	w.t.Helper()
	if taken, moved := w.bookings(key); taken != wantTaken || moved != wantMoved {
		w.t.Fatalf("%s was taken in %d times and moved money %d times, want %d and %d", key, taken, moved, wantTaken, wantMoved)
	}
}

// eventually asks again until ok, and fails the test after ten seconds.
func eventually(t failer, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); {
		if time.Now().After(deadline) {
			t.Fatalf("did not happen: %s", what)
		}
		<-time.After(2 * time.Millisecond)
	}
}

func (w *world) untilFinal(t *testing.T, key string) (final bank.Receipt) {
	t.Helper()
	eventually(t, key+" becomes final", func() bool {
		receipt, err := w.client.Query(t.Context(), key)
		final = receipt
		return err == nil && receipt.Status.Final()
	})
	return final
}

// customer is the side that is called back; it refuses the first few calls.
type customer struct {
	url    string
	mu     sync.Mutex
	refuse int
	tries  int
	taken  []bank.Receipt
	nonces map[string]bool
	faults []string
}

func newCustomer(t *testing.T, refuse int) *customer {
	c := &customer{refuse: refuse, nonces: map[string]bool{}}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	c.url = server.URL + "/callbacks/bank?tenant=zd"
	return c
}

func (c *customer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	receipt, wrong := bank.VerifyCallback(secret, r, body)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil || wrong != nil {
		c.faults = append(c.faults, fmt.Sprint(err, wrong))
	}
	if c.nonces[r.Header.Get(bank.SignatureHeader)] {
		c.faults = append(c.faults, "a signature came twice")
	}
	c.nonces[r.Header.Get(bank.SignatureHeader)] = true
	if c.tries++; c.tries <= c.refuse {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	c.taken = append(c.taken, receipt)
}

func (c *customer) receipts() []bank.Receipt {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.taken)
}

func (c *customer) statuses() (list []bank.Status) {
	for _, receipt := range c.receipts() {
		list = append(list, receipt.Status)
	}
	return list
}

func (c *customer) wantNoFaults(t *testing.T) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.faults) > 0 {
		t.Errorf("the customer saw: %v", c.faults)
	}
}

// addressLog is a log that hands on the address the bank says it listens on.
func addressLog(address chan<- string) *slog.Logger {
	return slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == "addr" {
			address <- a.Value.String()
		}
		return a
	}}))
}
