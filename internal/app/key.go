package app

import (
	"cmp"
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
	"linli/internal/signature"
	"linli/store"
)

// Keys are the secrets a process works with.
type Keys struct {
	Signer   *envelope.Signer // nil in a worker: it only verifies
	Verifier *envelope.Verifier
	Sealer   *store.Sealer
	Seals    *signature.Sealer // of signatures under agreements; nil but in a worker
}

// LoadKeys reads the key files of a deployment and reports every one that
// cannot be used. Without the signing key there is no signer, and the earlier
// public keys are all there is to believe.
func LoadKeys(c config.Config) (Keys, error) {
	var keys Keys
	var problems []error
	usable := func(setting string, err error) bool {
		if err != nil {
			problems = append(problems, unusable(setting, err))
		}
		return err == nil
	}
	believed, err := publicKeys(c.VerifyKeysFile)
	whole := usable("LINLI_VERIFY_KEYS_FILE", err)
	if c.SigningKeyFile != "" {
		keys.Signer, err = signer(c.SigningKeyFile)
		if usable("LINLI_SIGNING_KEY_FILE", err) {
			believed = append(believed, keys.Signer.Public())
		} else {
			whole = false
		}
	}
	if whole {
		keys.Verifier, err = envelope.NewVerifier(believed...)
		usable("LINLI_VERIFY_KEYS_FILE", err)
	}
	keys.Sealer, err = sealer(c.SealKeyFile)
	usable("LINLI_SEAL_KEY_FILE", err)
	if c.ContractKeyFile != "" {
		keys.Seals, err = contractKey(c)
		usable("LINLI_CONTRACT_KEY_FILE", err)
	}
	if len(problems) > 0 {
		return Keys{}, errors.Join(problems...)
	}
	return keys, nil
}

// unusable: a file is there for the setting, and is not what it should be.
func unusable(setting string, err error) error {
	return fmt.Errorf("%s: 无法使用 / cannot be used: %w", setting, err)
}

func signer(file string) (*envelope.Signer, error) {
	private, err := signingKey(file)
	if err != nil {
		return nil, err
	}
	return envelope.NewSigner(private)
}

// sealer never repeats what the file holds.
func sealer(file string) (*store.Sealer, error) {
	secret, err := secretFile(file)
	if err != nil {
		return nil, err
	}
	sealing, err := hex.DecodeString(string(secret))
	if err != nil {
		return nil, fmt.Errorf("the sealing key %s is not hex", file)
	}
	return store.NewSealer(sealing)
}

// contractKey refuses a key of another algorithm than the settings name: what
// a deployment must use is not for a leftover file to say.
func contractKey(c config.Config) (*signature.Sealer, error) {
	text, err := os.ReadFile(c.ContractKeyFile)
	if err != nil {
		return nil, fmt.Errorf("reading the key of agreements: %w", err)
	}
	sealer, err := signature.NewSealer(text)
	if err != nil {
		return nil, fmt.Errorf("reading the key of agreements %s: %w", c.ContractKeyFile, err)
	}
	if sealer.Public().Algorithm != c.ContractAlgorithm {
		return nil, fmt.Errorf("the key of agreements %s is %s, LINLI_CONTRACT_ALGORITHM says %s", c.ContractKeyFile, sealer.Public().Algorithm, c.ContractAlgorithm)
	}
	return sealer, nil
}

func signingKey(file string) (ed25519.PrivateKey, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the signing key: %w", err)
	}
	private, err := envelope.ParsePrivate(text)
	if err != nil {
		return nil, fmt.Errorf("reading the signing key: %w", err)
	}
	return private, nil
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
// by their owner only, and names them in the configuration. A key that signs
// acts or agreements and is named there already goes where it says. The public key is written
// beside the others for processes that only verify; after a change of the
// signing key the file keeps the earlier ones.
func NewKeyFiles(folder string, c *config.Config) error {
	private, err := envelope.Generate()
	if err != nil {
		return err
	}
	signing, err := envelope.MarshalPrivate(private)
	if err != nil {
		return err
	}
	c.ContractAlgorithm = cmp.Or(c.ContractAlgorithm, signature.Ed25519)
	agreements, err := signature.Generate(c.ContractAlgorithm)
	if err != nil {
		return err
	}
	c.SigningKeyFile = cmp.Or(c.SigningKeyFile, filepath.Join(folder, "signing.pem"))
	c.ContractKeyFile = cmp.Or(c.ContractKeyFile, filepath.Join(folder, "contract.pem"))
	c.SealKeyFile, c.BankSecretFile = filepath.Join(folder, "seal.key"), filepath.Join(folder, "bank.key")
	c.VerifyKeysFile = filepath.Join(folder, "verify.pem")
	for file, content := range map[string][]byte{
		c.SigningKeyFile: signing, c.ContractKeyFile: agreements, c.SealKeyFile: randomHex(32), c.BankSecretFile: randomHex(32),
	} {
		if err := writeOnce(file, content); err != nil {
			return err
		}
	}
	return publish(c.SigningKeyFile, c.VerifyKeysFile)
}

// publish adds the public half of a signing key to a file that lacks it.
func publish(signing, verify string) error {
	private, err := signingKey(signing)
	if err != nil {
		return err
	}
	public := private.Public().(ed25519.PublicKey)
	var known []ed25519.PublicKey
	if _, err := os.Stat(verify); err == nil {
		if known, err = publicKeys(verify); err != nil {
			return err
		}
	}
	for _, each := range known {
		if each.Equal(public) {
			return nil
		}
	}
	text, err := envelope.MarshalPublic(append(known, public)...)
	if err != nil {
		return err
	}
	fresh := verify + ".new"
	if err := os.WriteFile(fresh, text, 0o600); err != nil {
		return err
	}
	return os.Rename(fresh, verify)
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
