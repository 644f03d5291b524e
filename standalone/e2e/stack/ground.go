package stack

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"linli/approval"
	"linli/examples"
	"linli/internal/app"
	"linli/internal/demo"
	"linli/internal/pg"
	"linli/internal/pg/pgtest"
	"linli/store"
)

const (
	owner         = "linli_owner"
	emptyName     = "e2e_empty"  // the city and its administrator
	groundName    = "e2e_ground" // and the demonstration's people, rules and funds
	adminPassword = "Zibo-e2e-2026-first"
)

// ground is made once per process and copied for every stack: hashing the
// passwords of all people again would take longer than the tests.
var ground struct {
	mu     sync.Mutex
	made   map[string]bool
	copies int
	people map[string]string
	keys   string
}

// database makes a stack's own database and returns its three addresses.
func (s *Stack) database(t testing.TB, options Options) (ownerURL, apiURL, workerURL string) {
	t.Helper()
	ground.mu.Lock()
	defer ground.mu.Unlock()
	cluster := pgtest.Cluster(t)
	template := groundName
	if options.Empty {
		template = emptyName
	}
	if ground.made == nil {
		ground.made = map[string]bool{}
	}
	if !ground.made[template] {
		s.makeTemplate(t, cluster, options)
		ground.made[template] = true
	}
	s.People = ground.people
	ground.copies++
	name := fmt.Sprintf("e2e_%d", ground.copies)
	administer(t, cluster.SuperDSN("postgres"), "CREATE DATABASE "+name+" TEMPLATE "+template+" OWNER "+owner)
	t.Cleanup(func() { administer(t, cluster.SuperDSN("postgres"), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	return addresses(cluster, name)
}

func addresses(cluster *pg.Cluster, name string) (ownerURL, apiURL, workerURL string) {
	address := func(role string) string { return cluster.DSN(role, cluster.RolePassword(role), name) }
	return address(owner), address(store.APIRole), address(store.WorkerRole)
}

// makeTemplate migrates and bootstraps as an operator would; the ground on top
// of it is loaded through the API, which runs for that long only.
func (s *Stack) makeTemplate(t testing.TB, cluster *pg.Cluster, options Options) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	c := s.Config
	if !ground.made[emptyName] {
		c.OwnerDatabaseURL, c.APIDatabaseURL, c.WorkerDatabaseURL = addresses(cluster, emptyName)
		must(t, "making the first database", cluster.EnsureDatabase(ctx, emptyName, owner, cluster.RolePassword(owner)))
		must(t, "allowing its owner to make roles", cluster.AllowRoles(ctx, owner))
		must(t, "migrating", app.Migrate(ctx, c))
		must(t, "bootstrapping", app.Bootstrap(ctx, c, examples.City, examples.Administrator(adminPassword)))
		ground.made[emptyName] = true
	}
	if options.Empty {
		return
	}
	administer(t, cluster.SuperDSN("postgres"), "CREATE DATABASE "+groundName+" TEMPLATE "+emptyName+" OWNER "+owner)
	c.OwnerDatabaseURL, c.APIDatabaseURL, c.WorkerDatabaseURL = addresses(cluster, groundName)
	keys, err := app.LoadKeys(c)
	must(t, "reading the keys", err)
	listener := listen(t, "127.0.0.1:0")
	c.Listen, c.BankURL = listener.Addr().String(), "http://127.0.0.1:1" // no case, no payment
	c.PublicURL = "http://" + c.Listen
	api := &Part{name: "API of the ground", run: func(ctx context.Context) error {
		return app.ServeOn(ctx, listener, c, keys, logger(t, 0))
	}}
	api.Start(t)
	defer api.Stop(t)
	_, err = demo.Load(ctx, demo.Options{URL: c.PublicURL, AdminPassword: adminPassword, GroundOnly: true, Log: func(string) {}})
	must(t, "loading the ground", err)
	ground.people, err = accounts(ctx, c.PublicURL)
	must(t, "listing the people", err)
}

// accounts maps usernames to person ids.
func accounts(ctx context.Context, address string) (map[string]string, error) {
	admin, err := demo.Login(ctx, address, examples.AdminUsername, adminPassword)
	if err != nil {
		return nil, err
	}
	people := map[string]string{}
	for next := ""; ; {
		var page struct {
			Items []approval.Account `json:"items"`
			Next  string             `json:"next"`
		}
		if err := admin.Read(ctx, "/v1/accounts?limit=100&cursor="+url.QueryEscape(next), &page); err != nil {
			return nil, err
		}
		for _, account := range page.Items {
			people[account.Username] = account.ID
		}
		if next = page.Next; next == "" {
			return people, nil
		}
	}
}

// keyFolder is shared by all stacks: what the ground sealed, each must open.
func keyFolder(t testing.TB) string {
	t.Helper()
	ground.mu.Lock()
	defer ground.mu.Unlock()
	if ground.keys == "" {
		folder, err := os.MkdirTemp("", "linli-e2e-keys-")
		must(t, "making a folder for keys", err)
		ground.keys = folder
	}
	return ground.keys
}

// Forget removes what the process keeps for all its stacks; call it last.
func Forget() error {
	if ground.keys == "" {
		return nil
	}
	return os.RemoveAll(ground.keys)
}

// Administer runs SQL as the database's administrator, to bring about what no
// route can: a year that nobody has loaded, a record that was tampered with.
func (s *Stack) Administer(t testing.TB, statement string) {
	t.Helper()
	address, err := url.Parse(s.Config.OwnerDatabaseURL)
	must(t, "reading an address", err)
	administer(t, pgtest.Cluster(t).SuperDSN(strings.TrimPrefix(address.Path, "/")), statement)
}

func administer(t testing.TB, dsn, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	must(t, "connecting to the test cluster", err)
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	must(t, statement, err)
}

func must(t testing.TB, doing string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", doing, err)
	}
}
