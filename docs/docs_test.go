// Package docs_test keeps the documentation true of the code: quoted scripts
// are the scripts, links lead somewhere, files and tests that are named exist,
// and the glossary has every word the code uses.
package docs_test

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite what is quoted from the code")

const root = ".."

func text(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// pages lists every Markdown file people read.
func pages(t *testing.T) []string {
	t.Helper()
	found := []string{"README.md", "README.zh.md", "CONTRIBUTING.md", "CHANGELOG.md"}
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".md") {
			found = append(found, "docs/"+path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// parts are the sections of the walkthrough and its tools, from "# --- name" to
// the next such line.
func parts(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, chunk := range strings.Split(text(t, "examples/tools.sh")+text(t, "examples/walkthrough.sh"), "\n# --- ")[1:] {
		name, body, _ := strings.Cut(chunk, "\n")
		if name != "end" {
			found[name] = body
		}
	}
	if len(found) < 10 {
		t.Fatalf("%d parts in the walkthrough, want at least 10", len(found))
	}
	return found
}

func TestTheReadmesQuoteTheWalkthrough(t *testing.T) {
	for _, page := range []string{"README.md", "README.zh.md"} {
		written := text(t, page)
		quoted := written
		for name, body := range parts(t) {
			quoted = between(t, page, quoted, name, "```sh\n"+body+"\n```\n")
		}
		if *update {
			if err := os.WriteFile(filepath.Join(root, page), []byte(quoted), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if quoted != written {
			t.Errorf("%s does not quote the walkthrough as it is: go test ./docs -update", page)
		}
	}
}

func between(t *testing.T, page, text, name, content string) string {
	t.Helper()
	section := regexp.MustCompile(`(?s)(<!-- begin ` + name + `( -->|:[^\n]*-->)\n).*?(<!-- end ` + name + ` -->)`)
	if len(section.FindAllString(text, -1)) != 1 {
		t.Fatalf("%s does not quote part %q of the walkthrough once", page, name)
	}
	return section.ReplaceAllStringFunc(text, func(old string) string {
		found := section.FindStringSubmatch(old)
		return found[1] + content + found[3]
	})
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

func TestLinksLeadSomewhere(t *testing.T) {
	for _, page := range pages(t) {
		for _, found := range link.FindAllStringSubmatch(text(t, page), -1) {
			target, _, _ := strings.Cut(found[1], "#")
			if target == "" || strings.Contains(target, "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(root, filepath.Dir(page), target)); err != nil {
				t.Errorf("%s: %v", page, err)
			}
		}
	}
}

var (
	namedFile = regexp.MustCompile("`([a-z0-9_/.-]+/[A-Za-z0-9_.-]+\\.(?:go|sql|yaml|sh|json|html|css))`")
	namedTest = regexp.MustCompile("`(Test[A-Z][A-Za-z]+)`")
	testDecl  = regexp.MustCompile(`(?m)^func (Test[A-Z]\w+)\(t \*testing\.T`)
)

func TestNamedFilesAndTestsExist(t *testing.T) {
	tests := declaredTests(t)
	for _, page := range pages(t) {
		content := text(t, page)
		for _, found := range namedFile.FindAllStringSubmatch(content, -1) {
			if _, err := os.Stat(filepath.Join(root, found[1])); err != nil {
				t.Errorf("%s names %s: %v", page, found[1], err)
			}
		}
		for _, found := range namedTest.FindAllStringSubmatch(content, -1) {
			if !tests[found[1]] {
				t.Errorf("%s names %s: there is no such test", page, found[1])
			}
		}
	}
}

func declaredTests(t *testing.T) map[string]bool {
	t.Helper()
	tests := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil // a data folder of a running system belongs to somebody else
		}
		if name := entry.Name(); entry.IsDir() && path != root && strings.HasPrefix(name, ".") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("reading a test: %w", err)
		}
		for _, found := range testDecl.FindAllSubmatch(source, -1) {
			tests[string(found[1])] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return tests
}
