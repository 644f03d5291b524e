package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"linli/config"
	"linli/internal/signature"
)

func TestKeysAreWrittenOnceAndAWorkerNeedsNoSigningKey(t *testing.T) {
	folder := t.TempDir()
	c := config.Config{SigningKeyFile: filepath.Join(folder, "private", "signing.pem")}
	if err := NewKeyFiles(filepath.Join(folder, "keys"), &c); err != nil {
		t.Fatal(err)
	}
	before := contents(t, c)
	if err := NewKeyFiles(filepath.Join(folder, "keys"), &c); err != nil {
		t.Fatal(err)
	}
	if after := contents(t, c); after != before {
		t.Error("a second run changed the keys")
	}
	keys, err := LoadKeys(config.Config{VerifyKeysFile: c.VerifyKeysFile, SealKeyFile: c.SealKeyFile})
	if err != nil {
		t.Fatal(err)
	}
	if keys.Signer != nil || keys.Verifier == nil || keys.Sealer == nil {
		t.Errorf("a worker's keys: %+v", keys)
	}
}

func TestTheKeyOfAgreementsIsOfTheAlgorithmTheSettingsName(t *testing.T) {
	for _, algorithm := range signature.Algorithms {
		c := config.Config{ContractAlgorithm: algorithm}
		if err := NewKeyFiles(t.TempDir(), &c); err != nil {
			t.Fatal(err)
		}
		keys, err := LoadKeys(c)
		if err != nil || keys.Seals.Public().Algorithm != algorithm {
			t.Fatalf("%s: %v", algorithm, err)
		}
		c.ContractAlgorithm = map[string]string{signature.Ed25519: signature.SM2, signature.SM2: signature.Ed25519}[algorithm]
		if _, err := LoadKeys(c); err == nil || !strings.Contains(err.Error(), algorithm) {
			t.Errorf("an %s key under another setting: %v", algorithm, err)
		}
		c.ContractKeyFile = c.SealKeyFile
		if _, err := LoadKeys(c); err == nil {
			t.Error("took another file for a key")
		}
	}
	if keys, err := LoadKeys(config.Config{VerifyKeysFile: written(t).VerifyKeysFile, SealKeyFile: written(t).SealKeyFile}); err != nil || keys.Seals != nil {
		t.Errorf("a server seals: %v, %v", keys.Seals, err)
	}
}

func written(t *testing.T) config.Config {
	t.Helper()
	var c config.Config
	if err := NewKeyFiles(t.TempDir(), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAReplacedSigningKeyKeepsTheEarlierPublicKeys(t *testing.T) {
	var c config.Config
	folder := t.TempDir()
	for want := 1; want <= 2; want++ {
		if err := NewKeyFiles(folder, &c); err != nil {
			t.Fatal(err)
		}
		if known, err := publicKeys(c.VerifyKeysFile); err != nil || len(known) != want {
			t.Fatalf("%d public keys, want %d: %v", len(known), want, err)
		}
		if err := os.Remove(c.SigningKeyFile); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWithoutAnyKeyNothingIsBelieved(t *testing.T) {
	if _, err := LoadKeys(config.Config{}); err == nil {
		t.Error("a process without any verification key started")
	}
}

func contents(t *testing.T, c config.Config) string {
	t.Helper()
	all := ""
	for _, file := range []string{c.SigningKeyFile, c.VerifyKeysFile, c.SealKeyFile, c.BankSecretFile, c.ContractKeyFile} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all += string(text)
	}
	return all
}
