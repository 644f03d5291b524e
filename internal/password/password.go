// Package password hashes and checks passwords with argon2id. It decides the
// cost in one place and never sees where hashes are kept; what makes a good
// password is approval.CheckPassword's matter.
package password

import (
	"fmt"

	"github.com/alexedwards/argon2id"
)

// OWASP's first recommendation for argon2id: 19 MiB, two passes, one lane. A
// stored hash carries its own parameters, so raising these spares old hashes.
var cost = &argon2id.Params{Memory: 19 << 10, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// nobody is compared for accounts that do not exist, so that the time taken
// does not tell.
const nobody = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// Hash makes a salted hash to store.
func Hash(plain string) (string, error) {
	hash, err := argon2id.CreateHash(plain, cost)
	if err != nil {
		return "", fmt.Errorf("hashing a password: %w", err)
	}
	return hash, nil
}

// Matches compares in constant time; an empty hash costs as much as a real
// one and never matches.
func Matches(plain, hash string) (bool, error) {
	known := hash != ""
	if !known {
		hash = nobody
	}
	match, err := argon2id.ComparePasswordAndHash(plain, hash)
	if err != nil {
		return false, fmt.Errorf("comparing a password: %w", err)
	}
	return match && known, nil
}
