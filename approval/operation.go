package approval

import (
	"encoding/json"
	"time"
)

// OperationStatus is how far a keyed write has come.
type OperationStatus string

// A write is pending until its one answer is stored; both other states are
// final.
const (
	OperationPending OperationStatus = "pending"
	OperationDone    OperationStatus = "done"
	OperationRefused OperationStatus = "refused"
)

// Operation is one keyed write: whoever repeats it with the same key and body
// gets the stored answer, with another body a refusal.
type Operation struct {
	ID         string          `json:"id"`
	Actor      string          `json:"-"`
	Key        string          `json:"key"`
	Name       string          `json:"operation"`
	BodyHash   string          `json:"-"`
	Kind       string          `json:"-"` // names who delivers it again; "" for a plain write
	Payload    json.RawMessage `json:"-"` // what a second delivery needs
	Status     OperationStatus `json:"status"`
	HTTPStatus int             `json:"http_status,omitempty"`
	Answer     json.RawMessage `json:"answer,omitempty"`
	Attempts   int             `json:"-"`
	CreatedAt  time.Time       `json:"created_at"`
	DoneAt     time.Time       `json:"done_at,omitzero"`
}

// Same refuses to answer another request with this operation's answer.
func (o Operation) Same(other Operation) error {
	if o.Name != other.Name || o.BodyHash != other.BodyHash {
		return Errorf(KeyReused, "同一幂等键已用于另一请求。", "This idempotency key was used for another request.")
	}
	return nil
}

// OperationLease is how long a pending operation belongs to whoever claimed it
// last; afterwards a retry or the sweeper may deliver it again.
const OperationLease = 30 * time.Second

// InFlight refuses a second delivery while the first may still be under way.
func InFlight() *Error {
	return Errorf(Conflict, "相同的请求正在处理，请稍后重试。", "The same request is being processed; retry shortly.").At("Idempotency-Key")
}

// RefusedAttempt is a request the system refused, kept for auditors.
type RefusedAttempt struct {
	ID        int64     `json:"id"`
	At        time.Time `json:"at"`
	Actor     string    `json:"actor,omitempty"` // "" when nobody was signed in
	BehalfOf  string    `json:"behalf_of,omitempty"`
	Operation string    `json:"operation"`
	Code      Code      `json:"code"`
	Field     string    `json:"field,omitempty"`
	Detail    Text      `json:"detail"`
	CaseID    string    `json:"case_id,omitempty"`
	TaskID    string    `json:"task_id,omitempty"`
	Key       string    `json:"key,omitempty"`
	Scope     Scope     `json:"scope,omitempty"` // the actor's home; "" when unknown
	RequestID string    `json:"request_id"`
	IP        string    `json:"-"`
}

// RefusalFilter narrows a list of refused attempts; empty fields do not.
type RefusalFilter struct {
	CaseID string
	Actor  string
	Code   Code
}
