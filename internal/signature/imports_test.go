package signature_test

import (
	"testing"

	"linli/internal/importrule"
)

// Whoever verifies needs a document, its file and a key: nothing that reaches
// a database or a network.
var imports = importrule.Rule{
	importrule.Allow("linli/approval", "linli/approval/contract"),
	importrule.Refuse("seals are made and verified from what is handed over", "linli/...", "net/http", "database/sql"),
	importrule.Allow(importrule.Standard, "github.com/emmansun/gmsm/..."),
	importrule.Refuse("one library for what the standard library lacks", importrule.Anything),
}

func TestImports(t *testing.T) {
	imports.Check(t, ".")
	imports.Bites(t, []string{"crypto/ed25519", "linli/approval/contract", "github.com/emmansun/gmsm/sm2"}, []string{"linli/store", "net/http", "github.com/tjfoc/gmsm/sm2"})
}
