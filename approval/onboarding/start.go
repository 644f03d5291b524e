package onboarding

import (
	"time"

	"linli/approval"
)

// Start is the input of a case. The rule set is pinned here, with its
// parameters, and stays for the life of the case; an application under a call
// runs under the call's.
type Start struct {
	CaseID      string           `json:"case_id"`
	Scope       approval.Scope   `json:"scope"`     // the community
	Applicant   string           `json:"applicant"` // who filed the application
	People      []string         `json:"people"`    // who acted for the operator by the register on that day
	Application Application      `json:"application"`
	Pin         approval.RulePin `json:"pin"`
	Parameters  Parameters       `json:"parameters"`
	OpenedAt    time.Time        `json:"opened_at"`
}
