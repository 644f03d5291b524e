package envelope

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"linli/approval"
)

// key is fixed so that a failure repeats.
func key(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

func signed(t *testing.T, k ed25519.PrivateKey) (string, approval.Claims) {
	t.Helper()
	act := approval.Act{
		ID: "p_1/k1", CaseID: "c1", TaskID: "c1.committee.1.chair", Action: approval.Approve, Comment: "同意",
		Person:      approval.Person{ID: "p_1", Grants: []approval.Grant{{Role: approval.CommitteeMember, Scope: "370300"}}},
		ContentHash: strings.Repeat("a", 64),
	}
	claims := approval.Claims{
		ID: act.ID, Person: act.Person, CaseID: act.CaseID, TaskID: act.TaskID, Action: act.Action, ContentHash: act.ContentHash,
		BodyHash: act.BodyHash(), IssuedAt: time.Date(2026, 3, 2, 1, 2, 3, 0, time.UTC), Authenticated: "password",
	}
	signer, err := NewSigner(k)
	if err != nil {
		t.Fatal(err)
	}
	text, err := signer.Sign(claims)
	if err != nil {
		t.Fatal(err)
	}
	act.Envelope = text
	if err := claims.Match(act); err != nil {
		t.Fatalf("the claims do not fit their own act: %v", err)
	}
	return text, claims
}

func verifier(t *testing.T, keys ...ed25519.PrivateKey) *Verifier {
	t.Helper()
	var publics []ed25519.PublicKey
	for _, k := range keys {
		publics = append(publics, k.Public().(ed25519.PublicKey))
	}
	v, err := NewVerifier(publics...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestRoundTripAndRotation(t *testing.T) {
	both := verifier(t, key(1), key(2))
	for n := byte(1); n <= 2; n++ {
		text, want := signed(t, key(n))
		claims, err := both.Verify(text)
		if err != nil {
			t.Fatalf("key %d: %v", n, err)
		}
		if diff := cmp.Diff(want, claims); diff != "" {
			t.Errorf("key %d: claims changed on the way (-signed +read):\n%s", n, diff)
		}
	}
	text, _ := signed(t, key(3))
	if _, err := both.Verify(text); approval.CodeOf(err) != approval.BadEnvelope {
		t.Errorf("an unknown key passed: %v", err)
	}
}

func TestEveryChangedByteIsRefused(t *testing.T) {
	text, _ := signed(t, key(1))
	v := verifier(t, key(1))
	for i := range len(text) {
		for _, b := range []byte{text[i] ^ 1, 'A', '_', '.', '=', '\n', 0} {
			if b == text[i] {
				continue
			}
			changed := text[:i] + string(rune(b)) + text[i+1:]
			if _, err := v.Verify(changed); approval.CodeOf(err) != approval.BadEnvelope {
				t.Fatalf("byte %d changed from %q to %q: err = %v", i, text[i], b, err)
			}
		}
		if _, err := v.Verify(text[:i]); approval.CodeOf(err) != approval.BadEnvelope {
			t.Fatalf("cut at %d passed", i)
		}
		if _, err := v.Verify(text[:i] + "\n" + text[i:]); approval.CodeOf(err) != approval.BadEnvelope {
			t.Fatalf("a line break at %d passed", i)
		}
	}
}

func TestForeignHeadersAreRefused(t *testing.T) {
	text, claims := signed(t, key(1))
	v := verifier(t, key(1))
	parts := strings.Split(text, ".")
	encode := base64.RawURLEncoding.EncodeToString
	public := key(1).Public().(ed25519.PublicKey)
	none := encode([]byte(`{"alg":"none","kid":"`+KeyID(public)+`","typ":"`+Type+`"}`)) + "." + parts[1] + "."
	payload := approval.CanonicalJSON(claims)
	withUnknown := append(bytes.TrimSuffix(bytes.Clone(payload), []byte("}")), []byte(`,"admin":true}`)...)
	cases := map[string]string{
		"alg none":           none,
		"HMAC by public key": sign(t, jose.HS256, []byte(public), payload, Type, KeyID(public), nil),
		"no type":            sign(t, jose.EdDSA, key(1), payload, "", KeyID(public), nil),
		"another type":       sign(t, jose.EdDSA, key(1), payload, "JWT", KeyID(public), nil),
		"no key id":          sign(t, jose.EdDSA, key(1), payload, Type, "", nil),
		"further header":     sign(t, jose.EdDSA, key(1), payload, Type, KeyID(public), map[string]any{"cty": "x"}),
		"key of another id":  sign(t, jose.EdDSA, key(2), payload, Type, KeyID(public), nil),
		"unknown claim":      sign(t, jose.EdDSA, key(1), withUnknown, Type, KeyID(public), nil),
		"two JSON values":    sign(t, jose.EdDSA, key(1), append(bytes.Clone(payload), []byte(" {}")...), Type, KeyID(public), nil),
		"not JSON":           sign(t, jose.EdDSA, key(1), []byte("hello"), Type, KeyID(public), nil),
		"empty":              "",
		"huge":               strings.Repeat("A", maxSize) + ".A.A",
	}
	for name, envelope := range cases {
		if _, err := v.Verify(envelope); approval.CodeOf(err) != approval.BadEnvelope {
			t.Errorf("%s: err = %v", name, err)
		}
	}
	// The same road with the right header does pass: the refusals above are not by accident.
	if _, err := v.Verify(sign(t, jose.EdDSA, key(1), payload, Type, KeyID(public), nil)); err != nil {
		t.Errorf("the well-formed one: %v", err)
	}
}

func sign(t *testing.T, alg jose.SignatureAlgorithm, k any, payload []byte, typ, kid string, extra map[string]any) string {
	t.Helper()
	options := &jose.SignerOptions{}
	if typ != "" {
		options.WithType(jose.ContentType(typ))
	}
	if kid != "" {
		options.WithHeader("kid", kid)
	}
	for name, value := range extra {
		options.WithHeader(jose.HeaderKey(name), value)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: k}, options)
	if err != nil {
		t.Fatal(err)
	}
	object, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	text, err := object.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestPEM(t *testing.T) {
	fresh, err := Generate()
	if err != nil {
		t.Fatal(err)
	}
	text, err := MarshalPrivate(fresh)
	if err != nil {
		t.Fatal(err)
	}
	back, err := ParsePrivate(text)
	if err != nil || !back.Equal(fresh) {
		t.Fatalf("private key did not come back: %v", err)
	}
	publics, err := MarshalPublic(key(1).Public().(ed25519.PublicKey), fresh.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := ParsePublic(publics)
	if err != nil || len(keys) != 2 || !keys[1].Equal(fresh.Public()) {
		t.Fatalf("public keys did not come back: %v", err)
	}
	if _, err := ParsePublic(text); err == nil {
		t.Error("a private key passed as public")
	}
	for name, bad := range map[string][]byte{"empty": nil, "public": publics, "twice": append(bytes.Clone(text), text...), "junk": []byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")} {
		if _, err := ParsePrivate(bad); err == nil {
			t.Errorf("%s passed as a signing key", name)
		} else if strings.Contains(err.Error(), "AAAA") {
			t.Errorf("%s: the error quotes the key", name)
		}
	}
	if _, err := NewVerifier(); err == nil {
		t.Error("a verifier without keys would refuse nothing in a useful way")
	}
}

// An audit reads envelopes with other tools: the claims are plain JSON.
func TestPayloadIsPlainJSON(t *testing.T) {
	text, claims := signed(t, key(1))
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(text, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(raw, &fields); err != nil {
		t.Fatal(err)
	}
	if fields["jti"] != claims.ID || fields["body_hash"] != claims.BodyHash {
		t.Errorf("claims = %v", fields)
	}
}
