package envelope

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"linli/approval"
)

// Type is the "typ" header: it keeps a token signed with the same key for
// another purpose from passing as an act.
const Type = "linli-act+jws"

// maxSize bounds what is parsed before anything is verified.
const maxSize = 64 << 10

// Signer signs with one key. It is safe for concurrent use.
type Signer struct {
	signer jose.Signer
	public ed25519.PublicKey
}

// NewSigner uses a private key from Generate or ParsePrivate.
func NewSigner(key ed25519.PrivateKey) (*Signer, error) {
	if len(key) != ed25519.PrivateKeySize {
		return nil, errors.New("the signing key is not an Ed25519 private key")
	}
	public := key.Public().(ed25519.PublicKey)
	options := (&jose.SignerOptions{}).WithType(Type).WithHeader("kid", KeyID(public))
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.EdDSA, Key: key}, options)
	if err != nil {
		return nil, fmt.Errorf("preparing the envelope signer: %w", err)
	}
	return &Signer{signer: signer, public: public}, nil
}

// Public is the key a verifier needs.
func (s *Signer) Public() ed25519.PublicKey { return s.public }

// Sign returns the envelope; equal claims give the same text.
func (s *Signer) Sign(claims approval.Claims) (string, error) {
	signed, err := s.signer.Sign(approval.CanonicalJSON(claims))
	if err != nil {
		return "", fmt.Errorf("signing act %s: %w", claims.ID, err)
	}
	return signed.CompactSerialize()
}

// Verifier knows every public key acts were ever signed with.
type Verifier struct {
	keys map[string]ed25519.PublicKey
}

// NewVerifier needs at least one key; the same key may be given twice.
func NewVerifier(keys ...ed25519.PublicKey) (*Verifier, error) {
	if len(keys) == 0 {
		return nil, errors.New("no public key to verify envelopes with")
	}
	v := &Verifier{keys: map[string]ed25519.PublicKey{}}
	for _, key := range keys {
		if len(key) != ed25519.PublicKeySize {
			return nil, errors.New("an envelope key is not an Ed25519 public key")
		}
		v.keys[KeyID(key)] = key
	}
	return v, nil
}

// Verify returns the claims of an authentic envelope, or a refusal with code
// BadEnvelope whose wrapped cause is for the log.
func (v *Verifier) Verify(envelope string) (approval.Claims, error) {
	payload, err := v.authentic(envelope)
	if err != nil {
		return approval.Claims{}, refuse(err)
	}
	var claims approval.Claims
	decoder := json.NewDecoder(bytes.NewReader(payload))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&claims); err != nil {
		return approval.Claims{}, refuse(fmt.Errorf("reading the claims: %w", err))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return approval.Claims{}, refuse(errors.New("bytes follow the claims"))
	}
	return claims, nil
}

func (v *Verifier) authentic(envelope string) ([]byte, error) {
	if err := canonical(envelope); err != nil {
		return nil, err
	}
	signed, err := jose.ParseSignedCompact(envelope, []jose.SignatureAlgorithm{jose.EdDSA})
	if err != nil {
		return nil, fmt.Errorf("parsing: %w", err)
	}
	header := signed.Signatures[0].Protected
	if header.ExtraHeaders[jose.HeaderType] != Type || len(header.ExtraHeaders) != 1 || header.JSONWebKey != nil || header.Nonce != "" {
		return nil, errors.New("the header is not that of an act")
	}
	key, known := v.keys[header.KeyID]
	if !known {
		return nil, fmt.Errorf("unknown key %q", header.KeyID)
	}
	return signed.Verify(key)
}

// canonical refuses what base64 decoders forgive: padding bits that are not
// zero and line breaks would give one signature many texts.
func canonical(envelope string) error {
	parts := strings.Split(envelope, ".")
	if len(envelope) > maxSize || len(parts) != 3 {
		return errors.New("not a compact JWS of reasonable size")
	}
	for _, part := range parts {
		raw, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil || base64.RawURLEncoding.EncodeToString(raw) != part {
			return errors.New("not canonical base64url")
		}
	}
	return nil
}

// KeyID is the RFC 7638 thumbprint of the key, so that anybody holding the key
// can tell which envelopes it signed.
func KeyID(key ed25519.PublicKey) string {
	thumbprint, err := (&jose.JSONWebKey{Key: key}).Thumbprint(crypto.SHA256)
	if err != nil {
		panic("envelope: thumbprint of an Ed25519 key: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(thumbprint)
}

func refuse(cause error) error {
	refusal := approval.Errorf(approval.BadEnvelope, "签名信封无效。", "The signed envelope is not valid.")
	return fmt.Errorf("%w (%w)", refusal, cause)
}
