package main

import (
	"os"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

const binary = "/usr/local/bin/linli"

// Every command line of the compose file, health checks included, is one this
// program accepts.
func TestTheComposeFileUsesCommandsThatExist(t *testing.T) {
	raw, err := os.ReadFile("../../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Services map[string]struct {
			Image       string
			Command     []string
			Healthcheck struct{ Test []string }
		}
	}
	if err := yaml.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	lines := 0
	for name, service := range file.Services {
		if !strings.HasPrefix(service.Image, "linli:") {
			continue
		}
		accepted(t, name, service.Command)
		lines++
		if test := service.Healthcheck.Test; len(test) > 0 {
			if len(test) < 3 || test[0] != "CMD" || test[1] != binary {
				t.Errorf("%s: health check %v: the image has no other program than %s", name, test, binary)
				continue
			}
			accepted(t, name, test[2:])
			lines++
		}
	}
	if lines < 8 {
		t.Errorf("only %d command lines found", lines)
	}
}

func accepted(t *testing.T, service string, args []string) {
	t.Helper()
	if _, err := commandLine().Parse(args); err != nil {
		t.Errorf("%s: linli %s: %v", service, strings.Join(args, " "), err)
	}
}
