package approval

import (
	"encoding/json"
	"time"
)

// Version is one state of something that is corrected and never overwritten: an
// operator, a space. Content is the row as it was kept.
type Version struct {
	Version int             `json:"version"`
	Content json.RawMessage `json:"content"`
	At      time.Time       `json:"at"`
	By      string          `json:"by"`
}
