package approval

import "time"

// CallNotice is what anybody may read of a call for operators (招引公告): the
// space, until when and how to apply, what is asked for, and in the end how the
// candidates were ranked. It names operators, never persons.
type CallNotice struct {
	CaseID     string       `json:"case_id"`
	Scope      Scope        `json:"scope"`
	ScopeNames []string     `json:"scope_names,omitempty"` // city down to community
	Title      string       `json:"title"`
	Summary    string       `json:"summary"`
	Space      string       `json:"space"`
	Area       int64        `json:"area"`      // dm²
	StartsOn   string       `json:"starts_on"` // civil date, first day of the term offered
	EndsOn     string       `json:"ends_on"`   // civil date, last day
	Services   []Text       `json:"services,omitempty"`
	Asked      []CallDemand `json:"asked"`           // of every application
	Items      []CallItem   `json:"items,omitempty"` // the panel scores by
	Pin        RulePin      `json:"pin"`
	OpenedAt   time.Time    `json:"opened_at"`
	DeadlineAt time.Time    `json:"deadline_at"`
	ClosedAt   time.Time    `json:"closed_at,omitzero"` // no more applications since
	EndedAt    time.Time    `json:"ended_at,omitzero"`
	Outcome    *CallOutcome `json:"outcome,omitempty"` // once it has ended
}

// CallDemand is one thing the rules ask of every application under the call.
type CallDemand struct {
	Name Text   `json:"name"`
	Asks []Text `json:"asks"`
}

// CallItem is one item scorers give points for.
type CallItem struct {
	Title  string `json:"title"`  // Chinese
	Weight int64  `json:"weight"` // percent
}

// CallOutcome is how a call ended: how many applied, who was ranked and who has
// the space. Whoever was not ranked is counted and not named.
type CallOutcome struct {
	Status  CaseStatus `json:"status"`
	Reason  string     `json:"reason,omitempty"`
	Applied int        `json:"applied"`
	Ranked  []CallRank `json:"ranked,omitempty"` // the best first
}

// CallRank is one candidate in its rank.
type CallRank struct {
	Rank     int    `json:"rank"`
	Operator string `json:"operator"` // name
	Score    string `json:"score"`    // mean of the scores that count
	TookOver bool   `json:"took_over,omitempty"`
}

// Open reports whether applications are taken at that time.
func (n CallNotice) Open(now time.Time) bool {
	return n.ClosedAt.IsZero() && n.EndedAt.IsZero() && now.Before(n.DeadlineAt)
}
