package storetest

import (
	"context"
	"fmt"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"linli/internal/pg/pgtest"
	"linli/store"
)

// templateName is a migrated database with the scope tree in it. Tests get
// copies: copying costs a fraction of migrating.
const templateName = "linli_template"

var (
	template sync.Once
	copying  sync.Mutex // PostgreSQL copies a database for one at a time
	copies   int
)

// database makes a migrated database for one test and drops it afterwards.
func database(t testing.TB) (owner string) {
	t.Helper()
	cluster := pgtest.Cluster(t)
	copying.Lock()
	defer copying.Unlock()
	template.Do(func() { makeTemplate(t, cluster.SuperDSN(templateName), cluster.SuperDSN("postgres")) })
	for _, role := range []string{store.APIRole, store.WorkerRole} {
		// Roles belong to the cluster: another test may have given them its own password.
		administer(t, cluster.SuperDSN("postgres"), "ALTER ROLE "+role+" PASSWORD '"+password+"'")
	}
	copies++
	name := fmt.Sprintf("linli_copy_%d", copies)
	administer(t, cluster.SuperDSN("postgres"), "CREATE DATABASE "+name+" TEMPLATE "+templateName)
	t.Cleanup(func() { administer(t, cluster.SuperDSN("postgres"), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	return cluster.SuperDSN(name)
}

func makeTemplate(t testing.TB, owner, admin string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	administer(t, admin, "CREATE DATABASE "+templateName)
	if err := store.Migrate(ctx, owner, store.Passwords{API: password, Worker: password}); err != nil {
		t.Fatalf("migrating the test database: %v", err)
	}
	api, err := store.Open(ctx, as(t, owner, store.APIRole))
	if err != nil {
		t.Fatalf("opening the test database: %v", err)
	}
	defer api.Close()
	for _, division := range divisions {
		if err := api.AddDivision(store.WithPerson(ctx, Root), division, Root.ID, Now); err != nil {
			t.Fatalf("adding %s: %v", division.Path, err)
		}
	}
}

func administer(t testing.TB, dsn, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatalf("connecting to the test cluster: %v", err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// as is the address of the same database for another role.
func as(t testing.TB, dsn, role string) string {
	t.Helper()
	address, err := url.Parse(dsn)
	if err != nil {
		t.Fatalf("reading the test database's address: %v", err)
	}
	address.User = url.UserPassword(role, password)
	return address.String()
}
