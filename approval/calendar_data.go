package approval

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"time"
)

// CalendarYear is the State Council's holiday notice for one year as data an
// administrator can edit. Days it does not name follow the week.
//
// A notice sometimes moves the last days of the year before: those dates
// belong into the list of the year they fall in.
type CalendarYear struct {
	Year   int      `json:"year"`
	Source string   `json:"source"` // address of the notice
	Off    []string `json:"off"`    // days off, weekends inside a holiday included: "2026-10-01"
	Work   []string `json:"work"`   // weekend days that are worked instead
}

//go:embed calendars/*.json
var calendarFiles embed.FS

// ShippedCalendars returns the notices known when this version was built, by
// year. A later year exists only once an administrator has entered it.
func ShippedCalendars() []CalendarYear {
	entries, err := calendarFiles.ReadDir("calendars")
	if err != nil {
		panic("approval: listing the shipped calendars: " + err.Error())
	}
	var years []CalendarYear
	for _, entry := range entries {
		raw, err := calendarFiles.ReadFile("calendars/" + entry.Name())
		if err != nil {
			panic("approval: reading a shipped calendar: " + err.Error())
		}
		var year CalendarYear
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&year); err != nil {
			panic("approval: decoding calendar " + entry.Name() + ": " + err.Error())
		}
		years = append(years, year)
	}
	return years
}

// Validate refuses a year without a source, malformed or repeated dates, dates
// of another year, days both off and worked, and a working day that the week
// already makes one; the field names the entry to blame.
func (y CalendarYear) Validate() error {
	if y.Year < 2000 || y.Year > 2100 {
		return Errorf(Invalid, "年份 %d 应在 2000 至 2100 之间。", "The year %d must be 2000 to 2100.", y.Year).At("year")
	}
	if y.Source == "" {
		return Errorf(Invalid, "%d 年的工作日安排须注明来源。", "The calendar of %d must name its source.", y.Year).At("source")
	}
	seen := map[string]bool{}
	for i, date := range y.Off {
		if _, err := y.date(date, seen); err != nil {
			return err.At(fmt.Sprintf("off/%d", i))
		}
	}
	for i, date := range y.Work {
		day, err := y.date(date, seen)
		if err == nil && !weekend(day) {
			err = Errorf(Invalid, "%s 不是周末，本来就是工作日。", "%s is no weekend: it is a working day anyway.", date)
		}
		if err != nil {
			return err.At(fmt.Sprintf("work/%d", i))
		}
	}
	return nil
}

func (y CalendarYear) date(text string, seen map[string]bool) (time.Time, *Error) {
	day, err := time.ParseInLocation(time.DateOnly, text, Shanghai)
	switch {
	case err != nil:
		return day, Errorf(Invalid, "日期“%s”的格式应为 2026-10-01。", "The date %q must look like 2026-10-01.", text)
	case day.Year() != y.Year:
		return day, Errorf(Invalid, "%s 不在 %d 年。", "%s is not in %d.", text, y.Year)
	case seen[text]:
		return day, Errorf(Invalid, "%s 重复，或既放假又上班。", "%s is named twice, or both off and worked.", text)
	}
	seen[text] = true
	return day, nil
}
