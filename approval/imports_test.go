package approval_test

import (
	"testing"

	"linli/internal/importrule"
)

// The domain stays pure, this package and every procedure below it.
var imports = importrule.Rule{
	importrule.Allow("linli/approval/..."),
	importrule.Refuse("the domain decides and must not know who stores, serves or runs its decisions; move the decision here, not the dependency", "linli/..."),
	importrule.Refuse("the domain is pure: input and output, chance and the machine belong to activities",
		"net/http", "database/sql", "os/...", "math/rand/...", "crypto/rand", "C"),
	importrule.Allow(importrule.Standard),
	importrule.Refuse("the domain uses the standard library only, so that a decision replays the same in a workflow, a test and an audit whatever other modules become", importrule.Anything),
}

func TestImports(t *testing.T) {
	imports.Check(t, "./...")
	imports.Bites(t,
		[]string{"time", "encoding/json", "time/tzdata", "linli/approval", "linli/approval/funduse"},
		[]string{"linli/store", "linli/approvals", "go.temporal.io/sdk/workflow", "pgregory.net/rapid", "net/http", "database/sql", "os", "math/rand/v2", "C"})
}
