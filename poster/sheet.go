package poster

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"github.com/signintech/gopdf"

	"linli/approval"
)

// A4 and its margins, in points.
const (
	pageWidth  = 595.28
	pageHeight = 841.89
	left       = 54.0
	right      = pageWidth - 54
	top        = 56.0
	bottom     = pageHeight - 72
	breadth    = right - left
)

// Greys, 0 is black.
const (
	ink  = 0.0
	dim  = 0.38
	pale = 0.62
)

// mark is one thing drawn on a page.
type mark func(*gopdf.GoPdf) error

// sheet lays a document out page by page before anything is drawn, because
// the footer needs the number of pages and a missing glyph must stop it all.
// The first error stays; later calls do nothing of use.
type sheet struct {
	font   Font
	pages  [][]mark
	y      float64 // from the top of the current page
	err    error
	glyphs map[rune]glyph
	used   []bool // by face
}

// imprint is what stands outside the text: on every page's foot, and in the
// file's own description.
type imprint struct {
	title  string // at the head of every further page, too
	number string // id of the notice or case
	hash   string
	made   time.Time // of the facts, never of the printing
	sample string    // a mark on every foot; "" on the real thing
}

func newSheet(font Font) *sheet {
	s := &sheet{font: font, glyphs: map[rune]glyph{}, used: make([]bool, len(font.faces)), y: top, pages: make([][]mark, 1)}
	if len(font.faces) == 0 {
		s.err = missingFont("-")
	}
	return s
}

func (s *sheet) draw(m mark) { s.pages[len(s.pages)-1] = append(s.pages[len(s.pages)-1], m) }

// turn begins a new page.
func (s *sheet) turn() {
	s.pages = append(s.pages, nil)
	s.y = top + 16 // below the caption
}

// room turns the page unless so much height is left.
func (s *sheet) room(height float64) {
	if s.y+height > bottom {
		s.turn()
	}
}

func (s *sheet) glyph(r rune) glyph {
	known, ok := s.glyphs[r]
	if ok || s.err != nil {
		return known
	}
	found, err := s.font.find(r)
	if err != nil {
		s.err = err
		return found
	}
	s.glyphs[r], s.used[found.face] = found, true
	return found
}

func (s *sheet) width(text string, size float64) float64 {
	sum := 0.0
	for _, r := range text {
		sum += s.glyph(r).width
	}
	return sum * size / 1000
}

func (s *sheet) wrap(text string, size, width float64) []string {
	return wrap(text, width, func(part string) float64 { return s.width(part, size) })
}

// text draws one line with its baseline at y, changing the face as needed.
func (s *sheet) text(x, y, size, grey float64, line string) {
	run, at := "", -1
	flush := func() {
		if run == "" || s.err != nil {
			return
		}
		family, startX, text := s.font.faces[at].family, x, run
		s.draw(func(pdf *gopdf.GoPdf) error {
			if err := pdf.SetFont(family, "", size); err != nil {
				return err
			}
			pdf.SetGrayFill(grey)
			pdf.SetXY(startX, y)
			return pdf.Text(text)
		})
		x += s.width(run, size)
		run = ""
	}
	for _, r := range line {
		if found := s.glyph(r); found.face != at {
			flush()
			at = found.face
		}
		run += string(r)
	}
	flush()
}

func (s *sheet) rule(y, x1, x2, thickness, grey float64) {
	s.draw(func(pdf *gopdf.GoPdf) error {
		pdf.SetGrayStroke(grey)
		pdf.SetLineWidth(thickness)
		pdf.Line(x1, y, x2, y)
		return nil
	})
}

// write adds the feet and draws everything; nothing reaches w on an error.
func (s *sheet) write(w io.Writer, about imprint) error {
	s.feet(about)
	if s.err != nil {
		return s.err
	}
	pdf := &gopdf.GoPdf{}
	pdf.Start(gopdf.Config{PageSize: *gopdf.PageSizeA4})
	pdf.SetInfo(gopdf.PdfInfo{Title: about.title, Subject: about.number, Creator: "Linli", Producer: "Linli", CreationDate: about.made.In(approval.Shanghai)})
	for i, used := range s.used {
		if !used {
			continue
		}
		if err := pdf.AddTTFFontFromFontContainer(s.font.faces[i].family, s.font.shared); err != nil {
			return fmt.Errorf("embedding a font: %w", err)
		}
	}
	for _, marks := range s.pages {
		pdf.AddPage()
		for _, draw := range marks {
			if err := draw(pdf); err != nil {
				return fmt.Errorf("drawing %s: %w", about.number, err)
			}
		}
	}
	var out bytes.Buffer
	if _, err := pdf.WriteTo(&out); err != nil {
		return fmt.Errorf("writing %s: %w", about.number, err)
	}
	_, err := out.WriteTo(w)
	return err
}

func (s *sheet) feet(about imprint) {
	all, pages := s.pages, len(s.pages)
	for i := range all {
		s.pages = all[:i+1]
		foot := bottom + 14
		s.rule(foot, left, right, 0.5, pale)
		s.text(left, foot+13, 7.5, dim, "编号 No. "+about.number)
		s.text(left, foot+24, 7.5, dim, "内容摘要 SHA-256  "+about.hash)
		count := fmt.Sprintf("第 %[1]d 页，共 %[2]d 页  Page %[1]d of %[2]d", i+1, pages)
		s.text(right-s.width(count, 7.5), foot+13, 7.5, dim, count)
		s.text(right-s.width(about.sample, 7.5), foot+24, 7.5, dim, about.sample)
		if i > 0 {
			caption := s.wrap(about.title, 8, breadth)[0]
			s.text(left, top, 8, dim, caption)
			s.rule(top+5, left, right, 0.5, pale)
		}
	}
	s.pages = all
}
