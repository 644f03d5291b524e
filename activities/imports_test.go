package activities_test

import (
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestImports keeps effects apart from decisions and from what performs them.
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

// refusedImport says why activities may not import a package, or "".
func refusedImport(imported string) string {
	first, _, _ := strings.Cut(imported, "/")
	switch {
	case imported == "linli/approval" || strings.HasPrefix(imported, "linli/approval/") || imported == "linli/bank":
		return ""
	case imported == "linli/internal/crashpoint":
		return "" // a place to die at is no effect
	case first == "linli":
		return "an activity asks for what it needs through an interface in ports.go; who stores, signs or evaluates is wired in outside"
	case first == "go.temporal.io":
		return ""
	case strings.Contains(first, "."):
		return "an activity performs one effect through a port; a library for that effect belongs behind the port"
	case imported == "database/sql" || imported == "net/http":
		return "databases and the network are behind the ports"
	}
	return ""
}

func TestRefusedImport(t *testing.T) {
	for imported, refused := range map[string]bool{
		"time": false, "linli/approval": false, "linli/approval/funduse": false, "linli/bank": false, "go.temporal.io/sdk/activity": false,
		"linli/approvals": true, "linli/bank/sandbox": true, "linli/store": true, "linli/rules": true, "linli/internal/envelope": true,
		"linli/workflows": true, "github.com/jackc/pgx/v5": true, "database/sql": true, "net/http": true,
	} {
		if got := refusedImport(imported) != ""; got != refused {
			t.Errorf("%s: refused %v, want %v", imported, got, refused)
		}
	}
}
