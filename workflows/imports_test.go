package workflows_test

import (
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestImports keeps workflow code deterministic and free of effects.
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

// refusedImport says why workflows may not import a package, or "".
func refusedImport(imported string) string {
	first, _, _ := strings.Cut(imported, "/")
	switch {
	case imported == "linli/approval" || strings.HasPrefix(imported, "linli/approval/") || imported == "linli/activities" || imported == "linli/bank":
		return ""
	case first == "linli":
		return "a workflow orders steps: it knows what is allowed and what can be done, not who stores, serves or evaluates; reach those through an activity"
	case strings.HasPrefix(imported, "go.temporal.io/sdk/") || strings.HasPrefix(imported, "go.temporal.io/api/"):
		return ""
	case strings.Contains(first, "."):
		return "a workflow replays the same for years: another module's next version must not be able to change it"
	case imported == "database/sql" || imported == "net/http" || imported == "os" || imported == "sync" || strings.HasPrefix(imported, "math/rand") || imported == "crypto/rand":
		return "input and output, chance and locks of the machine differ between two runs of the same history; use activities and the workflow package"
	}
	return ""
}

func TestRefusedImport(t *testing.T) {
	for imported, refused := range map[string]bool{
		"time": false, "reflect": false, "linli/approval/funduse": false, "linli/activities": false, "linli/bank": false,
		"go.temporal.io/sdk/workflow": false, "go.temporal.io/api/history/v1": false,
		"linli/store": true, "linli/rules": true, "linli/worker": true, "linli/bank/sandbox": true, "linli/internal/envelope": true,
		"go.temporal.io/server/temporal": true, "github.com/google/uuid": true, "math/rand/v2": true, "sync": true, "os": true, "net/http": true,
	} {
		if got := refusedImport(imported) != ""; got != refused {
			t.Errorf("%s: refused %v, want %v", imported, got, refused)
		}
	}
}
