package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"linli/store/storetest"
)

// TestTheWallsReadGrantsAlike: the functions row security asks on every
// statement say what the one that takes grants apart says.
func TestTheWallsReadGrantsAlike(t *testing.T) {
	conn := must(pgx.Connect(t.Context(), storetest.Database(t).API))(t)
	defer conn.Close(t.Context())
	for _, c := range []struct{ person, grants string }{
		{"p_1", "handler@370300/370303/370303001,auditor@370300"},
		{"p_1", "handler@370300/370303,secretary@370300/370303"},
		{"p_1", "handler@370300"},
		{"p_1", ""},
		{"", ""},
	} {
		if _, err := conn.Exec(t.Context(), `SELECT set_config('linli.person', $1, false), set_config('linli.grants', $2, false)`, c.person, c.grants); err != nil {
			t.Fatal(err)
		}
		var nodes, seats, wantNodes, wantSeats []string
		err := conn.QueryRow(t.Context(), `
			SELECT ARRAY(SELECT DISTINCT n FROM unnest(linli_nodes()) AS n ORDER BY n), ARRAY(SELECT s FROM unnest(linli_seats()) AS s ORDER BY s),
			       ARRAY(SELECT DISTINCT g.node FROM linli_grants() AS g ORDER BY g.node),
			       ARRAY(SELECT g.role || '@' || g.node AS s FROM linli_grants() AS g UNION ALL SELECT 'person:' || coalesce(linli_person(), '') ORDER BY s)`).
			Scan(&nodes, &seats, &wantNodes, &wantSeats)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(wantNodes, nodes) + cmp.Diff(wantSeats, seats); diff != "" {
			t.Errorf("%q with %q: %s", c.person, c.grants, diff)
		}
	}
}

// TestAScopeLiesBelowItsNodes: the path from the city down, the scope included.
func TestAScopeLiesBelowItsNodes(t *testing.T) {
	conn := must(pgx.Connect(t.Context(), storetest.Database(t).API))(t)
	defer conn.Close(t.Context())
	for scope, want := range map[string][]string{
		"370300":                  {"370300"},
		"370300/370303/370303001": {"370300", "370300/370303", "370300/370303/370303001"},
		"":                        nil,
	} {
		var nodes []string
		if err := conn.QueryRow(t.Context(), `SELECT linli_nodes_of($1)`, scope).Scan(&nodes); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, nodes); diff != "" {
			t.Errorf("%q: %s", scope, diff)
		}
	}
}
