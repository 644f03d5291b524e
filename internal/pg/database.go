package pg

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"

	"github.com/jackc/pgx/v5"
)

// DSN is the connection address of a database for one role.
func (c *Cluster) DSN(user, password, database string) string {
	address := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(user, password),
		Host:     fmt.Sprintf("127.0.0.1:%d", c.port),
		Path:     "/" + database,
		RawQuery: "sslmode=disable", // the loopback interface is the whole network
	}
	return address.String()
}

// SuperDSN is the administrator's connection address; it may do everything, so
// it is for setting up, not for serving.
func (c *Cluster) SuperDSN(database string) string {
	return c.DSN(Superuser, c.password, database)
}

// RolePassword derives a role's password from the superuser's, the same on
// every start, so that it need not be stored anywhere.
func (c *Cluster) RolePassword(role string) string {
	mac := hmac.New(sha256.New, []byte(c.password))
	mac.Write([]byte("role:" + role))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// EnsureDatabase makes sure that role owner exists with this password and owns
// database name, closed to other roles. Repeating it changes only the password.
func (c *Cluster) EnsureDatabase(ctx context.Context, name, owner, password string) error {
	conn, err := pgx.Connect(ctx, c.SuperDSN("postgres"))
	if err != nil {
		return fmt.Errorf("connecting as administrator: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if err := ensureRole(ctx, conn, owner, password); err != nil {
		return fmt.Errorf("ensuring role %s: %w", owner, err)
	}
	var exists bool
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&exists); err != nil {
		return fmt.Errorf("looking for database %s: %w", name, err)
	}
	database, role := pgx.Identifier{name}.Sanitize(), pgx.Identifier{owner}.Sanitize()
	if !exists {
		if _, err := conn.Exec(ctx, "CREATE DATABASE "+database+" OWNER "+role); err != nil {
			return fmt.Errorf("creating database %s: %w", name, err)
		}
	}
	if _, err := conn.Exec(ctx, "REVOKE ALL ON DATABASE "+database+" FROM PUBLIC"); err != nil {
		return fmt.Errorf("closing database %s to other roles: %w", name, err)
	}
	return nil
}

// ensureRole lets the server quote the password: DDL takes no parameters.
func ensureRole(ctx context.Context, conn *pgx.Conn, role, password string) error {
	var statement string
	err := conn.QueryRow(ctx, `SELECT format(
		CASE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = $1)
			THEN 'ALTER ROLE %I LOGIN PASSWORD %L' ELSE 'CREATE ROLE %I LOGIN PASSWORD %L' END, $1::text, $2::text)`,
		role, password).Scan(&statement)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, statement)
	return err
}

// AllowRoles lets a role create other roles, as a migration that makes the
// application's roles must. It does not make it an administrator.
func (c *Cluster) AllowRoles(ctx context.Context, role string) error {
	conn, err := pgx.Connect(ctx, c.SuperDSN("postgres"))
	if err != nil {
		return fmt.Errorf("connecting as administrator: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "ALTER ROLE "+pgx.Identifier{role}.Sanitize()+" CREATEROLE"); err != nil {
		return fmt.Errorf("allowing %s to create roles: %w", role, err)
	}
	return nil
}
