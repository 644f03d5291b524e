package store_test

import (
	"testing"

	"linli/internal/importrule"
)

// The store keeps what the domain decided: it knows the domain and the audit
// format, and nothing of who serves or runs it.
var imports = importrule.Rule{
	importrule.Allow("linli/approval/...", "linli/audit", "linli/store/sqlgen", "linli/internal/crashpoint"),
	importrule.Refuse("the store keeps what others decided and is called by them, not the other way", "linli/..."),
	importrule.Allow(importrule.Standard, "github.com/jackc/pgx/v5/...", "github.com/pressly/goose/v3/...", "github.com/google/uuid"),
	importrule.Refuse("the store speaks pgx and goose; a second way to the database would pass by row security and the refusal table", importrule.Anything),
}

func TestImports(t *testing.T) {
	imports.Check(t, ".")
	imports.Bites(t,
		[]string{"time", "linli/approval", "linli/store/sqlgen", "github.com/jackc/pgx/v5/pgxpool"},
		[]string{"linli/server", "linli/workflows", "linli/rules", "linli/internal/app", "linli/store/storetest", "github.com/lib/pq", "go.temporal.io/sdk/client"})
}
