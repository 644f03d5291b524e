package operator_test

import (
	"slices"
	"testing"

	"linli/approval"
	. "linli/approval/approvaltest"
	. "linli/approval/operator"
)

// Who is kept out: owners and managers themselves, and everybody tied to them
// or to the operator, for three years after it ended.
func TestInterestsThatKeepPeopleOut(t *testing.T) {
	ended := func(date string) Ending { return Ending{EndedOn: date, EndReason: "转让", EndedBy: "p_h"} }
	parties := []Party{
		{ID: "owner", NewParty: NewParty{Name: "甲示例", Capacity: ShareholderCapacity, PersonID: "p_owner"}},
		{ID: "manager", NewParty: NewParty{Name: "乙示例", Capacity: Manager}},
		{ID: "former", NewParty: NewParty{Name: "丙示例", Capacity: Controller, PersonID: "p_former"}, Ending: ended("2023-03-04")},
		{ID: "long gone", NewParty: NewParty{Name: "丁示例", Capacity: Inspector, PersonID: "p_gone"}, Ending: ended("2023-03-03")},
	}
	ties := []Tie{
		{ID: "1", NewTie: NewTie{PersonID: "p_wife", PartyID: "owner", Relation: approval.Spouse}},
		{ID: "2", NewTie: NewTie{PersonID: "p_staff", Relation: approval.Employee}},
		{ID: "3", NewTie: NewTie{PersonID: "p_brother", PartyID: "long gone", Relation: approval.Relative}},
		{ID: "4", NewTie: NewTie{PersonID: "p_old", Relation: approval.Employee}, Ending: ended("2020-01-01")},
	}
	var kept []string
	for _, interest := range Interests("op-1", parties, ties, on("2026-03-04")) {
		kept = append(kept, interest.PersonID+" "+string(interest.Relation)+" "+interest.Through)
	}
	if want := []string{"p_owner shareholder ", "p_former shareholder ", "p_wife spouse 甲示例", "p_staff employee "}; !slices.Equal(kept, want) {
		t.Errorf("kept out: %q, want %q", kept, want)
	}
}

func TestPartiesTiesAndLinksRefused(t *testing.T) {
	Refuses(t, "an unknown capacity", NewParty{Name: "甲", Capacity: "friend"}.Validate(), approval.Invalid, "capacity")
	Refuses(t, "over a hundred percent", NewParty{Name: "甲", Capacity: Manager, Percent: 101}.Validate(), approval.Invalid, "percent")
	Refuses(t, "nobody", NewParty{Capacity: Manager}.Validate(), approval.Invalid, "name")
	Refuses(t, "a tie of nobody", NewTie{Relation: approval.Spouse}.Validate(), approval.Invalid, "person_id")
	Refuses(t, "an unknown relation", NewTie{PersonID: "p", Relation: "neighbour"}.Validate(), approval.Invalid, "relation")
	Refuses(t, "another interest without a word", NewTie{PersonID: "p", Relation: approval.OtherTie}.Validate(), approval.Invalid, "note")
	Refuses(t, "an end to come", Ending{EndedOn: "2026-03-05", EndReason: "转让"}.Validate(on("2026-03-04")), approval.Invalid, "ended_on")
	Refuses(t, "an unexplained end", Ending{EndedOn: "2026-03-04"}.Validate(on("2026-03-04")), approval.Invalid, "end_reason")
	Refuses(t, "an actor who is nobody", Actor{}.Validate(), approval.Invalid, "person_id")
	Refuses(t, "a payee of no operator", NewPayeeLink{Same: true, Reason: "同一主体"}.Validate(), approval.Invalid, "operator_id")
	Refuses(t, "a link without a reason", NewPayeeLink{OperatorID: "op-1"}.Validate(), approval.Invalid, "reason")

	registered, tie := Operator{Scope: community}, NewTie{PersonID: "p_m1", Relation: approval.Spouse}
	Refuses(t, "one's own tie", tie.MayDeclare(approval.Person{ID: "p_m1"}, registered), "", "")
	Refuses(t, "somebody else's", tie.MayDeclare(approval.Person{ID: "p_m2"}, registered), approval.Forbidden, "")
	Refuses(t, "by who keeps the register", tie.MayDeclare(holder(approval.Secretary, community), registered), "", "")
	Refuses(t, "registering without a grant", MayRegister(approval.Person{ID: "p"}, community), approval.Forbidden, "")
}
