package rulebook

import (
	"testing"

	"linli/internal/importrule"
)

// The rule book joins two parts that must not know each other: the store that
// keeps texts and the engine that runs them.
var imports = importrule.Rule{
	importrule.Allow("linli/approval", "linli/approval/funduse", "linli/approval/onboarding", "linli/rules", "linli/server", "linli/store"),
	importrule.Refuse("rules are kept and run here, nothing else", "linli/..."),
	importrule.Allow(importrule.Standard),
	importrule.Refuse("whatever a library could add belongs to the engine or to the store", importrule.Anything),
}

func TestImports(t *testing.T) {
	imports.Check(t, ".")
	imports.Bites(t,
		[]string{"context", "linli/rules", "linli/store", "linli/server"},
		[]string{"linli/workflows", "linli/internal/app", "cel.dev/cel-go/cel", "github.com/jackc/pgx/v5"})
}
