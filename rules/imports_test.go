package rules

import (
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"
)

// Rules are judged from facts alone: a package that could reach a database, a
// clock service or the network could make a verdict depend on them.
func TestImports(t *testing.T) {
	allowed := []string{"linli/approval", "linli/approval/funduse", "cel.dev/cel-go/", "github.com/goccy/go-yaml/"}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file.Name(), nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range parsed.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if !permitted(path, allowed) {
				t.Errorf("%s imports %s", file.Name(), path)
			}
		}
	}
}

func permitted(path string, allowed []string) bool {
	first, _, _ := strings.Cut(path, "/")
	if standard := !strings.Contains(first, ".") && first != "linli"; standard {
		return path != "net" && !strings.HasPrefix(path, "net/") && path != "os" && path != "math/rand"
	}
	for _, one := range allowed {
		if path == one || strings.HasSuffix(one, "/") && strings.HasPrefix(path, one) {
			return true
		}
	}
	return false
}

func TestImportRuleBites(t *testing.T) {
	for path, want := range map[string]bool{
		"linli/store": false, "linli/approval": true, "linli/approval/onboarding": false, "os": false, "net/http": false,
		"time": true, "github.com/jackc/pgx/v5": false, "cel.dev/cel-go/cel": true, "github.com/google/cel-go/cel": false,
	} {
		if got := permitted(path, []string{"linli/approval", "linli/approval/funduse", "cel.dev/cel-go/"}); got != want {
			t.Errorf("%s is permitted: %v", path, got)
		}
	}
}
