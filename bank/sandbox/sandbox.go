package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"linli/bank"
)

// Config is what the bank needs; BookPath and Secret are required.
type Config struct {
	BookPath         string           // created if absent, mode 0600; one process at a time
	Secret           []byte           // shared with the customer, at least 16 bytes
	CallbackURL      string           // empty: no callbacks
	CallbackRetry    time.Duration    // pause before the second try, then doubled; 0 means 500 ms
	CallbackAttempts int              // tries per callback and start; 0 means 12
	AdminToken       string           // guards /behaviour; empty closes it
	Program          Program          // the behaviour at start
	Now              func() time.Time // nil means time.Now
	Log              *slog.Logger     // nil means slog.Default
}

// Bank is the simulated bank as an http.Handler.
type Bank struct {
	config   Config
	log      *slog.Logger
	ledger   *ledger
	incoming bank.Signer
	outgoing bank.Signer
	caller   *http.Client
	routes   *http.ServeMux
	nonces   nonces
	life     context.Context
	end      context.CancelFunc
	work     sync.WaitGroup

	mu       sync.Mutex
	closed   bool
	program  Program
	attempts map[string]int
}

// New opens the book, takes up what a former process left undone, and needs
// Close in the end.
func New(config Config) (*Bank, error) {
	if len(config.Secret) < 16 {
		return nil, errors.New("the bank secret is shorter than 16 bytes")
	}
	if err := config.Program.Validate(); err != nil {
		return nil, fmt.Errorf("checking the bank's behaviour: %w", err)
	}
	config = config.withDefaults()
	books, err := openLedger(config.BookPath)
	if err != nil {
		return nil, err
	}
	b := &Bank{
		config: config, log: config.Log, ledger: books, program: config.Program.clone(), attempts: map[string]int{},
		incoming: bank.Signer{Secret: config.Secret, Direction: bank.Request, Now: config.Now},
		outgoing: bank.Signer{Secret: config.Secret, Direction: bank.Callback, Now: config.Now},
		caller:   &http.Client{Timeout: 5 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
	b.life, b.end = context.WithCancel(context.Background())
	b.routes = b.table()
	for _, key := range books.owed() {
		b.background(func() { b.follow(key) })
	}
	return b, nil
}

func (c Config) withDefaults() Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.CallbackRetry == 0 {
		c.CallbackRetry = 500 * time.Millisecond
	}
	if c.CallbackAttempts == 0 {
		c.CallbackAttempts = 12
	}
	return c
}

func (b *Bank) table() *http.ServeMux {
	routes := http.NewServeMux()
	routes.HandleFunc("POST /payments", b.signed(b.pay))
	routes.HandleFunc("GET /payments/{key}", b.signed(b.query))
	routes.HandleFunc("GET /book", b.showBook)
	routes.HandleFunc("GET /behaviour", b.admin(b.showBehaviour))
	routes.HandleFunc("PUT /behaviour", b.admin(b.replaceBehaviour))
	routes.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, struct{}{}) })
	return routes
}

// ServeHTTP answers the routes of the package comment.
func (b *Bank) ServeHTTP(w http.ResponseWriter, r *http.Request) { b.routes.ServeHTTP(w, r) }

// Serve listens on addr until ctx ends, logs the address it got as "addr",
// and closes the bank before it returns.
func (b *Bank) Serve(ctx context.Context, addr string) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return errors.Join(fmt.Errorf("listening for the bank: %w", err), b.Close())
	}
	b.log.Info("the sandbox bank listens", "addr", listener.Addr().String())
	server := &http.Server{Handler: b, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err = <-failed:
	case <-ctx.Done():
		b.end() // lets hanging requests go, which Shutdown would wait for
		patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err = server.Shutdown(patience)
	}
	return errors.Join(err, b.Close())
}

// Close ends callbacks and hanging requests and releases the book. It may be
// called again. What was not yet called back is taken up by the next New.
func (b *Bank) Close() error {
	b.mu.Lock()
	already := b.closed
	b.closed = true
	b.mu.Unlock()
	b.end()
	b.work.Wait()
	if already {
		return nil
	}
	b.caller.CloseIdleConnections()
	return b.ledger.close()
}

// background runs work that Close waits for; after Close it does nothing.
func (b *Bank) background(work func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.closed {
		b.work.Go(work)
	}
}

// wait tells whether the bank is still open after d.
func (b *Bank) wait(d time.Duration) bool {
	if d <= 0 {
		return b.life.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-b.life.Done():
		return false
	}
}

func (b *Bank) now() time.Time { return b.config.Now().UTC() }

func (b *Bank) behaviour(on Operation, key string) Behaviour {
	b.mu.Lock()
	defer b.mu.Unlock()
	count := string(on) + " " + key
	b.attempts[count]++
	return b.program.take(on, key, b.attempts[count])
}

func (b *Bank) standingRefusal(order bank.Order) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.program.refusal(order)
}

func (p Program) clone() Program {
	p.Queue = slices.Clone(p.Queue)
	p.Refusals = slices.Clone(p.Refusals)
	return p
}

// Behave replaces the whole behaviour, queue included, from the next request on.
func (b *Bank) Behave(program Program) error {
	if err := program.Validate(); err != nil {
		return fmt.Errorf("checking the bank's behaviour: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.program = program.clone()
	return nil
}

func (b *Bank) showBehaviour(w http.ResponseWriter, _ *http.Request) {
	b.mu.Lock()
	program := b.program.clone()
	b.mu.Unlock()
	answer(w, http.StatusOK, program)
}

func (b *Bank) replaceBehaviour(w http.ResponseWriter, r *http.Request) {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostBody))
	decoder.DisallowUnknownFields()
	var program Program
	err := decoder.Decode(&program)
	if err == nil {
		err = b.Behave(program)
	}
	if err != nil {
		refuse(w, http.StatusUnprocessableEntity, "invalid_behaviour", err.Error())
		return
	}
	b.showBehaviour(w, r)
}

func (b *Bank) showBook(w http.ResponseWriter, r *http.Request) {
	show := func(w http.ResponseWriter, _ *http.Request, _ []byte) {
		statement, err := b.ledger.statement(b.now())
		if err != nil {
			b.unavailable(w, err)
			return
		}
		answer(w, http.StatusOK, statement)
	}
	if b.isAdmin(r) {
		show(w, r, nil)
		return
	}
	b.signed(show)(w, r)
}
