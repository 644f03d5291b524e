package poster

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Marks that never begin a line and marks that never end one (GB/T 15834).
const (
	closing = "，。、；：？！…—～·）》〉」』】〕〗”’％‰℃,.;:?!)]}%°々"
	opening = "（《〈「『【〔〖“‘([{￥¥＄$№#"
)

func closes(r rune) bool { return strings.ContainsRune(closing, r) }
func opens(r rune) bool  { return strings.ContainsRune(opening, r) }

// clean makes one kind of line end and space, and drops what was never
// visible (zero-width and direction marks).
func clean(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\t", " ", "\u00a0", " ").Replace(text)
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, text)
}

// wrap breaks text into lines no wider than width, as measured.
func wrap(text string, width float64, measured func(string) float64) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(clean(text), "\n") {
		lines = append(lines, fill(unbreakable(paragraph), width, measured)...)
	}
	return lines
}

// fill puts as many units on each line as fit.
func fill(units []string, width float64, measured func(string) float64) []string {
	var lines []string
	line, used := "", 0.0
	flush := func() {
		lines = append(lines, strings.TrimRight(line, " "))
		line, used = "", 0
	}
	for _, unit := range units {
		wide := measured(unit)
		if line != "" && used+wide > width && strings.TrimSpace(unit) != "" {
			flush()
		}
		if line == "" && len(lines) > 0 && unit == " " {
			continue
		}
		if wide <= width {
			line, used = line+unit, used+wide
			continue
		}
		for _, r := range unit { // wider than any line: break anywhere
			if wide := measured(string(r)); line != "" && used+wide > width {
				flush()
			}
			line, used = line+string(r), used+measured(string(r))
		}
	}
	if line != "" || len(lines) == 0 {
		flush()
	}
	return lines
}

// unbreakable parts a paragraph into what must stay together: Latin words and
// numbers, and each character with the marks that cling to it.
func unbreakable(paragraph string) []string {
	var units []string
	for _, atom := range atoms(paragraph) {
		first, _ := utf8.DecodeRuneInString(atom)
		if n := len(units); n > 0 && units[n-1] != " " && atom != " " {
			last, _ := utf8.DecodeLastRuneInString(units[n-1])
			if closes(first) || opens(last) {
				units[n-1] += atom
				continue
			}
		}
		units = append(units, atom)
	}
	return units
}

func atoms(paragraph string) []string {
	var found []string
	inWord := false
	for _, r := range paragraph {
		if word := wordly(r); word && inWord {
			found[len(found)-1] += string(r)
		} else {
			found = append(found, string(r))
			inWord = word
		}
	}
	return found
}

// wordly characters are not parted from their neighbours: letters, digits and
// what joins them in numbers, hashes and addresses.
func wordly(r rune) bool {
	return r < 0x2000 && !unicode.IsSpace(r) && r != '·'
}
