package worker_test

import (
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestImports keeps the worker to putting workflows and activities on a queue.
func TestImports(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), entry.Name(), nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		checked++
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if reason := refusedImport(imported); reason != "" {
				t.Errorf("%s imports %s: %s", entry.Name(), imported, reason)
			}
		}
	}
	if checked == 0 {
		t.Error("no source was checked")
	}
}

// refusedImport says why the worker may not import a package, or "".
func refusedImport(imported string) string {
	first, _, _ := strings.Cut(imported, "/")
	switch {
	case imported == "linli/workflows" || imported == "linli/activities":
		return ""
	case first == "linli":
		return "a worker registers what workflows and activities offer and knows nothing of cases, databases or the bank"
	case strings.HasPrefix(imported, "go.temporal.io/sdk/"):
		return ""
	case strings.Contains(first, "."):
		return "a worker needs the Temporal SDK and nothing else"
	}
	return ""
}

func TestRefusedImport(t *testing.T) {
	for imported, refused := range map[string]bool{
		"time": false, "linli/workflows": false, "linli/activities": false, "go.temporal.io/sdk/worker": false,
		"linli/approval": true, "linli/store": true, "linli/bank": true, "linli/workflowsx": true, "go.temporal.io/server/temporal": true, "github.com/jackc/pgx/v5": true,
	} {
		if got := refusedImport(imported) != ""; got != refused {
			t.Errorf("%s: refused %v, want %v", imported, got, refused)
		}
	}
}
