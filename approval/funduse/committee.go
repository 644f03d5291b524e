package funduse

import (
	"fmt"
	"strings"
	"time"

	"linli/approval"
)

// StandingCommittee is the fund committee of a community as it stands: regular
// members first, then reserves in the order they are called in.
type StandingCommittee struct {
	Scope   approval.Scope    `json:"scope"`
	Version int               `json:"version"` // counts from 1; 0 = never set
	SetAt   time.Time         `json:"set_at,omitzero"`
	SetBy   string            `json:"set_by,omitempty"`
	Members []CommitteeMember `json:"members"`
}

// CommitteeMember is one place on the committee.
type CommitteeMember struct {
	PersonID string          `json:"person_id"`
	Name     string          `json:"name,omitempty"` // for reading only
	Seats    []approval.Seat `json:"seats"`
	Reserve  bool            `json:"reserve,omitempty"`
}

// CommitteeOrder replaces the whole list. Version is the one the caller saw:
// if somebody was faster, the order is refused.
type CommitteeOrder struct {
	Scope   approval.Scope
	Version int
	Members []CommitteeMember
	By      string
	At      time.Time
}

const maxSeats = 8

// Validate refuses fewer than three regular members (the city's floor, I1), a
// person named twice, and seats that are no short names.
func (o CommitteeOrder) Validate() error {
	if o.Scope.Level() != approval.Community {
		return approval.Errorf(approval.Invalid, "管委会应设在社区一级。", "A committee belongs to a community.").At("scope")
	}
	regular := 0
	roster := make([]approval.Member, 0, len(o.Members))
	for i, member := range o.Members {
		if !member.Reserve {
			regular++
		}
		if err := validateSeats(member.Seats, fmt.Sprintf("members/%d/seats", i)); err != nil {
			return err
		}
		roster = append(roster, approval.Member{ID: member.PersonID, Seats: member.Seats, Reserve: member.Reserve})
	}
	if floor := approval.CityFloor().MinEligible; regular < floor {
		return approval.Errorf(approval.TooFewEligible, "管委会正式委员不得少于%[1]d人。",
			"A committee has at least %[1]d regular members.", floor).At("members")
	}
	return approval.ValidateRoster(roster)
}

func validateSeats(seats []approval.Seat, field string) error {
	if len(seats) > maxSeats {
		return approval.Errorf(approval.Invalid, "一名委员最多有%[1]d个席位身份。", "A member holds at most %[1]d seats.", maxSeats).At(field)
	}
	for _, seat := range seats {
		if seat == "" || len(seat) > 40 || strings.Trim(seat, "abcdefghijklmnopqrstuvwxyz_") != "" {
			return approval.Errorf(approval.Invalid, "席位身份“%[1]s”应为小写字母。", "The seat %[1]q must be lower-case letters.", seat).At(field)
		}
	}
	return nil
}

// Relation is what ties a person to a payee. The list follows the recusal
// grounds of the government procurement regulation art. 9.
type Relation string

// The relations that keep a member from voting on a payee.
const (
	SelfRelation Relation = "self"
	Spouse       Relation = "spouse"
	Relative     Relation = "relative"
	Employee     Relation = "employee"
	Officer      Relation = "officer"
	Shareholder  Relation = "shareholder"
	OtherTie     Relation = "other"
)

// Relations lists every relation with its display name.
var Relations = []struct {
	Relation Relation
	Name     approval.Text
}{
	{SelfRelation, approval.Text{ZH: "本人", EN: "the person himself"}},
	{Spouse, approval.Text{ZH: "配偶", EN: "spouse"}},
	{Relative, approval.Text{ZH: "近亲属", EN: "close relative"}},
	{Employee, approval.Text{ZH: "受雇（含近三年）", EN: "employed there (or within three years)"}},
	{Officer, approval.Text{ZH: "负责人、董事或监事", EN: "head, director or supervisor"}},
	{Shareholder, approval.Text{ZH: "股东", EN: "shareholder"}},
	{OtherTie, approval.Text{ZH: "其他利害关系", EN: "another interest"}},
}

// Name is the relation in words, or the bare code if it is unknown.
func (r Relation) Name() approval.Text {
	for _, known := range Relations {
		if known.Relation == r {
			return known.Name
		}
	}
	return approval.Text{ZH: string(r), EN: string(r)}
}

// Interest is one person's declared relation to a payee. It is never
// withdrawn: whoever had an interest stays out of that payee's money.
type Interest struct {
	PersonID   string    `json:"person_id"`
	Relation   Relation  `json:"relation"`
	Note       string    `json:"note,omitempty"`
	DeclaredAt time.Time `json:"declared_at"`
	DeclaredBy string    `json:"declared_by"`
}

// Validate refuses an unnamed person, an unknown relation, and an "other" one
// that is not explained.
func (i Interest) Validate() error {
	if i.PersonID == "" {
		return approval.Errorf(approval.Invalid, "须写明是谁的利害关系。", "Name the person who has the interest.").At("person_id")
	}
	known := false
	for _, relation := range Relations {
		known = known || relation.Relation == i.Relation
	}
	if !known {
		return approval.Errorf(approval.Invalid, "没有“%[1]s”这种关系。", "There is no relation %[1]q.", i.Relation).At("relation")
	}
	least := 0
	if i.Relation == OtherTie {
		least = 1
	}
	return between(i.Note, least, maxMemoRunes, "note")
}

// MayDeclare refuses a person who declares somebody else's interest without
// being responsible for the payee's scope. Anybody may declare his own.
func (i Interest) MayDeclare(by approval.Person, scope approval.Scope) error {
	if by.ID == i.PersonID {
		return nil
	}
	return Permit(by, scope, approval.Handler, approval.Secretary, approval.CharityOfficer, approval.Administrator)
}
