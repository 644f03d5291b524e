package app

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"linli/config"
)

// Settings, keys, the bank's secret and the way to Temporal are refused
// together, each by name, in both languages, once, and before anything is
// dialled.
func TestEveryProblemIsReportedBeforeAnythingIsDialled(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken")
	if err := os.WriteFile(broken, []byte("hidden"), 0o600); err != nil {
		t.Fatal(err)
	}
	values := map[string]string{
		"LINLI_API_DATABASE_URL": "postgres://a", "LINLI_WORKER_DATABASE_URL": "postgres://w", "LINLI_BLOB_URL": "s3://elsewhere",
		"LINLI_SIGNING_KEY_FILE": broken, "LINLI_VERIFY_KEYS_FILE": broken, "LINLI_SEAL_KEY_FILE": broken, "LINLI_CONTRACT_KEY_FILE": "/nowhere/contract",
		"LINLI_GATEWAY": "http", "LINLI_BANK_URL": "https://bank.example", "LINLI_CHARITY_ACCOUNT": "370300000000000001", "LINLI_BANK_SECRET_FILE": broken,
		"LINLI_PUBLIC_URL": "http://linli.example", "TEMPORAL_TLS_CLIENT_CERT_PATH": broken,
	}
	c, err := config.Load(func(name string) (string, bool) { value, set := values[name]; return value, set }, config.Serve|config.Worker)
	_, err = Prepare(c, err)
	if err == nil {
		t.Fatal("it would be started")
	}
	for _, setting := range []string{
		"LINLI_BLOB_URL", "LINLI_PUBLIC_URL", "LINLI_SIGNING_KEY_FILE", "LINLI_VERIFY_KEYS_FILE", "LINLI_SEAL_KEY_FILE", "LINLI_CONTRACT_KEY_FILE",
		"LINLI_BANK_SECRET_FILE", "TEMPORAL_*",
	} {
		if strings.Count("\n"+err.Error(), "\n"+setting+": ") != 1 {
			t.Errorf("%s is not reported once", setting)
		}
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		if !strings.Contains(line, " / ") {
			t.Errorf("not in both languages: %s", line)
		}
	}
	if t.Failed() || strings.Contains(err.Error(), "hidden") {
		t.Error(err)
	}
}

func TestWhatIsCompleteIsPrepared(t *testing.T) {
	var c config.Config
	if err := NewKeyFiles(t.TempDir(), &c); err != nil {
		t.Fatal(err)
	}
	keys, err := Prepare(c, nil)
	if err != nil || keys.Signer == nil || keys.Seals == nil {
		t.Errorf("%+v, %v", keys, err)
	}
	refused := errors.New("refused")
	if _, err := Prepare(c, refused); !errors.Is(err, refused) {
		t.Errorf("the settings were refused, and it says %v", err)
	}
}
