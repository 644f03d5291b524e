package engagement

import "linli/approval/onboarding"

// hoursOwed is a period's part of the hours of service that were promised, nil
// where none were or the period was settled on paper. Like any yearly value it
// goes by days and is rounded to the nearest whole hour, half to even, so that
// the periods of a contract year add up to what was promised for it.
func (s *State) hoursOwed(p Period) *int64 {
	if s.Edition < 2 || s.Share.Kind != onboarding.InKindHours || s.TakenOver != nil && p.To <= s.TakenOver.SettledTo {
		return nil
	}
	owed := p.Hours(s.Share)
	return &owed
}

// HoursDue is what the periods that are closed came to, in hours.
func (s *State) HoursDue() (due int64) {
	for _, p := range s.Periods {
		if owed := s.hoursOwed(p); owed != nil && (p.Status == Settled || p.Status == Unsettled) {
			due += *owed
		}
	}
	return due
}

// HoursShort is how many of them were not given. It is carried from period to
// period: what is missing in one can be made up in a later one, and what was
// given beyond the promise counts for those that follow.
func (s *State) HoursShort() int64 { return max(0, s.HoursDue()-s.Hours) }
