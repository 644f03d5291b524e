package approval_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"linli/approval"
)

func ExampleCalendar_Deadline() {
	calendar, _ := approval.NewCalendar(approval.ShippedCalendars())
	published := time.Date(2025, 9, 30, 16, 30, 0, 0, approval.Shanghai)
	working, _ := calendar.Deadline(published, 5, approval.WorkingDays)
	natural, _ := calendar.Deadline(published, 5, approval.CalendarDays)
	_, err := calendar.Deadline(time.Date(2026, 12, 31, 9, 0, 0, 0, approval.Shanghai), 1, approval.WorkingDays)
	fmt.Println(working)
	fmt.Println(natural)
	fmt.Println(err)
	// Output:
	// 2025-10-15 00:00:00 +0800 CST
	// 2025-10-10 00:00:00 +0800 CST
	// calendar_missing: The working days of 2027 are not loaded; the deadline cannot be computed.
}

func shipped(t interface{ Fatal(...any) }) *approval.Calendar {
	calendar, err := approval.NewCalendar(approval.ShippedCalendars())
	if err != nil {
		t.Fatal(err)
	}
	return calendar
}

func day(text string) time.Time {
	at, err := time.ParseInLocation(time.DateOnly, text, approval.Shanghai)
	if err != nil {
		panic(err)
	}
	return at
}

// lastDay is the date whose end a deadline is.
func lastDay(deadline time.Time) string { return deadline.Add(-time.Nanosecond).Format(time.DateOnly) }

func TestWorkingDayDeadlines(t *testing.T) {
	calendar := shipped(t)
	for _, vector := range strings.Fields(`
		2025-01-24+3→2025-02-05 2025-01-27+5→2025-02-10 2025-04-03+3→2025-04-09 2025-04-25+5→2025-05-06
		2025-05-30+3→2025-06-05 2025-09-26+3→2025-09-30 2025-09-28+3→2025-10-09 2025-09-30+5→2025-10-14
		2025-10-10+1→2025-10-11 2025-12-31+1→2026-01-04 2025-12-31+5→2026-01-08 2026-02-13+3→2026-02-25
		2026-02-14+5→2026-02-28 2026-04-03+1→2026-04-07 2026-04-30+5→2026-05-11 2026-05-08+1→2026-05-09
		2026-06-18+3→2026-06-24 2026-09-18+5→2026-09-24 2026-09-24+3→2026-09-30 2026-09-30+5→2026-10-13`) {
		var n int
		start, rest, _ := strings.Cut(vector, "+")
		count, want, _ := strings.Cut(rest, "→")
		if _, err := fmt.Sscan(count, &n); err != nil {
			t.Fatal(err)
		}
		for _, hour := range []time.Duration{0, 9 * time.Hour, 24*time.Hour - 1} {
			deadline, err := calendar.Deadline(day(start).Add(hour).UTC(), n, approval.WorkingDays)
			if err != nil || lastDay(deadline) != want || !deadline.Equal(day(want).AddDate(0, 0, 1)) {
				t.Errorf("%s at +%s: got %s, %v", vector, hour, deadline, err)
			}
		}
	}
}

func TestCalendarDayDeadlines(t *testing.T) {
	calendar := shipped(t)
	for _, c := range []struct {
		start string
		n     int
		want  string
	}{
		{"2025-03-03", 3, "2025-03-06"},
		{"2025-03-05", 3, "2025-03-10"}, // Saturday moves to Monday
		{"2025-01-20", 5, "2025-01-26"}, // Saturday moves to a Sunday worked instead
		{"2025-01-24", 4, "2025-02-05"}, // first day of Spring Festival moves past it
		{"2026-02-12", 2, "2026-02-14"}, // a Saturday worked instead stays
		{"2025-12-30", 2, "2026-01-04"}, // across the year
		{"2024-12-30", 3, "2025-01-02"}, // starts before the first loaded year
	} {
		deadline, err := calendar.Deadline(day(c.start), c.n, approval.CalendarDays)
		if err != nil || lastDay(deadline) != c.want {
			t.Errorf("%s + %d calendar days: got %s, %v; want %s", c.start, c.n, deadline, err, c.want)
		}
	}
}

func TestWorkingDaysPerMonth(t *testing.T) {
	calendar := shipped(t)
	for year, want := range map[int][12]int{
		2025: {19, 19, 21, 22, 19, 20, 23, 21, 23, 18, 20, 23},
		2026: {21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23},
	} {
		var got [12]int
		total := 0
		for at := time.Date(year, 1, 1, 12, 0, 0, 0, approval.Shanghai); at.Year() == year; at = at.AddDate(0, 0, 1) {
			worked, err := calendar.IsWorkingDay(at)
			if err != nil {
				t.Fatal(err)
			}
			if worked {
				got[at.Month()-1]++
				total++
			}
		}
		if got != want || total != 248 {
			t.Errorf("%d: %v, %d in all; want %v, 248", year, got, total, want)
		}
	}
}

func TestWorkingDayIsCivilDayInShanghai(t *testing.T) {
	calendar := shipped(t)
	fridayInUTC := time.Date(2025, 3, 7, 16, 0, 0, 0, time.UTC) // Saturday 00:00 in Shanghai
	if worked, err := calendar.IsWorkingDay(fridayInUTC); worked || err != nil {
		t.Errorf("Saturday in Shanghai counts as worked: %v, %v", worked, err)
	}
	if worked, err := calendar.IsWorkingDay(fridayInUTC.Add(-time.Nanosecond)); !worked || err != nil {
		t.Errorf("the last nanosecond of Friday is not worked: %v, %v", worked, err)
	}
}

func TestDeadlineRefuses(t *testing.T) {
	calendar := shipped(t)
	for _, c := range []struct {
		start string
		n     int
		kind  approval.DayKind
		code  approval.Code
		names string
	}{
		{"2025-03-03", 0, approval.WorkingDays, approval.Invalid, "0"},
		{"2025-03-03", -1, approval.CalendarDays, approval.Invalid, "-1"},
		{"2025-03-03", approval.MaxDays + 1, approval.CalendarDays, approval.Invalid, "3651"},
		{"2025-03-03", 1, "lunar", approval.Invalid, "lunar"},
		{"2025-03-03", 1, "", approval.Invalid, "working"},
		{"2026-12-31", 1, approval.WorkingDays, approval.CalendarMissing, "2027"},
		{"2025-03-03", 1000, approval.WorkingDays, approval.CalendarMissing, "2027"},
		{"2026-12-31", 1, approval.CalendarDays, approval.CalendarMissing, "2027"},
		{"2025-03-03", approval.MaxDays, approval.CalendarDays, approval.CalendarMissing, "2035"},
		{"2024-12-30", 1, approval.WorkingDays, approval.CalendarMissing, "2024"},
	} {
		deadline, err := calendar.Deadline(day(c.start), c.n, c.kind)
		refusal := approval.Refusal(err)
		if refusal == nil || refusal.Code != c.code || !deadline.IsZero() {
			t.Errorf("%s + %d %s: got %s, %v; want %s", c.start, c.n, c.kind, deadline, err, c.code)
			continue
		}
		for _, text := range []string{refusal.Message.ZH, refusal.Message.EN} {
			if !strings.Contains(text, c.names) || strings.Contains(text, "%!") {
				t.Errorf("%q does not name %s", text, c.names)
			}
		}
	}
}

func TestCalendarYearGapIsNotGuessed(t *testing.T) {
	calendar, err := approval.NewCalendar([]approval.CalendarYear{
		{Year: 2025, Source: "test"}, {Year: 2027, Source: "test"},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = calendar.Deadline(day("2025-12-31"), 300, approval.WorkingDays)
	if refusal := approval.Refusal(err); refusal == nil || !strings.Contains(refusal.Message.EN, "2026") {
		t.Errorf("the missing year in the middle was guessed: %v", err)
	}
}

func TestCalendarYearsRefused(t *testing.T) {
	base := approval.CalendarYear{Year: 2026, Source: "https://example.org", Off: []string{"2026-10-01"}, Work: []string{"2026-10-10"}}
	for name, c := range map[string]struct {
		spoil func(*approval.CalendarYear)
		field string
	}{
		"no year":              {func(y *approval.CalendarYear) { y.Year = 0 }, "year"},
		"far year":             {func(y *approval.CalendarYear) { y.Year = 2101 }, "year"},
		"no source":            {func(y *approval.CalendarYear) { y.Source = "" }, "source"},
		"malformed":            {func(y *approval.CalendarYear) { y.Off = []string{"2026-10-1"} }, "off/0"},
		"impossible":           {func(y *approval.CalendarYear) { y.Off = []string{"2026-02-29"} }, "off/0"},
		"with a time":          {func(y *approval.CalendarYear) { y.Work = []string{"2026-10-10T00:00:00Z"} }, "work/0"},
		"other year off":       {func(y *approval.CalendarYear) { y.Off = append(y.Off, "2027-01-01") }, "off/1"},
		"other year work":      {func(y *approval.CalendarYear) { y.Work = append(y.Work, "2025-10-11") }, "work/1"},
		"off twice":            {func(y *approval.CalendarYear) { y.Off = append(y.Off, "2026-10-01") }, "off/1"},
		"worked twice":         {func(y *approval.CalendarYear) { y.Work = append(y.Work, "2026-10-10") }, "work/1"},
		"off and worked":       {func(y *approval.CalendarYear) { y.Off = append(y.Off, "2026-10-10") }, "work/0"},
		"worked on a weekday":  {func(y *approval.CalendarYear) { y.Work = append(y.Work, "2026-10-09") }, "work/1"},
		"off day moved to off": {func(y *approval.CalendarYear) { y.Work = append(y.Work, "2026-10-01") }, "work/1"},
	} {
		year := base
		year.Off, year.Work = slices.Clone(base.Off), slices.Clone(base.Work)
		c.spoil(&year)
		_, err := approval.NewCalendar([]approval.CalendarYear{year})
		if refusal := approval.Refusal(err); refusal == nil || refusal.Code != approval.Invalid || refusal.Field != c.field {
			t.Errorf("%s: got %v, want %s refused", name, err, c.field)
		}
	}
	if _, err := approval.NewCalendar([]approval.CalendarYear{base, base}); approval.CodeOf(err) != approval.Invalid {
		t.Errorf("a year given twice: %v", err)
	}
	weekendOff := approval.CalendarYear{Year: 2026, Source: "s", Off: []string{"2026-10-03"}}
	if _, err := approval.NewCalendar([]approval.CalendarYear{weekendOff}); err != nil {
		t.Errorf("a weekend inside a holiday is refused: %v", err)
	}
}

func TestShippedCalendarsNameTheirNotice(t *testing.T) {
	years := approval.ShippedCalendars()
	if len(years) != 2 || years[0].Year != 2025 || years[1].Year != 2026 {
		t.Fatalf("shipped: %v", years)
	}
	for _, year := range years {
		if !strings.HasPrefix(year.Source, "https://www.gov.cn/") {
			t.Errorf("%d comes from %q", year.Year, year.Source)
		}
	}
	years[0].Off[0] = "spoiled"
	if err := approval.ShippedCalendars()[0].Validate(); err != nil {
		t.Errorf("a caller can spoil the shipped data: %v", err)
	}
}

// drawStart draws an instant that leaves room for drawDays in both years.
func drawStart(t *rapid.T, label string) time.Time {
	return day("2024-12-31").Add(time.Duration(rapid.Int64Range(0, int64(500*24*time.Hour)).Draw(t, label)))
}

func drawDays(t *rapid.T, label string) int { return rapid.IntRange(1, 60).Draw(t, label) }

func mustDeadline(t *rapid.T, c *approval.Calendar, start time.Time, n int, kind approval.DayKind) time.Time {
	deadline, err := c.Deadline(start, n, kind)
	if err != nil {
		t.Fatal(err)
	}
	return deadline
}

func TestDeadlineLaws(t *testing.T) {
	calendar := shipped(t)
	rapid.Check(t, func(t *rapid.T) {
		start, later := drawStart(t, "start"), drawStart(t, "later")
		if later.Before(start) {
			start, later = later, start
		}
		n := drawDays(t, "n")
		kind := rapid.SampledFrom([]approval.DayKind{approval.WorkingDays, approval.CalendarDays}).Draw(t, "kind")
		end := mustDeadline(t, calendar, start, n, kind)
		if mustDeadline(t, calendar, later, n, kind).Before(end) {
			t.Fatal("starting later ends earlier")
		}
		more := mustDeadline(t, calendar, start, n+1, kind)
		if more.Before(end) || kind == approval.WorkingDays && !more.After(end) {
			t.Fatal("a longer period does not end later")
		}
		if worked, err := calendar.IsWorkingDay(end.Add(-time.Nanosecond)); !worked || err != nil {
			t.Fatalf("the last day %s is not worked: %v", lastDay(end), err)
		}
		if hour, minute, second := end.Clock(); hour+minute+second+end.Nanosecond() != 0 || end.Location() != approval.Shanghai {
			t.Fatalf("%s is no midnight in Shanghai", end)
		}
		if end.Sub(start) <= time.Duration(n)*24*time.Hour-time.Hour*24 {
			t.Fatalf("%d days from %s end already %s", n, start, end)
		}
		if working := mustDeadline(t, calendar, start, n, approval.WorkingDays); end.After(working) {
			t.Fatal("calendar days end after as many working days")
		}
	})
}

func TestWorkingDaysAddUp(t *testing.T) {
	calendar := shipped(t)
	rapid.Check(t, func(t *rapid.T) {
		start, a, b := drawStart(t, "start"), drawDays(t, "a"), drawDays(t, "b")
		inOne := mustDeadline(t, calendar, start, a+b, approval.WorkingDays)
		first := mustDeadline(t, calendar, start, a, approval.WorkingDays)
		inTwo := mustDeadline(t, calendar, first.Add(-time.Nanosecond), b, approval.WorkingDays)
		if !inOne.Equal(inTwo) {
			t.Fatalf("%d+%d: %s in one go, %s in two", a, b, inOne, inTwo)
		}
	})
}

func TestWorkingDaysMatchThePlainList(t *testing.T) {
	calendar := shipped(t)
	var worked []string
	for _, year := range approval.ShippedCalendars() {
		for at := time.Date(year.Year, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() == year.Year; at = at.AddDate(0, 0, 1) {
			date := at.Format(time.DateOnly)
			onWeekday := at.Weekday() != time.Saturday && at.Weekday() != time.Sunday
			if slices.Contains(year.Work, date) || onWeekday && !slices.Contains(year.Off, date) {
				worked = append(worked, date)
			}
		}
	}
	for at := day("2024-12-31"); at.Before(day("2026-12-01")); at = at.AddDate(0, 0, 1) {
		next, _ := slices.BinarySearch(worked, at.AddDate(0, 0, 1).Format(time.DateOnly))
		for n := 1; n <= 20; n++ {
			deadline, err := calendar.Deadline(at, n, approval.WorkingDays)
			if err != nil || lastDay(deadline) != worked[next+n-1] {
				t.Fatalf("%s + %d: got %s, %v; the list says %s", lastDay(at), n, deadline, err, worked[next+n-1])
			}
		}
	}
}
