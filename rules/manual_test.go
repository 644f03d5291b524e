package rules

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"linli/approval"
)

const manualPath = "../docs/rules.md"

func manual(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(manualPath)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The manual's tables are written from the code: -update rewrites them.
func TestManualListsEveryFactAndParameter(t *testing.T) {
	text := manual(t)
	updated := text
	for _, p := range procedures {
		updated = section(t, updated, "vocabulary of "+p.name, vocabularyTable(t, p))
		updated = section(t, updated, "directions of "+p.name, directionTable(p))
	}
	if *update {
		if err := os.WriteFile(manualPath, []byte(updated), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if updated != text {
		t.Error("the tables of docs/rules.md are out of date: go test ./rules -run Manual -update")
	}
}

func section(t *testing.T, text, name, content string) string {
	t.Helper()
	_, rest, begun := strings.Cut(text, "<!-- begin "+name)
	comment, rest, closed := strings.Cut(rest, "-->\n")
	_, after, ended := strings.Cut(rest, "<!-- end "+name+" -->")
	before, _, _ := strings.Cut(text, "<!-- begin "+name)
	if !begun || !closed || !ended {
		t.Fatalf("docs/rules.md has no section %s", name)
	}
	return before + "<!-- begin " + name + comment + "-->\n" + content + "<!-- end " + name + " -->" + after
}

func vocabularyTable(t *testing.T, p *procedure) string {
	var table strings.Builder
	table.WriteString("| name | type | max | known if | 说明 | meaning |\n|---|---|---|---|---|---|\n")
	for _, word := range Vocabulary(p.name) {
		if word.Note.ZH == "" || word.Note.EN == "" {
			t.Errorf("%s has no note", word.Path)
		}
		most, known := "", ""
		if word.Max > 0 {
			most = fmt.Sprint(word.Max)
		}
		if word.Known != "" {
			known = "`" + word.Known + "`"
		}
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s | %s | %s |\n", word.Path, word.Type, most, known, word.Note.ZH, word.Note.EN)
	}
	return table.String()
}

func directionTable(p *procedure) string {
	var table strings.Builder
	table.WriteString("| parameter | 区县标准 | a district's value |\n|---|---|---|\n")
	for _, direction := range p.directions {
		fmt.Fprintf(&table, "| `%s` | %s | %s |\n", direction.path, direction.rule.ZH, direction.rule.EN)
	}
	return table.String()
}

func TestNotesNameRealWords(t *testing.T) {
	for _, p := range procedures {
		real := map[string]bool{}
		for _, word := range p.words() {
			real[word.Path] = true
		}
		for path := range p.notes {
			if !real[path] {
				t.Errorf("%s: there is a note on %s, which does not exist", p.name, path)
			}
		}
		for path, known := range p.presence {
			if !real[path] || !real[known] {
				t.Errorf("%s: %s is said to be known if %s", p.name, path, known)
			}
		}
		for path := range p.sizes {
			if !real[path] {
				t.Errorf("%s: a size is stated for %s, which does not exist", p.name, path)
			}
		}
	}
}

// Facts that nothing is known of: everything that may be absent is.
func TestAbsentFactsAreThoseWithAPresence(t *testing.T) {
	for _, p := range procedures {
		missing := p.absent(reflect.New(p.facts).Interface().(Facts))
		if len(missing) != len(p.presence) {
			t.Errorf("%s: absent: %v, with a presence: %v", p.name, missing, p.presence)
		}
	}
	known := goodFacts()
	known.Earmark.Present = true
	if missing := fundUse.absent(known); len(missing) != 0 {
		t.Errorf("everything is known, and yet absent: %v", missing)
	}
}

func TestManualsExampleWorks(t *testing.T) {
	blocks := strings.Split(manual(t), "```")
	var yaml []string
	finding := ""
	for i := 1; i < len(blocks); i += 2 {
		if text, ok := strings.CutPrefix(blocks[i], "yaml\n"); ok {
			yaml = append(yaml, text)
		} else if text, ok := strings.CutPrefix(blocks[i], "text\n"); ok {
			finding = text
		}
	}
	if len(yaml) != 2 {
		t.Fatalf("the manual has %d YAML examples, want set and tests", len(yaml))
	}
	set, err := Compile([]byte(yaml[0]), sample(t, "370300/funduse"))
	if err != nil {
		t.Fatal(err)
	}
	if problems := Lint(set); problems != nil {
		t.Errorf("the example has lint: %v", problems)
	}
	results, err := RunTests(set, []byte(yaml[1]))
	if err != nil {
		t.Fatal(err)
	}
	shown := ""
	for _, result := range results {
		if len(result.Failures) > 0 {
			t.Errorf("%s: %v", result.Name, result.Failures)
		}
		for _, f := range result.Evidence.Findings {
			if f.ID == "per_household" && f.Verdict == approval.FindingFail {
				f.Citation = ""
				shown = printed(approval.Evidence{Findings: []approval.Finding{f}})
			}
		}
	}
	if _, got, _ := strings.Cut(shown, "\n\n"); got != finding {
		t.Errorf("the manual shows\n%s\nwant\n%s", finding, got)
	}
}
