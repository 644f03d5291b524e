package approval

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// ContentHash is the lower-case hex SHA-256 of v's canonical JSON: sorted
// keys, no spaces, integers only (RFC 8785 for the types Linli hashes). Two
// values hash alike exactly when they are the same content. It panics on a
// value JSON cannot carry, which is a programming error.
func ContentHash(v any) string {
	sum := sha256.Sum256(CanonicalJSON(v))
	return hex.EncodeToString(sum[:])
}

// CanonicalJSON renders v with sorted keys and no insignificant space.
func CanonicalJSON(v any) []byte {
	plain, err := json.Marshal(v)
	if err != nil {
		panic("approval: hashing what JSON cannot carry: " + err.Error())
	}
	decoder := json.NewDecoder(bytes.NewReader(plain))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		panic("approval: re-reading own JSON: " + err.Error())
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(tree); err != nil {
		panic("approval: rendering own JSON: " + err.Error())
	}
	return bytes.TrimRight(out.Bytes(), "\n")
}
