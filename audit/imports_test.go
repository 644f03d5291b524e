package audit_test

import (
	"testing"

	"linli/internal/importrule"
)

// An auditor must be able to build the verifier from this folder and a Go
// toolchain alone, without trusting the rest of the program.
var imports = importrule.Rule{
	importrule.Allow(importrule.Standard),
	importrule.Refuse("the verifier uses the standard library only", importrule.Anything),
}

func TestImports(t *testing.T) {
	imports.Check(t, ".")
	imports.Bites(t, []string{"time", "crypto/sha256"}, []string{"linli/approval", "linli", "github.com/jackc/pgx/v5"})
}
