package chaos_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"

	"linli/approval/funduse"
	"linli/bank"
	"linli/bank/sandbox"
	"linli/config"
	"linli/examples"
	"linli/internal/app"
	"linli/internal/demo"
	"linli/internal/envelope"
	"linli/internal/port"
	linli "linli/standalone/process"
	"linli/standalone/temporal"
	"linli/store"
)

const (
	databaseName  = "linli"
	ownerRole     = "linli_owner"
	adminPassword = "Linli-chaos-2026-first"
	bankToken     = "behaviour-token-of-the-chaos"
	dayLength     = 10 * time.Second // five days of notice pass within a round
	patience      = 4 * time.Minute  // for anything, on a machine that is busy
	glance        = 15 * time.Second // for one look at whether it holds
)

// system is Linli as five processes.
type system struct {
	t        testing.TB
	dir      string
	url      string
	bankURL  string
	address  string // of Temporal
	config   config.Config
	postgres *postgres
	temporal *process
	bank     *process
	api      *process
	worker   *process
	store    *store.Store // with a worker's eyes
	engine   client.Client
	verifier *envelope.Verifier
	super    string // the administrator's way into the database
}

// plan tells every process how its lives go and hears of its deaths.
type plan interface {
	life(process string) life
	died(death)
}

// startSystem brings everything up with the demonstration's people and funds.
func startSystem(t testing.TB, dir string, p plan) *system {
	t.Helper()
	s := &system{t: t, dir: dir}
	binary := linli.Build(t)
	s.postgres = startPostgres(t, filepath.Join(dir, "data"), p.died)
	s.settle()
	part := func(name string, env []string, args ...string) *process {
		part := &process{name: name, args: args, env: env, lives: func() life { return p.life(name) }, deaths: p.died}
		part.start(t, dir)
		return part
	}
	self, err := os.Executable()
	s.must("finding this binary", err)
	_, temporalAt := split(s.address)
	s.temporal = part("temporal", []string{
		temporalData + "=" + filepath.Join(dir, "data"), temporalPort + "=" + temporalAt, temporalLog + "=" + filepath.Join(dir, "temporal-server.log"),
	}, self)
	s.connect()
	_, bankAt := split(s.bankURL[len("http://"):])
	s.bank = part("bank", nil, binary, "bank", "--listen", "127.0.0.1:"+bankAt, "--book", filepath.Join(dir, "book.jsonl"),
		"--secret-file", s.config.BankSecretFile, "--callback", s.url+"/v1/bank/callbacks", "--admin-file", filepath.Join(dir, "bank.token"))
	s.worker = part("worker", linli.Settings(t, s.config, config.Worker), binary, "worker")
	s.api = part("api", linli.Settings(t, s.config, config.Serve), binary, "serve")
	return s
}

func split(address string) (host, port string) {
	parsed, _ := url.Parse("tcp://" + address)
	return parsed.Hostname(), parsed.Port()
}

// settle makes doors, keys and databases.
func (s *system) settle() {
	cluster := s.postgres.cluster
	listen := s.door()
	s.url, s.bankURL, s.address = "http://"+listen, "http://"+s.door(), s.door()
	address := func(role string) string { return cluster.DSN(role, cluster.RolePassword(role), databaseName) }
	blobs := filepath.Join(s.dir, "blobs")
	s.must("making a folder", os.MkdirAll(blobs, 0o700))
	s.config = config.Config{
		Listen: listen, WorkerListen: s.door(), PublicURL: s.url, Gateway: funduse.HTTP, BankURL: s.bankURL, CharityAccount: "370300000000000001",
		TemporalAddress: s.address, TemporalNamespace: temporal.DefaultNamespace, LogLevel: "info", DayLength: dayLength,
		BlobURL:          (&url.URL{Scheme: "file", Path: blobs, RawQuery: "no_tmp_dir=true"}).String(),
		OwnerDatabaseURL: address(ownerRole), APIDatabaseURL: address(store.APIRole), WorkerDatabaseURL: address(store.WorkerRole),
	}
	s.must("writing keys", app.NewKeyFiles(filepath.Join(s.dir, "keys"), &s.config))
	keys, err := app.LoadKeys(s.config)
	s.must("reading keys", err)
	s.verifier = keys.Verifier
	s.must("writing a token", os.WriteFile(filepath.Join(s.dir, "bank.token"), []byte(bankToken), 0o600))
	ctx := s.t.Context()
	s.must("making the database", cluster.EnsureDatabase(ctx, databaseName, ownerRole, cluster.RolePassword(ownerRole)))
	s.must("allowing roles", cluster.AllowRoles(ctx, ownerRole))
	s.must("migrating", app.Migrate(ctx, s.config))
	s.must("bootstrapping", app.Bootstrap(ctx, s.config, examples.City, examples.Administrator(adminPassword)))
	s.super = cluster.SuperDSN(databaseName)
}

// door is an address for a process that is away now and then: below the ports
// Temporal and PostgreSQL choose among when they start, one of which might be
// this one while nobody listens there.
func (s *system) door() string {
	s.t.Helper()
	for range 100 {
		wanted := 10_000 + rand.IntN(10_000)
		if free, err := port.Free(wanted); err == nil && free == wanted {
			return fmt.Sprintf("127.0.0.1:%d", free)
		}
	}
	s.t.Fatal("no free port between 10000 and 19999")
	return ""
}

// connect opens the observer's own ways into database and Temporal; both find
// back by themselves after a kill.
func (s *system) connect() {
	var err error
	s.store, err = store.Open(s.t.Context(), s.config.WorkerDatabaseURL)
	s.must("opening the database", err)
	s.t.Cleanup(s.store.Close)
	s.engine, err = client.NewLazyClient(client.Options{
		HostPort: s.address, Namespace: temporal.DefaultNamespace, Logger: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
	s.must("opening Temporal", err)
	s.t.Cleanup(s.engine.Close)
}

// ready waits until neither API nor worker misses anything.
func (s *system) ready(ctx context.Context) {
	s.t.Helper()
	s.until(ctx, "API and worker are ready", func(ctx context.Context) error {
		for name, listen := range map[string]string{"API": s.config.Listen, "worker": s.config.WorkerListen} {
			if err := app.Ready(ctx, listen); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		return nil
	})
}

// ground loads the demonstration's people, rules and funds.
func (s *system) ground(ctx context.Context) {
	s.t.Helper()
	_, err := demo.Load(ctx, demo.Options{URL: s.url, AdminPassword: adminPassword, GroundOnly: true, Log: func(line string) { s.t.Log(line) }})
	s.must("loading the ground", err)
}

// badDays makes the bank nasty; a bank that was killed has forgotten it.
func (s *system) badDays(ctx context.Context, seed uint64) error {
	text, err := json.Marshal(sandbox.Program{Nasty: &sandbox.Nasty{
		Seed: seed, Chance: 25, RefuseChance: 12, CalmAfter: 4,
		MaxLatency: sandbox.Duration(300 * time.Millisecond), MaxProcessing: sandbox.Duration(2 * time.Second),
	}})
	if err != nil {
		return err
	}
	response, err := s.askBank(ctx, http.MethodPut, "/behaviour", text)
	if err != nil {
		return err
	}
	return response.Body.Close()
}

func (s *system) askBank(ctx context.Context, method, path string, body []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, s.bankURL+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+bankToken)
	response, err := http.DefaultClient.Do(request)
	if err == nil && response.StatusCode != http.StatusOK {
		response.Body.Close()
		err = fmt.Errorf("the bank answers %s", response.Status)
	}
	return response, err
}

// book is the bank's own book.
func (s *system) book(ctx context.Context) (book bank.Book, err error) {
	response, err := s.askBank(ctx, http.MethodGet, "/book", nil)
	if err != nil {
		return book, err
	}
	defer response.Body.Close()
	return book, json.NewDecoder(response.Body).Decode(&book)
}

// until polls a condition; a look that hangs is one that failed. When it never
// holds, it tells why not and what every part lacks.
func (s *system) until(ctx context.Context, what string, try func(context.Context) error) {
	s.t.Helper()
	begun := time.Now()
	for {
		looking, cancel := context.WithTimeout(ctx, glance)
		err := try(looking)
		cancel()
		if err == nil {
			return
		}
		if ctx.Err() != nil || time.Since(begun) > patience {
			s.t.Fatalf("waited %.0fs in vain until %s: %v\n%s", time.Since(begun).Seconds(), what, err, s.diagnosis())
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func (s *system) must(doing string, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("%s: %v", doing, err)
	}
}
