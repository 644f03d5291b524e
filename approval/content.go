package approval

import (
	"encoding/json"
	"fmt"
)

// Content is one version of what a case decides on, of whatever procedure: its
// canonical JSON and the hash of it that every decision names.
type Content struct {
	Hash string          `json:"hash"`
	JSON json.RawMessage `json:"json"`
}

// ContentOf fixes a procedure's matter, such as a proposal.
func ContentOf(matter any) Content {
	return Content{Hash: ContentHash(matter), JSON: CanonicalJSON(matter)}
}

// Read decodes the content into matter. Content that is no longer what its
// hash says is a fault.
func (c Content) Read(matter any) error {
	if err := json.Unmarshal(c.JSON, matter); err != nil {
		return fmt.Errorf("reading the content %s: %w", c.Hash, err)
	}
	if ContentHash(matter) != c.Hash {
		return fmt.Errorf("the stored content %s does not match its hash", c.Hash)
	}
	return nil
}
