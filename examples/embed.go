// Package examples embeds the Zibo sample data: the same files are used by the
// demo, the tests and the documentation. All numbers without a citation are
// invented and labelled 示例 (sample).
package examples

import (
	"embed"
	"io/fs"
)

//go:embed rules
var files embed.FS

// RuleSets holds one folder per district, the city's first, each with a rule
// file and a test file per procedure: funduse.yaml, funduse.tests.yaml,
// onboarding.yaml, onboarding.tests.yaml.
var RuleSets = mustSub(files, "rules")

func mustSub(files embed.FS, folder string) fs.FS {
	sub, err := fs.Sub(files, folder)
	if err != nil {
		panic("examples: " + err.Error())
	}
	return sub
}
