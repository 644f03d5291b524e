package rules

import (
	"bytes"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// MaxSource is the largest rule file or test file in bytes.
const MaxSource = 128 << 10

// The YAML parser's memory grows with the square of the nesting: a file of
// opening brackets alone would exhaust the machine.
const (
	maxLine     = 4096 // bytes
	maxBrackets = 100  // open at once, wherever they stand
)

// decoder fills Go structs from YAML by their json tags and remembers where
// each value stood. It converts nothing: a quoted 3 is no number, a bare
// 370303 no text. A field is required unless its tag says omitempty.
type decoder struct {
	report
	lines   []string
	partial bool   // overrides: nothing is required
	lenient bool   // reads some fields of a file: the others are nobody's business here
	filled  string // path of the one list whose items are already there, to be overridden
}

// decode reads the one document of source into target, a pointer to a struct.
func (d *decoder) decode(source []byte, target any) {
	d.places = map[string]place{"": {line: 1, column: 1}}
	root := d.document(source)
	if root == nil {
		return
	}
	d.lines = strings.Split(string(source), "\n")
	d.value(root, reflect.ValueOf(target).Elem(), "")
}

func (d *decoder) document(source []byte) (root ast.Node) {
	switch {
	case len(source) > MaxSource:
		d.add("", "文件超过%[1]d字节。", "The file is larger than %[1]d bytes.", MaxSource)
		return nil
	case !utf8.Valid(source):
		d.add("", "文件不是UTF-8编码。", "The file is not UTF-8.")
		return nil
	case bytes.ContainsRune(source, '\r'):
		d.add("", "请使用LF换行，不要使用CR。", "Lines must end in LF, without CR.")
		return nil
	case tooDeep(source):
		d.add("", "行过长或括号嵌套过深。", "A line is too long or brackets are nested too deeply.")
		return nil
	}
	// The parser is not ours: a file that makes it panic is a bad file.
	defer func() {
		if recover() != nil {
			root = nil
			d.add("", "YAML无法解析。", "The YAML cannot be parsed.")
		}
	}()
	file, err := parser.ParseBytes(source, 0)
	if err != nil {
		d.syntax(err)
		return nil
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		d.add("", "文件须恰有一个YAML文档。", "The file must hold exactly one YAML document.")
		return nil
	}
	return file.Docs[0].Body
}

func tooDeep(source []byte) bool {
	line, open := 0, 0
	for _, b := range source {
		line++
		switch b {
		case '\n':
			line = 0
		case '[', '{':
			open++
		case ']', '}':
			open = max(open-1, 0)
		}
		if line > maxLine || open > maxBrackets {
			return true
		}
	}
	return false
}

func (d *decoder) syntax(err error) {
	line, column, message := 1, 1, err.Error()
	if positioned, ok := err.(interface {
		GetToken() *token.Token
		GetMessage() string
	}); ok {
		message = positioned.GetMessage()
		if t := positioned.GetToken(); t != nil && t.Position != nil {
			line, column = t.Position.Line, t.Position.Column
		}
	}
	d.at(line, column, "", "YAML有误:%[1]s", "Bad YAML: %[1]s", strings.ReplaceAll(message, "\t", `\t`))
}

func (d *decoder) value(node ast.Node, target reflect.Value, path string) {
	d.places[path] = d.placeOf(node)
	switch node.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		d.add(path, "不允许使用锚点、别名或标签。", "Anchors, aliases and tags are not allowed.")
		return
	}
	if target.Type() == reflect.TypeFor[time.Time]() {
		d.moment(node, target, path)
		return
	}
	if target.Type() == reflect.TypeFor[unread]() {
		return
	}
	switch target.Kind() {
	case reflect.Interface: // holds a pointer to what is to be read, or nothing
		if !target.IsNil() {
			d.value(node, target.Elem().Elem(), path)
		}
	case reflect.Struct:
		d.object(node, target, path)
	case reflect.Slice:
		d.list(node, target, path)
	case reflect.String:
		d.text(node, target, path)
	case reflect.Bool:
		if yes, ok := node.(*ast.BoolNode); ok {
			target.SetBool(yes.Value)
		} else {
			d.wrongType(path, "true或false", "true or false")
		}
	case reflect.Int, reflect.Int64:
		d.integer(node, target, path)
	default:
		panic("rules: no YAML form for " + target.Type().String())
	}
}

func (d *decoder) wrongType(path, zh, en string) {
	d.add(path, "此处应为%[1]s。", "This must be %[2]s.", zh, en)
}

func (d *decoder) object(node ast.Node, target reflect.Value, path string) {
	mapping, ok := node.(ast.MapNode)
	if !ok {
		d.wrongType(path, "一组字段", "a group of fields")
		return
	}
	fields := fieldsOf(target.Type())
	seen := map[string]bool{}
	for entries := mapping.MapRange(); entries.Next(); {
		name := entries.Key().String()
		position := entries.Key().GetToken().Position
		index, known := fields[name]
		if _, plain := entries.Key().(*ast.StringNode); d.lenient && !(plain && known) {
			continue
		} else if !plain || !known {
			d.at(position.Line, position.Column, join(path, name), "没有“%[1]s”这个字段。", "There is no field %[1]q here.", name)
			continue
		}
		seen[name] = true
		d.value(entries.Value(), target.Field(index), join(path, name))
	}
	for i := range target.NumField() {
		name, optional := fieldName(target.Type().Field(i))
		if name != "" && !seen[name] && !optional && !d.partial {
			d.add(path, "缺少字段“%[1]s”。", "The field %[1]q is missing.", join(path, name))
		}
	}
}

func (d *decoder) list(node ast.Node, target reflect.Value, path string) {
	sequence, ok := node.(*ast.SequenceNode)
	if !ok {
		d.wrongType(path, "列表", "a list")
		return
	}
	items := reflect.MakeSlice(target.Type(), len(sequence.Values), len(sequence.Values))
	if path == d.filled {
		items = target
	}
	for i, item := range sequence.Values {
		d.value(item, items.Index(i), fmt.Sprintf("%s[%d]", path, i))
	}
	target.Set(items)
}

func (d *decoder) text(node ast.Node, target reflect.Value, path string) {
	switch text := node.(type) {
	case *ast.StringNode:
		target.SetString(text.Value)
	case *ast.LiteralNode:
		target.SetString(strings.TrimRight(text.Value.Value, "\n"))
	default:
		d.wrongType(path, "文字（数字和true/false须加引号）", "text (quote numbers and true/false)")
	}
}

// Octal, hexadecimal and numbers with a leading zero would surprise.
var decimal = regexp.MustCompile(`^-?(0|[1-9][0-9_]*)$`)

func (d *decoder) integer(node ast.Node, target reflect.Value, path string) {
	number, ok := node.(*ast.IntegerNode)
	if !ok || !decimal.MatchString(number.Token.Value) {
		d.wrongType(path, "整数", "a whole number")
		return
	}
	value, err := strconv.ParseInt(strings.ReplaceAll(number.Token.Value, "_", ""), 10, 64)
	if err != nil || value == math.MinInt64 {
		d.wrongType(path, "64位整数", "a 64-bit whole number")
		return
	}
	target.SetInt(value)
}

func (d *decoder) moment(node ast.Node, target reflect.Value, path string) {
	text, ok := node.(*ast.StringNode)
	if !ok {
		d.wrongType(path, "时间", "a time")
		return
	}
	moment, err := time.Parse(time.RFC3339, text.Value)
	if err != nil {
		d.wrongType(path, "形如2026-01-31T09:00:00+08:00的时间", "a time like 2026-01-31T09:00:00+08:00")
		return
	}
	target.Set(reflect.ValueOf(moment.UTC()))
}

// placeOf finds the first character of a value and how offsets inside map.
func (d *decoder) placeOf(node ast.Node) place {
	position := node.GetToken().Position
	where := place{line: position.Line, column: position.Column}
	switch text := node.(type) {
	case ast.MapNode:
		if key := text.MapRange(); !flow(node) && key.Next() {
			first := key.Key().GetToken().Position
			where.line, where.column = first.Line, first.Column
		}
	case *ast.LiteralNode:
		where.form = scattered
		if strings.HasPrefix(text.Start.Value, "|") {
			where.form, where.indent = block, d.indentAfter(position.Line)
		}
	case *ast.StringNode:
		d.locate(text, &where)
	}
	return where
}

func flow(node ast.Node) bool {
	mapping, ok := node.(*ast.MappingNode)
	return ok && mapping.IsFlowStyle
}

// locate finds a text that stands in one line exactly as read, after a quote
// or not. The parser's column can be late where spaces follow the text, so the
// nearest match at or before it counts.
func (d *decoder) locate(text *ast.StringNode, where *place) {
	where.form = scattered
	if where.line > len(d.lines) {
		return
	}
	line := []rune(d.lines[where.line-1])
	for i := min(where.column, len(line)) - 1; i >= 0; i-- {
		quote := 0
		if line[i] == '"' || line[i] == '\'' {
			quote = 1
		}
		if strings.HasPrefix(string(line[i+quote:]), text.Value) {
			where.form, where.column, where.indent = oneLine, i+1, quote
			return
		}
	}
}

func (d *decoder) indentAfter(line int) int {
	for _, text := range d.lines[min(line, len(d.lines)):] {
		if strings.TrimSpace(text) != "" {
			return len(text) - len(strings.TrimLeft(text, " "))
		}
	}
	return 0
}

// unread marks a field whose content another pass reads.
type unread struct{}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func fieldsOf(kind reflect.Type) map[string]int {
	fields := map[string]int{}
	for i := range kind.NumField() {
		if name, _ := fieldName(kind.Field(i)); name != "" {
			fields[name] = i
		}
	}
	return fields
}

func fieldName(field reflect.StructField) (name string, optional bool) {
	name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
	if !field.IsExported() || name == "-" {
		return "", true
	}
	return name, strings.Contains(options, "omitempty")
}
