package bench_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"go.temporal.io/sdk/client"

	"linli/approval"
	"linli/approval/funduse"
	"linli/bench"
	"linli/config"
	"linli/examples"
	"linli/internal/app"
	"linli/internal/demo"
	"linli/internal/pg"
	"linli/internal/port"
	"linli/standalone/process"
	"linli/standalone/temporal"
	"linli/store"
)

const (
	databaseName  = "linli"
	benchDatabase = "bench"
	ownerRole     = "linli_owner"
	adminPassword = "Linli-bench-2026-first"
	patience      = 5 * time.Minute
	// shortDay lets a notice pass while whole cases are measured.
	shortDay = 2 * time.Second
)

// system is everything that is measured, in processes of its own: PostgreSQL,
// Temporal, Linli's API and worker, the practice bank, and a worker for the
// bare workflow.
type system struct {
	t       testing.TB
	dir     string
	binary  string
	self    string
	config  config.Config
	cluster *pg.Cluster
	engine  client.Client
	rows    *pgxpool.Pool
	store   *store.Store // with a worker's hands
	books   *store.Store // with the API's

	temporal, api, worker, bank, bare *process.Process
}

func start(t testing.TB) *system {
	t.Helper()
	s := &system{t: t, dir: folder(t), binary: process.Build(t)}
	var err error
	s.self, err = os.Executable()
	s.must("finding this binary", err)
	s.startPostgres()
	s.settle()
	s.startTemporal()
	s.connect()
	s.bank = s.part("bank", nil, s.binary, "bank", "--listen", s.config.BankURL[len("http://"):], "--book", filepath.Join(s.dir, "book.jsonl"),
		"--secret-file", s.config.BankSecretFile, "--callback", s.config.PublicURL+"/v1/bank/callbacks")
	s.startLinli(shortDay)
	s.startBare()
	s.ground()
	return s
}

// folder is where PostgreSQL's user can reach its data.
func folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "linli-bench-")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // in the machine's own folder for such things
	return dir
}

func (s *system) part(name string, settings []string, program string, args ...string) *process.Process {
	s.t.Helper()
	return process.Start(s.t, name, program, settings, args...)
}

func (s *system) startPostgres() {
	s.t.Helper()
	var err error
	s.cluster, err = pg.Start(s.t.Context(), pg.Config{DataDir: filepath.Join(s.dir, "data")})
	s.must("starting PostgreSQL", err)
	cluster := s.cluster
	s.t.Cleanup(func() { _ = cluster.Stop(context.Background()) }) // a second stop changes nothing
}

// settle makes doors, keys and databases.
func (s *system) settle() {
	s.t.Helper()
	ctx, door := s.t.Context(), func() string {
		free, err := port.Free(0)
		s.must("choosing a port", err)
		return fmt.Sprintf("127.0.0.1:%d", free)
	}
	address := func(role string) string { return s.cluster.DSN(role, s.cluster.RolePassword(role), databaseName) }
	blobs := filepath.Join(s.dir, "blobs")
	s.must("making a folder", os.MkdirAll(blobs, 0o700))
	listen := door()
	s.config = config.Config{
		Listen: listen, WorkerListen: door(), PublicURL: "http://" + listen, Gateway: funduse.HTTP, BankURL: "http://" + door(),
		CharityAccount: "370300000000000001", TemporalAddress: door(), TemporalNamespace: temporal.DefaultNamespace, LogLevel: "warn",
		BlobURL:          (&url.URL{Scheme: "file", Path: blobs, RawQuery: "no_tmp_dir=true"}).String(),
		OwnerDatabaseURL: address(ownerRole), APIDatabaseURL: address(store.APIRole), WorkerDatabaseURL: address(store.WorkerRole),
	}
	s.must("writing keys", app.NewKeyFiles(filepath.Join(s.dir, "keys"), &s.config))
	for _, name := range []string{databaseName, benchDatabase} {
		s.must("making database "+name, s.cluster.EnsureDatabase(ctx, name, ownerRole, s.cluster.RolePassword(ownerRole)))
	}
	s.must("allowing roles", s.cluster.AllowRoles(ctx, ownerRole))
	s.must("migrating", app.Migrate(ctx, s.config))
	s.must("bootstrapping", app.Bootstrap(ctx, s.config, examples.City, examples.Administrator(adminPassword)))
}

// connect opens the ways of whoever measures.
func (s *system) connect() {
	s.t.Helper()
	ctx := s.t.Context()
	var err error
	s.engine, err = client.DialContext(ctx, dialling(s.config.TemporalAddress))
	s.must("dialling Temporal", err)
	s.t.Cleanup(s.engine.Close)
	s.rows, err = pgxpool.New(ctx, s.rowsAddress())
	s.must("opening the rows", err)
	s.t.Cleanup(s.rows.Close)
	_, err = s.rows.Exec(ctx, bench.Rows)
	s.must("making the rows' table", err)
	s.store, err = store.Open(ctx, s.config.WorkerDatabaseURL)
	s.must("opening the database", err)
	s.t.Cleanup(s.store.Close)
	s.books, err = store.Open(ctx, s.config.APIDatabaseURL)
	s.must("opening the books", err)
	s.t.Cleanup(s.books.Close)
}

// rowsAddress is the bare lines' database. Their pool is as large as the
// largest number of clients needs.
func (s *system) rowsAddress() string {
	return s.cluster.DSN(ownerRole, s.cluster.RolePassword(ownerRole), benchDatabase) + "&pool_max_conns=32"
}

func (s *system) startTemporal() {
	s.t.Helper()
	log := filepath.Join(s.dir, "temporal.log")
	s.temporal = s.part("Temporal", []string{
		temporalData + "=" + filepath.Join(s.dir, "data"), temporalAddress + "=" + s.config.TemporalAddress, temporalLog + "=" + log,
	}, s.self)
	s.until("Temporal answers", func() error {
		probe, err := client.DialContext(s.t.Context(), dialling(s.config.TemporalAddress))
		if err != nil {
			return err
		}
		defer probe.Close()
		_, err = probe.DescribeWorkflowExecution(s.t.Context(), "nothing", "")
		return known(err)
	})
}

// startLinli starts API and worker; day is the length of a day in deadlines, 0
// for the calendar's.
func (s *system) startLinli(day time.Duration) {
	s.t.Helper()
	c := s.config
	c.DayLength = day
	s.worker = s.part("worker", process.Settings(s.t, c, config.Worker), s.binary, "worker")
	s.api = s.part("API", process.Settings(s.t, c, config.Serve), s.binary, "serve")
	for _, listen := range []string{c.Listen, c.WorkerListen} {
		s.until("the process at "+listen+" is ready", func() error { return app.Ready(s.t.Context(), listen) })
	}
}

func (s *system) stopLinli() {
	s.t.Helper()
	s.api.End(s.t)
	s.worker.End(s.t)
}

func (s *system) startBare() {
	s.t.Helper()
	s.bare = s.part("bare worker", []string{
		bareAddress + "=" + s.config.TemporalAddress, bareRows + "=" + s.rowsAddress(),
	}, s.self)
}

// ground loads the demonstration's people, rules and funds, and a calendar for
// the year to come, in case the run takes place at the end of one.
func (s *system) ground() {
	s.t.Helper()
	ctx := s.t.Context()
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = 128
	_, err := demo.Load(ctx, demo.Options{URL: s.config.PublicURL, AdminPassword: adminPassword, GroundOnly: true, Log: func(string) {}})
	s.must("loading the ground", err)
	admin, err := demo.Login(ctx, s.config.PublicURL, examples.AdminUsername, adminPassword)
	s.must("logging in", err)
	next := time.Now().In(approval.Shanghai).Year() + 1
	place := fmt.Sprintf("/v1/calendars/%d", next)
	if err := admin.Read(ctx, place, nil); approval.CodeOf(err) == approval.NotFound {
		err = admin.Write(ctx, "PUT", place, fmt.Sprintf("bench-calendar-%d", next),
			approval.CalendarYear{Year: next, Source: "示例，非官方", Off: []string{}, Work: []string{}}, nil)
		s.must("entering a calendar", err)
	}
}

func (s *system) until(what string, try func() error) {
	s.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		err := try()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("waited in vain until %s: %v", what, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (s *system) must(doing string, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("%s: %v", doing, err)
	}
}
