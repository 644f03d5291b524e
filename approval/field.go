package approval

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Between refuses text that is too short, too long or only spaces; least and
// most are characters.
func Between(text string, least, most int, field string) error {
	if n := utf8.RuneCountInString(strings.TrimSpace(text)); n < least || utf8.RuneCountInString(text) > most {
		return Errorf(Invalid, "此项须为%[1]d至%[2]d个字。", "This takes %[1]d to %[2]d characters.", least, most).At(field)
	}
	return nil
}

// CivilDate reads a date such as 2026-01-31 as the first instant of that day in
// Shanghai.
func CivilDate(date, field string) (time.Time, error) {
	day, err := time.ParseInLocation(time.DateOnly, date, Shanghai)
	if err != nil {
		return day, Errorf(Invalid, "日期须写成2026-01-31的样式。", "The date must look like 2026-01-31.").At(field)
	}
	return day, nil
}

// PastDate refuses what is no civil date or lies after today in Shanghai.
func PastDate(date string, now time.Time, field string) error {
	day, err := CivilDate(date, field)
	if err != nil {
		return err
	}
	if day.After(now) || day.Year() < 2000 {
		return Errorf(Invalid, "日期不能晚于今天，也不能早于2000年。", "The date lies after today or before the year 2000.").At(field)
	}
	return nil
}
