package demo

import (
	"testing"

	"linli/approval"
)

func TestTheDemonstrationReadsAndRefersToWhatExists(t *testing.T) {
	data, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	scopes, people, payees, earmarks, funds := map[approval.Scope]bool{"370300": true}, map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, division := range data.Divisions {
		scopes[division.Path] = true
	}
	roles := map[approval.Role]bool{}
	for _, person := range data.People {
		people[person.Username] = true
		for _, grant := range person.Grants {
			roles[grant.Role] = true
			if !scopes[grant.Scope] {
				t.Errorf("%s holds %s at %s, which is no division", person.Username, grant.Role, grant.Scope)
			}
		}
	}
	for _, role := range approval.Roles {
		if !roles[role.Role] && role.Role != approval.Resident {
			t.Errorf("nobody is %s", role.Name.EN)
		}
	}
	for _, fund := range data.Funds {
		funds[fund.Key] = true
		if !scopes[fund.Scope] || !people[fund.Handler] || !people[fund.Secretary] {
			t.Errorf("fund %s: scope, handler or secretary is missing", fund.Key)
		}
		for _, member := range fund.Committee {
			if !people[member.Person] {
				t.Errorf("fund %s: nobody is called %s", fund.Key, member.Person)
			}
		}
		for _, income := range fund.Incomes {
			if err := income.Amount.Validate("amount"); err != nil {
				t.Errorf("fund %s: %v", fund.Key, err)
			}
			earmarks[income.Key] = true
		}
		for _, payee := range fund.Payees {
			payees[payee.Key] = true
		}
	}
	for _, c := range data.Cases {
		if !people[c.As] || !funds[c.Fund] || !payees[c.Payee] || !earmarks[c.Earmark] {
			t.Errorf("case %s names a person, fund, payee or earmark that does not exist", c.Key)
		}
		for _, step := range c.Steps {
			if step.Object == "" && !people[step.As] {
				t.Errorf("case %s: nobody is called %s", c.Key, step.As)
			}
		}
	}
	checkApplications(t, data, people)
	if len(data.Cases) < 10 {
		t.Errorf("%d cases, want at least 10", len(data.Cases))
	}
}

// checkApplications: every onboarding case names a space, an operator and people
// there are, and the credit codes are right.
func checkApplications(t *testing.T, data Data, people map[string]bool) {
	t.Helper()
	spaces, operators := map[string]bool{}, map[string]bool{}
	for _, space := range data.Spaces {
		spaces[space.Key] = people[space.By]
	}
	for _, operator := range data.Operators {
		operators[operator.Key] = people[operator.By] && people[operator.Secretary] && people[operator.Person]
		if doubts := approval.CreditCode(operator.CreditCode).Doubts(); len(doubts) > 0 {
			t.Errorf("operator %s: %v", operator.Key, doubts)
		}
	}
	for _, a := range data.Applications {
		if !spaces[a.Space] || !operators[a.Operator] || !people[a.As] {
			t.Errorf("application %s names a space, operator or person that does not exist", a.Key)
		}
		for _, step := range a.Steps {
			if step.Object == "" && !people[step.As] {
				t.Errorf("application %s: nobody is called %s", a.Key, step.As)
			}
		}
	}
	if len(data.Applications) != 11 {
		t.Errorf("%d onboarding cases, want the ten templates and one that is scored", len(data.Applications))
	}
}
