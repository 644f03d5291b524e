package store_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"linli/approval"
	"linli/internal/pg/pgtest"
	"linli/store"
	"linli/store/storetest"
)

// session speaks SQL as linli_api for a person, past every Go check.
func session(t *testing.T, dsn string, person approval.Person) pgx.Tx {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var grants []string
	for _, grant := range person.Grants {
		grants = append(grants, string(grant.Role)+"@"+string(grant.Scope))
	}
	_, err = tx.Exec(t.Context(), `SELECT set_config('linli.person', $1, true), set_config('linli.grants', $2, true)`,
		person.ID, strings.Join(grants, ","))
	if err != nil {
		t.Fatal(err)
	}
	return tx
}

func TestRowSecurityBetweenDistricts(t *testing.T) {
	api, _, address := storetest.OpenDSN(t)
	keeper := storetest.Person(t, api, "linzi.admin", storetest.Linzi, approval.Grant{Role: approval.Administrator, Scope: storetest.Linzi})
	storetest.Person(t, api, "zhangdian.one", storetest.Community1, approval.Grant{Role: approval.Handler, Scope: storetest.Community1})
	if err := api.KeepRefusal(t.Context(), approval.RefusedAttempt{
		At: storetest.Now, Actor: "p_zhangdian.one", Operation: "act", Code: approval.Forbidden, Scope: storetest.Community1,
	}); err != nil {
		t.Fatal(err)
	}
	asAuditor := approval.Person{ID: keeper.ID, Grants: []approval.Grant{{Role: approval.Auditor, Scope: storetest.Linzi}}}

	t.Run("invisible", func(t *testing.T) {
		for query, person := range map[string]approval.Person{
			`SELECT count(*) FROM persons WHERE scope LIKE '370300/370303%'`:  keeper,
			`SELECT count(*) FROM accounts WHERE scope LIKE '370300/370303%'`: keeper,
			`SELECT count(*) FROM grants WHERE scope LIKE '370300/370303%'`:   keeper,
			`SELECT count(*) FROM refusals`:                                   asAuditor,
			`SELECT count(*) FROM sessions`:                                   keeper,
			`SELECT count(*) FROM login_attempts`:                             keeper,
		} {
			var n int
			if err := session(t, address.API, person).QueryRow(t.Context(), query).Scan(&n); err != nil || n != 0 {
				t.Errorf("%s: %d rows, %v; want none", query, n, err)
			}
		}
	})
	t.Run("unwritable", func(t *testing.T) {
		for _, statement := range []string{
			`INSERT INTO persons (id, name, scope, created_at, created_by) VALUES ('p_x', 'x', '370300/370303', now(), 'x')`,
			`INSERT INTO grants (id, person, role, scope, granted_at, granted_by) VALUES ('g_x', 'p_linzi.admin', 'auditor', '370300', now(), 'x')`,
			`INSERT INTO scopes (path, parent, name_zh, created_at, created_by) VALUES ('370300/370303/999', '370300/370303', 'x', now(), 'x')`,
			`INSERT INTO tokens (id, hash, person, name, created_at, expires_at) VALUES ('t', 'x', 'p_zhangdian.one', 'x', now(), now())`,
			`INSERT INTO sessions (hash, person, ip, created_at, seen_at) VALUES ('x', 'p_zhangdian.one', '', now(), now())`,
		} {
			if _, err := session(t, address.API, keeper).Exec(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "42501") {
				t.Errorf("%s: %v; want row security to refuse", statement, err)
			}
		}
		tag, err := session(t, address.API, keeper).Exec(t.Context(), `UPDATE accounts SET disabled_at = now() WHERE person = 'p_zhangdian.one'`)
		if err != nil || tag.RowsAffected() != 0 {
			t.Errorf("disabling another district's account: %d rows, %v; want none", tag.RowsAffected(), err)
		}
	})
	t.Run("own side is visible", func(t *testing.T) {
		var n int
		if err := session(t, address.API, keeper).QueryRow(t.Context(), `SELECT count(*) FROM accounts`).Scan(&n); err != nil || n != 1 {
			t.Errorf("own accounts: %d, %v; want 1", n, err)
		}
	})
}

func TestNobodySeesOnlyPublicRows(t *testing.T) {
	api, _, address := storetest.OpenDSN(t)
	storetest.Person(t, api, "someone", storetest.Community1)
	tx := session(t, address.API, approval.Person{})
	for table, public := range map[string]bool{"scopes": true, "calendars": true, "persons": false, "accounts": false, "grants": false, "operations": false} {
		var n int
		if err := tx.QueryRow(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil || (n > 0) != public {
			t.Errorf("%s: %d rows, %v; public: %v", table, n, err, public)
		}
	}
}

func TestAppendOnlyTablesRefuseEverybody(t *testing.T) {
	api, _, address := storetest.OpenDSN(t)
	if err := api.KeepRefusal(t.Context(), approval.RefusedAttempt{At: storetest.Now, Operation: "act", Code: approval.Forbidden}); err != nil {
		t.Fatal(err)
	}
	for role, dsn := range map[string]string{"owner": address.Owner, "api": address.API, "worker": address.Worker} {
		for _, statement := range []string{
			`UPDATE refusals SET code = 'x'`, `DELETE FROM refusals`, `TRUNCATE refusals`,
			`UPDATE login_attempts SET ip = 'x'`, `DELETE FROM login_attempts`,
		} {
			conn, err := pgx.Connect(t.Context(), dsn)
			if err != nil {
				t.Fatal(err)
			}
			_, err = conn.Exec(t.Context(), statement)
			conn.Close(t.Context())
			if err == nil {
				t.Errorf("%s as %s went through", statement, role)
			} else if role == "owner" && !strings.Contains(err.Error(), "append-only") {
				t.Errorf("%s as owner: %v; want the append-only trigger", statement, err)
			}
		}
	}
}

func TestRolesCannotPassRowSecurity(t *testing.T) {
	_, _, address := storetest.OpenDSN(t)
	conn, err := pgx.Connect(t.Context(), address.Owner)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var mighty int
	if err := conn.QueryRow(t.Context(), `SELECT count(*) FROM pg_roles WHERE rolname IN ('linli_api', 'linli_worker')
		AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)`).Scan(&mighty); err != nil || mighty != 0 {
		t.Errorf("%d of the two roles could pass row security, %v", mighty, err)
	}
	// goose's versions and the kinds of postings are the same for everybody.
	rows, err := conn.Query(t.Context(), `SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = 'public' AND relkind = 'r' AND NOT relrowsecurity AND relname NOT IN ('goose_db_version', 'ledger_shapes')`)
	if err != nil {
		t.Fatal(err)
	}
	open, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(open) != 0 {
		t.Errorf("tables without row security: %v, %v", open, err)
	}
}

func TestMigrateIsIdempotent(t *testing.T) {
	_, _, address := storetest.OpenDSN(t)
	for range 2 {
		if err := store.Migrate(t.Context(), address.Owner, storetest.Passwords); err != nil {
			t.Fatal(err)
		}
	}
}

// TestMigrationsAtOnceWaitForEachOther: replicas that start together, and a
// second database on the same server, whose roles are the same.
func TestMigrationsAtOnceWaitForEachOther(t *testing.T) {
	for range 3 {
		var together sync.WaitGroup
		for _, database := range []string{pgtest.Database(t), pgtest.Database(t)} {
			for range 6 {
				together.Go(func() {
					if err := store.Migrate(t.Context(), database, storetest.Passwords); err != nil {
						t.Error(err)
					}
				})
			}
		}
		together.Wait()
	}
}
