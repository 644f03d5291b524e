package worker_test

import (
	"testing"

	"linli/internal/importrule"
)

// The worker puts workflows and activities on a queue and does nothing else.
var imports = importrule.Rule{
	importrule.Allow("linli/workflows", "linli/activities"),
	importrule.Refuse("a worker registers what workflows and activities offer and knows nothing of cases, databases or the bank", "linli/..."),
	importrule.Allow(importrule.Standard, "go.temporal.io/sdk/..."),
	importrule.Refuse("a worker needs the Temporal SDK and nothing else", importrule.Anything),
}

func TestImports(t *testing.T) {
	imports.Check(t, ".")
	imports.Bites(t,
		[]string{"time", "linli/workflows", "linli/activities", "go.temporal.io/sdk/worker"},
		[]string{"linli/approval", "linli/store", "linli/bank", "linli/workflowsx", "go.temporal.io/server/temporal", "github.com/jackc/pgx/v5"})
}
