package workflows_test

import (
	"testing"

	"linli/internal/importrule"
)

// Workflow code stays deterministic and free of effects.
var imports = importrule.Rule{
	importrule.Allow("linli/approval/...", "linli/activities", "linli/bank"),
	importrule.Refuse("a workflow orders steps: it knows what is allowed and what can be done, not who stores, serves or evaluates; reach those through an activity", "linli/..."),
	importrule.Refuse("input and output, chance and locks of the machine differ between two runs of the same history; use activities and the workflow package",
		"database/sql", "net/http", "os/...", "sync/...", "math/rand/...", "crypto/rand"),
	importrule.Allow(importrule.Standard, "go.temporal.io/sdk/...", "go.temporal.io/api/..."),
	importrule.Refuse("a workflow replays the same for years: another module's next version must not be able to change it", importrule.Anything),
}

func TestImports(t *testing.T) {
	imports.Check(t, ".")
	imports.Bites(t,
		[]string{"time", "reflect", "linli/approval/funduse", "linli/activities", "linli/bank", "go.temporal.io/sdk/workflow", "go.temporal.io/api/history/v1"},
		[]string{"linli/store", "linli/rules", "linli/worker", "linli/bank/sandbox", "linli/internal/envelope",
			"go.temporal.io/server/temporal", "github.com/google/uuid", "math/rand/v2", "sync", "os", "net/http"})
}
