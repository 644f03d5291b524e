package server_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"linli/approval"
	agreement "linli/approval/contract"
	"linli/store/storetest"
)

// wall is a row of testdata/walls.yaml; its head says how to read it.
type wall struct {
	Here   string         `yaml:"here"`
	There  string         `yaml:"there"`
	Scope  approval.Scope `yaml:"scope"`
	Select string         `yaml:"select"`
	Insert string         `yaml:"insert"`
	Update string         `yaml:"update"`
	Stamp  string         `yaml:"stamp"`
}

// walls tries every table as everybody, in SQL under the API's own role: what
// the handlers refuse, row security refuses too.
func (w *matrixWorld) walls(t *testing.T) {
	w.t = t
	w.seedWalls()
	raw, err := os.ReadFile("testdata/walls.yaml")
	fatal(t, err)
	rows := map[string]wall{}
	fatal(t, yaml.NewDecoder(bytes.NewReader([]byte(os.Expand(string(raw), w.word))), yaml.Strict()).Decode(&rows))
	owner, api := connect(t, w.address.Owner), connect(t, w.address.API)
	tables := w.tables(t, owner, rows)
	cells := 0
	for _, who := range w.people {
		if who.place == "disabled" {
			continue // never gets as far as the database
		}
		for _, table := range tables {
			cells += table.try(t, api, who)
		}
	}
	t.Logf("%d cells: %d tables", cells, len(tables))
	if cells < 3000 {
		t.Errorf("only %d cells", cells)
	}
}

// word is what $name stands for in walls.yaml.
func (w *matrixWorld) word(name string) string {
	words := map[string]string{
		"community": string(storetest.Community1), "far": string(storetest.LinziOne), "fund": w.fund, "far_fund": w.farFund,
		"payee": w.payee, "far_payee": w.farPayee, "income": w.income, "far_income": w.farIncome, "paid": w.paid, "far_case": w.far,
		"notice": w.notice, "charity_task": w.charityTask.ID, "upload": w.upload, "operation": w.operation,
		"substituted": w.substituted, "far_substituted": w.farSubstituted, "operator": w.operator, "far_operator": w.farOperator, "space": w.space, "far_space": w.farSpace,
	}
	if words[name] == "" {
		w.t.Fatalf("walls.yaml: $%s means nothing", name)
	}
	return words[name]
}

// table is one relation with what it takes to try it.
type table struct {
	wall
	name    string
	columns string // that can be written, quoted
	copied  []byte // a row of community 1 as JSON
	changes string // a column the role may update, "" if none
}

// tables pairs the catalogue and the rows of walls.yaml.
func (w *matrixWorld) tables(t *testing.T, owner *pgx.Conn, rows map[string]wall) []table {
	t.Helper()
	found, err := owner.Query(t.Context(), `
		SELECT c.relname, c.relkind = 'r' AND NOT c.relrowsecurity AND has_any_column_privilege('linli_api', c.oid, 'SELECT, INSERT, UPDATE'),
		       has_table_privilege('linli_api', c.oid, 'DELETE, TRUNCATE'), has_table_privilege('linli_api', c.oid, 'INSERT'),
		       coalesce((SELECT min(quote_ident(a.attname)) FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		                 AND has_column_privilege('linli_api', c.oid, a.attnum, 'UPDATE')), ''),
		       (SELECT string_agg(quote_ident(a.attname), ', ') FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		        AND a.attgenerated = '' AND a.attidentity = ''), c.relkind = 'v'
		FROM pg_class AS c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'p') ORDER BY 1`)
	fatal(t, err)
	type relation struct {
		name                              string
		unguarded, removes, inserts, view bool
		changes, columns                  string
	}
	relations, err := pgx.CollectRows(found, func(row pgx.CollectableRow) (r relation, err error) {
		return r, row.Scan(&r.name, &r.unguarded, &r.removes, &r.inserts, &r.changes, &r.columns, &r.view)
	})
	fatal(t, err)
	var tables []table
	for _, r := range relations {
		row, ok := rows[r.name]
		delete(rows, r.name)
		if !ok || r.unguarded && row.Select != "everybody" || r.removes || r.inserts != (row.Insert != "") || (r.changes != "") != (row.Update != "") {
			t.Errorf("%s: in walls.yaml %v; no row security %v; deletes %v; inserts %v, said %q; updates %q, said %q",
				r.name, ok, r.unguarded, r.removes, r.inserts, row.Insert, r.changes, row.Update)
			continue
		}
		one := table{wall: row, name: r.name, columns: r.columns, changes: r.changes}
		for _, where := range []string{row.Here, row.There} {
			if !r.view && where != "" && owner.QueryRow(t.Context(), `SELECT to_jsonb(t) FROM `+r.name+` AS t WHERE `+where+` LIMIT 1`).Scan(new([]byte)) != nil {
				t.Errorf("%s: no row where %s", r.name, where)
			}
		}
		_ = owner.QueryRow(t.Context(), `SELECT to_jsonb(t) FROM `+r.name+` AS t WHERE `+row.Here+` LIMIT 1`).Scan(&one.copied) // missed above
		tables = append(tables, one)
	}
	for name := range rows {
		t.Errorf("the row %s of walls.yaml has no table", name)
	}
	return tables
}

// try asserts the cells of one person and returns how many.
func (table table) try(t *testing.T, api *pgx.Conn, who someone) (cells int) {
	scope := table.Scope
	if scope == "" {
		scope = storetest.Community1
	}
	check := func(what, rule string, here bool, at approval.Scope, got bool) {
		cells++
		if want := who.within(rule, at, here); got != want {
			t.Errorf("%s: %s %s: %v, want %v (%s)", table.name, who.name, what, got, want, rule)
		}
	}
	check("reads the row here", table.Select, true, scope, sees(t, api, who, table.name, table.Here))
	if table.There != "" {
		check("reads the row there", table.Select, false, storetest.LinziOne, sees(t, api, who, table.name, table.There))
	}
	if table.Insert != "" {
		check("adds a row", table.Insert, true, scope, table.adds(t, api, who))
	}
	if table.Update != "" {
		changed, err := attempt(t, api, who, `UPDATE `+table.name+` SET `+table.changes+` = `+table.changes+` WHERE `+table.Here)
		check("changes the row", table.Update, true, scope, err == nil && changed > 0)
	}
	return cells
}

// adds is whether a copy of the row gets past row security; it then fails for
// being a copy, and is undone if not.
func (table table) adds(t *testing.T, api *pgx.Conn, who someone) bool {
	source := `jsonb_populate_record(NULL::` + table.name + `, $1::jsonb)`
	if table.Stamp != "" {
		source = `jsonb_populate_record(NULL::` + table.name + `, $1::jsonb || jsonb_build_object('` + table.Stamp + `', linli_person()))`
	}
	_, err := attempt(t, api, who, `INSERT INTO `+table.name+` (`+table.columns+`) SELECT `+table.columns+` FROM `+source, string(table.copied))
	return err == nil || !refusedByWall(err)
}

func sees(t *testing.T, api *pgx.Conn, who someone, name, where string) bool {
	rows, err := attempt(t, api, who, `SELECT 1 FROM `+name+` WHERE `+where)
	return err == nil && rows > 0
}

func refusedByWall(err error) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && refused.Code == "42501"
}

// attempt runs a statement as the API would for the person, and undoes it. An
// error that is neither a wall nor a constraint is the test's own mistake.
func attempt(t *testing.T, api *pgx.Conn, who someone, statement string, args ...any) (int64, error) {
	t.Helper()
	ctx := context.Background()
	tx, err := api.Begin(ctx)
	fatal(t, err)
	defer func() { fatal(t, tx.Rollback(ctx)) }()
	var grants []string
	for _, held := range who.person.Grants {
		grants = append(grants, string(held.Role)+"@"+string(held.Scope))
	}
	_, err = tx.Exec(ctx, `SELECT set_config('linli.person', $1, true), set_config('linli.grants', $2, true), set_config('linli.system', 'off', true)`,
		who.person.ID, strings.Join(grants, ","))
	fatal(t, err)
	tag, err := tx.Exec(ctx, statement, args...)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code != "42501" && !strings.HasPrefix(refused.Code, "23") {
		t.Fatalf("%s: %v", statement, err)
	}
	return tag.RowsAffected(), err
}

// within evaluates a rule of walls.yaml for the person.
func (p someone) within(rule string, scope approval.Scope, here bool) bool {
	words := strings.Fields(rule)
	if slices.Contains(words, "@any") {
		return slices.ContainsFunc(p.person.Grants, func(held approval.Grant) bool { return slices.Contains(words, string(held.Role)) })
	}
	if slices.Contains(words, "@city") {
		scope = storetest.City
	}
	for _, word := range words {
		switch word {
		case "never", "@city", "@district":
		case "everybody":
			return true
		case "own":
			return p.person.ID != ""
		case "sees":
			if p.sees(scope) {
				return true
			}
		case "near":
			if p.near(scope) {
				return true
			}
		case "named", "interested":
			if here && p.place == word {
				return true
			}
		default:
			if p.holds(scope, approval.Role(word)) || slices.Contains(words, "@district") && p.inDistrict(scope, approval.Role(word)) {
				return true
			}
		}
	}
	return false
}

// near is whether the person holds anything at the scope, above or below it.
func (p someone) near(scope approval.Scope) bool {
	return slices.ContainsFunc(p.person.Grants, func(held approval.Grant) bool {
		return held.Scope.Contains(scope) || scope.Contains(held.Scope)
	})
}

// inDistrict is whether the person holds the role anywhere in the scope's district.
func (p someone) inDistrict(scope approval.Scope, role approval.Role) bool {
	return slices.ContainsFunc(p.person.Grants, func(held approval.Grant) bool {
		return held.Role == role && scope.Up(approval.District).Contains(held.Scope)
	})
}

// seedWalls adds what no request of the matrix leaves behind.
func (w *matrixWorld) seedWalls() {
	w.t.Helper()
	for _, name := range []string{"target", "fartarget"} {
		w.write(w.who[name], "POST", "/v1/fund-uses", w.proposal()).want(w.t, 403, approval.Forbidden)
	}
	w.write(w.who["linzi"], "POST", "/v1/payees/"+w.farPayee+"/interests", map[string]any{"relation": "other", "note": "邻居"}).want(w.t, 200, "")
	directed := newIncome(300)
	directed["kind"], directed["earmark"] = "directed_donation", map[string]any{"purpose": "助老", "categories": []string{"event"}}
	w.write(w.officer, "POST", w.incomes(), directed).want(w.t, 200, "")
	directed["receipt"] = newIncome(300)["receipt"]
	w.farIncome = w.write(w.who["farofficer"], "POST", "/v1/funds/"+w.farFund+"/incomes", directed).ID
	w.farSubstituted = w.newSubstitution("p_fartarget", "p_linzi")
	for _, person := range []string{"p_target", "p_fartarget"} {
		fatal(w.t, w.store.BeginTOTP(w.t.Context(), person, "SECRET", w.now()))
	}
	w.seedRegister()
	for _, caseID := range []string{w.paid, w.far} {
		w.seal(caseID, w.lay(caseID)[0], agreement.SeatOperator)
		w.sql(`INSERT INTO contract_scans SELECT case_id, sha256, (SELECT min(id) FROM attachments), 'test', now() FROM contracts WHERE case_id = '` + caseID + `' LIMIT 1`)
	}
	w.forge(w.paid, w.fund, storetest.Community1)
	w.forge(w.far, w.farFund, storetest.LinziOne)
}

// forge writes rows whose histories would take long to play.
func (w *matrixWorld) forge(caseID, fund string, scope approval.Scope) {
	w.t.Helper()
	w.sql(strings.NewReplacer("$case", caseID, "$fund", fund, "$scope", string(scope)).Replace(`SET session_replication_role = replica;
		INSERT INTO reservations (case_id, attempt, fund_id, amount, status, reserved_at, changed_at)
			VALUES ('$case', 9, '$fund', 1, 'released', now(), now());
		INSERT INTO ledger_transactions (id, fund_id, number, kind, key, body_hash, case_id, memo, at, by, xid, began_at)
			VALUES ('t_$case', '$fund', 9999, 'refund', 't_$case', '0', '$case', '', now(), 'test', '1', now());
		INSERT INTO refunds VALUES ('t_$case', '$case', 9, 1, 'r_$case');
		INSERT INTO case_event_superseded VALUES ('$case', 1, 9, 1, 1, now());
		INSERT INTO community_ages (scope, age, stated_at, stated_by) VALUES ('$scope', 'old', now(), 'test');
		INSERT INTO share_incomes VALUES ('$case', '2026-01', 'in_$case');
		INSERT INTO committees VALUES ('$scope', 9, now(), 'test');
		INSERT INTO committee_members VALUES ('$scope', 9, 1, 'p_target', '{}', false)`))
}
