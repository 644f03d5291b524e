// Package totp makes and checks time-based one-time codes (动态口令, RFC 6238):
// six digits, SHA-1, thirty seconds, as every authenticator app has them.
//
// It tells at which step a code was right and nothing more: that a step counts
// once, how many guesses there are and who may enrol is decided by its callers.
package totp

import (
	"fmt"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
)

const (
	period = 30 * time.Second
	// skew is how many steps a clock may be off, either way.
	skew = 1
)

// New makes a secret (base32) for an account, and the address an authenticator
// app reads it from.
func New(account string) (secret, uri string, err error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Linli", AccountName: account, SecretSize: 20})
	if err != nil {
		return "", "", fmt.Errorf("making a secret for one-time codes: %w", err)
	}
	return key.Secret(), key.URL(), nil
}

// Step is the step of time the code belongs to; right is false for a code that
// fits no step near now.
func Step(secret, code string, now time.Time) (step int64, right bool) {
	current := now.Unix() / int64(period/time.Second)
	for step := current - skew; step <= current+skew; step++ {
		if ok, err := hotp.ValidateCustom(code, uint64(step), secret, hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}); err == nil && ok {
			return step, true
		}
	}
	return 0, false
}

// Code is what an authenticator shows at a time.
func Code(secret string, at time.Time) (string, error) { return totp.GenerateCode(secret, at) }
