package engagement

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"linli/approval"
	"linli/approval/onboarding"
)

// Start is the input of an engagement: what the onboarding case came to.
type Start struct {
	CaseID     string                          `json:"case_id"`    // see ID
	Onboarding string                          `json:"onboarding"` // the case it follows from
	Scope      approval.Scope                  `json:"scope"`      // the community
	Opener     string                          `json:"opener"`     // who filed the application
	Operator   onboarding.Operator             `json:"operator"`
	People     []string                        `json:"people"` // persons who act for the operator
	Space      onboarding.Space                `json:"space"`
	HoldKey    string                          `json:"hold_key"`      // of the space's allocation, given back at the end
	Contract   string                          `json:"contract_hash"` // of the signed documents
	FundID     string                          `json:"fund_id"`       // the community's fund, which the share goes to
	Services   []onboarding.Service            `json:"services"`
	Share      onboarding.Share                `json:"share"`
	StartsOn   string                          `json:"starts_on"` // civil date, first day of the term
	EndsOn     string                          `json:"ends_on"`   // civil date, last day
	Handover   onboarding.Checklist            `json:"handover"`  // as both sides agreed on it
	Pin        approval.RulePin                `json:"pin"`
	Parameters onboarding.EngagementParameters `json:"parameters"`
	RepairDays int                             `json:"repair_days"` // working days for a difference at the hand-back
	MaxMonths  int64                           `json:"max_months"`  // of a renewed term; 0 = no limit
	OpenedAt   time.Time                       `json:"opened_at"`
	TakenOver  *TakenOver                      `json:"taken_over,omitempty"` // nil: its operator was admitted by the procedure
}

// TakenOver says of an engagement that its contract was signed on paper and
// taken over (存量合同接续), on whose word and on which papers.
type TakenOver struct {
	SignedOn    string              `json:"signed_on"`
	SettledTo   string              `json:"settled_to,omitempty"`   // last day of the last period that was closed before
	EvaluatedTo string              `json:"evaluated_to,omitempty"` // last day of the last year that was evaluated before
	ConfirmedBy []string            `json:"confirmed_by"`           // persons, the lower level first
	Papers      []approval.Attached `json:"papers"`
}

// ID names the engagement that follows an onboarding case; one case starts one.
func ID(onboardingCase string) string {
	sum := sha256.Sum256([]byte(Procedure + "\n" + onboardingCase))
	return "e_" + hex.EncodeToString(sum[:16])
}

// Validate refuses a start the procedure could not run: a term that is none, a
// share without its number, no person who acts for the operator, no handover
// list, or money without a fund to book it in.
func (s Start) Validate() error {
	if s.CaseID == "" || s.CaseID != ID(s.Onboarding) || s.Scope.Level() != approval.Community {
		return approval.Errorf(approval.Invalid, "运营须承接一件准入事项，且属于一个社区。", "An engagement follows one onboarding case of a community.").At("case_id")
	}
	if len(s.People) == 0 {
		return approval.Errorf(approval.Invalid, "运营主体没有经办人。", "Nobody acts for the operator.").At("people")
	}
	if err := s.Share.Validate(); err != nil {
		return err
	}
	if s.FundID == "" && s.Share.Kind != onboarding.InKindHours {
		return approval.Errorf(approval.Invalid, "本社区尚未设立基金，反哺款无处入账。", "The community has no fund to book the share in.").At("fund_id")
	}
	starts, err := approval.CivilDate(s.StartsOn, "starts_on")
	if err != nil {
		return err
	}
	ends, err := approval.CivilDate(s.EndsOn, "ends_on")
	if err != nil {
		return err
	}
	if ends.Before(starts) || ends.After(starts.AddDate(20, 0, 0)) {
		return approval.Errorf(approval.Invalid, "期限须为一日至二十年。", "A term has one day to twenty years.").At("ends_on")
	}
	if !s.Handover.Complete() {
		return approval.Errorf(approval.Conflict, "空间移交尚未完成，不能开始运营。", "The space has not been handed over; operation cannot begin.").At("handover")
	}
	return nil
}
