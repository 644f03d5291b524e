package rules

import (
	"context"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// expression is one compiled CEL expression. It is immutable and may be
// evaluated from many goroutines.
type expression struct {
	text     string
	kind     *cel.Type
	checked  *ast.AST
	program  cel.Program
	loops    map[int64]*loop
	outline  *part
	estimate uint64
}

// loop is a list macro inside an expression: its body is kept as a program of
// its own so that each element can be explained.
type loop struct {
	span     int64 // node id of the list looped over
	variable string
	body     *expression
	deciding ref.Val // element value that settles the macro, or nil
}

// compile checks text against env and reports problems at path. It returns
// nil if there are any. The sizes bound what the expression may cost.
func compile(env *cel.Env, known sizes, text, path string, r *report) *expression {
	checked, issues := env.Compile(text)
	if issues.Err() != nil {
		for _, issue := range issues.Errors() {
			line, column := r.find(path).inside(issue.Location.Line(), issue.Location.Column())
			r.at(line, column, path, "%[1]s", "%[2]s", translate(issue.Message), issue.Message)
		}
		return nil
	}
	if r.doubts(checked.NativeRep()) {
		return nil
	}
	estimate, err := env.EstimateCost(checked, known)
	if err != nil || estimate.Max > ExpressionCostLimit {
		r.add(path, "表达式最坏情况下的开销%[1]s超过上限%[2]d。", "The expression may cost %[1]s, above the limit of %[2]d.", costText(estimate.Max), ExpressionCostLimit)
		return nil
	}
	compiled, err := plan(env, checked.NativeRep())
	if err != nil {
		r.add(path, "表达式无法执行:%[1]s", "The expression cannot be planned: %[1]s", err)
		return nil
	}
	compiled.text, compiled.kind, compiled.estimate = text, checked.OutputType(), estimate.Max
	return compiled
}

// doubts reports whether the expression reads a variable that did not compile.
func (r *report) doubts(checked *ast.AST) bool {
	return slices.ContainsFunc(namesIn(checked), func(name string) bool { return slices.Contains(r.doubtful, name) })
}

func costText(most uint64) string {
	if most == math.MaxUint64 {
		return "∞"
	}
	return fmt.Sprint(most)
}

// plan evaluates exhaustively, so that every sub-expression has a value to
// show, with the cost limit on.
func plan(env *cel.Env, checked *ast.AST) (*expression, error) {
	program, err := env.PlanProgram(checked,
		cel.EvalOptions(cel.OptExhaustiveEval, cel.OptTrackCost, cel.OptPartialEval),
		cel.CostLimit(ExpressionCostLimit), cel.InterruptCheckFrequency(checkInterruptsPer))
	if err != nil {
		return nil, err
	}
	e := &expression{checked: checked, program: program, loops: map[int64]*loop{}}
	root := ast.NavigateAST(checked)
	for _, node := range ast.MatchDescendants(root, ast.KindMatcher(ast.ComprehensionKind)) {
		if err := e.planLoop(env, root, node); err != nil {
			return nil, err
		}
	}
	e.outline = e.outlineOf(root)
	return e, nil
}

func (e *expression) planLoop(env *cel.Env, root, node ast.NavigableExpr) error {
	macro, written := e.checked.SourceInfo().GetMacroCall(node.ID())
	if !written || len(macro.AsCall().Args()) != 2 {
		return nil
	}
	id := macro.AsCall().Args()[1].ID()
	bodies := ast.MatchDescendants(root, func(n ast.NavigableExpr) bool { return n.ID() == id })
	if len(bodies) == 0 {
		return nil
	}
	body, err := plan(env, ast.NewCheckedAST(ast.NewAST(bodies[0], e.checked.SourceInfo()), e.checked.TypeMap(), e.checked.ReferenceMap()))
	if err != nil {
		return err
	}
	span := node.AsComprehension()
	e.loops[node.ID()] = &loop{span: span.IterRange().ID(), variable: span.IterVar(), body: body, deciding: decides(macro.AsCall().FunctionName())}
	return nil
}

func decides(macro string) ref.Val {
	switch macro {
	case "all":
		return types.False
	case "exists", "exists_one", "existsOne", "filter":
		return types.True
	}
	return nil
}

// evaluated is one run of an expression: its value, which may be an error or
// unknown, the value of each node, and the cost.
type evaluated struct {
	value ref.Val
	node  func(id int64) (ref.Val, bool)
	cost  uint64
}

var errInterrupted = errors.New("rules: evaluation interrupted")

// run evaluates with vars; only an ended ctx is an error, everything else is
// a value.
func (e *expression) run(ctx context.Context, vars cel.Activation) (evaluated, error) {
	if err := ctx.Err(); err != nil {
		return evaluated{}, fmt.Errorf("%w: %w", errInterrupted, context.Cause(ctx))
	}
	value, details, err := e.program.ContextEval(ctx, vars)
	if ctx.Err() != nil {
		return evaluated{}, fmt.Errorf("%w: %w", errInterrupted, context.Cause(ctx))
	}
	if err != nil {
		value = types.WrapErr(err)
	}
	result := evaluated{value: value, node: noNode}
	if details != nil {
		if state := details.State(); state != nil {
			result.node = state.Value
		}
		if spent := details.ActualCost(); spent != nil {
			result.cost = *spent
		}
	}
	return result, nil
}

// namesIn lists the top-level names an expression reads, such as "proposal" or
// "variables.share".
func namesIn(checked *ast.AST) []string {
	var found []string
	for _, node := range ast.MatchDescendants(ast.NavigateAST(checked), ast.KindMatcher(ast.IdentKind)) {
		found = append(found, node.AsIdent())
	}
	return found
}

var translations = []struct {
	pattern *regexp.Regexp
	zh      string
}{
	{regexp.MustCompile(`^undefined field '(.*)'`), "没有字段“$1”"},
	{regexp.MustCompile(`^undeclared reference to '([^']*)' \(did you mean '([^']*)'\?\).*`), "没有“$1”，是否指“$2”?"},
	{regexp.MustCompile(`^undeclared reference to '([^']*)'.*`), "没有“$1”"},
	{regexp.MustCompile(`^found no matching overload for '([^']*)' applied to '(.*)'`), "“$1”不能用于类型$2"},
	{regexp.MustCompile(`^invalid duration argument`), "时长写法有误"},
	{regexp.MustCompile(`^invalid timestamp argument`), "时间写法有误"},
	{regexp.MustCompile(`^invalid matches argument`), "正则表达式有误"},
	{regexp.MustCompile(`^loop over (\S+):.*`), "只能遍历列表，不能遍历$1"},
	{regexp.MustCompile(`^time zone must be.*`), "时区只能写成“+08:00”这样的固定偏移"},
	{regexp.MustCompile(`^Syntax error: (.*)`), "语法错误:$1"},
}

// translate renders cel-go's common messages in Chinese and keeps the rest.
func translate(message string) string {
	for _, known := range translations {
		if known.pattern.MatchString(message) {
			return known.pattern.ReplaceAllString(message, known.zh) + "。"
		}
	}
	return "表达式有误：" + message
}
