package operator_test

import (
	"testing"
	"time"

	"linli/approval"
	. "linli/approval/approvaltest"
	. "linli/approval/operator"
)

// Only a link that has ended, and was not made anew, takes the seat away.
func TestOnlyAnEndedLinkTakesTheSeatAway(t *testing.T) {
	community := approval.Scope("370300/370303/001/001")
	linked := Actor{PersonID: "p_a", LinkedAt: on("2026-01-05")}
	ended := linked
	ended.EndedAt = on("2026-03-04")
	handler := approval.Person{ID: "p_a", Grants: []approval.Grant{{Role: approval.Handler, Scope: community}}}
	for _, each := range []struct {
		name  string
		by    approval.Person
		links []Actor
		field string
		fits  bool
	}{
		{"who acts", approval.Person{ID: "p_a"}, []Actor{linked}, "", true},
		{"who never did", approval.Person{ID: "p_b"}, []Actor{ended}, "", true},
		{"an operator without people", approval.Person{ID: "p_a"}, nil, "", true},
		{"who acts again", approval.Person{ID: "p_a"}, []Actor{ended, linked}, "", true},
		{"a handler by now", handler, []Actor{ended}, "", true},
		{"who left", approval.Person{ID: "p_a"}, []Actor{ended}, "", false},
		{"a substitute of who left", approval.Person{ID: "p_b", For: "p_a"}, []Actor{ended}, "on_behalf_of", false},
		{"a substitute who left", approval.Person{ID: "p_a", For: "p_b"}, []Actor{ended, {PersonID: "p_b", LinkedAt: time.Time{}}}, "", true},
	} {
		err := StillActs(each.by, community, each.links)
		if each.fits && err != nil {
			t.Errorf("%s: %v", each.name, err)
		}
		if !each.fits {
			Refuses(t, each.name, err, approval.NotEligible, each.field)
		}
	}
}
