package bank_test

import (
	"testing"

	"linli/internal/importrule"
)

// The client stands between the system and the outside: it must be readable
// and replaceable alone.
var imports = importrule.Rule{
	importrule.Allow(importrule.Standard),
	importrule.Refuse("the client knows no other package of the system and no library", importrule.Anything),
}

// The practice bank knows the client's wire format and nothing else of us.
var sandboxImports = append(importrule.Rule{importrule.Allow("linli/bank")}, imports...)

func TestImports(t *testing.T) {
	imports.Check(t, ".")
	imports.Bites(t, []string{"net/http"}, []string{"linli/approval", "linli/bank/sandbox", "github.com/google/uuid"})
	sandboxImports.Check(t, "sandbox")
	sandboxImports.Bites(t, []string{"net/http", "linli/bank"}, []string{"linli/approval", "linli/store"})
}
