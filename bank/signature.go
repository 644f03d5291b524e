package bank

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Every request to the bank and every callback from it carries
//
//	Bank-Signature: t=<unix seconds>,n=<32 hex: nonce>,v1=<64 hex: HMAC-SHA256>
//
// The HMAC is taken, with the shared secret, over these lines joined by "\n":
//
//	linli-bank-v1
//	request | callback
//	<method>
//	<path, with ? and query if any, as sent>
//	<unix seconds>
//	<nonce>
//	<hex SHA-256 of the body>
//	<Idempotency-Key header, or nothing>
//
// A signature is refused if its time is more than Window away from the
// reader's clock, and by the bank if its nonce was seen before. A proxy that
// rewrites the path breaks the signature: that is meant.
const (
	SignatureHeader = "Bank-Signature"
	KeyHeader       = "Idempotency-Key"
)

// Window is how far the two clocks may differ, delivery time included.
const Window = 5 * time.Minute

// ShortestSecret, in bytes, keeps a placeholder from guarding money.
const ShortestSecret = 16

// Direction keeps a request from being sent back as a callback.
type Direction string

// The two directions of a signed message.
const (
	Request  Direction = "request"
	Callback Direction = "callback"
)

// Signature is the parsed Bank-Signature header.
type Signature struct {
	At    time.Time // whole seconds
	Nonce string    // 32 lower-case hex digits
	MAC   [sha256.Size]byte
}

// String is the one spelling ParseSignature takes.
func (s Signature) String() string {
	return fmt.Sprintf("t=%d,n=%s,v1=%x", s.At.Unix(), s.Nonce, s.MAC)
}

// ParseSignature takes exactly the documented spelling: order, lower case and
// length count, so that one signature has one text.
func ParseSignature(header string) (Signature, error) {
	parts := strings.Split(header, ",")
	if len(parts) != 3 {
		return Signature{}, errors.New("the signature has not the form t=…,n=…,v1=…")
	}
	stamp, stamped := strings.CutPrefix(parts[0], "t=")
	nonce, named := strings.CutPrefix(parts[1], "n=")
	mac, signed := strings.CutPrefix(parts[2], "v1=")
	if !stamped || !named || !signed {
		return Signature{}, errors.New("the signature has not the form t=…,n=…,v1=…")
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || strconv.FormatInt(seconds, 10) != stamp || seconds < 0 || seconds > 1<<40 {
		return Signature{}, errors.New("the signature's time is not a number of seconds")
	}
	sum, err := lowerHex(mac, sha256.Size)
	if err != nil {
		return Signature{}, fmt.Errorf("reading the signature's code: %w", err)
	}
	if _, err := lowerHex(nonce, 16); err != nil {
		return Signature{}, fmt.Errorf("reading the signature's nonce: %w", err)
	}
	return Signature{At: time.Unix(seconds, 0).UTC(), Nonce: nonce, MAC: [sha256.Size]byte(sum)}, nil
}

func lowerHex(text string, size int) ([]byte, error) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != size || hex.EncodeToString(raw) != text {
		return nil, fmt.Errorf("not %d lower-case hex digits", 2*size)
	}
	return raw, nil
}

// Signer signs and verifies the messages of one direction.
type Signer struct {
	Secret    []byte // at least 16 bytes
	Direction Direction
	Now       func() time.Time // nil means time.Now
}

// Sign sets the signature header with a fresh nonce. The request must already
// carry its final URL and idempotency key, and body must be what is sent.
func (s Signer) Sign(r *http.Request, body []byte) error {
	if len(s.Secret) < ShortestSecret {
		return fmt.Errorf("the bank secret is shorter than %d bytes", ShortestSecret)
	}
	var nonce [16]byte
	if _, err := rand.Read(nonce[:]); err != nil {
		return fmt.Errorf("drawing a nonce: %w", err)
	}
	signature := Signature{At: s.now().Truncate(time.Second), Nonce: hex.EncodeToString(nonce[:])}
	signature.MAC = s.mac(r, body, signature)
	r.Header.Set(SignatureHeader, signature.String())
	return nil
}

// Verify returns the signature of an authentic, timely message, or an *Error
// of kind BadSignature. Whether the nonce is fresh is for the reader to say.
func (s Signer) Verify(r *http.Request, body []byte) (Signature, error) {
	refuse := func(format string, args ...any) (Signature, error) {
		return Signature{}, &Error{Kind: BadSignature, Doing: "verifying a bank " + string(s.Direction), Err: fmt.Errorf(format, args...)}
	}
	if len(s.Secret) < ShortestSecret {
		return refuse("the bank secret is shorter than %d bytes", ShortestSecret)
	}
	headers := r.Header.Values(SignatureHeader)
	if len(headers) != 1 || len(r.Header.Values(KeyHeader)) > 1 {
		return refuse("want one %s header and at most one %s", SignatureHeader, KeyHeader)
	}
	signature, err := ParseSignature(headers[0])
	if err != nil {
		return refuse("%w", err)
	}
	want := s.mac(r, body, signature)
	if !hmac.Equal(want[:], signature.MAC[:]) {
		return refuse("the signature does not fit the message")
	}
	if off := s.now().Sub(signature.At); off > Window || off < -Window {
		return refuse("the message was signed %s away from this clock, more than %s", off.Round(time.Second), Window)
	}
	return signature, nil
}

func (s Signer) mac(r *http.Request, body []byte, signature Signature) [sha256.Size]byte {
	bodySum := sha256.Sum256(body)
	code := hmac.New(sha256.New, s.Secret)
	code.Write([]byte(strings.Join([]string{
		"linli-bank-v1",
		string(s.Direction),
		r.Method,
		r.URL.RequestURI(),
		strconv.FormatInt(signature.At.Unix(), 10),
		signature.Nonce,
		hex.EncodeToString(bodySum[:]),
		r.Header.Get(KeyHeader),
	}, "\n")))
	return [sha256.Size]byte(code.Sum(nil))
}

func (s Signer) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}

// VerifyCallback returns the receipt of an authentic callback; body is the
// whole body already read from r. Callbacks come late, doubled and out of
// order: keep the first final receipt of a key and ignore what follows. The
// error is an *Error of kind BadSignature or BadReceipt.
func VerifyCallback(secret []byte, r *http.Request, body []byte) (Receipt, error) {
	if _, err := (Signer{Secret: secret, Direction: Callback}).Verify(r, body); err != nil {
		return Receipt{}, err
	}
	var receipt Receipt
	err := json.Unmarshal(body, &receipt)
	if err == nil {
		err = receipt.wellFormed()
	}
	if err == nil && r.Header.Get(KeyHeader) != receipt.Key {
		err = fmt.Errorf("the %s header and the receipt name different keys", KeyHeader)
	}
	if err != nil {
		return Receipt{}, &Error{Kind: BadReceipt, Doing: "reading a bank callback", Key: receipt.Key, Err: err}
	}
	return receipt, nil
}
