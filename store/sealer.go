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

// Sealer keeps account numbers unreadable at rest: AES-256-GCM bound to the
// payee, and a keyed digest to recognise a number without reading it. Losing
// its key loses the numbers.
type Sealer struct {
	aead      cipher.AEAD
	digestKey []byte
}

const (
	sealKeySize = 32
	sealVersion = 1 // first byte of what is sealed, for the day the key or the cipher changes
)

// NewSealer takes the deployment's 32-byte key and derives from it one key to
// encrypt with and one to digest with.
func NewSealer(key []byte) (*Sealer, error) {
	if len(key) != sealKeySize {
		return nil, fmt.Errorf("the account key has %d bytes, it needs %d", len(key), sealKeySize)
	}
	encryption, err := hkdf.Key(sha256.New, key, nil, "linli payee account encryption", sealKeySize)
	if err != nil {
		return nil, fmt.Errorf("deriving the encryption key: %w", err)
	}
	digest, err := hkdf.Key(sha256.New, key, nil, "linli payee account digest", sealKeySize)
	if err != nil {
		return nil, fmt.Errorf("deriving the digest key: %w", err)
	}
	block, err := aes.NewCipher(encryption)
	if err != nil {
		return nil, fmt.Errorf("preparing the cipher: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("preparing the cipher: %w", err)
	}
	return &Sealer{aead: aead, digestKey: digest}, nil
}

// Sealing is the same store with the right to seal and open account numbers.
// Only a worker's store can read what is sealed.
func (s *Store) Sealing(sealer *Sealer) *Store {
	sealing := *s
	sealing.sealer = sealer
	return &sealing
}

// seal binds the number to the payee: copied to another row it does not open.
func (s *Sealer) seal(payeeID string, account funduse.AccountNumber) []byte {
	return append([]byte{sealVersion}, s.aead.Seal(nil, nil, []byte(account.Reveal()), []byte(payeeID))...)
}

func (s *Sealer) open(payeeID string, sealed []byte) (funduse.AccountNumber, error) {
	if len(sealed) == 0 || sealed[0] != sealVersion {
		return funduse.AccountNumber{}, errors.New("the account number was sealed in an unknown way")
	}
	plain, err := s.aead.Open(nil, nil, sealed[1:], []byte(payeeID))
	if err != nil {
		return funduse.AccountNumber{}, fmt.Errorf("opening the account number of %s: %w", payeeID, err)
	}
	return funduse.ParseAccount(string(plain))
}

// Digest recognises the same account again; it cannot be tried out without the key.
func (s *Sealer) Digest(account funduse.AccountNumber) string {
	mac := hmac.New(sha256.New, s.digestKey)
	mac.Write([]byte(account.Reveal()))
	return hex.EncodeToString(mac.Sum(nil))
}
