package activities_test

import (
	"testing"

	"linli/internal/importrule"
)

// Effects stay apart from decisions and from what performs them.
var imports = importrule.Rule{
	importrule.Allow("linli/approval/...", "linli/bank", "linli/internal/crashpoint"),
	importrule.Refuse("an activity asks for what it needs through an interface in ports.go; who stores, signs or evaluates is wired in outside", "linli/..."),
	importrule.Refuse("databases and the network are behind the ports", "database/sql", "net/http"),
	importrule.Allow(importrule.Standard, "go.temporal.io/sdk/..."),
	importrule.Refuse("an activity performs one effect through a port; a library for that effect belongs behind the port", importrule.Anything),
}

func TestImports(t *testing.T) {
	imports.Check(t, ".")
	imports.Bites(t,
		[]string{"time", "linli/approval", "linli/approval/funduse", "linli/bank", "go.temporal.io/sdk/activity"},
		[]string{"linli/approvals", "linli/bank/sandbox", "linli/store", "linli/rules", "linli/internal/envelope", "linli/workflows",
			"github.com/jackc/pgx/v5", "database/sql", "net/http"})
}
