package config_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"linli/config"
)

func file(t *testing.T, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func complete(t *testing.T) map[string]string {
	t.Helper()
	key := file(t, "x")
	return map[string]string{
		"LINLI_OWNER_DATABASE_URL": "postgres://o", "LINLI_API_DATABASE_URL": "postgres://a", "LINLI_WORKER_DATABASE_URL": "postgres://w",
		"LINLI_BLOB_URL": "file:///tmp", "LINLI_SIGNING_KEY_FILE": key, "LINLI_SEAL_KEY_FILE": key, "LINLI_VERIFY_KEYS_FILE": key, "LINLI_CONTRACT_KEY_FILE": key,
	}
}

const everything = config.Serve | config.Worker | config.Migrate | config.Admin

func load(env map[string]string, part config.Part) (config.Config, error) {
	return config.Load(func(name string) (string, bool) {
		value, ok := env[name]
		return value, ok
	}, part)
}

func TestDefaultsAreEnoughBesideWhatIsRequired(t *testing.T) {
	c, err := load(complete(t), everything)
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:8080" || c.WorkerListen != "127.0.0.1:8081" || c.Gateway != "manual" || c.DayLength != 0 {
		t.Errorf("unexpected defaults: %+v", c)
	}
}

func TestEveryProblemIsReportedAtOnce(t *testing.T) {
	env := complete(t)
	delete(env, "LINLI_BLOB_URL")
	env["LINLI_GATEWAY"] = "http"
	broken := map[string]string{
		"LINLI_BANK_URL": "ftp://bank", "LINLI_CHARITY_ACCOUNT": "12", "LINLI_METRICS_LISTEN": "9464", "OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318",
		"TEMPORAL_TLS": "banana", "TEMPORAL_CONFIG_FILE": "/nowhere/temporal.toml", "TEMPORAL_TLS_CLIENT_CERT_PATH": "/nowhere/cert.pem",
		"TEMPORAL_TLS_CLIENT_KEY_PATH": "/nowhere/key.pem", "TEMPORAL_TLS_SERVER_CA_CERT_PATH": "/nowhere/ca.pem", "LINLI_FONT_FILE": "/nowhere/font.ttf",
		"LINLI_SIGNING_KEY_FILE": "/nowhere/signing", "LINLI_VERIFY_KEYS_FILE": "/nowhere/verify",
		"LINLI_LISTEN": "8080", "LINLI_WORKER_LISTEN": "8081", "LINLI_PUBLIC_URL": "not an address",
		"LINLI_DAY_LENGTH": "1ms", "LINLI_TRUSTED_PROXIES": "10.0.0.0/99", "LINLI_SEAL_KEY_FILE": "/nowhere/seal",
		"LINLI_CONTRACT_ALGORITHM": "RSA", "LINLI_CONTRACT_KEY_FILE": "/nowhere/contract",
		"LINLI_LOG_LEVEL": "loud", "LINLI_OWNER_DATABASE_URL": "mysql://o:hidden@h/d", "LINLI_API_DATABASE_URL_FILE": "/nowhere/address",
	}
	for name, value := range broken {
		env[name] = value
	}
	_, err := load(env, everything)
	if err == nil {
		t.Fatal("a broken configuration was accepted")
	}
	for name := range broken {
		if name = strings.Replace(name, "_URL_FILE", "_URL", 1); !strings.Contains(err.Error(), name+": ") {
			t.Errorf("%s is not reported in: %v", name, err)
		}
	}
	if !strings.Contains(err.Error(), "LINLI_BLOB_URL: 必须设置 / required") || !strings.Contains(err.Error(), "LINLI_BANK_SECRET_FILE: ") {
		t.Errorf("the missing settings are not reported in: %v", err)
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		zh, en, both := strings.Cut(line, " / ")
		if !both || !strings.ContainsFunc(zh, func(r rune) bool { return unicode.Is(unicode.Han, r) }) || en == "" {
			t.Errorf("not in both languages: %s", line)
		}
	}
	if strings.Contains(err.Error(), "hidden") {
		t.Errorf("a password is repeated in: %v", err)
	}
}

func TestAPartIsAskedForWhatItNeedsOnly(t *testing.T) {
	needs := map[config.Part][]string{
		0:              nil,
		config.Serve:   {"LINLI_API_DATABASE_URL", "LINLI_BLOB_URL", "LINLI_SIGNING_KEY_FILE", "LINLI_SEAL_KEY_FILE"},
		config.Worker:  {"LINLI_WORKER_DATABASE_URL", "LINLI_BLOB_URL", "LINLI_SEAL_KEY_FILE", "LINLI_VERIFY_KEYS_FILE", "LINLI_CONTRACT_KEY_FILE"},
		config.Migrate: {"LINLI_OWNER_DATABASE_URL", "LINLI_API_DATABASE_URL", "LINLI_WORKER_DATABASE_URL"},
		config.Admin:   {"LINLI_API_DATABASE_URL"},
	}
	for part, names := range needs {
		whole, env := complete(t), map[string]string{}
		_, err := load(env, part)
		for name := range whole {
			needed := false
			for _, each := range names {
				needed = needed || each == name
			}
			if told := err != nil && strings.Contains(err.Error(), name); told != needed {
				t.Errorf("part %d: %s reported as missing: %v, want %v", part, name, told, needed)
			}
		}
		for _, name := range names {
			env[name] = whole[name]
		}
		if _, err := load(env, part); err != nil {
			t.Errorf("part %d with all it needs: %v", part, err)
		}
	}
}

func TestSecretsMayComeFromFiles(t *testing.T) {
	for _, variable := range config.Variables {
		if !variable.Secret {
			continue
		}
		env := complete(t)
		delete(env, variable.Name)
		env[variable.Name+"_FILE"] = file(t, "postgres://from-a-file\n")
		c, err := load(env, everything)
		if err != nil {
			t.Errorf("%s_FILE: %v", variable.Name, err)
		}
		found := c.TemporalSettings[variable.Name]
		for _, address := range []string{c.OwnerDatabaseURL, c.APIDatabaseURL, c.WorkerDatabaseURL, found} {
			if address == "postgres://from-a-file" {
				found = address
			}
		}
		if found != "postgres://from-a-file" {
			t.Errorf("%s_FILE was not read: %+v", variable.Name, c)
		}
		env[variable.Name] = "postgres://given-too"
		if _, err := load(env, everything); err == nil || !strings.Contains(err.Error(), "not both") {
			t.Errorf("%s beside its file: %v", variable.Name, err)
		}
	}
}

func TestTemporalsOwnVariablesArePassedOnUnlessEmpty(t *testing.T) {
	env := complete(t)
	env["TEMPORAL_ADDRESS"], env["TEMPORAL_TLS_CLIENT_CERT_PATH"], env["TEMPORAL_TLS_CLIENT_CERT_DATA"] = "temporal:7233", "", "PEM"
	c, err := load(env, config.Serve)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.TemporalSettings) != 1 || c.TemporalSettings["TEMPORAL_ADDRESS"] != "temporal:7233" {
		t.Errorf("passed on: %v", c.TemporalSettings)
	}
}

// What a server or a worker would find out only once it runs.
func TestAddressesThatCannotWorkAreRefused(t *testing.T) {
	bank := map[string]string{"LINLI_GATEWAY": "http", "LINLI_BANK_URL": "https://bank.example/api", "LINLI_BANK_SECRET_FILE": file(t, "x"), "LINLI_CHARITY_ACCOUNT": "370300000000000001"}
	for _, each := range []struct {
		name, value string
		refused     bool
	}{
		{"LINLI_PUBLIC_URL", "https://linli.example", false}, {"LINLI_PUBLIC_URL", "http://localhost:8080", false}, {"LINLI_PUBLIC_URL", "http://[::1]:8080", false},
		{"LINLI_PUBLIC_URL", "http://linli.example", true}, {"LINLI_PUBLIC_URL", "http://10.0.0.1", true}, {"LINLI_PUBLIC_URL", "ftp://127.0.0.1", true},
		{"LINLI_BLOB_URL", "file://./", false}, {"LINLI_BLOB_URL", "file:///nowhere?create_dir=true", false},
		{"LINLI_BLOB_URL", "s3://linli?key=hidden", true}, {"LINLI_BLOB_URL", "mem://", true}, {"LINLI_BLOB_URL", "file://", true}, {"LINLI_BLOB_URL", "file:///nowhere/blobs", true},
		{"LINLI_BANK_URL", "http://127.0.0.1:8090", false}, {"LINLI_BANK_URL", "", true}, {"LINLI_BANK_URL", "https://user:hidden@bank.example", true}, {"LINLI_BANK_URL", "https://bank.example?x=1", true},
		{"LINLI_CHARITY_ACCOUNT", "", true}, {"LINLI_CHARITY_ACCOUNT", "账号", true},
	} {
		env := complete(t)
		maps.Copy(env, bank)
		env[each.name] = each.value
		_, err := load(env, config.Serve)
		if told := err != nil && strings.Contains(err.Error(), each.name+": "); told != each.refused || err != nil && (!told || strings.Contains(err.Error(), "hidden")) {
			t.Errorf("%s=%s: %v", each.name, each.value, err)
		}
	}
}

// A word the SDK would pass over means a connection without TLS, a file it does
// not find its default address.
func TestWhatTemporalsSDKWouldPassOverIsRefused(t *testing.T) {
	for value, want := range map[string]string{"true": "true", "1": "true", "T": "true", "FALSE": "false", "0": "false", "yes": "", "on": "", "banana": ""} {
		env := complete(t)
		env["TEMPORAL_TLS"] = value
		c, err := load(env, config.Worker)
		if refused := err != nil && strings.Contains(err.Error(), "TEMPORAL_TLS: "); refused != (want == "") || c.TemporalSettings["TEMPORAL_TLS"] != want {
			t.Errorf("TEMPORAL_TLS=%s: passed on as %q, %v", value, c.TemporalSettings["TEMPORAL_TLS"], err)
		}
	}
	for _, file := range []string{"/nowhere/temporal.toml", t.TempDir()} {
		env := complete(t)
		env["TEMPORAL_CONFIG_FILE"] = file
		if _, err := load(env, config.Worker); err == nil || !strings.Contains(err.Error(), "TEMPORAL_CONFIG_FILE: ") {
			t.Errorf("TEMPORAL_CONFIG_FILE=%s: %v", file, err)
		}
	}
}

func TestTrainingDays(t *testing.T) {
	env := complete(t)
	env["LINLI_DAY_LENGTH"] = "20s"
	if c, err := load(env, config.Worker); err != nil || c.DayLength != 20*time.Second {
		t.Errorf("got %v, %v", c.DayLength, err)
	}
}
