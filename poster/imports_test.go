package poster

import (
	"testing"

	"linli/internal/importrule"
)

// Printing only renders what it is given: it knows the domain and nothing
// that could fetch more.
var imports = importrule.Rule{
	importrule.Allow("linli/approval"),
	importrule.Refuse("printing renders what it is given and fetches nothing", "linli/...", "net/http", "database/sql"),
	importrule.Allow(importrule.Standard, "github.com/signintech/gopdf", "github.com/skip2/go-qrcode"),
	importrule.Refuse("one library sets the page and one draws the code: a further one needs its reason here", importrule.Anything),
}

func TestImports(t *testing.T) {
	imports.Check(t, ".")
	imports.Bites(t, []string{"strings", "linli/approval", "github.com/skip2/go-qrcode"}, []string{"linli/store", "linli/server", "net/http", "github.com/google/uuid"})
}
