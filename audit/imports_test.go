package audit_test

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestImports: an auditor must be able to build the verifier from this folder
// and a Go toolchain alone, without trusting the rest of the program.
func TestImports(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		checked++
		for _, spec := range file.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if !standard(path) {
				t.Errorf("%s imports %s: the verifier uses the standard library only", name, path)
			}
		}
	}
	if checked == 0 {
		t.Error("no source was checked")
	}
}

func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return first != "linli" && !strings.Contains(first, ".")
}

func TestStandard(t *testing.T) {
	for path, want := range map[string]bool{
		"time": true, "crypto/sha256": true, "linli/approval": false, "linli": false, "github.com/jackc/pgx/v5": false,
	} {
		if standard(path) != want {
			t.Errorf("standard(%q) = %v", path, !want)
		}
	}
}
