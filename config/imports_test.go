package config

import (
	"testing"

	"linli/internal/importrule"
)

// Settings are read before anything else runs, and every part is handed its
// own by the wiring: they know no part.
var imports = importrule.Rule{
	importrule.Allow(importrule.Standard),
	importrule.Refuse("settings use the standard library only", importrule.Anything),
}

func TestImports(t *testing.T) {
	imports.Check(t, ".")
	imports.Bites(t, []string{"os", "net/url"}, []string{"linli/approval", "linli/internal/app", "github.com/jackc/pgx/v5"})
}
