package funduse

import (
	"time"

	"linli/approval"
)

// FactQuestion names what facts about money are asked for.
type FactQuestion struct {
	Scope     approval.Scope `json:"scope"`
	FundID    string         `json:"fund_id"`
	EarmarkID string         `json:"earmark_id,omitempty"`
	PayeeID   string         `json:"payee_id"`
	At        time.Time      `json:"at"`
}

// MoneyFacts answers a FactQuestion as the books stand at that time.
type MoneyFacts struct {
	Fund      FundFacts      `json:"fund"`
	Earmark   EarmarkFacts   `json:"earmark"`
	Payee     PayeeFacts     `json:"payee"`
	Community CommunityFacts `json:"community"`
}

// Question asks for the money facts of the case.
func (s *State) Question(now time.Time) FactQuestion {
	return FactQuestion{
		Scope: s.Start.Scope, FundID: s.Proposal.FundID, EarmarkID: s.Proposal.EarmarkID, PayeeID: s.Proposal.Payee.ID, At: now,
	}
}

// Facts is what the case's criteria see. What the case itself holds in
// reserve counts as available to it, and review criteria whose higher
// approval was given count as answered.
func (s *State) Facts(money MoneyFacts, now time.Time) Facts {
	if s.Reserved {
		money.Fund.Available += int64(s.Proposal.Amount)
		money.Fund.Reserved -= int64(s.Proposal.Amount)
		if money.Earmark.Present {
			money.Earmark.Available += int64(s.Proposal.Amount)
		}
	}
	proposal := FactsOf(s.Proposal)
	proposal.AnsweredReviews = s.answered()
	return Facts{Proposal: proposal, Fund: money.Fund, Earmark: money.Earmark, Payee: money.Payee, Community: money.Community, Now: now}
}

// FactsOf is a proposal as rules see it.
func FactsOf(p Proposal) ProposalFacts {
	facts := ProposalFacts{
		Category: string(p.Category), Amount: int64(p.Amount), Needs: p.Needs,
		Beneficiaries: int64(p.Beneficiaries), Months: int64(p.Months()), DonorConsent: p.DonorConsent,
	}
	for _, line := range p.Lines {
		facts.Lines = append(facts.Lines, LineFact{Item: line.Item, Amount: int64(line.Amount)})
	}
	for _, attachment := range p.Attachments {
		facts.AttachmentKinds = append(facts.AttachmentKinds, attachment.Kind)
	}
	return facts
}

// answered lists the rules behind the higher approvals, once all are given.
func (s *State) answered() []string {
	if s.Stage != CharityReview {
		return nil
	}
	var rules []string
	for _, route := range s.Routes {
		rules = append(rules, route.Rule)
	}
	return rules
}
