package workbook

import (
	"testing"

	"linli/internal/importrule"
)

// Workbooks are read and written as they are handed in: nothing is fetched.
var imports = importrule.Rule{
	importrule.Allow("linli/approval/...", "linli/internal/sheet"),
	importrule.Refuse("a workbook is turned into the domain's types and back, nothing else", "linli/...", "net/http", "database/sql"),
	importrule.Allow(importrule.Standard, "github.com/xuri/excelize/v2"),
	importrule.Refuse("one library reads workbooks: a further one needs its reason here", importrule.Anything),
}

func TestImports(t *testing.T) {
	imports.Check(t, ".")
	imports.Bites(t, []string{"strings", "linli/approval/space", "github.com/xuri/excelize/v2"}, []string{"linli/store", "linli/server", "net/http", "github.com/google/uuid"})
}
