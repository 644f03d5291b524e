package deploy

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"linli/config"
	"linli/internal/app"
	"linli/internal/pg/pgtest"
	"linli/store"
)

const password = "it's a \"secret\""

// script is postgres.sql as psql would send it: one statement after the other.
func script(t *testing.T) []string {
	t.Helper()
	var sql strings.Builder
	for line := range strings.Lines(read(t, "postgres.sql")) {
		if !strings.HasPrefix(line, "--") && !strings.HasPrefix(line, `\set `) {
			sql.WriteString(line)
		}
	}
	literal := "'" + strings.ReplaceAll(password, "'", "''") + "'"
	text := strings.NewReplacer(":'owner_password'", literal, ":'temporal_password'", literal).Replace(sql.String())
	var statements []string
	for statement := range strings.SplitSeq(text, ";") {
		if statement = strings.TrimSpace(statement); statement != "" {
			statements = append(statements, statement)
		}
	}
	return statements
}

// The first script makes a role that is enough to migrate and no more, and
// keeps Temporal and Linli out of each other's databases.
func TestTheFirstScriptMakesRolesThatAreJustEnough(t *testing.T) {
	ctx := t.Context()
	admin, err := pgx.Connect(ctx, pgtest.Cluster(t).SuperDSN("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(context.Background())
	for _, statement := range script(t) {
		if _, err := admin.Exec(ctx, statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	c := config.Config{
		OwnerDatabaseURL: as(t, "linli_owner", "linli"), APIDatabaseURL: as(t, store.APIRole, "linli"), WorkerDatabaseURL: as(t, store.WorkerRole, "linli"),
	}
	for range 2 {
		if err := app.Migrate(ctx, c); err != nil {
			t.Fatalf("migrating as the owner: %v", err)
		}
	}
	for _, role := range []string{"linli_owner", store.APIRole, store.WorkerRole, "temporal"} {
		for _, database := range []string{"linli", "temporal", "temporal_visibility"} {
			conn, err := pgx.Connect(ctx, as(t, role, database))
			if err == nil {
				err = conn.Close(ctx)
			}
			if want := (role == "temporal") == strings.HasPrefix(database, "temporal"); (err == nil) != want {
				t.Errorf("%s into %s: %v", role, database, err)
			}
		}
	}
	owner, err := pgx.Connect(ctx, c.OwnerDatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close(context.Background())
	forbidden := []string{"CREATE DATABASE more", "ALTER ROLE linli_owner SUPERUSER"}
	var version int
	if err := owner.QueryRow(ctx, "SELECT current_setting('server_version_num')::int").Scan(&version); err != nil {
		t.Fatal(err)
	}
	if version >= 160000 { // the compose file's: from then on CREATEROLE reaches only the roles one has made
		forbidden = append(forbidden, "ALTER ROLE temporal PASSWORD 'x'")
	}
	for _, beyond := range forbidden {
		if _, err := owner.Exec(ctx, beyond); err == nil {
			t.Errorf("the owner may: %s", beyond)
		}
	}
}

func as(t *testing.T, role, database string) string {
	t.Helper()
	address, err := url.Parse(pgtest.Cluster(t).DSN(role, password, database))
	if err != nil {
		t.Fatal(err)
	}
	return address.String()
}
