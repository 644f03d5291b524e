package rules

import (
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
)

// part is a sub-expression worth showing. The outline of an expression is made
// once, when it is compiled: explaining only fills in the values.
type part struct {
	id    int64
	text  string
	name  string // "proposal.amount", "variables.share"; "" if it is no name
	loop  *loop
	parts []*part
}

// outlineOf returns nil for a constant. A loop's parts are outlined by its
// body; one that cannot be explained per element has none.
func (e *expression) outlineOf(node ast.NavigableExpr) *part {
	if isConstant(node) {
		return nil
	}
	p := &part{id: node.ID(), text: e.unparse(node), loop: e.loops[node.ID()]}
	if isPath(node) {
		p.name = dotted(node)
		return p
	}
	if node.Kind() == ast.ComprehensionKind {
		return p
	}
	for _, operand := range operands(node) {
		if below := e.outlineOf(operand); below != nil {
			p.parts = append(p.parts, below)
		}
	}
	return p
}

// operands lists the parts of a node, a chain of one logical operator as one.
func operands(node ast.NavigableExpr) []ast.NavigableExpr {
	var parts []ast.NavigableExpr
	for _, child := range node.Children() {
		if function := logical(node); function != "" && logical(child) == function {
			parts = append(parts, operands(child)...)
		} else {
			parts = append(parts, child)
		}
	}
	return parts
}

func logical(node ast.NavigableExpr) string {
	if node.Kind() == ast.CallKind {
		if f := node.AsCall().FunctionName(); f == operators.LogicalAnd || f == operators.LogicalOr {
			return f
		}
	}
	return ""
}

// isConstant holds for literals and lists of them: their text is their value.
func isConstant(node ast.Expr) bool {
	if node.Kind() == ast.ListKind {
		return !slices.ContainsFunc(node.AsList().Elements(), func(element ast.Expr) bool { return !isConstant(element) })
	}
	return node.Kind() == ast.LiteralKind
}

func isPath(node ast.Expr) bool {
	return node.Kind() == ast.IdentKind || node.Kind() == ast.SelectKind && isPath(node.AsSelect().Operand())
}

func dotted(node ast.Expr) string {
	if node.Kind() == ast.IdentKind {
		return node.AsIdent()
	}
	return dotted(node.AsSelect().Operand()) + "." + node.AsSelect().FieldName()
}

// unparse renders a node's source on one line.
func (e *expression) unparse(node ast.Expr) string {
	text, err := cel.ExprToString(node, e.checked.SourceInfo(), cel.FormatWrapOnColumn(maxExpressionSize*4))
	if err != nil {
		return "(" + err.Error() + ")"
	}
	return text
}
