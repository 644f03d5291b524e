package workbook

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"linli/approval"
	"linli/approval/space"
	"linli/internal/sheet"
)

// The bounds of a workbook.
const (
	MaxRows     = 2000     // of one sheet, heading included
	maxUnpacked = 32 << 20 // bytes
	maxCells    = 40       // of one row
)

// column is one column of a sheet: its heading, "*" where a cell must be filled.
type column struct {
	heading string
	needed  bool
}

func (c column) title() string {
	if c.needed {
		return c.heading + "*"
	}
	return c.heading
}

// table is one sheet as it is read: rows of cells by heading.
type table struct {
	sheet    string
	rows     []row
	problems []space.Problem
}

type row struct {
	number int
	cells  map[string]string
	table  *table
}

// open refuses what is no workbook or too large once unpacked.
func open(content []byte) (*excelize.File, error) {
	book, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{
		UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxUnpacked, RawCellValue: true,
	})
	if err != nil {
		return nil, approval.Errorf(approval.UnsupportedMedia, "文件不是有效的xlsx表格，或解压后超过%[1]dMB。",
			"The file is no proper xlsx workbook, or larger than %[1]d MB once unpacked.", maxUnpacked>>20).At("attachment_id")
	}
	if !whole(book) {
		book.Close()
		return nil, approval.Errorf(approval.UnsupportedMedia, "表格已损坏，不能完整读取，请重新导出后填写。",
			"The workbook is damaged and cannot be read to its end; export it again.").At("attachment_id")
	}
	return book, nil
}

// whole reports whether what cells are read from is well-formed to its end: the
// library takes a break for the last row, and the rows after it would be lost.
func whole(book *excelize.File) bool {
	sound := true
	book.Pkg.Range(func(name, part any) bool {
		content, ok := part.([]byte)
		if name := name.(string); ok && (name == "xl/sharedStrings.xml" || strings.HasPrefix(name, "xl/worksheets/")) {
			decoder := xml.NewDecoder(bytes.NewReader(content))
			decoder.CharsetReader = book.CharsetReader
			var err error
			for err == nil {
				_, err = decoder.Token()
			}
			sound = errors.Is(err, io.EOF)
		}
		return sound
	})
	return sound
}

// read turns one sheet into rows; what it cannot read or take becomes a problem.
func read(book *excelize.File, sheet string, columns []column) *table {
	t := &table{sheet: sheet}
	if at, err := book.GetSheetIndex(sheet); err != nil || at < 0 {
		t.refuse(1, "", "工作簿中没有名为“%[1]s”的工作表，请使用系统导出的模板。", "The workbook has no sheet %[1]q; use the exported template.", sheet)
		return t
	}
	lines, err := book.Rows(sheet)
	if err != nil {
		return t.unreadable(1, err)
	}
	defer lines.Close()
	var headings []string
	number := 1
	for ; lines.Next(); number++ {
		cells, err := lines.Columns()
		if err != nil {
			return t.unreadable(number, err)
		}
		switch {
		case number > MaxRows:
			t.refuse(number, "", "行数超过%[1]d行，请分批导入。", "More than %[1]d rows; import them in parts.", MaxRows)
			return t
		case len(cells) > maxCells:
			t.refuse(number, "", "列数超过%[1]d列。", "More than %[1]d columns.", maxCells)
			return t
		case number == 1:
			if headings = t.headings(cells, columns); headings == nil {
				return t
			}
		default:
			t.take(book, number, cells, headings, columns)
		}
	}
	if err := lines.Error(); err != nil {
		return t.unreadable(number, err)
	}
	if headings == nil {
		t.refuse(1, "", "工作表为空，请使用系统导出的模板。", "The sheet is empty; use the exported template.")
		return t
	}
	return t.unmerged(book, headings)
}

// unreadable says where a sheet breaks off, and why; what comes after is unknown.
func (t *table) unreadable(number int, err error) *table {
	t.refuse(number, "", "从第%[2]d行起不能读取，请重新导出后填写。", "From row %[2]d on the sheet cannot be read; export it again: %[1]v.", err, number)
	return t
}

// unmerged refuses merged cells below the headings: only the first of them has a
// value, and the others would count as emptied.
func (t *table) unmerged(book *excelize.File, headings []string) *table {
	merged, err := book.GetMergeCells(t.sheet, true)
	if err != nil {
		return t.unreadable(1, err)
	}
	for _, cells := range merged {
		from, to, found := strings.Cut(cells[0], ":")
		if !found {
			continue // one cell is merged with nothing
		}
		left, top, err := excelize.CellNameToCoordinates(from)
		right, bottom, err2 := excelize.CellNameToCoordinates(to)
		if err := errors.Join(err, err2); err != nil {
			return t.unreadable(1, err)
		}
		if bottom == 1 || left > len(headings) {
			continue
		}
		covered := strings.Join(slices.DeleteFunc(slices.Clone(headings[left-1:min(right, len(headings))]), func(h string) bool { return h == "" }), "、")
		t.refuse(max(top, 2), covered, "%[1]s是合并单元格，请取消合并后逐格填写。", "The cells %[1]s are merged; unmerge them and fill each.", cells[0])
	}
	return t
}

// headings are the columns' own, in the order of the sheet; nil after a problem.
func (t *table) headings(cells []string, columns []column) []string {
	found := make([]string, len(cells))
	for i, cell := range cells {
		heading := strings.TrimSuffix(strings.TrimSpace(cell), "*")
		known := slices.ContainsFunc(columns, func(c column) bool { return c.heading == heading })
		switch {
		case heading == "":
		case !known:
			t.refuse(1, heading, "没有“%[1]s”这一列。", "There is no column %[1]q.", heading)
		case slices.Contains(found[:i], heading):
			t.refuse(1, heading, "“%[1]s”列重复。", "The column %[1]q is there twice.", heading)
		}
		found[i] = heading
	}
	for _, column := range columns {
		if !slices.Contains(found, column.heading) {
			t.refuse(1, column.heading, "缺少“%[1]s”列。", "The column %[1]q is missing.", column.heading)
		}
	}
	if len(t.problems) > 0 {
		return nil
	}
	return found
}

func (t *table) take(book *excelize.File, number int, cells, headings []string, columns []column) {
	r := row{number: number, cells: map[string]string{}, table: t}
	for i, cell := range cells {
		if i >= len(headings) || headings[i] == "" {
			if strings.TrimSpace(cell) != "" {
				t.refuse(number, "", "第%[1]d列没有标题，不能填写内容。", "Column %[1]d has no heading and takes nothing.", i+1)
			}
			continue
		}
		name, _ := excelize.CoordinatesToCellName(i+1, number)
		formula, err := book.GetCellFormula(t.sheet, name)
		if err != nil {
			t.unreadable(number, err)
			return
		}
		if formula != "" {
			t.refuse(number, headings[i], "不接受公式，请粘贴为数值。", "Formulas are not taken; paste the value.")
			continue
		}
		r.cells[headings[i]] = plain(cell)
	}
	if !slices.ContainsFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
		return
	}
	for _, column := range columns {
		if column.needed && r.cells[column.heading] == "" {
			t.refuse(number, column.heading, "此项必填。", "This cell must be filled.")
		}
	}
	t.rows = append(t.rows, r)
}

func (t *table) refuse(number int, column, zh, en string, args ...any) {
	t.problems = append(t.problems, space.Problem{
		Sheet: t.sheet, Row: number, Column: column, Reason: approval.Errorf(approval.Invalid, zh, en, args...).Message,
	})
}

func (r row) text(heading string) string { return r.cells[heading] }

// yes reads 是 or 否; an empty cell is 否.
func (r row) yes(heading string) bool {
	switch r.cells[heading] {
	case "是":
		return true
	case "否", "":
		return false
	}
	r.table.refuse(r.number, heading, "只能填“是”或“否”。", "Only 是 or 否.")
	return false
}

// whole reads a whole number; an empty cell is 0.
func (r row) whole(heading string) int {
	text := r.cells[heading]
	if text == "" {
		return 0
	}
	number, err := strconv.Atoi(text)
	if err != nil || number < 0 || number > math.MaxInt32 {
		r.table.refuse(r.number, heading, "须为不小于0的整数。", "A whole number not below 0.")
		return 0
	}
	return number
}

// area reads square metres with at most two decimals.
func (r row) area(heading string) space.Area {
	text := r.cells[heading]
	if text == "" {
		return 0 // missed already
	}
	metres, err := strconv.ParseFloat(text, 64)
	dm := math.Round(metres * 100)
	if err != nil || math.IsNaN(metres) || metres <= 0 || metres > 1e7 || math.Abs(metres*100-dm) > 1e-6 {
		r.table.refuse(r.number, heading, "须为大于0的平方米数，最多两位小数。", "Square metres above 0 with at most two decimals.")
		return 0
	}
	return space.Area(dm)
}

// one reads a display name and gives its code.
func one[T ~string](r row, heading string, codes []T, name func(T) string) T {
	text := r.cells[heading]
	for _, code := range codes {
		if name(code) == text {
			return code
		}
	}
	if text != "" {
		r.table.refuse(r.number, heading, "“%[1]s”不在可选项中，见填写说明。", "%[1]q is none of the choices; see the notes.", text)
	}
	return ""
}

func plain(cell string) string { return sheet.Plain(strings.TrimSpace(cell)) }

// writer fills a workbook; the first error stays.
type writer struct {
	book *excelize.File
	bold int
	err  error
}

func newWriter() *writer {
	w := &writer{book: excelize.NewFile()}
	w.bold, w.err = w.book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	return w
}

func (w *writer) sheet(name string, columns []column) {
	if w.err == nil {
		_, w.err = w.book.NewSheet(name)
	}
	for i, column := range columns {
		w.text(name, i, 1, column.title())
		letter, _ := excelize.ColumnNumberToName(i + 1)
		w.note(w.book.SetColWidth(name, letter, letter, 18))
	}
	if len(columns) > 0 {
		last, _ := excelize.CoordinatesToCellName(len(columns), 1)
		w.note(w.book.SetCellStyle(name, "A1", last, w.bold))
		w.note(w.book.SetPanes(name, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
	}
}

func (w *writer) note(err error) {
	if w.err == nil {
		w.err = err
	}
}

// text is always written as text, never as a number or formula.
func (w *writer) text(on string, column, number int, text string) {
	name, _ := excelize.CoordinatesToCellName(column+1, number)
	w.note(w.book.SetCellStr(on, name, sheet.Guard(text)))
}

func (w *writer) number(sheet string, column, number int, value float64) {
	name, _ := excelize.CoordinatesToCellName(column+1, number)
	w.note(w.book.SetCellFloat(sheet, name, value, -1, 64))
}

// finish shows the first sheet of the given name and writes the workbook.
func (w *writer) finish(out io.Writer, first string) error {
	w.note(w.book.DeleteSheet("Sheet1"))
	if at, err := w.book.GetSheetIndex(first); err == nil {
		w.book.SetActiveSheet(at)
	}
	if w.err == nil {
		w.err = w.book.Write(out)
	}
	if err := w.book.Close(); w.err == nil {
		w.err = err
	}
	if w.err != nil {
		return fmt.Errorf("writing a workbook: %w", w.err)
	}
	return nil
}

func yesNo(yes bool) string {
	if yes {
		return "是"
	}
	return "否"
}
