// Package workbook reads and writes the Excel workbooks of spaces and needs.
//
// What it writes it reads back as the same content, and a workbook without rows is
// the template. It refuses files that unpack to more than they should, too many
// rows, formulas, merged cells, headings it does not know and cells that do not say
// what their column takes, and names sheet, row and column of every one of them. A
// damaged file is refused as a whole: no row is lost in silence. What a
// well-formed row may do is not decided here but in approval/space.
package workbook
