package web

import (
	"testing"

	"linli/internal/importrule"
)

// Pages only render what they are given: they know the read models and
// nothing that could fetch more.
var imports = importrule.Rule{
	importrule.Allow(importrule.Standard, "linli/approval"),
	importrule.Refuse("a page renders what it is given and fetches nothing", importrule.Anything),
}

func TestImports(t *testing.T) {
	imports.Check(t, ".")
	imports.Bites(t, []string{"html/template", "linli/approval"}, []string{"linli/store", "linli/server", "github.com/labstack/echo/v4"})
}
