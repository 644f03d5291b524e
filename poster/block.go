package poster

import (
	"strings"

	"linli/approval"
)

const (
	body    = 10.5 // size of running text
	small   = 7.5  // size of the English second line
	leading = 1.6  // line height by size
)

// centred draws lines in the middle of the page.
func (s *sheet) centred(text string, size, grey float64) {
	for _, line := range s.wrap(text, size, breadth) {
		s.room(size * leading)
		s.text(left+(breadth-s.width(line, size))/2, s.y+size*1.15, size, grey, line)
		s.y += size * 1.45
	}
}

// paragraph draws text over as many pages as it takes.
func (s *sheet) paragraph(text string, x, width, size, grey float64) {
	for _, line := range s.wrap(text, size, width) {
		s.room(size * leading)
		s.text(x, s.y+size*1.2, size, grey, line)
		s.y += size * leading
	}
}

// heading opens a section and stays with the beginning of what follows.
func (s *sheet) heading(name approval.Text) {
	s.room(88)
	s.y += 9
	s.text(left, s.y+13, 13, ink, name.ZH)
	s.text(left+s.width(name.ZH, 13)+8, s.y+13, small, dim, name.EN)
	s.y += 18
	s.rule(s.y, left, right, 0.8, ink)
	s.y += 4
}

const labelWidth = 108.0

// pair draws a label with its value beside it; an empty value is a dash.
func (s *sheet) pair(label approval.Text, value string) {
	if strings.TrimSpace(value) == "" {
		value = "—"
	}
	const label2 = body*1.1 + small*1.25
	lines := s.wrap(value, body, breadth-labelWidth)
	s.room(label2 + 6)
	started := s.y
	s.text(left, s.y+body*1.1, body, dim, label.ZH)
	s.text(left, s.y+label2, small, pale, label.EN)
	for _, line := range lines {
		if s.y+body*leading > bottom {
			s.turn()
			started = s.y - label2
		}
		s.text(left+labelWidth, s.y+body*1.1, body, ink, line)
		s.y += body * leading
	}
	s.y = max(s.y, started+label2+2) + 3
}

// column is one column of a table.
type column struct {
	name  approval.Text
	width float64
	right bool // aligned, as amounts are
}

// table draws rows between horizontal rules; the head is repeated on every
// page. A last row after a rule is a total.
func (s *sheet) table(columns []column, rows [][]string, total []string) {
	s.tableHead(columns)
	for _, row := range rows {
		s.row(columns, row)
		s.rule(s.y, left, right, 0.3, pale)
	}
	if total != nil {
		s.row(columns, total)
	}
	s.rule(s.y, left, right, 0.8, ink)
	s.y += 4
}

func (s *sheet) tableHead(columns []column) {
	s.room(56)
	x := left
	for _, c := range columns {
		for _, name := range []struct {
			text            string
			y, size, darker float64
		}{{c.name.ZH, body * 1.3, body, ink}, {c.name.EN, body*1.3 + small*1.3, small, dim}} {
			s.text(c.at(x, s.width(name.text, name.size)), s.y+name.y, name.size, name.darker, name.text)
		}
		x += c.width
	}
	s.y += body*1.3 + small*1.3 + 5
	s.rule(s.y, left, right, 0.5, ink)
}

const gutter = 8.0

// at is where text of a width begins in the column that begins at x.
func (c column) at(x, width float64) float64 {
	if c.right {
		return x + c.width - width
	}
	return x
}

// row draws the cells of one row side by side, line by line, so that a cell
// taller than a page goes on on the next.
func (s *sheet) row(columns []column, cells []string) {
	wrapped, height := make([][]string, len(cells)), 0
	for i, cell := range cells {
		wrapped[i] = s.wrap(cell, body, columns[i].width-gutter)
		height = max(height, len(wrapped[i]))
	}
	s.y += 2.5
	for n := range height {
		if s.y+body*leading > bottom {
			s.turn()
			s.tableHead(columns)
			s.y += 2.5
		}
		x := left
		for i, c := range columns {
			if n < len(wrapped[i]) {
				line := wrapped[i][n]
				s.text(c.at(x, s.width(line, body)), s.y+body*1.15, body, ink, line)
			}
			x += c.width
		}
		s.y += body * 1.5
	}
	s.y += 2.5
}
