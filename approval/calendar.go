package approval

import (
	"time"
	_ "time/tzdata" // civil time must not depend on what the machine has installed
)

// Shanghai is the time zone of all civil time in the system.
var Shanghai = mustLoad("Asia/Shanghai")

func mustLoad(name string) *time.Location {
	location, err := time.LoadLocation(name)
	if err != nil {
		panic("approval: loading the embedded time zone: " + err.Error())
	}
	return location
}

// DayKind is how a period counts its days.
type DayKind string

// The kinds of days. Both move a last day that is no working day to the next
// working day; only working days skip those in between.
const (
	WorkingDays  DayKind = "working"  // 工作日
	CalendarDays DayKind = "calendar" // 自然日
)

// MaxDays is the longest period Deadline counts: ten years.
const MaxDays = 3650

// Calendar knows which days are worked in the years it was given, and refuses
// to guess about any other.
type Calendar struct {
	loaded map[int]bool
	worked map[string]bool // only days that differ from the week
}

// NewCalendar builds a calendar from validated years; each year may come once.
func NewCalendar(years []CalendarYear) (*Calendar, error) {
	c := &Calendar{loaded: map[int]bool{}, worked: map[string]bool{}}
	for _, year := range years {
		if err := year.Validate(); err != nil {
			return nil, err
		}
		if c.loaded[year.Year] {
			return nil, Errorf(Invalid, "%d 年的工作日安排重复。", "The calendar of %d is given twice.", year.Year).At("year")
		}
		c.loaded[year.Year] = true
		for _, date := range year.Off {
			c.worked[date] = false
		}
		for _, date := range year.Work {
			c.worked[date] = true
		}
	}
	return c, nil
}

// IsWorkingDay tells whether the civil day in Shanghai that holds the instant
// is worked; a year that is not loaded is refused with CalendarMissing.
func (c *Calendar) IsWorkingDay(date time.Time) (bool, error) {
	day := date.In(Shanghai)
	if !c.loaded[day.Year()] {
		return false, Errorf(CalendarMissing, "尚未录入 %d 年的工作日安排，无法计算期限。",
			"The working days of %d are not loaded; the deadline cannot be computed.", day.Year())
	}
	if worked, named := c.worked[day.Format(time.DateOnly)]; named {
		return worked, nil
	}
	return !weekend(day), nil
}

// Deadline returns the instant the n-th day after start ends: the midnight in
// Shanghai that follows it, so that an act is in time while it is before the
// deadline. The day of start is not counted (Civil Code art. 201), and a last
// day that is not worked moves to the next working day (art. 203). It refuses
// n outside 1..MaxDays and, with CalendarMissing, any year it would have to
// guess: every year it steps into for working days, that of the last day for
// calendar days.
func (c *Calendar) Deadline(start time.Time, n int, kind DayKind) (time.Time, error) {
	if n < 1 || n > MaxDays {
		return time.Time{}, Errorf(Invalid, "期限应为 1 至 %[2]d 天，不能是 %[1]d 天。",
			"A period must be 1 to %[2]d days, not %[1]d.", n, MaxDays).At("days")
	}
	last := midnight(start)
	var err error
	switch kind {
	case WorkingDays:
		for ; n > 0 && err == nil; n-- {
			last, err = c.workingDayFrom(last.AddDate(0, 0, 1))
		}
	case CalendarDays:
		last, err = c.workingDayFrom(last.AddDate(0, 0, n))
	default:
		err = Errorf(Invalid, "期限种类“%s”应为 working 或 calendar。",
			"The kind of days %q must be working or calendar.", kind).At("day_kind")
	}
	if err != nil {
		return time.Time{}, err
	}
	return last.AddDate(0, 0, 1), nil
}

// workingDayFrom is day itself if it is worked, else the next day that is.
func (c *Calendar) workingDayFrom(day time.Time) (time.Time, error) {
	for ; ; day = day.AddDate(0, 0, 1) {
		if worked, err := c.IsWorkingDay(day); worked || err != nil {
			return day, err
		}
	}
}

func midnight(at time.Time) time.Time {
	year, month, day := at.In(Shanghai).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, Shanghai)
}

func weekend(day time.Time) bool {
	return day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
}
