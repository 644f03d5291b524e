package bench

import (
	"fmt"
	"strings"
	"time"
)

// Table renders rows under a heading as Markdown, aligned for a terminal.
func Table(heading []string, rows [][]string) string {
	widths := make([]int, len(heading))
	for _, row := range append([][]string{heading}, rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	var text strings.Builder
	line := func(row []string) {
		for i, cell := range row {
			fmt.Fprintf(&text, "| %s%s ", cell, strings.Repeat(" ", widths[i]-len([]rune(cell))))
		}
		text.WriteString("|\n")
	}
	line(heading)
	rule := make([]string, len(heading))
	for i := range rule {
		rule[i] = strings.Repeat("-", widths[i])
	}
	line(rule)
	for _, row := range rows {
		line(row)
	}
	return text.String()
}

// Millis renders a duration in milliseconds.
func Millis(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d)/float64(time.Millisecond)) }

// Ratio renders a/b; "–" where there is nothing to compare with.
func Ratio(a, b float64) string {
	if b == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", a/b)
}
