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

// Interest is one person's declared relation to a payee. It is never
// withdrawn: whoever had an interest stays out of that payee's money.
type Interest struct {
	PersonID   string            `json:"person_id"`
	Relation   approval.Relation `json:"relation"`
	Note       string            `json:"note,omitempty"`
	DeclaredAt time.Time         `json:"declared_at"`
	DeclaredBy string            `json:"declared_by"`
}

// Validate refuses an unnamed person, an unknown relation, and an "other" one
// that is not explained.
func (i Interest) Validate() error {
	if i.PersonID == "" {
		return approval.Errorf(approval.Invalid, "须写明是谁的利害关系。", "Name the person who has the interest.").At("person_id")
	}
	return i.Relation.Validate(i.Note)
}

// MayDeclare refuses a person who declares somebody else's interest without
// being responsible for the payee's scope. Anybody may declare his own.
func (i Interest) MayDeclare(by approval.Person, scope approval.Scope) error {
	if by.ID == i.PersonID {
		return nil
	}
	return approval.Permit(by, scope, approval.Handler, approval.Secretary, approval.CharityOfficer, approval.Administrator)
}
