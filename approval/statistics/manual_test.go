package statistics

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table of docs/statistics.md")

const (
	manualPath = "../../docs/statistics.md"
	begin, end = "<!-- begin figures: written by go test ./approval/statistics -run Manual -update -->\n", "<!-- end figures -->"
)

// The manual's table is written from the definitions: -update rewrites it.
func TestManualDefinesEveryFigure(t *testing.T) {
	raw, err := os.ReadFile(manualPath)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begun := strings.Cut(string(raw), begin)
	_, after, ended := strings.Cut(rest, end)
	if !begun || !ended {
		t.Fatal("docs/statistics.md has no table of figures")
	}
	var table strings.Builder
	table.WriteString("| figure | 指标 | 口径 | what counts |\n|---|---|---|---|\n")
	for _, column := range Columns {
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s |\n", column.Name, column.Title.ZH, column.Definition.ZH, column.Definition.EN)
	}
	updated := before + begin + table.String() + end + after
	if *update {
		if err := os.WriteFile(manualPath, []byte(updated), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if updated != string(raw) {
		t.Error("the table of docs/statistics.md is out of date: go test ./approval/statistics -run Manual -update")
	}
}

// Every number a report shows is defined, and every definition shows the
// number of its name.
func TestEveryFigureIsDefined(t *testing.T) {
	numbers := map[string]int64{}
	var walk func(prefix string, value any)
	next := int64(1000)
	fill := map[string]any{}
	raw, err := json.Marshal(Figures{})
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &fill); err != nil {
		t.Fatal(err)
	}
	walk = func(prefix string, value any) {
		group := value.(map[string]any)
		for name, one := range group {
			if _, nested := one.(map[string]any); nested {
				walk(prefix+name+".", one)
				continue
			}
			next++
			group[name], numbers[prefix+name] = next, next
		}
	}
	walk("", fill)
	var figures Figures
	if raw, err = json.Marshal(fill); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &figures); err != nil {
		t.Fatal(err)
	}
	for _, column := range Columns {
		if got := column.Value(figures); got != numbers[column.Name] || got == 0 {
			t.Errorf("%s shows %d, want %d", column.Name, got, numbers[column.Name])
		}
		delete(numbers, column.Name)
	}
	if len(numbers) > 0 {
		t.Errorf("not defined: %v", numbers)
	}
}
