package onboarding

import (
	"cmp"
	"strings"
	"time"

	"linli/approval"
	"linli/approval/contract"
)

// SigningFacts is what the register knows of those who sign, when they come to.
type SigningFacts struct {
	Representative string               `json:"representative"` // 法定代表人或负责人 of the operator
	People         []contract.Signatory `json:"people"`         // who may sign for the operator
	Community      string               `json:"community"`
	Subdistrict    string               `json:"subdistrict"`
	FundID         string               `json:"fund_id"` // that gets the share; "" = the community has none yet
	Fund           string               `json:"fund"`    // its name
	Charity        string               `json:"charity"` // that holds the fund's money
	Place          string               `json:"place,omitempty"`
	Rooms          []string             `json:"rooms,omitempty"`
	Use            string               `json:"use,omitempty"`
}

// DrawOrder asks for the documents to sign. It refuses what no document can be
// drawn from: a community without a fund, since the donation agreement is signed
// before operation starts (Charity Law art. 37), and an operator nobody acts for.
// Where ruled, the agreement states the numbers of the case's rules; cases that
// began to draw before it did go on without.
func (s *State) DrawOrder(facts SigningFacts, ruled bool, now time.Time) (contract.DrawOrder, error) {
	if facts.FundID == "" {
		return contract.DrawOrder{}, approval.Errorf(approval.Conflict, "本社区尚未设立发展基金，不能签订捐赠协议。",
			"The community has no development fund yet; the donation agreement cannot be signed.")
	}
	if len(facts.People) == 0 {
		return contract.DrawOrder{}, approval.Errorf(approval.Conflict, "运营主体尚未登记经办人，无人可以签署。",
			"Nobody is registered to act for the operator; nobody could sign.")
	}
	order := contract.DrawOrder{CaseID: s.Start.CaseID, Terms: s.terms(facts), Parties: s.parties(facts), At: now}
	if ruled {
		order.Terms.Rules = s.Parameters.Engagement.promised()
	}
	return order, order.Terms.Validate()
}

func (s *State) terms(facts SigningFacts) contract.Terms {
	a := s.Application
	terms := contract.Terms{
		Operator:  contract.Operator{Name: a.Operator.Name, CreditCode: a.Operator.CreditCode, Representative: facts.Representative},
		Community: facts.Community, Subdistrict: facts.Subdistrict, Fund: facts.Fund, Charity: facts.Charity,
		Space:    contract.Space{Name: a.Space.Name, Place: facts.Place, Rooms: facts.Rooms, Area: a.Space.Area, Use: facts.Use},
		FirstDay: a.StartsOn, LastDay: a.EndsOn, Share: a.Share.Text().ZH, Reporting: a.Share.Period.name().ZH,
	}
	for _, service := range a.Services {
		terms.Services = append(terms.Services, contract.Service{
			Name: service.Name, Class: service.Class.Name().ZH, Price: service.Price, Unit: service.Unit,
			Discount60: service.Over60, Discount80: service.Over80,
		})
	}
	for _, given := range a.Undertakings {
		terms.Duties = append(terms.Duties, given.name().ZH)
	}
	return terms
}

// promised are the numbers the operating agreement states.
func (p EngagementParameters) promised() *contract.Rules {
	return &contract.Rules{
		Good: p.Good, Pass: p.Pass, Failures: p.FailuresToExit, RectificationDays: p.RectificationDays,
		RenewalDays: p.RenewalNoticeDays, ReportDays: p.ReportDays, DonationDays: p.DonationDays,
	}
}

// parties are the operator, the community by its secretary, and the
// subdistrict as witness.
func (s *State) parties(facts SigningFacts) []contract.Party {
	return []contract.Party{
		{Seat: contract.SeatOperator, Name: s.Application.Operator.Name, Scope: s.Start.Scope, People: signatories(facts.People)},
		{Seat: contract.SeatCommunity, Name: facts.Community, Capacity: "社区党委书记", Role: approval.Secretary, Scope: s.Start.Scope},
		{Seat: contract.SeatSubdistrict, Name: facts.Subdistrict, Capacity: "见证人", Role: approval.SubdistrictApprover, Scope: s.Start.Scope.Up(approval.Subdistrict)},
	}
}

// signatories are the people of an operator, each in some capacity.
func signatories(people []contract.Signatory) []contract.Signatory {
	for i := range people {
		people[i].Capacity = cmp.Or(people[i].Capacity, "经办人")
	}
	return people
}

// Lay puts the drawn documents before the parties and asks each to sign them.
func (s *State) Lay(documents []contract.Document, order contract.DrawOrder, fundID string, now time.Time) {
	s.FundID = fundID
	s.Contract.Lay(documents, order.Parties)
	tasks := s.Contract.Tasks(s.Parameters.Deadlines.Signing, nil, approval.Reject)
	for i := range tasks {
		if tasks[i].Role != "" { // an office; the operator's people are named
			tasks[i].Excluded = s.outsiders()
		}
	}
	s.Ask(now, Signing, tasks...)
}

// checkSignature: the deadline is the task's, by the calendar.
func (s *State) checkSignature(task approval.Task, act approval.Act, now time.Time) error {
	signing := s.Contract
	signing.DueAt = task.DueAt
	return signing.Check(task.Seat, act, now)
}

// Signed is the signature an accepted act gave; nil if none.
func (s *State) Signed(act approval.Accepted) *contract.Signature {
	for i := range s.Contract.Signatures {
		if s.Contract.Signatures[i].ActID == act.ID {
			return &s.Contract.Signatures[i]
		}
	}
	return nil
}

// SigningDecided reports whether all have signed, one refuses to, or the
// deadline has passed.
func (s *State) SigningDecided() bool {
	return s.Contract.Complete() || s.declined() != nil || s.overdue(Signing)
}

func (s *State) overdue(stage approval.Stage) bool {
	for _, task := range s.OpenAt(stage) {
		if task.Escalated {
			return true
		}
	}
	return false
}

func (s *State) declined() *approval.Accepted {
	for _, party := range s.Contract.Parties {
		if act := s.DecisionOf(Signing, party.Seat); act != nil && act.Action == approval.Reject {
			return act
		}
	}
	return nil
}

// CloseSigning goes on to the handover once all have signed. A refusal rejects
// the case, an expired deadline lets it lapse; either gives the space back.
func (s *State) CloseSigning(now time.Time) {
	switch refusal := s.declined(); {
	case s.Contract.Complete():
		s.Enter(Handover, now)
	case refusal != nil:
		s.End(approval.Rejected, "拒绝签署："+refusal.Comment, now)
	default:
		var missing []string
		for _, party := range s.Contract.Missing() {
			missing = append(missing, party.Name)
		}
		s.End(approval.Lapsed, "逾期未签署："+strings.Join(missing, "、"), now)
	}
}

// OfficeNames words the community's committee and the subdistrict's office from
// the names of the scope, city first.
func OfficeNames(scope []string) (community, subdistrict string) {
	if len(scope) < 4 {
		return "", ""
	}
	return scope[0] + scope[1] + scope[2] + scope[3] + "居民委员会", scope[0] + scope[1] + scope[2] + "办事处"
}
