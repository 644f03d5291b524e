package poster

import (
	"fmt"
	"io"

	"linli/approval"
)

// Paper prints a document of blocks as a PDF: an agreement, a certificate, a
// report. A table whose rows do not fit its columns is refused as a fault.
func Paper(w io.Writer, paper approval.Paper, font Font) error {
	s := newSheet(font)
	if paper.Sample != "" {
		s.stamp(paper.Sample)
	}
	s.masthead(paper.Issuer, paper.Title, paper.Subject)
	for i, block := range paper.Blocks {
		if err := s.block(block); err != nil {
			return fmt.Errorf("block %d of %s: %w", i, paper.Number, err)
		}
	}
	return s.write(w, imprint{
		title: paper.Title.ZH + "：" + paper.Number, number: paper.Number, hash: paper.Hash, made: paper.At, sample: paper.Sample,
	})
}

func (s *sheet) block(block approval.Block) error {
	switch {
	case block.Heading != (approval.Text{}):
		s.heading(block.Heading)
	case block.Text != "":
		s.paragraph(block.Text, left, breadth, body, ink)
		s.y += 3
	case block.Pair.Label != (approval.Text{}):
		s.pair(block.Pair.Label, block.Pair.Value)
	case block.Table != nil:
		return s.tableOf(*block.Table)
	case len(block.Signatures) > 0:
		s.signatures(block.Signatures...)
	}
	return nil
}

func (s *sheet) tableOf(table approval.Table) error {
	shares := 0
	for _, c := range table.Columns {
		shares += c.Share
	}
	columns := make([]column, len(table.Columns))
	for i, c := range table.Columns {
		if c.Share < 1 {
			return fmt.Errorf("column %q has no width", c.Name.EN)
		}
		columns[i] = column{name: c.Name, width: breadth * float64(c.Share) / float64(shares), right: c.Right}
	}
	for _, row := range append(table.Rows[:len(table.Rows):len(table.Rows)], table.Total) {
		if row != nil && len(row) != len(columns) {
			return fmt.Errorf("a row of %d cells in %d columns", len(row), len(columns))
		}
	}
	s.table(columns, table.Rows, table.Total)
	return nil
}

// stamp marks the first page at its head; feet do so on every page.
func (s *sheet) stamp(mark string) {
	wide := s.width(mark, body)
	s.text(right-wide, top-14, body, dim, mark)
}
