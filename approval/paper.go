package approval

import "time"

// Paper is what a printed document says, block by block; how that looks is the
// printer's business. Texts stand on the page as they are.
type Paper struct {
	Issuer  string // above the title: whose document this is; may be ""
	Title   Text
	Subject string // below the title; may be ""
	Sample  string // a mark on every page, such as 示例文本; "" on the real thing
	Number  string
	Hash    string    // at the foot of every page: what fixes the content
	At      time.Time // of the facts, never of the printing
	Blocks  []Block
}

// Block is one part of a paper; exactly one of its fields is set.
type Block struct {
	Heading    Text
	Text       string
	Pair       Pair
	Table      *Table
	Signatures []string // who signs by hand, each with a line to sign on
}

// Pair is a label with its value; an empty value prints as a dash.
type Pair struct {
	Label Text
	Value string
}

// Table has as many cells in each row as there are columns. Total is its last
// row, below a rule, or nil.
type Table struct {
	Columns []Column
	Rows    [][]string
	Total   []string
}

// Column is one column of a table.
type Column struct {
	Name  Text
	Share int  // of the table's width, in proportion to the others
	Right bool // aligned, as amounts are
}
