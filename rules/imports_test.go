package rules

import (
	"testing"

	"linli/internal/importrule"
)

// Rules are judged from facts alone: a package that could reach a database, a
// clock service or the network could make a verdict depend on them.
var imports = importrule.Rule{
	importrule.Allow("linli/approval", "linli/approval/funduse", "linli/approval/onboarding", "linli/approval/operator", "linli/approval/space"),
	importrule.Refuse("a verdict follows from rule and facts, whoever asks for it", "linli/..."),
	importrule.Refuse("the network, the machine and chance must not sway a verdict", "net/...", "os/...", "database/sql", "math/rand/...", "crypto/rand"),
	importrule.Allow(importrule.Standard, "cel.dev/cel-go/...", "github.com/goccy/go-yaml/..."),
	importrule.Refuse("rules are CEL in YAML; a further language or library could change old verdicts", importrule.Anything),
}

func TestImports(t *testing.T) {
	imports.Check(t, ".")
	imports.Bites(t,
		[]string{"time", "linli/approval", "linli/approval/onboarding", "cel.dev/cel-go/cel", "github.com/goccy/go-yaml/ast"},
		[]string{"linli/store", "linli/approval/contract", "os", "net/http", "math/rand/v2", "github.com/jackc/pgx/v5", "github.com/google/cel-go/cel"})
}
