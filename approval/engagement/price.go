package engagement

import (
	"slices"
	"strings"
	"time"

	"linli/approval"
	"linli/approval/onboarding"
)

// PriceList is what the operator offers from a day on. A list is never changed
// once it is confirmed: the next one follows it.
type PriceList struct {
	From        string               `json:"from"` // civil date, its first day
	Services    []onboarding.Service `json:"services"`
	Reason      string               `json:"reason,omitempty"`
	ProposedBy  []string             `json:"proposed_by,omitempty"` // nobody: the contract's
	ConfirmedBy []string             `json:"confirmed_by,omitempty"`
	ConfirmedAt time.Time            `json:"confirmed_at,omitzero"`
	Begun       bool                 `json:"begun"` // its first day has come
}

// PriceChange is the list an operator proposes.
type PriceChange struct {
	From     string               `json:"from"`
	Services []onboarding.Service `json:"services"`
	Reason   string               `json:"reason"`
}

// Proposal is a list under way, or what became of the latest one.
type Proposal struct {
	PriceChange
	Turn     int                `json:"turn"`
	By       []string           `json:"by"`
	At       time.Time          `json:"at"`
	Status   ProposalStatus     `json:"status"`
	Findings []approval.Finding `json:"findings,omitempty"` // what the criteria hold against it and not against the list before
	Note     string             `json:"note,omitempty"`     // why it was returned or is void
}

// ProposalStatus is how far a proposed list has come.
type ProposalStatus string

// The states of a proposal.
const (
	ProposalWeighed   ProposalStatus = "weighed" // 规则核对中: held against the district's criteria
	ProposalOpen      ProposalStatus = "open"    // 待社区确认
	ProposalConfirmed ProposalStatus = "confirmed"
	ProposalReturned  ProposalStatus = "returned" // 已退回
	ProposalDropped   ProposalStatus = "dropped"  // 已放弃
)

// ProposalStatuses lists every state with its display name.
var ProposalStatuses = []struct {
	Status ProposalStatus
	Name   approval.Text
}{
	{ProposalWeighed, approval.Text{ZH: "规则核对中", EN: "held against the rules"}},
	{ProposalOpen, approval.Text{ZH: "待社区确认", EN: "awaiting confirmation"}},
	{ProposalConfirmed, approval.Text{ZH: "已确认", EN: "confirmed"}},
	{ProposalReturned, approval.Text{ZH: "已退回", EN: "returned"}},
	{ProposalDropped, approval.Text{ZH: "已放弃", EN: "dropped"}},
}

// Offer is what the operator offers now.
func (s *State) Offer() []onboarding.Service {
	services := s.Start.Services
	for _, list := range s.Lists {
		if list.Begun {
			services = list.Services
		}
	}
	return services
}

// proposing reports whether a proposed list waits for the criteria or the
// community.
func (s *State) proposing() bool {
	return s.Proposal != nil && (s.Proposal.Status == ProposalWeighed || s.Proposal.Status == ProposalOpen)
}

// welcomePrices lets the operator propose a list: at any time by a standing
// task, or anew by one in its inbox when the last was returned.
func (s *State) welcomePrices(kind approval.TaskKind, now time.Time) {
	task := s.operator(SeatOperator, 0, approval.Submit)
	if task.Kind = kind; kind == approval.Form {
		task.Actions = append(task.Actions, approval.Abstain)
	}
	s.ask(now, Pricing, s.turn(Pricing), s.ContentHash, task)
}

// checkPrices refuses a list that begins today or earlier, after the term, or
// not after the list that was confirmed last; one that changes nothing; and
// services that are malformed.
func (s *State) checkPrices(change *PriceChange, now time.Time) error {
	const at = "form/details/prices"
	if change == nil {
		return approval.Errorf(approval.Invalid, "须填写服务与价格。", "The services and prices are missing.").At(at)
	}
	if _, err := approval.CivilDate(change.From, at+"/from"); err != nil {
		return err
	}
	last := s.Lists[len(s.Lists)-1]
	switch {
	case change.From <= today(now):
		return approval.Errorf(approval.Invalid, "新价格最早自明日起执行。", "A new list is valid from tomorrow at the earliest.").At(at + "/from")
	case change.From <= last.From:
		return approval.Errorf(approval.Invalid, "已确认自%[1]s起执行的价格，新价格须在其后。", "A list valid from %[1]s is confirmed already; the new one must follow it.", last.From).At(at + "/from")
	case change.From > s.Term.To:
		return approval.Errorf(approval.Invalid, "运营期限至%[1]s届满，新价格须在此前执行。", "The term ends on %[1]s; the new list must begin before.", s.Term.To).At(at + "/from")
	}
	if refusal := approval.Refusal(onboarding.ValidateServices(change.Services)); refusal != nil {
		return refusal.At(at + "/" + refusal.Field)
	}
	if approval.ContentHash(change.Services) == approval.ContentHash(last.Services) {
		return approval.Errorf(approval.Invalid, "与已确认的服务与价格相同。", "The list is the same as the one confirmed last.").At(at + "/services")
	}
	return approval.Between(change.Reason, 1, maxNote, at+"/reason")
}

func today(now time.Time) string { return now.In(approval.Shanghai).Format(time.DateOnly) }

func (s *State) takePrices(change PriceChange, act approval.Act, now time.Time) {
	s.Proposal = &Proposal{PriceChange: change, Turn: s.turn(Pricing), By: people(act), At: now, Status: ProposalWeighed}
}

// Weighing asks for the facts a proposed list is held against, nil if there is
// none to be weighed.
func (s *State) Weighing(now time.Time) *onboarding.FactQuestion {
	if s.Ended() || s.Proposal == nil || s.Proposal.Status != ProposalWeighed {
		return nil
	}
	question := s.applied(s.Proposal.Services).Question(s.Onboarding, s.Start.Scope, s.OpenedAt, now)
	return &question
}

// WeighedFacts are what criteria see of the list confirmed last and of the
// proposed one: alike but for the services.
func (s *State) WeighedFacts(register onboarding.RegisterFacts, now time.Time) (before, after onboarding.Facts) {
	last := s.Lists[len(s.Lists)-1].Services
	return onboarding.FactsOf(s.applied(last), register, now), onboarding.FactsOf(s.applied(s.Proposal.Services), register, now)
}

// applied is the engagement as if its services were applied for today.
func (s *State) applied(services []onboarding.Service) onboarding.Application {
	return onboarding.Application{Operator: s.Operator, Space: s.Space, Services: services, Share: s.Share, StartsOn: s.Term.From, EndsOn: s.Term.To}
}

// Weighed takes the evaluations of both lists. What the criteria say of the new
// one alone is its doing; what they say of both, such as a paper of the old
// application, is not. A criterion that blocks, or cannot be decided, returns
// the list; everything else is for the community to judge.
func (s *State) Weighed(before, after approval.Evidence, now time.Time) {
	p := s.Proposal
	p.Findings = caused(before, after)
	var against []string
	for _, finding := range p.Findings {
		if finding.Verdict != approval.FindingFail || finding.Severity == approval.SeverityBlock {
			against = append(against, strings.TrimRight(finding.Message, "。")+"。")
		}
	}
	if len(against) > 0 {
		s.returnPrices(strings.Join(against, ""), now)
		return
	}
	p.Status = ProposalOpen
	task := s.office(SeatCommunity, approval.Handler, s.Parameters.ConfirmDays, p.By...)
	s.ask(now, Pricing, p.Turn, approval.ContentHash(p.PriceChange), task)
}

// caused are the criteria that are not met after and came out otherwise before.
func caused(before, after approval.Evidence) []approval.Finding {
	var found []approval.Finding
	for _, finding := range after.Failed() {
		same := slices.ContainsFunc(before.Findings, func(f approval.Finding) bool {
			return f.ID == finding.ID && f.Verdict == finding.Verdict && f.Message == finding.Message && f.Value == finding.Value
		})
		if !same {
			finding.Terms = nil // the evaluation itself stands in the history
			found = append(found, finding)
		}
	}
	return found
}

// checkConfirmation refuses to confirm a list whose first day has come
// meanwhile, and without a word one that a criterion asks a person to look at.
func (s *State) checkConfirmation(act approval.Act, now time.Time) error {
	if s.Proposal.From <= today(now) {
		return approval.Errorf(approval.Conflict, "价格不能追溯执行：拟执行日期%[1]s已到，请退回重新提出。",
			"A list is never valid for the past: its first day, %[1]s, has come; return it.", s.Proposal.From)
	}
	review := slices.ContainsFunc(s.Proposal.Findings, func(f approval.Finding) bool { return f.Severity == approval.SeverityReview })
	if review && strings.TrimSpace(act.Comment) == "" {
		return approval.Errorf(approval.CommentRequired, "有规则要求人工核查，确认须说明理由。", "A criterion asks a person to look; confirming needs a reason.").At("comment")
	}
	return nil
}

func (s *State) decidePrices(act approval.Act, now time.Time) {
	p := s.Proposal
	if act.Action == approval.Return {
		s.returnPrices(act.Comment, now)
		return
	}
	p.Status = ProposalConfirmed
	s.Lists = append(s.Lists, PriceList{
		From: p.From, Services: p.Services, Reason: p.Reason, ProposedBy: p.By, ConfirmedBy: people(act), ConfirmedAt: now,
	})
	s.Agenda = append(s.Agenda, Occasion{Kind: PricesChange, Name: p.From, On: p.From})
	s.welcomePrices(approval.Standing, now)
}

func (s *State) returnPrices(why string, now time.Time) {
	s.Proposal.Status, s.Proposal.Note = ProposalReturned, why
	s.welcomePrices(approval.Form, now)
}

// dropPrices: the operator does not follow a returned list up.
func (s *State) dropPrices(now time.Time) {
	s.Proposal.Status = ProposalDropped
	s.welcomePrices(approval.Standing, now)
}

// beginPrices: the first day of a confirmed list has come.
func (s *State) beginPrices(from string) {
	for i := range s.Lists {
		s.Lists[i].Begun = s.Lists[i].Begun || s.Lists[i].From == from
	}
}

// forgoPrices: an operator that leaves keeps its prices to the end.
func (s *State) forgoPrices(why string) {
	s.Lists = slices.DeleteFunc(s.Lists, func(list PriceList) bool { return !list.Begun })
	if s.proposing() {
		s.Proposal.Status, s.Proposal.Note = ProposalDropped, why
	}
}
