package server_test

import (
	"testing"

	"linli/internal/importrule"
)

// The surface declares what it reads and writes and is handed it: were it to
// import the store, a handler could reach past the interfaces into SQL.
var imports = importrule.Rule{
	importrule.Allow("linli/approval/...", "linli/workflows", "linli/web", "linli/audit", "linli/poster", "linli/workbook",
		"linli/bank", // the bank's callbacks are verified here
		"linli/internal/envelope", "linli/internal/password", "linli/internal/totp", "linli/internal/sheet", "linli/internal/crashpoint"),
	importrule.Refuse("a handler declares the reader or writer it needs; who stores and evaluates is wired in outside", "linli/..."),
	importrule.Refuse("handlers ask the client of package workflows", "go.temporal.io/..."),
	importrule.Refuse("handlers ask the store", "database/sql", "github.com/jackc/..."),
	importrule.Allow(importrule.Standard, "github.com/labstack/echo/v4/...", "github.com/getkin/kin-openapi/...", "gocloud.dev/blob", "golang.org/x/time/rate"),
	importrule.Refuse("HTTP is Echo, the contract kin-openapi, files gocloud: a further library needs its reason here", importrule.Anything),
}

func TestImports(t *testing.T) {
	imports.Check(t, ".")
	imports.Bites(t,
		[]string{"net/http", "linli/approval/funduse", "linli/bank", "linli/internal/envelope", "github.com/labstack/echo/v4/middleware"},
		[]string{"linli/store", "linli/store/sqlgen", "linli/rules", "linli/activities", "linli/bank/sandbox", "linli/internal/app",
			"database/sql", "github.com/jackc/pgx/v5", "go.temporal.io/sdk/client"})
}
