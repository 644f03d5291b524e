package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"linli/approval/funduse"
)

// Sealer keeps account numbers and secrets of one-time codes unreadable at
// rest: AES-256-GCM bound to the row, a key for each purpose, and a keyed digest
// to recognise a number without reading it. Losing its key loses both.
type Sealer struct {
	accounts  cipher.AEAD
	secrets   cipher.AEAD
	digestKey []byte
}

const (
	sealKeySize = 32
	sealVersion = 1 // first byte of what is sealed, for the day the key or the cipher changes
)

// NewSealer takes the deployment's 32-byte key and derives from it one key per
// purpose.
func NewSealer(key []byte) (sealer *Sealer, err error) {
	if len(key) != sealKeySize {
		return nil, fmt.Errorf("the sealing key has %d bytes, it needs %d", len(key), sealKeySize)
	}
	sealer = &Sealer{}
	if sealer.accounts, err = aeadFor(key, "linli payee account encryption"); err != nil {
		return nil, err
	}
	if sealer.secrets, err = aeadFor(key, "linli one-time code encryption"); err != nil {
		return nil, err
	}
	if sealer.digestKey, err = hkdf.Key(sha256.New, key, nil, "linli payee account digest", sealKeySize); err != nil {
		return nil, fmt.Errorf("deriving the digest key: %w", err)
	}
	return sealer, nil
}

func aeadFor(key []byte, purpose string) (cipher.AEAD, error) {
	derived, err := hkdf.Key(sha256.New, key, nil, purpose, sealKeySize)
	if err != nil {
		return nil, fmt.Errorf("deriving the key for %s: %w", purpose, err)
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return nil, fmt.Errorf("preparing the cipher: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Sealing is the same store with the right to seal and open. Only a worker's
// store can read sealed account numbers, only the API's sealed secrets.
func (s *Store) Sealing(sealer *Sealer) *Store {
	sealing := *s
	sealing.sealer = sealer
	return &sealing
}

// seal binds the number to the payee: copied to another row it does not open.
func (s *Sealer) seal(payeeID string, account funduse.AccountNumber) []byte {
	return sealed(s.accounts, payeeID, account.Reveal())
}

func (s *Sealer) open(payeeID string, closed []byte) (funduse.AccountNumber, error) {
	plain, err := unsealed(s.accounts, payeeID, closed)
	if err != nil {
		return funduse.AccountNumber{}, fmt.Errorf("opening the account number of %s: %w", payeeID, err)
	}
	return funduse.ParseAccount(plain)
}

func (s *Sealer) sealSecret(id, secret string) []byte { return sealed(s.secrets, id, secret) }

func (s *Sealer) openSecret(id string, closed []byte) (string, error) {
	plain, err := unsealed(s.secrets, id, closed)
	if err != nil {
		return "", fmt.Errorf("opening the secret %s: %w", id, err)
	}
	return plain, nil
}

func sealed(aead cipher.AEAD, row, plain string) []byte {
	return append([]byte{sealVersion}, aead.Seal(nil, nil, []byte(plain), []byte(row))...)
}

func unsealed(aead cipher.AEAD, row string, closed []byte) (string, error) {
	if len(closed) == 0 || closed[0] != sealVersion {
		return "", errors.New("sealed in an unknown way")
	}
	plain, err := aead.Open(nil, nil, closed[1:], []byte(row))
	return string(plain), err
}

// Digest recognises the same account again; it cannot be tried out without the key.
func (s *Sealer) Digest(account funduse.AccountNumber) string {
	mac := hmac.New(sha256.New, s.digestKey)
	mac.Write([]byte(account.Reveal()))
	return hex.EncodeToString(mac.Sum(nil))
}
