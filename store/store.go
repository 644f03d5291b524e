// Package store keeps what people read and what the ledger holds in
// PostgreSQL: one file per noun, sqlc queries on pgx, goose migrations
// embedded.
//
// It decides nothing about a procedure. It refuses what the database refuses
// (uniqueness, sums, append-only, row security) and turns those refusals into
// approval.Error in one table, refusal.go. Every transaction carries the
// person it acts for, so that row security is a second wall behind the
// permission checks: WithPerson puts a person into a context, and a
// transaction without one sees public rows only.
package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"linli/approval"
	"linli/store/sqlgen"
)

// Store is one role's door to the database; safe for concurrent use.
type Store struct {
	pool      *pgxpool.Pool
	sealer    *Sealer       // opens and closes account numbers; see Sealing
	dayLength time.Duration // 0: days follow the calendar; see WithDayLength
	tracer    pgx.QueryTracer
	role      string // "": any; see As
}

// As refuses a database that knows the store as anybody but role. A superuser
// or the owner would pass row security without a word.
func As(role string) Option { return func(s *Store) { s.role = role } }

// WithTracer lets a tracer follow every statement; nil follows none. It is
// handed the arguments as well and must keep them to itself.
func WithTracer(tracer pgx.QueryTracer) Option { return func(s *Store) { s.tracer = tracer } }

// connections a store holds at most, unless its address says otherwise: a
// waiting act should not wait for a connection, too.
const connections = 16

// Open connects and verifies the connection; pool_max_conns and the like come
// in the DSN. Close it.
func Open(ctx context.Context, dsn string, options ...Option) (*Store, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("reading the database address: %w", err)
	}
	for name, value := range map[string]string{
		"timezone":                            "UTC",
		"statement_timeout":                   "10s",
		"lock_timeout":                        "5s",
		"idle_in_transaction_session_timeout": "60s",
	} {
		if _, set := config.ConnConfig.RuntimeParams[name]; !set {
			config.ConnConfig.RuntimeParams[name] = value
		}
	}
	if !strings.Contains(dsn, "pool_max_conns") {
		config.MaxConns = connections
	}
	s := &Store{}
	for _, option := range options {
		option(s)
	}
	config.ConnConfig.Tracer = s.tracer
	if s.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	if err := s.pool.Ping(ctx); err != nil {
		s.pool.Close()
		return nil, fmt.Errorf("reaching the database: %w", err)
	}
	if err := s.checkRole(ctx); err != nil {
		s.pool.Close()
		return nil, err
	}
	return s, nil
}

func (s *Store) checkRole(ctx context.Context) error {
	if s.role == "" {
		return nil
	}
	var role string
	if err := s.pool.QueryRow(ctx, `SELECT current_user`).Scan(&role); err != nil {
		return fmt.Errorf("asking the database who we are: %w", err)
	}
	if role != s.role {
		return WrongRole(s.role, role)
	}
	return nil
}

// WrongRole says that a database address is one for somebody else.
func WrongRole(want, got string) error {
	return fmt.Errorf("数据库用户必须是 %[1]s，而不是 %[2]q / the database user must be %[1]s, not %[2]q", want, got)
}

// Close waits for the connections in use and closes all.
func (s *Store) Close() { s.pool.Close() }

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.pool.Ping(ctx); err != nil {
		return fmt.Errorf("reaching the database: %w", err)
	}
	return nil
}

type personKey struct{}

type txKey struct{}

// WithPerson makes every transaction below ctx act for the person: row
// security shows what the person's grants show.
func WithPerson(ctx context.Context, person approval.Person) context.Context {
	return context.WithValue(ctx, personKey{}, person)
}

func personOf(ctx context.Context) approval.Person {
	person, _ := ctx.Value(personKey{}).(approval.Person)
	return person
}

// tx runs fn in one transaction for the person in ctx, again if PostgreSQL
// asks for it: fn must have no effect outside the transaction. Inside Once it
// joins the outer transaction, so that key and effect commit together.
func (s *Store) tx(ctx context.Context, fn func(q *sqlgen.Queries) error) error {
	return s.run(ctx, "off", fn)
}

// system is tx for work done before or beside any person: login, sessions,
// keys. Never call it with what a person asked to read.
func (s *Store) system(ctx context.Context, fn func(q *sqlgen.Queries) error) error {
	return s.run(ctx, "on", fn)
}

const attempts = 5

func (s *Store) run(ctx context.Context, system string, fn func(q *sqlgen.Queries) error) error {
	if outer, ok := ctx.Value(txKey{}).(pgx.Tx); ok {
		return refusal(join(ctx, outer, system, fn))
	}
	return refusal(s.again(ctx, system, nil, func(tx pgx.Tx) error { return fn(sqlgen.New(tx)) }))
}

// again is within, repeated as long as PostgreSQL asks for it.
func (s *Store) again(ctx context.Context, system string, lead func(q *sqlgen.Queries) error, fn func(tx pgx.Tx) error) (err error) {
	for range attempts {
		if err = s.within(ctx, system, lead, fn); !retryable(err) {
			break
		}
	}
	return err
}

// atomic lets several tx and system steps commit together: fn passes its ctx
// to each. A step that fails undoes itself; fn's error undoes all.
func (s *Store) atomic(ctx context.Context, fn func(ctx context.Context) error) error {
	if _, ok := ctx.Value(txKey{}).(pgx.Tx); ok {
		return fn(ctx)
	}
	return refusal(s.again(ctx, "off", nil, func(tx pgx.Tx) error { return fn(context.WithValue(ctx, txKey{}, tx)) }))
}

// join runs fn in a savepoint of outer under its own identity and gives the
// outer identity back.
func join(ctx context.Context, outer pgx.Tx, system string, fn func(q *sqlgen.Queries) error) error {
	var before string
	if err := outer.QueryRow(ctx, `SELECT current_setting('linli.system', true)`).Scan(&before); err != nil {
		return err
	}
	err := pgx.BeginFunc(ctx, outer, func(tx pgx.Tx) error {
		if err := identify(ctx, tx, system); err != nil {
			return err
		}
		return fn(sqlgen.New(tx))
	})
	if err != nil {
		return err
	}
	return identify(ctx, outer, before)
}

// identify tells row security for whom the transaction runs.
func identify(ctx context.Context, tx pgx.Tx, system string) error {
	_, err := tx.Exec(ctx, setIdentity, identity(ctx, system)...)
	return err
}

const setIdentity = `SELECT set_config('linli.person', $1, true), set_config('linli.grants', $2, true), set_config('linli.system', $3, true)`

func identity(ctx context.Context, system string) []any {
	person := personOf(ctx)
	return []any{person.ID, encodeGrants(person.Grants), system}
}

// encodeGrants renders grants, each once, as the database's functions read
// them: role@path, with commas between.
func encodeGrants(grants []approval.Grant) string {
	parts := make([]string, 0, len(grants))
	for _, grant := range grants {
		text := string(grant.Role) + "@" + string(grant.Scope)
		if grant.Scope != "" && !strings.Contains(text, ",") && !slices.Contains(parts, text) {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, ",")
}

// retryable: serialization failure and deadlock, both of which rolled back.
func retryable(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

// newID is a sortable id with a prefix that tells the noun: "p_0190…".
func newID(prefix string) string { return prefix + "_" + uuid.Must(uuid.NewV7()).String() }

// stored is a Go time as the database keeps it, so that what is answered now
// and what is read later are equal.
func stored(at time.Time) time.Time { return at.UTC().Truncate(time.Microsecond) }

// orZero is the zero time for a null column.
func orZero(at *time.Time) time.Time {
	if at == nil {
		return time.Time{}
	}
	return *at
}
