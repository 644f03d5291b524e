package approval

import "time"

// RuleSet is one published version of a district's rules; it never changes. A
// set of a higher scope is in force where no nearer one is.
type RuleSet struct {
	RulePin
	Scope         Scope     `json:"scope"`
	Procedure     string    `json:"procedure"`
	Source        string    `json:"source"`              // the YAML text; its SHA-256 is the pin's hash
	BaseHash      string    `json:"base_hash,omitempty"` // the city baseline it was checked against; "" for a baseline
	EffectiveFrom time.Time `json:"effective_from"`
	PublishedBy   string    `json:"published_by"`
	PublishedAt   time.Time `json:"published_at"`
}
