package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"linli/config"
)

func complete(t *testing.T) map[string]string {
	t.Helper()
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"LINLI_API_DATABASE_URL": "postgres://a", "LINLI_WORKER_DATABASE_URL": "postgres://w",
		"LINLI_BLOB_URL": "file:///tmp", "LINLI_SIGNING_KEY_FILE": key, "LINLI_SEAL_KEY_FILE": key,
	}
}

func load(env map[string]string) (config.Config, error) {
	return config.Load(func(name string) (string, bool) {
		value, ok := env[name]
		return value, ok
	})
}

func TestDefaultsAreEnoughBesideWhatIsRequired(t *testing.T) {
	c, err := load(complete(t))
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:8080" || c.Gateway != "manual" || c.DayLength != 0 {
		t.Errorf("unexpected defaults: %+v", c)
	}
}

func TestEveryProblemIsReportedAtOnce(t *testing.T) {
	env := complete(t)
	delete(env, "LINLI_BLOB_URL")
	env["LINLI_LISTEN"] = "8080"
	env["LINLI_PUBLIC_URL"] = "not an address"
	env["LINLI_GATEWAY"] = "http"
	env["LINLI_DAY_LENGTH"] = "1ms"
	env["LINLI_TRUSTED_PROXIES"] = "10.0.0.0/99"
	env["LINLI_SEAL_KEY_FILE"] = "/nowhere/seal"
	_, err := load(env)
	if err == nil {
		t.Fatal("a broken configuration was accepted")
	}
	for _, name := range []string{"LINLI_BLOB_URL", "LINLI_LISTEN", "LINLI_PUBLIC_URL", "LINLI_GATEWAY", "LINLI_DAY_LENGTH", "LINLI_TRUSTED_PROXIES", "/nowhere/seal"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not reported in: %v", name, err)
		}
	}
}

func TestTrainingDays(t *testing.T) {
	env := complete(t)
	env["LINLI_DAY_LENGTH"] = "20s"
	if c, err := load(env); err != nil || c.DayLength != 20*time.Second {
		t.Errorf("got %v, %v", c.DayLength, err)
	}
}
