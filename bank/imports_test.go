package bank_test

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The client stands between the system and the outside: it must be readable
// and replaceable alone, so it knows no other package of the system, and the
// practice bank knows the client's wire format only.
func TestImportsAreRules(t *testing.T) {
	for dir, own := range map[string]string{".": "", "sandbox": "linli/bank"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no files in %s: %v", dir, err)
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
				first, _, _ := strings.Cut(path, "/")
				if standard := !strings.Contains(first, ".") && first != "linli"; !standard && path != own {
					t.Errorf("%s imports %s", file, path)
				}
			}
		}
	}
}
