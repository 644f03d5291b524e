package onboarding_test

import (
	"slices"
	"strings"
	"testing"

	"linli/approval"
	"linli/approval/contract"
	"linli/approval/engagement"
	"linli/approval/onboarding"
)

// moved is what the register names from now on, as the workflow tells the case.
func (p *play) moved(people ...string) {
	p.Helper()
	var acting []contract.Signatory
	for _, person := range people {
		acting = append(acting, contract.Signatory{Person: person})
	}
	p.advance(func(next *onboarding.State) { next.Replace(acting, p.now) })
}

func (p *play) standing() []string { return p.s.Task("case1.case.1.applicant").Persons }

// Who takes the place of an operator's people finishes what they began.
func TestASuccessorCarriesTheCaseOn(t *testing.T) {
	tell(t, []story{
		{name: "signs and takes over", script: noticed, check: func(t *testing.T, p *play) {
			p.moved("out")
			p.perform("p1 sign !same_person\n out sign\n sec sign\n s1 sign\n @handover\n h1 submit list\n h1 confirm sound\n p1 confirm sound !not_eligible\n out confirm sound\n @completed")
			if capacity := p.s.Contract.Signatures[0].Capacity; capacity != "经办人" {
				t.Errorf("the successor signs as %q", capacity)
			}
			if people := engagement.Follow(p.s).People; !slices.Equal(people, []string{"out"}) {
				t.Errorf("%v act in the engagement", people)
			}
		}},
		{name: "once the contract is signed", script: listing, check: func(t *testing.T, p *play) {
			p.moved("out")
			if parties := p.s.Contract.Parties; parties[0].People[0].Person != "p1" {
				t.Errorf("who signed is rewritten: %+v", parties[0])
			}
			p.perform("h1 confirm sound\n p2 confirm sound !not_eligible\n out confirm sound\n @completed")
			if people := engagement.Follow(p.s).People; !slices.Equal(people, []string{"out"}) {
				t.Errorf("%v act in the engagement", people)
			}
		}},
		{name: "corrects", script: "rules correctable\n @correction", check: func(t *testing.T, p *play) {
			p.moved("p2", "out")
			if persons := p.s.OpenAt(onboarding.Correction)[0].Persons; !slices.Equal(persons, []string{"h1", "p2", "out"}) {
				t.Errorf("%v correct", persons)
			}
		}},
		{name: "of a contract on paper", start: onPaper, script: "sec approve\n s1 approve\n @handover\n h1 submit list", check: func(t *testing.T, p *play) {
			p.moved("out")
			if persons := p.standing(); !slices.Equal(persons, []string{"h1"}) {
				t.Errorf("the community's own task is %v's", persons)
			}
			p.perform("h1 confirm sound\n p1 confirm sound !not_eligible\n out confirm sound\n @completed")
		}},
	})
}

func TestWhoIsNamedInTheRegisterActs(t *testing.T) {
	tell(t, []story{
		{name: "nobody is left", script: reviewed, check: func(t *testing.T, p *play) {
			before := string(encode(t, p.s))
			p.moved()
			p.moved("p2", "p1")
			if after := string(encode(t, p.s)); after != before {
				t.Errorf("the case was changed:\n%s\n%s", before, after)
			}
		}},
		{name: "who filed and left", start: func(s *onboarding.Start) { s.Applicant = "p1" }, script: reviewed, check: func(t *testing.T, p *play) {
			p.moved("p2")
			if persons := p.standing(); !slices.Equal(persons, []string{"p2"}) {
				t.Errorf("%v may withdraw", persons)
			}
			p.moved("p2", "p1") // and comes back
			if persons := p.standing(); !slices.Equal(persons, []string{"p2", "p1"}) || len(p.s.Former) != 0 {
				t.Errorf("%v may withdraw, %v is gone", persons, p.s.Former)
			}
		}},
		{name: "a handler filed", start: func(s *onboarding.Start) { s.People = nil }, script: reviewed, check: func(t *testing.T, p *play) {
			p.moved("out")
			if persons := p.standing(); !slices.Equal(persons, []string{"h1", "out"}) {
				t.Errorf("%v may withdraw", persons)
			}
		}},
		{name: "who left takes an office", start: func(s *onboarding.Start) { s.People = []string{"x"} }, script: "@desk_review", check: func(t *testing.T, p *play) {
			p.moved("out")
			p.perform("x approve !same_person\n sec approve\n x approve !same_person\n s1 approve\n @notice\n tick\n @signing")
			for _, task := range p.s.OpenAt(onboarding.Signing) {
				if task.Role != "" && !slices.Contains(task.Excluded, "x") {
					t.Errorf("%s may be signed by who acted for the operator", task.Seat)
				}
			}
		}},
		{name: "who comes is kept from the offices", script: "@desk_review", check: func(t *testing.T, p *play) {
			p.moved("p1", "p2", "s1")
			p.perform("sec approve\n s1 approve !same_person\n s2 approve\n @notice")
		}},
	})
	if joined, gone := approval.Moved([]string{"a", "b"}, []string{"b", "c", "c"}); strings.Join(joined, "") != "c" || strings.Join(gone, "") != "a" {
		t.Errorf("%v came, %v went", joined, gone)
	}
}
