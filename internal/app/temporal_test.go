package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"linli/config"
)

const profiles = `
[profile.default]
address = "from-file:7233"
namespace = "from-file"

[profile.cloud]
address = "cloud:7233"
namespace = "cloud"
api_key = "key-of-the-profile"
`

func TestTemporalIsReachedByOneRule(t *testing.T) {
	file := filepath.Join(t.TempDir(), "temporal.toml")
	if err := os.WriteFile(file, []byte(profiles), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(t.TempDir(), "temporal.toml") // instead of the machine's own
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name               string
		config             config.Config
		address, namespace string
		tls, key           bool
	}{
		{name: "nothing set", config: config.Config{TemporalSettings: map[string]string{"TEMPORAL_CONFIG_FILE": empty}}, address: "127.0.0.1:7233", namespace: "linli"},
		{name: "file", config: config.Config{TemporalSettings: map[string]string{"TEMPORAL_CONFIG_FILE": file}}, address: "from-file:7233", namespace: "from-file"},
		{name: "profile", config: config.Config{TemporalSettings: map[string]string{"TEMPORAL_CONFIG_FILE": file, "TEMPORAL_PROFILE": "cloud"}},
			address: "cloud:7233", namespace: "cloud", tls: true, key: true},
		{name: "variable over file", config: config.Config{TemporalSettings: map[string]string{"TEMPORAL_CONFIG_FILE": file, "TEMPORAL_ADDRESS": "variable:7233"}},
			address: "variable:7233", namespace: "from-file"},
		{name: "ours over all", config: config.Config{TemporalAddress: "ours:7233", TemporalNamespace: "ours",
			TemporalSettings: map[string]string{"TEMPORAL_CONFIG_FILE": file, "TEMPORAL_ADDRESS": "variable:7233", "TEMPORAL_NAMESPACE": "variable"}},
			address: "ours:7233", namespace: "ours"},
		{name: "key means TLS", config: config.Config{TemporalSettings: map[string]string{"TEMPORAL_API_KEY": "k", "TEMPORAL_CONFIG_FILE": empty}},
			address: "127.0.0.1:7233", namespace: "linli", tls: true, key: true},
		{name: "server name", config: config.Config{TemporalSettings: map[string]string{"TEMPORAL_TLS_SERVER_NAME": "temporal.example", "TEMPORAL_CONFIG_FILE": empty}},
			address: "127.0.0.1:7233", namespace: "linli", tls: true},
		{name: "own Temporal", config: config.Config{TemporalAddress: "127.0.0.1:9"}, address: "127.0.0.1:9", namespace: "linli"},
	}
	t.Setenv("TEMPORAL_API_KEY", "of the machine, not of the program") // only what config passes on may count
	for _, each := range cases {
		t.Run(each.name, func(t *testing.T) {
			options, err := engineOptions(each.config)
			if err != nil {
				t.Fatal(err)
			}
			if options.HostPort != each.address || options.Namespace != each.namespace {
				t.Errorf("%s / %s, want %s / %s", options.HostPort, options.Namespace, each.address, each.namespace)
			}
			if tls := options.ConnectionOptions.TLS != nil; tls != each.tls {
				t.Errorf("TLS %v, want %v", tls, each.tls)
			}
			if key := options.Credentials != nil; key != each.key {
				t.Errorf("credentials %v, want %v", key, each.key)
			}
		})
	}
}

func TestTemporalSettingsThatCannotWorkAreRefused(t *testing.T) {
	for name, settings := range map[string]map[string]string{
		"file":        {"TEMPORAL_CONFIG_FILE": "/nowhere"},
		"profile":     {"TEMPORAL_PROFILE": "absent"},
		"certificate": {"TEMPORAL_TLS_CLIENT_CERT_PATH": "/nowhere/cert.pem", "TEMPORAL_TLS_CLIENT_KEY_PATH": "/nowhere/key.pem"},
		"half a pair": {"TEMPORAL_TLS_CLIENT_CERT_PATH": "/nowhere/cert.pem"},
		"authority":   {"TEMPORAL_TLS_SERVER_CA_CERT_PATH": "/nowhere/ca.pem"},
	} {
		if _, err := engineOptions(config.Config{TemporalSettings: settings}); err == nil || !strings.HasPrefix(err.Error(), "TEMPORAL_") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
