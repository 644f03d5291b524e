package onboarding

import (
	"time"

	"linli/approval"
)

// FactQuestion names what the register is asked for. It carries no person: who
// is related to the operator is looked up.
type FactQuestion struct {
	CaseID     string         `json:"case_id"` // "" for a preview
	Scope      approval.Scope `json:"scope"`
	OperatorID string         `json:"operator_id"`
	SpaceID    string         `json:"space_id"`
	Number     int32          `json:"number"` // of the space
	CallID     string         `json:"call_id,omitempty"`
	Keeps      []string       `json:"keeps,omitempty"`
	Needs      []string       `json:"needs,omitempty"`
	StartsOn   string         `json:"starts_on"`
	EndsOn     string         `json:"ends_on"`
	FiledAt    time.Time      `json:"filed_at"`
	At         time.Time      `json:"at"`
}

// RegisterFacts answers a FactQuestion as the register stands at that time.
// Interested are the people of the community's offices who are related to the
// operator. CallOver says that the call has ended; what an ended call tells its
// candidates does not reach a case that is begun after that.
type RegisterFacts struct {
	Operator   OperatorFacts  `json:"operator"`
	Credit     CreditFacts    `json:"credit"`
	Space      SpaceFacts     `json:"space"`
	Needs      NeedFacts      `json:"needs"`
	Call       CallFacts      `json:"call"`
	CallOver   bool           `json:"call_over,omitempty"`
	Community  CommunityFacts `json:"community"`
	Renewal    bool           `json:"renewal"`
	Interested []string       `json:"interested"`
}

// Question asks for the register's facts about an application.
func (a Application) Question(caseID string, scope approval.Scope, filedAt, now time.Time) FactQuestion {
	return FactQuestion{
		CaseID: caseID, Scope: scope, OperatorID: a.Operator.ID, SpaceID: a.Space.ID, Number: a.Space.Number, CallID: a.CallID,
		Keeps: a.Keeps, Needs: a.Needs, StartsOn: a.StartsOn, EndsOn: a.EndsOn, FiledAt: filedAt, At: now,
	}
}

// Question asks for the register's facts about the case.
func (s *State) Question(now time.Time) FactQuestion {
	return s.Application.Question(s.Start.CaseID, s.Start.Scope, s.OpenedAt, now)
}

// FactsOf is what criteria see of an application and the register.
func FactsOf(a Application, register RegisterFacts, now time.Time) Facts {
	facts := Facts{
		Application: ApplicationFacts{
			TermMonths: int64(a.Months()), Area: a.Space.Area, Share: ShareFact{Kind: string(a.Share.Kind), Value: a.Share.Value()},
			FitOut: a.FitOut.Cost > 0, FitOutCost: int64(a.FitOut.Cost), FitOutArea: a.FitOut.Area, Renewal: register.Renewal,
		},
		Operator: register.Operator, Credit: register.Credit, Space: register.Space, Needs: register.Needs,
		Call: register.Call, Community: register.Community, Now: now,
	}
	for _, given := range a.Undertakings {
		facts.Application.Undertakings = append(facts.Application.Undertakings, string(given))
	}
	for _, paper := range a.Attachments {
		facts.Application.AttachmentKinds = append(facts.Application.AttachmentKinds, paper.Kind)
	}
	for _, service := range a.Services {
		fact := ServiceFact{
			Kind: string(service.Kind), Name: service.Name, Class: string(service.Class), Over60: service.Over60, Over80: service.Over80,
		}
		for _, activity := range service.Activities {
			fact.Activities = append(fact.Activities, string(activity))
		}
		facts.Services = append(facts.Services, fact)
	}
	return facts
}

// SigningQuestion asks who signs for the operator, the community and the
// subdistrict, and which fund gets the share.
type SigningQuestion struct {
	Scope      approval.Scope `json:"scope"`
	OperatorID string         `json:"operator_id"`
	SpaceID    string         `json:"space_id"`
}

// SigningQuestion asks who signs in this case.
func (s *State) SigningQuestion() SigningQuestion {
	return SigningQuestion{Scope: s.Start.Scope, OperatorID: s.Application.Operator.ID, SpaceID: s.Application.Space.ID}
}

// InventoryQuestion asks for the space to be handed over and who else than the
// case still occupies it.
type InventoryQuestion struct {
	CaseID  string `json:"case_id"`
	SpaceID string `json:"space_id"`
}

// InventoryQuestion asks for the space of this case.
func (s *State) InventoryQuestion() InventoryQuestion {
	return InventoryQuestion{CaseID: s.Start.CaseID, SpaceID: s.Application.Space.ID}
}
