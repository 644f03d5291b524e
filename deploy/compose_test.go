package deploy

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"linli/config"
)

type service struct {
	Image       string
	Profiles    []string
	Command     []string
	Entrypoint  []string
	Environment map[string]string
	Secrets     []string
	Volumes     []string
	Networks    []string
	Ports       []string
	Restart     string
	ReadOnly    bool                                  `yaml:"read_only"`
	CapDrop     []string                              `yaml:"cap_drop"`
	SecurityOpt []string                              `yaml:"security_opt"`
	DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
	Healthcheck struct{ Test []string }
}

type composeFile struct {
	Services map[string]service
	Secrets  map[string]struct{ File string }
	Volumes  map[string]any
	Networks map[string]struct{ Internal bool }
}

func compose(t *testing.T) composeFile {
	t.Helper()
	var file composeFile
	if err := yaml.Unmarshal([]byte(read(t, "../docker-compose.yml")), &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Services) < 10 {
		t.Fatalf("only %d services were read", len(file.Services))
	}
	return file
}

func read(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func (s service) ours() bool { return strings.HasPrefix(s.Image, "linli:") }

// byHand: run by a person, for one copy.
func (s service) byHand() bool { return slices.Contains(s.Profiles, "copy") }

// once: a step that ends, as those others wait for to be completed.
func (f composeFile) once(name string) bool {
	for _, other := range f.Services {
		if other.DependsOn[name].Condition == "service_completed_successfully" {
			return true
		}
	}
	return name == "admin"
}

var pinned = regexp.MustCompile(`^[a-z0-9./-]+:v?\d+\.\d+(\.\d+)?(-[a-z]+)?(@sha256:[0-9a-f]{64})?$`)

func TestImagesArePinned(t *testing.T) {
	images := map[string]string{}
	for name, each := range compose(t).Services {
		if !each.ours() {
			images[name] = each.Image
		}
	}
	for i, line := range strings.Split(read(t, "../Dockerfile"), "\n") {
		if from, found := strings.CutPrefix(line, "FROM "); found && from != "scratch" {
			images["Dockerfile line "+string(rune('0'+i%10))] = strings.Fields(from)[0]
		}
	}
	for place, image := range images {
		if !pinned.MatchString(image) {
			t.Errorf("%s: image %q is not pinned to a version", place, image)
		}
		if strings.Contains(image, "auto-setup") {
			t.Errorf("%s: temporalio/auto-setup is no longer made", place)
		}
	}
	if len(images) < 6 {
		t.Errorf("only %v were looked at", images)
	}
}

func TestEveryProcessThatStaysHasAHealthCheckAndComesBack(t *testing.T) {
	file := compose(t)
	for name, each := range file.Services {
		checked := len(each.Healthcheck.Test) > 0
		if each.byHand() {
			if checked || each.Restart != "no" {
				t.Errorf("%s is run by hand: health check %v, restart %q", name, checked, each.Restart)
			}
			continue
		}
		if file.once(name) {
			if checked || each.Restart != "on-failure:5" {
				t.Errorf("%s ends: health check %v, restart %q", name, checked, each.Restart)
			}
			continue
		}
		if !checked || each.Restart != "unless-stopped" {
			t.Errorf("%s stays: health check %v, restart %q", name, checked, each.Restart)
		}
	}
}

// Whoever waits, waits for a step to be completed or a process to be healthy;
// having been started means nothing.
func TestTheOrderOfTheStart(t *testing.T) {
	file := compose(t)
	for name, each := range file.Services {
		for other, wait := range each.DependsOn {
			want := "service_healthy"
			if file.once(other) {
				want = "service_completed_successfully"
			}
			if _, known := file.Services[other]; !known || wait.Condition != want {
				t.Errorf("%s waits for %s to be %q, want %q", name, other, wait.Condition, want)
			}
		}
	}
	for _, chain := range [][]string{
		{"server", "temporal-namespace", "temporal", "temporal-schema", "postgres"}, {"temporal-ui", "temporal"},
		{"server", "migrate", "postgres"}, {"server", "keys"}, {"admin", "migrate"},
		{"worker", "temporal-namespace"}, {"worker", "migrate"}, {"worker", "keys"},
	} {
		for i := range chain[1:] {
			if _, waits := file.Services[chain[i]].DependsOn[chain[i+1]]; !waits {
				t.Errorf("%s does not wait for %s", chain[i], chain[i+1])
			}
		}
	}
}

var variable = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)(:?[-?])?`)

// A variable without a default must be listed as required; .env.example lists
// each with its default, and nothing that has no effect.
func TestEveryVariableHasADefaultAndIsExplained(t *testing.T) {
	text := strings.ReplaceAll(read(t, "../docker-compose.yml"), "$$", "")
	example := map[string]string{}
	for line := range strings.Lines(read(t, "../.env.example")) {
		if name, value, found := strings.Cut(strings.TrimSpace(line), "="); found && !strings.HasPrefix(line, "#") {
			example[name] = value
		}
	}
	used := map[string]bool{}
	for _, found := range variable.FindAllStringSubmatch(text, -1) {
		name := found[1]
		used[name] = true
		value, explained := example[name]
		switch {
		case !explained:
			t.Errorf("%s is not in .env.example", name)
		case found[2] == ":-" && !strings.Contains(text, "${"+name+":-"+value+"}"):
			t.Errorf("%s: .env.example says %q, the compose file something else", name, value)
		case found[2] == ":?" && value != "":
			t.Errorf("%s is required, yet .env.example says %q", name, value)
		case found[2] != ":-" && found[2] != ":?":
			t.Errorf("%s has neither a default nor is it required", name)
		}
	}
	for name := range example {
		if !used[name] {
			t.Errorf("%s of .env.example has no effect", name)
		}
	}
	if bare := regexp.MustCompile(`\$[A-Za-z_]`).FindString(text); bare != "" {
		t.Errorf("a variable without braces: %s", bare)
	}
}

// Where the client is, it says itself whether it takes the file.
func TestDockerTakesTheComposeFile(t *testing.T) {
	if exec.Command("docker", "compose", "version").Run() != nil {
		t.Log("no docker compose on this machine: the other tests read the file")
		return
	}
	checked := exec.Command("docker", "compose", "--file", "../docker-compose.yml", "--profile", "*", "config", "--quiet")
	if said, err := checked.CombinedOutput(); err != nil || strings.Contains(string(said), "not set") {
		t.Errorf("docker compose config: %v\n%s", err, said)
	}
}

// The manual's commands copy every volume the processes keep something in, and
// run the scripts of deploy, which the shell can read.
func TestBackupAndRestoreReachWhatMustBeKept(t *testing.T) {
	file, manual := compose(t), read(t, "../docs/operations.md")
	for name, mode := range map[string]string{"backup": ":ro", "restore": ""} {
		each := file.Services[name]
		if !regexp.MustCompile(`(?m)^docker compose run --rm --volume "\S+:/copy(:ro)?" ` + name + `( |$)`).MatchString(manual) {
			t.Errorf("the manual does not say how %s is run", name)
		}
		for _, process := range []string{"server", "worker"} {
			for _, volume := range file.Services[process].Volumes {
				source, _, _ := strings.Cut(volume, ":")
				place := map[bool]string{true: each.Environment["LINLI_BLOBS"], false: each.Environment["LINLI_KEYS"] + "/" + source}[source == "blobs"]
				if !slices.Contains(each.Volumes, source+":"+place+mode) {
					t.Errorf("%s does not mount %s of %s: %v", name, source, process, each.Volumes)
				}
			}
		}
		script := "/linli/" + name + ".sh"
		if !slices.Contains(each.Volumes, "./deploy/"+name+".sh:"+script+":ro") || !strings.HasSuffix(strings.Join(each.Entrypoint, " "), script+" /copy") {
			t.Errorf("%s does not run its script: %v", name, each.Entrypoint)
		}
		for _, text := range []string{strings.ReplaceAll(each.Entrypoint[2], "$$", "$"), read(t, name+".sh")} {
			if said, err := exec.Command("sh", "-n", "-c", text).CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", name, err, said)
			}
		}
	}
}

var parts = map[string]config.Part{
	"server": config.Serve, "worker": config.Worker, "migrate": config.Migrate, "admin": config.Admin, "keys": 0, "bank": 0,
}

// What a service is told are settings the program knows, all it cannot do
// without, and no secret that is another's.
func TestOurServicesAreGivenWhatTheyNeed(t *testing.T) {
	for name, each := range compose(t).Services {
		if !each.ours() {
			continue
		}
		part, known := parts[name]
		if !known {
			t.Errorf("service %s: say in this test which part it plays", name)
		}
		settings := map[string]bool{}
		for _, v := range config.Variables {
			settings[v.Name] = true
			_, byValue := each.Environment[v.Name]
			file, byFile := each.Environment[v.Name+"_FILE"]
			settings[v.Name+"_FILE"] = v.Secret
			if v.Required&part != 0 && !byValue && !byFile {
				t.Errorf("%s is not given %s", name, v.Name)
			}
			if v.Secret && (byValue || byFile && (v.Required&part == 0 || !slices.Contains(each.Secrets, strings.TrimPrefix(file, "/run/secrets/")))) {
				t.Errorf("%s: %s must come from a secret of its own, or not at all", name, v.Name)
			}
		}
		for setting := range each.Environment {
			if !settings[setting] {
				t.Errorf("%s: the program knows no setting %s", name, setting)
			}
		}
	}
}

func TestOurContainersCanDoLittle(t *testing.T) {
	file := compose(t)
	for name, each := range file.Services {
		if !slices.Contains(each.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s may gain privileges", name)
		}
		if each.ours() && (!each.ReadOnly || !slices.Contains(each.CapDrop, "ALL")) {
			t.Errorf("%s can write to its image or keeps capabilities", name)
		}
		for _, volume := range each.Volumes {
			source, rest, _ := strings.Cut(volume, ":")
			holder, secret := map[string]string{"signing": "server", "contract": "worker"}[source]
			if secret && name != "keys" && !each.byHand() && (name != holder || !strings.HasSuffix(rest, ":ro")) {
				t.Errorf("%s can reach a key that signs: %s", name, volume)
			}
			if _, named := file.Volumes[source]; !named && !strings.HasPrefix(source, "./deploy/") {
				t.Errorf("%s: unknown volume %s", name, volume)
			}
		}
		for _, port := range each.Ports {
			if !strings.Contains(port, ":-127.0.0.1:") {
				t.Errorf("%s is offered to the network by default: %s", name, port)
			}
		}
	}
	for _, inner := range []string{"postgres", "temporal"} {
		for _, network := range file.Services[inner].Networks {
			if !file.Networks[network].Internal {
				t.Errorf("%s can be reached through the network %s", inner, network)
			}
		}
	}
	dockerfile := read(t, "../Dockerfile")
	last := dockerfile[strings.LastIndex(dockerfile, "\nFROM "):]
	for _, want := range []string{"FROM scratch", "\nUSER 65532:65532\n", `ENTRYPOINT ["/usr/local/bin/linli"]`} {
		if !strings.Contains(last, want) {
			t.Errorf("the image lacks %q", want)
		}
	}
	if !strings.Contains(dockerfile, "CGO_ENABLED=0") {
		t.Error("the program is not static")
	}
}
