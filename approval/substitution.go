package approval

import (
	"time"
	"unicode/utf8"
)

// Substitution lets a person act for an absent one, from the first to the
// last day, both included, by Shanghai's calendar.
type Substitution struct {
	ID             string    `json:"id"`
	Absent         string    `json:"absent"`
	AbsentName     string    `json:"absent_name,omitempty"`
	Substitute     string    `json:"substitute"`
	SubstituteName string    `json:"substitute_name,omitempty"`
	Scope          Scope     `json:"scope"` // home of the absent person
	FirstOn        string    `json:"first_on"`
	LastOn         string    `json:"last_on"`
	Reason         string    `json:"reason"`
	CreatedAt      time.Time `json:"created_at"`
	CreatedBy      string    `json:"created_by"`
	EndedAt        time.Time `json:"ended_at,omitzero"`
}

// MaxSubstitution is the longest substitution in days; longer absences need a
// new grant by an administrator.
const MaxSubstitution = 184

// Validate refuses malformed or reversed dates, spans above MaxSubstitution,
// a span already over, a missing reason and a person standing in for himself.
func (s Substitution) Validate(now time.Time) error {
	first, err := time.ParseInLocation(time.DateOnly, s.FirstOn, Shanghai)
	if err != nil {
		return Errorf(Invalid, "日期格式应为 2026-10-01。", "A date must look like 2026-10-01.").At("first_on")
	}
	last, err := time.ParseInLocation(time.DateOnly, s.LastOn, Shanghai)
	if err != nil {
		return Errorf(Invalid, "日期格式应为 2026-10-01。", "A date must look like 2026-10-01.").At("last_on")
	}
	switch {
	case s.Absent == s.Substitute:
		return Errorf(SamePerson, "不能由本人代理本人。", "Nobody substitutes himself.").At("substitute")
	case last.Before(first):
		return Errorf(Invalid, "结束日期不能早于开始日期。", "The last day lies before the first.").At("last_on")
	case last.Sub(first) >= MaxSubstitution*24*time.Hour:
		return Errorf(Invalid, "代理期不能超过 %d 天。", "A substitution lasts at most %d days.", MaxSubstitution).At("last_on")
	case !now.Before(last.AddDate(0, 0, 1)):
		return Errorf(Invalid, "代理期已经结束。", "The substitution is already over.").At("last_on")
	case s.Reason == "" || utf8.RuneCountInString(s.Reason) > 200:
		return Errorf(Invalid, "须说明代理原因，不超过200字。", "Give a reason of at most 200 characters.").At("reason")
	}
	return nil
}

// MayName refuses whoever may not name a substitute for the absent person:
// only he himself, a secretary of his scope or an administrator of it may; and
// the substitute must belong to the same district.
func (s Substitution) MayName(by Person, substituteHome Scope) error {
	if by.ID != s.Absent && !by.Holds(Secretary, s.Scope) && !by.Holds(Administrator, s.Scope) {
		return Errorf(Forbidden, "只有本人、书记或管理员可以指定代理人。",
			"Only the person, a secretary or an administrator names a substitute.")
	}
	if by.For != "" {
		return Errorf(Forbidden, "代理人不能再指定代理人。", "A substitute names no further substitute.")
	}
	if s.Scope.Level() >= District && s.Scope.Up(District) != substituteHome.Up(District) {
		return Errorf(NotEligible, "代理人须属于同一区县。", "The substitute must belong to the same district.").At("substitute")
	}
	return nil
}
