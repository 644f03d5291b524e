package approval

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// RuleSet is one published version of a district's rules; it never changes. A
// set of a higher scope is in force where no nearer one is.
type RuleSet struct {
	RulePin
	Scope         Scope     `json:"scope"`
	Procedure     string    `json:"procedure"`
	Source        string    `json:"source"`              // the YAML text; see RuleHash
	BaseHash      string    `json:"base_hash,omitempty"` // the city baseline it was checked against; "" for a baseline
	EffectiveFrom time.Time `json:"effective_from"`
	PublishedBy   string    `json:"published_by"`
	PublishedAt   time.Time `json:"published_at"`
}

// RuleHash is what a pin names: the SHA-256 of a baseline's text; of a
// district's, of the baseline's hash, a line feed and the text, so that the pin
// fixes both files.
func RuleHash(source, baseHash string) string {
	if baseHash != "" {
		source = baseHash + "\n" + source
	}
	sum := sha256.Sum256([]byte(source))
	return hex.EncodeToString(sum[:])
}
