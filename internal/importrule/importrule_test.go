package importrule

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var rule = Rule{
	Allow("linli/approval/...", "linli/bank"),
	Refuse("no other package", "linli/..."),
	Refuse("no network", "net/..."),
	Allow(Standard, "go.temporal.io/sdk/..."),
}

func TestTheFirstLineThatFitsDecides(t *testing.T) {
	rule.Bites(t,
		[]string{"linli/approval", "linli/approval/funduse", "linli/bank", "time", "encoding/json", "go.temporal.io/sdk/workflow"},
		[]string{"linli/approvals", "linli/bank/sandbox", "linli", "net", "net/http", "go.temporal.io/server", "C", "github.com/google/uuid"})
	if reason := rule.Refusal("net/http"); reason != "no network" {
		t.Errorf("the reason is %q", reason)
	}
	if (Rule{Refuse("nothing", Anything)}).Refusal("time") == "" {
		t.Error("a rule against anything lets time pass")
	}
}

// report collects what a check finds.
type report struct {
	testing.TB
	found []string
}

func (r *report) Helper() {}

func (r *report) Errorf(format string, args ...any) {
	r.found = append(r.found, fmt.Sprintf(format, args...))
}

func TestSourcesAreRead(t *testing.T) {
	folder := t.TempDir()
	for name, imported := range map[string]string{
		"a.go": "net/http", "b.go": "time", "a_test.go": "net/url", "below/c.go": "linli/store", "below/testdata/d.go": "linli/server",
	} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("package p\n\nimport _ \""+imported+"\"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for where, want := range map[string][]string{
		folder:          {"net/http: no network"},
		folder + "/...": {"net/http: no network", "linli/store: no other package"},
	} {
		r := &report{TB: t}
		rule.Check(r, where)
		if len(r.found) != len(want) {
			t.Fatalf("%s: found %q, want %q", where, r.found, want)
		}
		for i, finding := range r.found {
			if !strings.HasSuffix(finding, want[i]) {
				t.Errorf("%s: %q, want %q", where, finding, want[i])
			}
		}
	}
}

// TestNothingToReadIsAFault: a check that reads nothing would pass for ever.
func TestNothingToReadIsAFault(t *testing.T) {
	if files, err := sources(t.TempDir()); err == nil {
		t.Errorf("an empty folder gave %v", files)
	}
}
