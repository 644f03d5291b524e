package rules

import (
	"reflect"
	"slices"

	"linli/approval"
)

// The city's floor common to all procedures. It binds the baseline and every
// district alike (I12).
const (
	// FloorNoticeDays: the shortest notice found in comparable rules is three days.
	FloorNoticeDays = 3
	// MaxNoticeDays and MaxDeadline keep a typing error from parking a case.
	MaxNoticeDays = 30
	MaxDeadline   = 60
)

func floorOfNotice(days int, kind approval.DayKind, answerDays int, r *report) {
	if days < FloorNoticeDays || days > MaxNoticeDays {
		r.add("parameters.notice.days", "公示应为%[1]d至%[2]d天。", "A notice stands %[1]d to %[2]d days.", FloorNoticeDays, MaxNoticeDays)
	}
	oneOf(r, "parameters.notice.day_kind", kind, approval.WorkingDays, approval.CalendarDays)
	within(r, "parameters.notice.answer_days", answerDays)
}

// floorOfDeadlines holds every field of a struct of working days to the bounds.
func floorOfDeadlines(deadlines any, r *report) {
	value := reflect.ValueOf(deadlines)
	for i := range value.NumField() {
		name, _ := fieldName(value.Type().Field(i))
		within(r, "parameters.deadlines."+name, int(value.Field(i).Int()))
	}
}

func within(r *report, path string, days int) {
	if days < 1 || days > MaxDeadline {
		r.add(path, "期限应为1至%[1]d个工作日。", "A deadline is 1 to %[1]d working days.", MaxDeadline)
	}
}

// bounded reports a whole number outside its bounds.
func bounded(r *report, path string, value, least, most int64) {
	if value < least || value > most {
		r.add(path, "应在%[1]d与%[2]d之间。", "This lies between %[1]d and %[2]d.", least, most)
	}
}

// floorOfAmount reports an amount no money field may hold.
func floorOfAmount(r *report, path string, amount approval.Fen) {
	if amount < 0 || amount > approval.MaxAmount {
		r.add(path, "金额应在0与%[1]s元之间。", "An amount lies between 0 and %[1]s yuan.", approval.MaxAmount.Yuan())
	}
}

// floorOfWords reports a word that is none of the known or is named twice.
func floorOfWords(r *report, path string, noun approval.Text, words, known []string) {
	for i, word := range words {
		if !slices.Contains(known, word) || slices.Contains(words[:i], word) {
			r.add(path, "%[1]s“%[3]s”不存在或重复。", "The %[2]s %[3]q does not exist or is named twice.", noun.ZH, noun.EN, word)
		}
	}
}
