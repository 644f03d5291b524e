package statistics

import (
	"time"

	"linli/approval"
)

// Age is whether a community is an old or a new one: micro-projects are
// reported apart for the two.
type Age string

// The ages.
const (
	Old Age = "old" // 老社区
	New Age = "new" // 新社区
)

// Ages lists both ages with their display names.
var Ages = []struct {
	Age  Age
	Name approval.Text
}{
	{Old, approval.Text{ZH: "老社区", EN: "old community"}},
	{New, approval.Text{ZH: "新社区", EN: "new community"}},
}

// AgeStatement says how old a community is. It is never edited: a later one counts
// from its day on, and figures of earlier days keep the earlier.
type AgeStatement struct {
	Scope approval.Scope `json:"scope"`
	Age   Age            `json:"age"` // "" if nobody has stated it
	By    string         `json:"stated_by,omitempty"`
	At    time.Time      `json:"stated_at,omitzero"`
}

// Validate refuses an age that is none, and a scope that is no community.
func (s AgeStatement) Validate() error {
	if s.Age != Old && s.Age != New {
		return approval.Errorf(approval.Invalid, "须为老社区（old）或新社区（new）。", "A community is old or new.").At("age")
	}
	if s.Scope.Level() != approval.Community {
		return approval.Errorf(approval.Invalid, "只有社区分新老。", "Only a community is old or new.").At("community")
	}
	return nil
}
