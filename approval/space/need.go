package space

import (
	"fmt"
	"slices"
	"time"

	"linli/approval"
)

// Priority is how urgent a need is.
type Priority string

// The priorities.
const (
	High   Priority = "high"   // 急需
	Medium Priority = "medium" // 较急
	Low    Priority = "low"    // 一般
)

// Priorities lists every priority with its display name, the most urgent first.
var Priorities = []struct {
	Priority Priority
	Name     approval.Text
}{
	{High, approval.Text{ZH: "急需", EN: "high priority"}},
	{Medium, approval.Text{ZH: "较急", EN: "medium priority"}},
	{Low, approval.Text{ZH: "一般", EN: "low priority"}},
}

// Need is one line of a community's needs list. Code names it within the list:
// an item of the catalogue, or one of the community's own ("own_…").
type Need struct {
	Category string   `json:"category"`
	Code     string   `json:"code"`
	Name     string   `json:"name"`
	Count    int      `json:"count"` // residents or households that asked for it
	Priority Priority `json:"priority"`
	Note     string   `json:"note,omitempty"`
}

// NeedList is what a community wants. It is replaced as a whole; old versions
// stay on record.
type NeedList struct {
	Scope     approval.Scope `json:"scope"`
	Version   int            `json:"version"` // counts from 1; 0 = never set
	Needs     []Need         `json:"needs"`
	ChangedAt time.Time      `json:"changed_at,omitzero"`
	ChangedBy string         `json:"changed_by,omitempty"`
}

const (
	maxNeeds = 500
	maxCount = 1_000_000
	ownNeed  = "own_"

	maxOwnDigits = 18 // of a number; longer ones are names
)

// Validate refuses a list with an unknown category, priority or item, or with a
// need named twice. Fields are named "needs/3/count".
func (l NeedList) Validate() error {
	if len(l.Needs) > maxNeeds {
		return approval.Errorf(approval.Invalid, "需求清单最多%[1]d项。", "A needs list has at most %[1]d items.", maxNeeds).At("needs")
	}
	for i, need := range l.Needs {
		field := fmt.Sprintf("needs/%d", i)
		if err := need.Validate(field); err != nil {
			return err
		}
		if slices.ContainsFunc(l.Needs[:i], func(other Need) bool { return other.Code == need.Code }) {
			return approval.Errorf(approval.Invalid, "需求“%[1]s”重复。", "The need %[1]q is listed twice.", need.Code).At(field + "/code")
		}
	}
	return nil
}

// Validate refuses a need of no category, of no item or of an impossible count.
func (n Need) Validate(field string) error {
	category, known := needCategory(n.Category)
	if !known {
		return approval.Errorf(approval.Invalid, "没有“%[1]s”这一需求类别。", "There is no category of needs %[1]q.", n.Category).At(field + "/category")
	}
	if !category.has(n.Code) && !ownCode(n.Code) {
		return approval.Errorf(approval.Invalid, "类别“%[1]s”的目录中没有“%[2]s”；自定项目的编号以own_开头，后接1至30位小写字母、数字或下划线。",
			"The category %[1]q has no item %[2]q; an item of your own is coded own_ and 1 to 30 small letters, digits or underscores.", category.Code, n.Code).At(field + "/code")
	}
	if err := approval.Plain(n.Name, 1, maxName, field+"/name"); err != nil {
		return err
	}
	if n.Count < 1 || n.Count > maxCount {
		return approval.Errorf(approval.Invalid, "需求人数须为1至%[1]d的整数。", "The count is a whole number from 1 to %[1]d.", maxCount).At(field + "/count")
	}
	if !slices.ContainsFunc(Priorities, func(known struct {
		Priority Priority
		Name     approval.Text
	}) bool {
		return known.Priority == n.Priority
	}) {
		return approval.Errorf(approval.Invalid, "没有“%[1]s”这一优先级。", "There is no priority %[1]q.", n.Priority).At(field + "/priority")
	}
	return approval.Plain(n.Note, 0, maxNote, field+"/note")
}

func ownCode(code string) bool {
	if len(code) <= len(ownNeed) || len(code) > len(ownNeed)+30 || code[:len(ownNeed)] != ownNeed {
		return false
	}
	return !slices.ContainsFunc([]byte(code), func(b byte) bool {
		return (b < 'a' || b > 'z') && (b < '0' || b > '9') && b != '_'
	})
}

// NeedMatch is how an application answers a community's list.
type NeedMatch struct {
	Listed   bool     `json:"listed"`   // the community has a list
	Answered []Need   `json:"answered"` // in the order of the list
	Unlisted []string `json:"unlisted"` // codes the application names and the list does not
}

// Priority counts the answered needs of high priority.
func (m NeedMatch) Priority() int {
	count := 0
	for _, need := range m.Answered {
		if need.Priority == High {
			count++
		}
	}
	return count
}

// Match works out which listed needs the codes an application names answer.
func (l NeedList) Match(codes []string) NeedMatch {
	match := NeedMatch{Listed: len(l.Needs) > 0, Answered: []Need{}, Unlisted: []string{}}
	for _, need := range l.Needs {
		if slices.Contains(codes, need.Code) {
			match.Answered = append(match.Answered, need)
		}
	}
	for i, code := range codes {
		listed := slices.ContainsFunc(l.Needs, func(need Need) bool { return need.Code == code })
		if !listed && !slices.Contains(codes[:i], code) {
			match.Unlisted = append(match.Unlisted, code)
		}
	}
	return match
}

// Known refuses codes that neither the catalogue nor the community's list has.
// Fields are named "needs/3".
func (l NeedList) Known(codes []string) error {
	for i, code := range codes {
		catalogued := slices.ContainsFunc(NeedCategories, func(category NeedCategory) bool { return category.has(code) })
		if !catalogued && !l.lists(code) {
			return approval.Errorf(approval.Invalid, "需求目录和本社区的需求清单中都没有“%[1]s”。",
				"Neither the catalogue nor the community's list has a need %[1]q.", code).At(fmt.Sprintf("needs/%d", i))
		}
	}
	return nil
}
