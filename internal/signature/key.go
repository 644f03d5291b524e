package signature

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"

	"linli/approval/contract"
)

// The algorithms by the names settings and files know them.
const (
	Ed25519 = "Ed25519"
	SM2     = "SM2" // over SM3, with the usual identifier of GB/T 35276
)

// Algorithms lists them, the usual one first.
var Algorithms = []string{Ed25519, SM2}

const (
	privateBlock = "PRIVATE KEY"
	publicBlock  = "PUBLIC KEY"
)

// Generate makes a new private key as PEM (PKCS #8).
func Generate(algorithm string) ([]byte, error) {
	var private any
	var err error
	switch algorithm {
	case Ed25519:
		_, private, err = ed25519.GenerateKey(rand.Reader)
	case SM2:
		private, err = sm2.GenerateKey(rand.Reader)
	default:
		return nil, fmt.Errorf("there is no algorithm %q: want one of %v", algorithm, Algorithms)
	}
	if err != nil {
		return nil, fmt.Errorf("making an %s key: %w", algorithm, err)
	}
	der, err := smx509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, fmt.Errorf("writing an %s key: %w", algorithm, err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: privateBlock, Bytes: der}), nil
}

// Sealer seals with one private key. It is safe for concurrent use.
type Sealer struct {
	public contract.PublicKey
	sign   func(message []byte) ([]byte, error)
}

// NewSealer reads a private key made by Generate.
func NewSealer(text []byte) (*Sealer, error) {
	block, rest := pem.Decode(text)
	if block == nil || block.Type != privateBlock || len(bytes.TrimSpace(rest)) > 0 {
		return nil, errors.New("want one private key in PEM")
	}
	private, err := smx509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("the private key cannot be read") // without the cause: it could quote the key
	}
	switch key := private.(type) {
	case ed25519.PrivateKey:
		public, err := describe(Ed25519, key.Public())
		return &Sealer{public: public, sign: func(message []byte) ([]byte, error) { return ed25519.Sign(key, message), nil }}, err
	case *sm2.PrivateKey:
		public, err := describe(SM2, &key.PublicKey)
		return &Sealer{public: public, sign: func(message []byte) ([]byte, error) { return key.SignWithSM2(rand.Reader, nil, message) }}, err
	}
	return nil, fmt.Errorf("the private key is neither %s nor %s", Ed25519, SM2)
}

// Public is what the seals are verified with.
func (s *Sealer) Public() contract.PublicKey { return s.public }

// Seal signs the statement. SM2 gives another value every time.
func (s *Sealer) Seal(statement []byte) (contract.Seal, error) {
	value, err := s.sign(statement)
	if err != nil {
		return contract.Seal{}, fmt.Errorf("sealing with %s: %w", s.public.Algorithm, err)
	}
	return contract.Seal{
		Statement: string(statement), Algorithm: s.public.Algorithm, Key: s.public.ID, Value: base64.StdEncoding.EncodeToString(value),
	}, nil
}

// Key verifies seals.
type Key struct {
	contract.PublicKey
	verify func(message, value []byte) bool
}

// ParsePublic reads any number of public keys in PEM.
func ParsePublic(text []byte) ([]Key, error) {
	var keys []Key
	for len(bytes.TrimSpace(text)) > 0 {
		block, rest := pem.Decode(text)
		if block == nil || block.Type != publicBlock {
			return nil, errors.New("want public keys in PEM")
		}
		key, err := parsePublic(block.Bytes)
		if err != nil {
			return nil, err
		}
		keys, text = append(keys, key), rest
	}
	if len(keys) == 0 {
		return nil, errors.New("there is no public key")
	}
	return keys, nil
}

func parsePublic(der []byte) (Key, error) {
	parsed, err := smx509.ParsePKIXPublicKey(der)
	if err != nil {
		return Key{}, fmt.Errorf("reading a public key: %w", err)
	}
	switch public := parsed.(type) {
	case ed25519.PublicKey:
		known, err := describe(Ed25519, public)
		return Key{PublicKey: known, verify: func(message, value []byte) bool { return ed25519.Verify(public, message, value) }}, err
	case *ecdsa.PublicKey:
		if sm2.IsSM2PublicKey(public) {
			known, err := describe(SM2, public)
			return Key{PublicKey: known, verify: func(message, value []byte) bool { return sm2.VerifyASN1WithSM2(public, nil, message, value) }}, err
		}
	}
	return Key{}, fmt.Errorf("a public key is neither %s nor %s", Ed25519, SM2)
}

// describe names a public key by the hash of its encoding.
func describe(algorithm string, public any) (contract.PublicKey, error) {
	der, err := smx509.MarshalPKIXPublicKey(public)
	if err != nil {
		return contract.PublicKey{}, fmt.Errorf("writing a public key: %w", err)
	}
	sum := sha256.Sum256(der)
	return contract.PublicKey{
		ID: hex.EncodeToString(sum[:16]), Algorithm: algorithm, Public: string(pem.EncodeToMemory(&pem.Block{Type: publicBlock, Bytes: der})),
	}, nil
}

// vouches reports whether the seal is the key's, over its statement.
func (k Key) vouches(seal contract.Seal) bool {
	value, err := base64.StdEncoding.Strict().DecodeString(seal.Value)
	return err == nil && seal.Algorithm == k.Algorithm && k.verify([]byte(seal.Statement), value)
}
