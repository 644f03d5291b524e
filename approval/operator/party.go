package operator

import (
	"time"

	"linli/approval"
)

// Capacity is what an owner or manager is to the operator.
type Capacity string

// The capacities.
const (
	LegalRepresentative Capacity = "legal_representative" // 法定代表人或负责人
	ShareholderCapacity Capacity = "shareholder"          // 股东、出资人、经营者
	Controller          Capacity = "controller"           // 实际控制人
	Manager             Capacity = "manager"              // 董事、经理等管理人员
	Inspector           Capacity = "inspector"            // 监事
)

// Capacities lists every capacity with its display name.
var Capacities = []struct {
	Capacity Capacity
	Name     approval.Text
}{
	{LegalRepresentative, approval.Text{ZH: "法定代表人或负责人", EN: "legal representative"}},
	{ShareholderCapacity, approval.Text{ZH: "股东或出资人", EN: "owner"}},
	{Controller, approval.Text{ZH: "实际控制人", EN: "controller"}},
	{Manager, approval.Text{ZH: "董事或管理人员", EN: "manager"}},
	{Inspector, approval.Text{ZH: "监事", EN: "inspector"}},
}

// relation is what the capacity makes of the owner or manager himself.
func (c Capacity) relation() approval.Relation {
	switch c {
	case ShareholderCapacity, Controller:
		return approval.Shareholder
	default:
		return approval.Officer
	}
}

// Party is an owner or manager of an operator (关联方). It is ended, never
// removed.
type Party struct {
	ID string `json:"id"`
	NewParty
	AddedAt time.Time `json:"added_at"`
	AddedBy string    `json:"added_by"`
	Ending
}

// NewParty is what is recorded of an owner or manager. PersonID names the
// account of the same human being, when he has one.
type NewParty struct {
	Name     string   `json:"name"`
	Capacity Capacity `json:"capacity"`
	Percent  int      `json:"percent,omitempty"` // whole percent owned; 0 = not stated
	PersonID string   `json:"person_id,omitempty"`
}

// Tie is what a person who decides or proposes in Linli is to an operator, or to
// one of its owners or managers, such as the spouse of a shareholder. It is
// ended, never removed.
type Tie struct {
	ID string `json:"id"`
	NewTie
	DeclaredAt time.Time `json:"declared_at"`
	DeclaredBy string    `json:"declared_by"`
	Ending
}

// NewTie declares a tie. PartyID is the owner or manager it runs through; "" ties
// the person to the operator itself.
type NewTie struct {
	PersonID string            `json:"person_id"`
	PartyID  string            `json:"party_id,omitempty"`
	Relation approval.Relation `json:"relation"`
	Note     string            `json:"note,omitempty"`
}

// Ending is how a party or tie ended; the zero Ending has not.
type Ending struct {
	EndedOn   string `json:"ended_on,omitempty"` // civil date
	EndReason string `json:"end_reason,omitempty"`
	EndedBy   string `json:"ended_by,omitempty"` // who recorded it
}

// Actor is a person who acts for an operator: a plain account without grants,
// so that nothing but the operator's own business opens to it.
type Actor struct {
	ID        string    `json:"-"` // of the link, where it may be delivered twice
	PersonID  string    `json:"person_id"`
	Name      string    `json:"name,omitempty"` // for reading only
	Position  string    `json:"position,omitempty"`
	LinkedAt  time.Time `json:"linked_at"`
	LinkedBy  string    `json:"linked_by"`
	EndedAt   time.Time `json:"ended_at,omitzero"`
	EndedBy   string    `json:"ended_by,omitempty"`
	EndReason string    `json:"end_reason,omitempty"`
}

// AfterglowYears is how long an ended party or tie still keeps a person out
// (政府采购法实施条例 art. 9: within the three years before).
const AfterglowYears = 3

// StillCounts is the first civil day whose endings still keep people out.
func StillCounts(now time.Time) string {
	return now.In(approval.Shanghai).AddDate(-AfterglowYears, 0, 0).Format(time.DateOnly)
}

// Validate refuses an unnamed party, an unknown capacity and an impossible share.
func (p NewParty) Validate() error {
	known := false
	for _, capacity := range Capacities {
		known = known || capacity.Capacity == p.Capacity
	}
	if !known {
		return approval.Errorf(approval.Invalid, "没有“%[1]s”这种身份。", "There is no capacity %[1]q.", p.Capacity).At("capacity")
	}
	if p.Percent < 0 || p.Percent > 100 {
		return approval.Errorf(approval.Invalid, "出资比例须为0至100的整数。", "A share is 0 to 100 whole percent.").At("percent")
	}
	return approval.Plain(p.Name, 1, maxPerson, "name")
}

// Validate refuses nobody and an unknown or unexplained relation.
func (t NewTie) Validate() error {
	if t.PersonID == "" {
		return approval.Errorf(approval.Invalid, "须写明是谁的利害关系。", "Name the person who has the interest.").At("person_id")
	}
	if err := t.Relation.Validate(t.Note); err != nil {
		return err
	}
	return approval.Plain(t.Note, 0, maxReason, "note")
}

// MayDeclare refuses a person who declares somebody else's tie without keeping
// the register of his scope. Anybody may declare his own.
func (t NewTie) MayDeclare(by approval.Person, operator Operator) error {
	if by.ID == t.PersonID || operator.upkeep(by, approval.Handler, approval.Secretary, approval.CharityOfficer, approval.Administrator) {
		return nil
	}
	return approval.Errorf(approval.Forbidden, "只能申报本人的利害关系。", "You may declare your own interest only.")
}

// Validate refuses an end in the future or without a reason.
func (e Ending) Validate(now time.Time) error {
	if err := approval.PastDate(e.EndedOn, now, "ended_on"); err != nil {
		return err
	}
	return approval.Plain(e.EndReason, 1, maxReason, "end_reason")
}

// Interest is one reason to keep a person out of what concerns an operator.
type Interest struct {
	PersonID   string            `json:"person_id"`
	OperatorID string            `json:"operator_id"`
	Relation   approval.Relation `json:"relation"`
	Through    string            `json:"through,omitempty"` // the owner or manager it runs through
}

// Interests are all reasons that count on the day of now: owners and managers
// who are people of Linli themselves, and everybody tied to them or to the
// operator.
func Interests(operatorID string, parties []Party, ties []Tie, now time.Time) []Interest {
	since := StillCounts(now)
	counts := func(e Ending) bool { return e.EndedOn == "" || e.EndedOn >= since }
	byID, found := map[string]Party{}, []Interest{}
	for _, party := range parties {
		byID[party.ID] = party
		if party.PersonID != "" && counts(party.Ending) {
			found = append(found, Interest{PersonID: party.PersonID, OperatorID: operatorID, Relation: party.Capacity.relation()})
		}
	}
	for _, tie := range ties {
		through, known := byID[tie.PartyID]
		if counts(tie.Ending) && (!known || counts(through.Ending)) {
			found = append(found, Interest{PersonID: tie.PersonID, OperatorID: operatorID, Relation: tie.Relation, Through: through.Name})
		}
	}
	return found
}

// Validate refuses nobody and an endless position.
func (a Actor) Validate() error {
	if a.PersonID == "" {
		return approval.Errorf(approval.Invalid, "须写明是谁。", "Name the person.").At("person_id")
	}
	return approval.Plain(a.Position, 0, maxPerson, "position")
}
