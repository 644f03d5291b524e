package app

import (
	"testing"

	"linli/internal/importrule"
)

// The wiring knows every part, so that no other package must; what it never
// holds is what production must not: demo data, test aids, a practice bank.
var imports = importrule.Rule{
	importrule.Refuse("demonstrations and tests use the wiring, not the other way",
		"linli/internal/demo", "linli/internal/pg/...", "linli/internal/importrule", "linli/store/storetest", "linli/bank/sandbox", "linli/examples/...", "testing/..."),
	importrule.Refuse("commands and the one-machine program are built on the wiring", "linli/cmd/...", "linli/standalone/..."),
	importrule.Refuse("SQL belongs to the store", "database/sql", "github.com/jackc/...", "linli/store/sqlgen"),
	importrule.Refuse("the Temporal server runs beside this program or in the standalone module", "go.temporal.io/server/..."),
	importrule.Allow(importrule.Anything),
}

func TestImports(t *testing.T) {
	imports.Check(t, ".")
	imports.Bites(t,
		[]string{"net/http", "linli/approval", "linli/server", "linli/store", "linli/worker", "go.temporal.io/sdk/client", "gocloud.dev/blob/fileblob"},
		[]string{"linli/internal/demo", "linli/internal/pg/pgtest", "linli/store/storetest", "linli/bank/sandbox", "linli/cmd/linli", "database/sql", "go.temporal.io/server/temporal"})
}
