package config_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"linli/config"
)

var update = flag.Bool("update", false, "rewrite the table of settings in the manual")

const (
	manualPath = "../docs/operations.md"
	begin      = "<!-- begin settings: written by go test ./config -run Manual -update -->\n"
	end        = "<!-- end settings -->"
)

// The manual lists exactly the settings there are, as `linli settings` does.
func TestTheManualListsEverySetting(t *testing.T) {
	raw, err := os.ReadFile(manualPath)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begun := strings.Cut(string(raw), begin)
	_, after, ended := strings.Cut(rest, end)
	if !begun || !ended {
		t.Fatalf("%s has no table of settings between %q and %q", manualPath, begin, end)
	}
	written := before + begin + table() + end + after
	if *update {
		if err := os.WriteFile(manualPath, []byte(written), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if written != string(raw) {
		t.Error("the table of settings is out of date: go test ./config -run Manual -update")
	}
}

func table() string {
	var rows strings.Builder
	rows.WriteString("| setting | default | meaning |\n|---|---|---|\n")
	for _, v := range config.Variables {
		name, value := v.Name, ""
		switch {
		case v.Required != 0:
			value = "required by " + v.Required.String()
		case v.Default != "":
			value = "`" + v.Default + "`"
		}
		if v.Secret {
			name += "[_FILE]"
		}
		fmt.Fprintf(&rows, "| `%s` | %s | %s |\n", name, value, v.Meaning)
	}
	return rows.String()
}
