package server_test

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The surface declares what it reads and writes and is handed it: were it to
// import the store, a handler could reach past the interfaces into SQL.
func TestImportsAreRules(t *testing.T) {
	allowed := []string{
		"linli/approval", "linli/approval/funduse", "linli/workflows", "linli/web", "linli/bank", "linli/audit",
		"linli/internal/envelope", "linli/internal/password", "linli/internal/crashpoint",
	}
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range parsed.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(path, "linli/") && !slices.Contains(allowed, path) {
				t.Errorf("%s imports %s", file, path)
			}
		}
	}
}
