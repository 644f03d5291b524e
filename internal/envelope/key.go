package envelope

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

const (
	privateBlock = "PRIVATE KEY" // PKCS #8
	publicBlock  = "PUBLIC KEY"  // PKIX
)

// Generate draws a new signing key.
func Generate() (ed25519.PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	return key, err
}

// MarshalPrivate renders a signing key as PKCS #8 PEM, as OpenSSL reads it.
func MarshalPrivate(key ed25519.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("rendering the signing key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: privateBlock, Bytes: der}), nil
}

// MarshalPublic renders public keys as one PEM text, a block for each.
func MarshalPublic(keys ...ed25519.PublicKey) ([]byte, error) {
	var text []byte
	for _, key := range keys {
		der, err := x509.MarshalPKIXPublicKey(key)
		if err != nil {
			return nil, fmt.Errorf("rendering a public key: %w", err)
		}
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: publicBlock, Bytes: der})...)
	}
	return text, nil
}

// ParsePrivate reads exactly one PKCS #8 block holding an Ed25519 key. Errors
// never quote the text.
func ParsePrivate(text []byte) (ed25519.PrivateKey, error) {
	block, rest := pem.Decode(text)
	if block == nil || block.Type != privateBlock {
		return nil, errors.New("the signing key is not a PEM block PRIVATE KEY")
	}
	if next, _ := pem.Decode(rest); next != nil {
		return nil, errors.New("the signing key file holds more than one block")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("the signing key is not PKCS #8")
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, errors.New("the signing key is not an Ed25519 key")
	}
	return key, nil
}

// ParsePublic reads one or more PKIX blocks holding Ed25519 keys: the key in
// use and those retired by rotation.
func ParsePublic(text []byte) ([]ed25519.PublicKey, error) {
	var keys []ed25519.PublicKey
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != publicBlock {
			return nil, fmt.Errorf("a PEM block %q stands among the public keys", block.Type)
		}
		parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("reading public key %d: %w", len(keys)+1, err)
		}
		key, ok := parsed.(ed25519.PublicKey)
		if !ok {
			return nil, fmt.Errorf("public key %d is not an Ed25519 key", len(keys)+1)
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, errors.New("no PEM block PUBLIC KEY found")
	}
	return keys, nil
}
