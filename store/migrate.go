package store

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // goose speaks database/sql
	"github.com/pressly/goose/v3"

	"linli/approval"
)

//go:embed migrations/*.sql
var migrations embed.FS

// The roles a deployment connects as; neither is a superuser and neither
// bypasses row security.
const (
	APIRole    = "linli_api"
	WorkerRole = "linli_worker"
)

// Passwords of the two roles. An empty one leaves a role's password as it is,
// and makes a new role without: it logs in by a client certificate.
type Passwords struct {
	API    string
	Worker string
}

// migrating is the advisory lock one migration of a database holds throughout:
// not only the schema, also the rights of the roles are one row each, which two
// cannot change at once.
const migrating int64 = 0x6c696e6c69 // "linli"

// Migrate brings the database to this version: roles, schema, the calendars
// shipped with it. ownerDSN's role must own the database and may create roles.
// It is idempotent, and safe when several replicas start at once: one works,
// the others wait for it.
func Migrate(ctx context.Context, ownerDSN string, passwords Passwords) error {
	conn, err := pgx.Connect(ctx, ownerDSN)
	if err != nil {
		return fmt.Errorf("connecting to migrate: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) // gives the lock back
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock($1)`, migrating); err != nil {
		return fmt.Errorf("waiting for another migration: %w", err)
	}
	for role, password := range map[string]string{APIRole: passwords.API, WorkerRole: passwords.Worker} {
		if err := ensureRole(ctx, conn, role, password); err != nil {
			return fmt.Errorf("creating role %s: %w", role, err)
		}
	}
	if err := migrate(ctx, ownerDSN); err != nil {
		return fmt.Errorf("migrating: %w", err)
	}
	if _, err := conn.Exec(ctx, `GRANT SELECT ON goose_db_version TO linli_api, linli_worker`); err != nil {
		return fmt.Errorf("letting the roles read the version of the schema: %w", err)
	}
	if err := shipCalendars(ctx, conn); err != nil {
		return fmt.Errorf("storing the shipped calendars: %w", err)
	}
	return nil
}

func migrate(ctx context.Context, dsn string) error {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files)
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// ensureRole lets the server quote the password: DDL takes no parameters.
// Roles belong to the whole cluster, so a migration of another database may
// touch the same one at the same moment: that is worth another try.
func ensureRole(ctx context.Context, conn *pgx.Conn, role, password string) error {
	var err error
	for try := range attempts {
		if err = declareRole(ctx, conn, role, password); !contended(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(try+1) * 20 * time.Millisecond):
		}
	}
	return err
}

func declareRole(ctx context.Context, conn *pgx.Conn, role, password string) error {
	var declare, admit string
	err := conn.QueryRow(ctx, `SELECT format(
		CASE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = $1)
			THEN 'ALTER ROLE %I LOGIN'
			ELSE 'CREATE ROLE %I LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE' END
			|| CASE WHEN $2::text = '' THEN '' ELSE ' PASSWORD %L' END, $1::text, $2::text),
		format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), $1::text)`, role, password).Scan(&declare, &admit)
	if err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, declare); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, admit)
	return err
}

// contended: the row of the role was created or changed by somebody else.
func contended(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "XX000" || pg.Code == "42710" || pg.Code == "23505")
}

// shipCalendars inserts the years this version knows and leaves alone what an
// administrator entered.
func shipCalendars(ctx context.Context, conn *pgx.Conn) error {
	for _, year := range approval.ShippedCalendars() {
		content, err := json.Marshal(year)
		if err != nil {
			return err
		}
		_, err = conn.Exec(ctx, `INSERT INTO calendars (year, content, updated_at, updated_by)
			VALUES ($1, $2, now(), 'linli') ON CONFLICT (year) DO NOTHING`, year.Year, content)
		if err != nil {
			return err
		}
	}
	return nil
}
