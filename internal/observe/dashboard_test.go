package observe

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

const deployed = "../../deploy/"

// exported is every name and label the program shows.
func exported(t *testing.T) (names, labels []string) {
	t.Helper()
	series := regexp.MustCompile(`^([a-z_]+)(?:\{(.*)\})? `)
	label := regexp.MustCompile(`([a-z_]+)="`)
	for line := range strings.Lines(scrape(t, busy(t))) {
		if found := series.FindStringSubmatch(line); found != nil {
			names = append(names, found[1])
			for _, each := range label.FindAllStringSubmatch(found[2], -1) {
				labels = append(labels, each[1])
			}
		}
	}
	return names, labels
}

type rules struct {
	Groups []struct {
		Rules []struct {
			Alert, Expr string
			Labels      struct{ Severity string }
			Annotations struct{ Summary string }
		}
	}
}

func alerts(t *testing.T) rules {
	t.Helper()
	raw, err := os.ReadFile(deployed + "prometheus/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	var read rules
	if err := yaml.Unmarshal(raw, &read); err != nil || len(read.Groups) != 1 || len(read.Groups[0].Rules) == 0 {
		t.Fatalf("reading the alerts: %v", err)
	}
	return read
}

// expressions are all those of the dashboard and the alerts, by where they
// stand.
func expressions(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, rule := range alerts(t).Groups[0].Rules {
		found["alert "+rule.Alert] = rule.Expr
	}
	raw, err := os.ReadFile(deployed + "grafana/linli.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct {
			Title   string
			Type    string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(raw, &board); err != nil {
		t.Fatal(err)
	}
	for _, panel := range board.Panels {
		if panel.Type != "row" && len(panel.Targets) == 0 {
			t.Errorf("panel %s shows nothing", panel.Title)
		}
		for _, target := range panel.Targets {
			found["panel "+panel.Title] += target.Expr + "\n"
		}
	}
	return found
}

var (
	metric  = regexp.MustCompile(`\b(?:linli|temporal|process|go)_[a-z_]+`)
	grouped = regexp.MustCompile(`\bby \(([a-z_, ]+)\)`)
	matched = regexp.MustCompile(`[{,]\s*([a-z_]+)\s*(?:=~|!~|!=|=)`)
)

// Whatever the dashboard shows or an alert watches is exported under exactly
// that name, with those labels: a renamed metric would make both silently
// empty.
func TestTheDashboardAndTheAlertsReadWhatIsExported(t *testing.T) {
	names, labels := exported(t)
	labels = append(labels, "job", "instance", "workflow_type", "le") // Prometheus's own, and a tag of the SDK
	used := map[string]bool{}
	for place, expression := range expressions(t) {
		for _, name := range metric.FindAllString(expression, -1) {
			used[name] = true
			if !slices.Contains(names, name) {
				t.Errorf("%s reads %s, which nobody exports", place, name)
			}
		}
		for _, by := range grouped.FindAllStringSubmatch(expression, -1) {
			for label := range strings.SplitSeq(by[1], ",") {
				if label = strings.TrimSpace(label); !slices.Contains(labels, label) {
					t.Errorf("%s groups by %s, which no metric has", place, label)
				}
			}
		}
		for _, by := range matched.FindAllStringSubmatch(expression, -1) {
			if !slices.Contains(labels, by[1]) {
				t.Errorf("%s asks for %s, which no metric has", place, by[1])
			}
		}
	}
	if len(used) < 20 {
		t.Errorf("only %d metrics are read", len(used))
	}
	for _, name := range names {
		base := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "_bucket"), "_sum"), "_count")
		if strings.HasPrefix(name, "linli_") && !used[base] && !used[base+"_bucket"] && !used[base+"_count"] {
			t.Errorf("%s is exported and nobody looks at it", name)
		}
	}
}

// Every alert says in both languages what is wrong, and how urgent it is; the
// manual says what to do.
func TestAlertsAreWhole(t *testing.T) {
	manual, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, rule := range alerts(t).Groups[0].Rules {
		if seen[rule.Alert] || !strings.HasPrefix(rule.Alert, "Linli") {
			t.Errorf("alert %q is there twice or has no name of ours", rule.Alert)
		}
		seen[rule.Alert] = true
		if !strings.Contains(string(manual), "| `"+rule.Alert+"` |") {
			t.Errorf("the manual does not say what to do about %s", rule.Alert)
		}
		if !slices.Contains([]string{"page", "ticket"}, rule.Labels.Severity) {
			t.Errorf("%s: severity %q", rule.Alert, rule.Labels.Severity)
		}
		if zh, en, both := strings.Cut(rule.Annotations.Summary, " / "); !both || zh == "" || en == "" {
			t.Errorf("%s: summary %q is not in both languages", rule.Alert, rule.Annotations.Summary)
		}
	}
	for _, needed := range []string{"LinliTasksOverdue", "LinliCaseStandsStill", "LinliOperationsPending", "LinliPayoutUnknown",
		"LinliRefusalsSpike", "LinliArchiveLags", "LinliBooksDiffer", "LinliNoWorker"} {
		if !seen[needed] {
			t.Errorf("nobody hears of %s", needed)
		}
	}
}
