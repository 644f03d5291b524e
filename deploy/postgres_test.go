package deploy

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"linli/config"
	"linli/internal/app"
	"linli/internal/pg/pgtest"
	"linli/store"
)

const password = "it's a \"secret\""

// psql runs postgres.sql as the administrator, with the passwords in files.
func psql(t *testing.T, secrets string) (output string, err error) {
	t.Helper()
	address, err := url.Parse(pgtest.Cluster(t).SuperDSN("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	password, _ := address.User.Password()
	command := exec.CommandContext(t.Context(), "psql", "--no-psqlrc", "--file=postgres.sql")
	command.Env = append(os.Environ(), "LINLI_SECRETS="+secrets, "PGHOST="+address.Hostname(), "PGPORT="+address.Port(),
		"PGUSER="+address.User.Username(), "PGPASSWORD="+password, "PGDATABASE=postgres")
	said, err := command.CombinedOutput()
	return string(said), err
}

// The first script makes a role that is enough to migrate and no more, and
// keeps Temporal and Linli out of each other's databases. Without a password it
// makes nothing.
func TestTheFirstScriptMakesRolesThatAreJustEnough(t *testing.T) {
	ctx, secrets := t.Context(), t.TempDir()
	for _, file := range []string{"owner_password", "temporal_password"} {
		if output, err := psql(t, secrets); err == nil || !strings.Contains(output, "LINLI_SECRETS must") {
			t.Fatalf("without %s: %v\n%s", file, err, output)
		}
		if err := os.WriteFile(filepath.Join(secrets, file), []byte(password+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if output, err := psql(t, secrets); err != nil { // the roles would be there if one had been made before
		t.Fatalf("%v\n%s", err, output)
	}
	c := config.Config{
		OwnerDatabaseURL: as(t, "linli_owner", "linli"), APIDatabaseURL: as(t, store.APIRole, "linli"), WorkerDatabaseURL: as(t, store.WorkerRole, "linli"),
	}
	admin, err := pgx.Connect(ctx, pgtest.Cluster(t).SuperDSN("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(context.Background())
	certified := config.Config{OwnerDatabaseURL: c.OwnerDatabaseURL, APIDatabaseURL: certificate(store.APIRole), WorkerDatabaseURL: certificate(store.WorkerRole)}
	migrate := func(c config.Config, want int) {
		t.Helper()
		if err := app.Migrate(ctx, c); err != nil {
			t.Fatalf("migrating as the owner: %v", err)
		}
		var passwords int
		if err := admin.QueryRow(ctx, "SELECT count(rolpassword) FROM pg_authid WHERE rolname IN ($1, $2)", store.APIRole, store.WorkerRole).Scan(&passwords); err != nil || passwords != want {
			t.Errorf("%d roles have a password, want %d: %v", passwords, want, err)
		}
	}
	migrate(certified, 0)
	migrate(c, 2)
	migrate(c, 2)
	migrate(certified, 2) // and they are the same: see who gets in
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

// certificate is the address of a role that has no password.
func certificate(role string) string {
	return "postgres://" + role + "@db.example/linli?sslmode=verify-full&sslcert=/run/cert.pem&sslkey=/run/key.pem"
}

func as(t *testing.T, role, database string) string {
	t.Helper()
	address, err := url.Parse(pgtest.Cluster(t).DSN(role, password, database))
	if err != nil {
		t.Fatal(err)
	}
	return address.String()
}
