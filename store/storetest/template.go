package storetest

import (
	"context"
	"fmt"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"linli/internal/pg"
	"linli/internal/pg/pgtest"
	"linli/store"
)

// templateName is a migrated database with the scope tree in it. Tests get
// copies: copying costs a fraction of migrating.
const templateName = "linli_template"

// Passwords are those of the roles, which belong to the whole cluster: a test
// that migrates gives them again, or it locks the others out.
var Passwords = store.Passwords{API: "storetest-api", Worker: "storetest-worker"}

// Address is where a test database is found, per role.
type Address struct{ Owner, API, Worker string }

var template struct {
	once sync.Once
	err  error
}

// Database makes a migrated database for one test to open in its own way.
func Database(t testing.TB) Address {
	t.Helper()
	cluster := pgtest.Cluster(t)
	template.once.Do(func() { template.err = makeTemplate(cluster) })
	if template.err != nil {
		t.Fatalf("making the template of the test databases: %v", template.err)
	}
	address, err := rolesOf(pgtest.Copy(t, templateName))
	if err != nil {
		t.Fatal(err)
	}
	return address
}

func makeTemplate(cluster *pg.Cluster) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, cluster.SuperDSN("postgres"))
	if err != nil {
		return fmt.Errorf("connecting to the test cluster: %w", err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+templateName); err != nil {
		return err
	}
	address, err := rolesOf(cluster.SuperDSN(templateName))
	if err != nil {
		return err
	}
	if err := store.Migrate(ctx, address.Owner, Passwords); err != nil {
		return err
	}
	return plantTree(ctx, address)
}

func plantTree(ctx context.Context, address Address) error {
	api, err := store.Open(ctx, address.API)
	if err != nil {
		return err
	}
	defer api.Close()
	for _, division := range divisions {
		if err := api.AddDivision(store.WithPerson(ctx, Root), division, Root.ID, Now); err != nil {
			return fmt.Errorf("adding %s: %w", division.Path, err)
		}
	}
	return nil
}

// rolesOf is the same database for each role.
func rolesOf(owner string) (Address, error) {
	api, err := url.Parse(owner)
	if err != nil {
		return Address{}, fmt.Errorf("reading the test database's address: %w", err)
	}
	worker := *api
	api.User = url.UserPassword(store.APIRole, Passwords.API)
	worker.User = url.UserPassword(store.WorkerRole, Passwords.Worker)
	return Address{Owner: owner, API: api.String(), Worker: worker.String()}, nil
}
