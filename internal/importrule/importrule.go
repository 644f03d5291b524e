// Package importrule lets each package state in a test what it may import and
// why not the rest, so that the layers hold without a reviewer's eye.
//
// It reads a package's own source files, test files excepted: what tests need
// is their matter. An import no line speaks of is refused.
package importrule

import (
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Patterns beside a package's path and "path/...", which is path and all below.
const (
	Standard = "std" // the standard library
	Anything = "..."
)

// Line allows or refuses packages; make it with Allow or Refuse.
type Line struct {
	reason   string
	patterns []string
}

// Allow permits packages.
func Allow(patterns ...string) Line { return Line{patterns: patterns} }

// Refuse forbids packages; reason is what somebody who imports one must hear.
func Refuse(reason string, patterns ...string) Line { return Line{reason: reason, patterns: patterns} }

// Rule is read from the top; the first line that fits an import decides.
type Rule []Line

// Refusal says why the package may not be imported, or "".
func (r Rule) Refusal(imported string) string {
	for _, line := range r {
		for _, pattern := range line.patterns {
			if fits(imported, pattern) {
				return line.reason
			}
		}
	}
	return "no rule allows it"
}

func fits(imported, pattern string) bool {
	first, _, _ := strings.Cut(imported, "/")
	switch above, tree := strings.CutSuffix(pattern, "/..."); {
	case pattern == Anything:
		return true
	case pattern == Standard:
		return first != "linli" && first != "C" && !strings.Contains(first, ".")
	case tree:
		return imported == above || strings.HasPrefix(imported, above+"/")
	}
	return imported == pattern
}

// Check fails the test for every import of the folder's sources that the rule
// refuses; "folder/..." includes the folders below.
func (r Rule) Check(t testing.TB, folder string) {
	t.Helper()
	files, err := sources(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		imports, err := importsOf(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, imported := range imports {
			if reason := r.Refusal(imported); reason != "" {
				t.Errorf("%s imports %s: %s", name, imported, reason)
			}
		}
	}
}

// Bites fails the test unless the rule allows and refuses just these, so that
// a rule cannot be loosened unseen.
func (r Rule) Bites(t testing.TB, allowed, refused []string) {
	t.Helper()
	for _, imported := range allowed {
		if reason := r.Refusal(imported); reason != "" {
			t.Errorf("%s is refused: %s", imported, reason)
		}
	}
	for _, imported := range refused {
		if r.Refusal(imported) == "" {
			t.Errorf("%s is allowed", imported)
		}
	}
}

func sources(folder string) ([]string, error) {
	top, tree := strings.CutSuffix(folder, "/...")
	var files []string
	err := filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != top && (!tree || entry.Name() == "testdata"):
			return fs.SkipDir
		case !entry.IsDir() && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
			files = append(files, path)
		}
		return nil
	})
	if err == nil && len(files) == 0 {
		err = errors.New("no source in " + folder)
	}
	return files, err
}

func importsOf(name string) ([]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var imports []string
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, fmt.Errorf("reading the imports of %s: %w", name, err)
		}
		imports = append(imports, imported)
	}
	return imports, nil
}
