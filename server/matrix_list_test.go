package server_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"linli/approval"
	"linli/store/storetest"
)

// listed is what the lists of the API have in common.
type listed struct {
	ID         any                            `json:"id"`
	CaseID     string                         `json:"case_id"`
	TaskID     string                         `json:"task_id"`
	Scope      approval.Scope                 `json:"scope"`
	Absent     string                         `json:"absent"`
	Substitute string                         `json:"substitute"`
	Actor      string                         `json:"actor"`
	Role       approval.Role                  `json:"role"`
	Case       struct{ Scope approval.Scope } `json:"case"`
}

func itemsOf(answer answered) ([]listed, error) {
	var page struct{ Items []listed }
	err := json.Unmarshal(answer.raw, &page)
	return page.Items, err
}

// shown says what the answer to somebody who may ask must and must not hold:
// every item of a list belongs to him, and what of the two seeds, one in
// community 1, one in another district, he must find is there.
var shown = map[string]func(w *matrixWorld, name string, who someone, roles []approval.Role, answer answered) []string{
	"sees": func(w *matrixWorld, name string, who someone, _ []approval.Role, answer answered) []string {
		return w.bounded(name, who, answer, who.sees)
	},
	"holds": func(w *matrixWorld, name string, who someone, roles []approval.Role, answer answered) []string {
		if len(roles) == 0 {
			roles = []approval.Role{who.role}
		}
		return w.bounded(name, who, answer, func(scope approval.Scope) bool { return who.holds(scope, roles...) })
	},
	"own": func(w *matrixWorld, _ string, _ someone, _ []approval.Role, answer answered) (wrong []string) {
		if strings.Contains(string(answer.raw), w.token) {
			wrong = append(wrong, "reads another person's token")
		}
		return wrong
	},
	"eligible":  (*matrixWorld).eligible,
	"no donors": (*matrixWorld).withoutDonors,
	"contacts":  (*matrixWorld).contacts,
}

// seeds are, per list, an item of community 1 and one of another district.
func (w *matrixWorld) seeds(name string) (near, far string) {
	switch name {
	case "listAccounts":
		return "p_target", "p_fartarget"
	case "listSubstitutions":
		return w.substituted, ""
	case "listFunds":
		return w.fund, w.farFund
	case "listPayees":
		return w.payee, w.farPayee
	case "listSpaces":
		return w.space, w.farSpace
	case "listCases":
		return w.voting, w.far
	case "listMessages":
		return "m_near", "m_far"
	case "listEngagements":
		return w.paid, w.far
	}
	return "", ""
}

// bounded checks a list against the scopes a person may read.
func (w *matrixWorld) bounded(name string, who someone, answer answered, mine func(approval.Scope) bool) (wrong []string) {
	items, err := itemsOf(answer)
	if err != nil {
		return []string{err.Error()}
	}
	found := map[string]bool{}
	for _, item := range items {
		found[fmt.Sprint(item.ID)], found[item.CaseID] = true, true
		if scope := w.scopeOf(name, item); !mine(scope) && !who.partyTo(item) {
			wrong = append(wrong, fmt.Sprintf("reads an item of %q: %+v", scope, item))
		}
	}
	near, far := w.seeds(name)
	if name == "listMessages" { // to a role: seeing the case is not enough
		mine = func(scope approval.Scope) bool { return who.holds(scope, approval.CharityOfficer) }
	}
	for seed, scope := range map[string]approval.Scope{near: storetest.Community1, far: storetest.LinziOne} {
		if expected := mine(scope) || who.place == "named" && (name == "listCases" || name == "listEngagements") && seed == near; seed != "" && found[seed] != expected {
			wrong = append(wrong, fmt.Sprintf("finds %s of %s: %v, want %v", seed, scope, found[seed], expected))
		}
	}
	return wrong
}

// scopeOf is where an item belongs; a message belongs to its case.
func (w *matrixWorld) scopeOf(name string, item listed) approval.Scope {
	switch {
	case name == "listMessages" && item.CaseID == w.far:
		return storetest.LinziOne
	case name == "listMessages":
		return storetest.Community1
	case name == "listSubstitutions" && item.Absent == "p_officer":
		return storetest.Zhangdian
	case name == "listSubstitutions":
		return storetest.Community1 // nobody else is made absent but by himself
	case name == "listRefusals":
		return w.homeOf(item.Actor)
	}
	return item.Scope
}

func (w *matrixWorld) homeOf(person string) approval.Scope {
	for _, known := range w.people {
		if known.person.ID == person && known.place != "nobody" {
			return known.home()
		}
	}
	return storetest.Community1 // everybody else who was refused anything before
}

// home is where the account was made.
func (p someone) home() approval.Scope {
	for _, place := range places {
		if place.name == p.place {
			return place.scope
		}
	}
	switch p.place {
	case "substitute":
		return storetest.Community2
	case "late":
		return storetest.Zhangdian
	case "interested":
		return storetest.Community1
	}
	return storetest.Linzi
}

// partyTo items belong to the person by name, wherever they lie.
func (p someone) partyTo(item listed) bool {
	return p.person.ID != "" && (item.Absent == p.person.ID || item.Substitute == p.person.ID || item.ID == p.person.ID) ||
		p.place == "named" && item.CaseID != ""
}

// eligible tasks are those the domain itself would let the person act on.
func (w *matrixWorld) eligible(_ string, who someone, _ []approval.Role, answer answered) (wrong []string) {
	var page struct{ Items []approval.TaskView }
	if err := json.Unmarshal(answer.raw, &page); err != nil {
		return []string{err.Error()}
	}
	for _, task := range page.Items {
		mine := task.Eligible(who.person, "") == nil
		if who.place == "substitute" { // his own, and those of whom he stands in for
			officer := approval.Person{ID: who.person.ID, For: "p_officer", Grants: []approval.Grant{grant(approval.CharityOfficer, storetest.Zhangdian)}}
			mine = mine || task.Eligible(officer, "") == nil
		}
		if !mine {
			wrong = append(wrong, "is asked to act on "+task.ID)
		}
	}
	asked := slices.ContainsFunc(page.Items, func(task approval.TaskView) bool { return task.ID == w.charityTask.ID })
	if want := who.holds(storetest.Community1, approval.CharityOfficer) || who.place == "substitute"; asked != want {
		wrong = append(wrong, fmt.Sprintf("is asked to decide for the charity: %v, want %v", asked, want))
	}
	return wrong
}

// withoutDonors: names of donors are personal data; the ledger shows none.
func (w *matrixWorld) withoutDonors(_ string, _ someone, _ []approval.Role, answer answered) []string {
	if strings.Contains(string(answer.raw), donor) {
		return []string{"reads a donor's name in the ledger"}
	}
	return nil
}

// contacts are for those who handle objections at the scope.
func (w *matrixWorld) contacts(_ string, who someone, _ []approval.Role, answer answered) []string {
	reads, want := strings.Contains(string(answer.raw), objectorPhone), who.holds(storetest.Community1, approval.ObjectionHandler)
	if reads != want {
		return []string{fmt.Sprintf("reads the objector's contact: %v, want %v", reads, want)}
	}
	return nil
}
