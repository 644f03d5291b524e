package app

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"linli/config"
	"linli/internal/envelope"
	"linli/store"
)

// Keys are the secrets a process works with.
type Keys struct {
	Signer   *envelope.Signer // nil in a worker: it only verifies
	Verifier *envelope.Verifier
	Sealer   *store.Sealer
}

// LoadKeys reads the key files of a deployment.
func LoadKeys(c config.Config) (Keys, error) {
	text, err := os.ReadFile(c.SigningKeyFile)
	if err != nil {
		return Keys{}, fmt.Errorf("reading the signing key: %w", err)
	}
	private, err := envelope.ParsePrivate(text)
	if err != nil {
		return Keys{}, fmt.Errorf("reading the signing key: %w", err)
	}
	keys := Keys{}
	if keys.Signer, err = envelope.NewSigner(private); err != nil {
		return Keys{}, err
	}
	public, err := publicKeys(c.VerifyKeysFile)
	if err != nil {
		return Keys{}, err
	}
	if keys.Verifier, err = envelope.NewVerifier(append(public, keys.Signer.Public())...); err != nil {
		return Keys{}, err
	}
	secret, err := secretFile(c.SealKeyFile)
	if err != nil {
		return Keys{}, err
	}
	sealing, err := hex.DecodeString(string(secret))
	if err != nil {
		return Keys{}, fmt.Errorf("the sealing key %s is not hex", c.SealKeyFile)
	}
	keys.Sealer, err = store.NewSealer(sealing)
	return keys, err
}

func publicKeys(file string) ([]ed25519.PublicKey, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading earlier public keys: %w", err)
	}
	return envelope.ParsePublic(text)
}

func secretFile(file string) ([]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading a secret: %w", err)
	}
	return []byte(strings.TrimSpace(string(text))), nil
}

// NewKeyFiles writes fresh keys into a folder unless they are there, readable
// by their owner only, and names them in the configuration.
func NewKeyFiles(folder string, c *config.Config) error {
	private, err := envelope.Generate()
	if err != nil {
		return err
	}
	signing, err := envelope.MarshalPrivate(private)
	if err != nil {
		return err
	}
	c.SigningKeyFile, c.SealKeyFile, c.BankSecretFile = filepath.Join(folder, "signing.pem"), filepath.Join(folder, "seal.key"), filepath.Join(folder, "bank.key")
	for file, content := range map[string][]byte{c.SigningKeyFile: signing, c.SealKeyFile: randomHex(32), c.BankSecretFile: randomHex(32)} {
		if err := writeOnce(file, content); err != nil {
			return err
		}
	}
	return nil
}

func randomHex(n int) []byte {
	secret := make([]byte, n)
	_, _ = rand.Read(secret) // never fails, by its documentation
	return []byte(hex.EncodeToString(secret))
}

func writeOnce(file string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	opened, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := opened.Write(content); err != nil {
		return errors.Join(err, opened.Close())
	}
	return opened.Close()
}
