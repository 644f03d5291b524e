package approval

import "time"

// FindingVerdict is what one criterion came to. Only OK lets a case pass:
// an error or an unknown becomes "evidence missing", never an approval.
type FindingVerdict string

// The verdicts of one criterion.
const (
	FindingOK      FindingVerdict = "ok"
	FindingFail    FindingVerdict = "fail"
	FindingError   FindingVerdict = "error"   // the expression failed on these facts
	FindingUnknown FindingVerdict = "unknown" // evidence is missing
	FindingSkipped FindingVerdict = "skipped" // its `when` does not hold: the criterion does not apply
)

// Severity is what a failed criterion does to a case.
type Severity string

// The severities of a criterion.
const (
	SeverityBlock  Severity = "block"  // the case cannot go on
	SeverityReview Severity = "review" // a person must look at it and say why it may go on
	SeverityWarn   Severity = "warn"   // shown, no further effect
)

// Outcome is what a whole evaluation came to, worst criterion first.
type Outcome string

// The outcomes of an evaluation.
const (
	OutcomePass    Outcome = "pass"
	OutcomeReview  Outcome = "review"  // at least one review criterion failed
	OutcomeMissing Outcome = "missing" // evidence is missing or an expression failed
	OutcomeBlocked Outcome = "blocked" // at least one block criterion failed
)

// RulePin names the exact rule set a case runs under: a case keeps its pin
// for life unless a named person migrates it with a reason.
type RulePin struct {
	ID      string `json:"id"`      // e.g. "370303/funduse"
	Version int    `json:"version"` // counts from 1 per id
	Hash    string `json:"hash"`    // sha256 of the source text, hex
}

// Term is one explained boolean or value inside a criterion: the source text
// of the sub-expression and what it was on these facts.
type Term struct {
	Text  string `json:"text"`
	Value string `json:"value"`
	Terms []Term `json:"terms,omitempty"`
}

// Finding is one criterion, explained.
type Finding struct {
	ID       string         `json:"id"`
	Title    string         `json:"title"`
	Severity Severity       `json:"severity"`
	Verdict  FindingVerdict `json:"verdict"`
	Message  string         `json:"message,omitempty"` // Chinese, from the rule set
	Value    string         `json:"value,omitempty"`   // value seen
	Limit    string         `json:"limit,omitempty"`   // limit it was held against
	Citation string         `json:"citation,omitempty"`
	Missing  []string       `json:"missing,omitempty"` // facts that would be needed
	Terms    []Term         `json:"terms,omitempty"`
	Cost     uint64         `json:"cost"`
}

// Evidence is the record of one binding evaluation: enough to repeat it and
// to show, criterion by criterion, why it came out as it did.
type Evidence struct {
	Pin         RulePin   `json:"pin"`
	EnvHash     string    `json:"env_hash"`    // sha256 of the CEL environment's configuration
	CELVersion  string    `json:"cel_version"` // version of cel-go that evaluated
	TZVersion   string    `json:"tz_version"`
	InputHash   string    `json:"input_hash"` // content hash of the facts
	EvaluatedAt time.Time `json:"evaluated_at"`
	Stage       string    `json:"stage"`
	Outcome     Outcome   `json:"outcome"`
	Findings    []Finding `json:"findings"`
	Approvals   []Route   `json:"approvals,omitempty"` // extra approvals asked for by routing
}

// Route is one extra approval the routing rules ask for.
type Route struct {
	Level  string `json:"level"` // "subdistrict" or "district"
	Rule   string `json:"rule"`  // id of the routing rule
	Reason string `json:"reason"`
}

// Failed returns the findings that did not come out ok, in rule-set order.
func (e Evidence) Failed() []Finding {
	var failed []Finding
	for _, finding := range e.Findings {
		if finding.Verdict != FindingOK && finding.Verdict != FindingSkipped {
			failed = append(failed, finding)
		}
	}
	return failed
}
