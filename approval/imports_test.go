package approval_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestImports keeps the domain pure, this package and every procedure below it.
func TestImports(t *testing.T) {
	checked := 0
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		imports, err := importsOf(path, source)
		if err != nil {
			return err
		}
		checked++
		for _, imported := range imports {
			if reason := refusedImport(imported); reason != "" {
				t.Errorf("%s imports %s: %s", path, imported, reason)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if checked == 0 {
		t.Error("no source was checked")
	}
}

func importsOf(path string, source []byte) ([]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, source, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var imports []string
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		imports = append(imports, imported)
	}
	return imports, nil
}

// refusedImport says why the domain may not import a package, or "".
func refusedImport(imported string) string {
	first, _, _ := strings.Cut(imported, "/")
	switch {
	case imported == "linli/approval" || strings.HasPrefix(imported, "linli/approval/"):
		return ""
	case first == "linli":
		return "the domain decides and must not know who stores, serves or runs its decisions; move the decision here, not the dependency"
	case strings.Contains(first, "."):
		return "the domain uses the standard library only, so that a decision replays the same in a workflow, a test and an audit whatever other modules become"
	case imported == "net/http" || imported == "database/sql" || imported == "os" || imported == "math/rand" || imported == "math/rand/v2" || imported == "crypto/rand" || imported == "C":
		return "the domain is pure: input and output, chance and the machine belong to activities"
	}
	return ""
}

func TestRefusedImport(t *testing.T) {
	for imported, refused := range map[string]bool{
		"time": false, "encoding/json": false, "time/tzdata": false, "linli/approval": false, "linli/approval/funduse": false,
		"linli/store": true, "linli/approvals": true, "go.temporal.io/sdk/workflow": true, "pgregory.net/rapid": true,
		"net/http": true, "database/sql": true, "os": true, "math/rand/v2": true, "C": true,
	} {
		if got := refusedImport(imported) != ""; got != refused {
			t.Errorf("%s: refused %v, want %v", imported, got, refused)
		}
	}
}
