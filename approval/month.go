package approval

import "time"

// AddMonths moves a day by whole months; where the month has no such day, to
// its last (Civil Code art. 202), not into the next month as time.AddDate does.
func AddMonths(day time.Time, months int) time.Time {
	moved := day.AddDate(0, months, 0)
	if moved.Day() != day.Day() {
		moved = moved.AddDate(0, 0, -moved.Day())
	}
	return moved
}

// MonthsSpanned counts the calendar months from one civil date to another,
// rounded up, so that "longer than six months" is MonthsSpanned > 6. Dates that
// are none span nothing.
func MonthsSpanned(from, to string) int {
	starts, err := time.Parse(time.DateOnly, from)
	ends, err2 := time.Parse(time.DateOnly, to)
	if err != nil || err2 != nil {
		return 0
	}
	months := 0
	for AddMonths(starts, months).Before(ends) {
		months++
	}
	return months
}
