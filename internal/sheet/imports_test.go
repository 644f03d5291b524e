package sheet_test

import (
	"testing"

	"linli/internal/importrule"
)

// The one place that knows how a workbook is made.
var imports = importrule.Rule{
	importrule.Refuse("a table is a table: what stands in it is decided by whoever writes it", "linli/..."),
	importrule.Allow(importrule.Standard, "github.com/xuri/excelize/v2"),
	importrule.Refuse("one library for workbooks is enough", importrule.Anything),
}

func TestImports(t *testing.T) {
	imports.Check(t, ".")
	imports.Bites(t, []string{"io", "github.com/xuri/excelize/v2"}, []string{"linli/approval", "github.com/tealeg/xlsx"})
}
