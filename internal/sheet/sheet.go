// Package sheet writes tables as Excel workbooks, row by row, so that a large
// one is not held in memory twice.
//
// A text that a spreadsheet could take for a formula is written with a leading
// apostrophe and stays text wherever it is opened, saved or pasted; Plain takes
// the apostrophe off again. Amounts are fen here and yuan in the cell.
package sheet

import (
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/xuri/excelize/v2"
)

// MediaType is that of a workbook.
const MediaType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// Kind is what the cells of a column hold and how they are shown.
type Kind int

// The kinds.
const (
	Text    Kind = iota // string
	Number              // int64
	Money               // int64, fen
	Percent             // int64, hundredths of a percent
)

// formats are Excel's own numbers for how a kind is shown: 0.00%, #,##0.00.
var formats = map[Kind]int{Number: 3, Money: 4, Percent: 10}

// Column is a column's title, width in characters and kind.
type Column struct {
	Title string
	Width float64
	Kind  Kind
}

// Book is a workbook that is being written. Close it.
type Book struct {
	file   *excelize.File
	styles map[Kind]int
	head   int
	tables int
}

// New begins a workbook.
func New() (*Book, error) {
	b := &Book{file: excelize.NewFile(), styles: map[Kind]int{}}
	var err error
	if b.head, err = b.file.NewStyle(&excelize.Style{
		Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"},
	}); err != nil {
		return nil, err
	}
	if b.styles[Text], err = b.file.NewStyle(&excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}}); err != nil {
		return nil, err
	}
	for kind, format := range formats {
		if b.styles[kind], err = b.file.NewStyle(&excelize.Style{NumFmt: format, Alignment: &excelize.Alignment{Vertical: "top"}}); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// Close gives back what the workbook holds.
func (b *Book) Close() error { return b.file.Close() }

// Table adds a sheet: the titles, which stay in sight, and the rows. A row has
// one value per column, a string or an int64 as the column's kind says.
func (b *Book) Table(name string, columns []Column, rows iter.Seq[[]any]) error {
	if err := b.begin(name); err != nil {
		return err
	}
	w, err := b.file.NewStreamWriter(name)
	if err != nil {
		return err
	}
	head := make([]any, len(columns))
	for i, column := range columns {
		if err := w.SetColWidth(i+1, i+1, column.Width); err != nil {
			return err
		}
		head[i] = excelize.Cell{StyleID: b.head, Value: Guard(column.Title)}
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	if err := w.SetRow("A1", head); err != nil {
		return err
	}
	at := 1
	for row := range rows {
		at++
		cells, err := b.cells(columns, row)
		if err != nil {
			return fmt.Errorf("row %d of %s: %w", at, name, err)
		}
		if err := w.SetRow(fmt.Sprintf("A%d", at), cells); err != nil {
			return err
		}
	}
	return w.Flush()
}

// begin makes the sheet; the first takes the place of the empty one every new
// workbook has.
func (b *Book) begin(name string) error {
	if b.tables++; b.tables == 1 {
		return b.file.SetSheetName(b.file.GetSheetName(0), name)
	}
	_, err := b.file.NewSheet(name)
	return err
}

func (b *Book) cells(columns []Column, row []any) ([]any, error) {
	if len(row) != len(columns) {
		return nil, fmt.Errorf("%d values for %d columns", len(row), len(columns))
	}
	cells := make([]any, len(row))
	for i, value := range row {
		cell := excelize.Cell{StyleID: b.styles[columns[i].Kind]}
		switch value := value.(type) {
		case string:
			cell.Value = Guard(value)
		case int64:
			switch columns[i].Kind {
			case Money:
				cell.Value = float64(value) / 100
			case Percent:
				cell.Value = float64(value) / 10_000
			default:
				cell.Value = value
			}
		default:
			return nil, fmt.Errorf("%T in the column %s", value, columns[i].Title)
		}
		cells[i] = cell
	}
	return cells, nil
}

// WriteTo writes the workbook.
func (b *Book) WriteTo(w io.Writer) (int64, error) { return b.file.WriteTo(w) }

// dangerous is what a cell begins with that a spreadsheet may calculate, and the
// apostrophe itself, so that every text comes back as it was.
const dangerous = "=+-@\t\r\n'"

// Guard keeps a text from being taken for a formula.
func Guard(text string) string {
	if text != "" && strings.ContainsRune(dangerous, rune(text[0])) {
		return "'" + text
	}
	return text
}

// Plain is the text Guard was given.
func Plain(text string) string {
	if rest, guarded := strings.CutPrefix(text, "'"); guarded && Guard(rest) == text {
		return rest
	}
	return text
}
