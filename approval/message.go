package approval

import "time"

// MessageView is a message as its reader finds it.
type MessageView struct {
	ID     string    `json:"id"`
	CaseID string    `json:"case_id"`
	Kind   string    `json:"kind"` // task, reminder, escalation, copy, outcome
	TaskID string    `json:"task_id,omitempty"`
	Text   Text      `json:"text"`
	At     time.Time `json:"at"`
}
