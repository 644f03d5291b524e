package approval

import "time"

// Page asks for a slice of a list ordered newest first (inboxes: most urgent
// first). Cursor is opaque and comes from the previous answer.
type Page struct {
	Limit  int
	Cursor string
}

// TaskView is a task as an inbox shows it.
type TaskView struct {
	Task
	Case    CaseSnapshot `json:"case"`
	Overdue bool         `json:"overdue"`
	Mine    bool         `json:"mine"` // the reader may act on it
}

// CaseFilter narrows a list of cases; empty fields do not.
type CaseFilter struct {
	Scope  Scope
	Status CaseStatus
	Stage  Stage
	Search string // in title and case id
}

// CaseView is a row in a list of cases.
type CaseView struct {
	CaseID string `json:"case_id"`
	CaseSnapshot
	Seq       int       `json:"seq"`
	UpdatedAt time.Time `json:"updated_at"`
}

// StepView is one row of a case's audit trail. While a sealed vote is open its
// ballots show neither action nor comment.
type StepView struct {
	Seq        int       `json:"seq"`
	Kind       string    `json:"kind"`
	At         time.Time `json:"at"`
	Stage      Stage     `json:"stage"`
	TaskID     string    `json:"task_id,omitempty"`
	Seat       string    `json:"seat,omitempty"`
	Action     Action    `json:"action,omitempty"`
	Person     string    `json:"person,omitempty"`
	PersonName string    `json:"person_name,omitempty"`
	For        string    `json:"for,omitempty"`
	Comment    string    `json:"comment,omitempty"`
	Envelope   string    `json:"envelope,omitempty"`
	Note       string    `json:"note,omitempty"`
	Superseded bool      `json:"superseded,omitempty"`
}

// NoticeView is a published notice with everything that was added to it.
type NoticeView struct {
	Notice
	ScopeNames []string        `json:"scope_names"` // city down to community
	Names      []PersonName    `json:"names,omitempty"`
	Notes      []NoticeNote    `json:"notes"`
	Objections []ObjectionView `json:"objections"`
	Open       bool            `json:"open"` // objections are still taken
}

// PersonName names a person id.
type PersonName struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// ObjectionView is an objection as the public sees it: no contact.
type ObjectionView struct {
	ID         string    `json:"id"`
	Text       string    `json:"text"`
	Status     string    `json:"status"`
	Answer     string    `json:"answer,omitempty"`
	FiledAt    time.Time `json:"filed_at"`
	AnsweredAt time.Time `json:"answered_at,omitzero"`
}

// NoticeFilter narrows the public list; empty fields do not.
type NoticeFilter struct {
	Scope  Scope
	Search string
	Open   bool
}
