package rules

import (
	"regexp"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
)

// loopsOverLists refuses loops over anything but a list of known type: the
// order of a map's keys is random per evaluation.
type loopsOverLists struct{}

func (loopsOverLists) Name() string { return "linli.validator.loops_over_lists" }

func (loopsOverLists) Validate(_ *cel.Env, _ cel.ValidatorConfig, checked *ast.AST, issues *cel.Issues) {
	for _, loop := range ast.MatchDescendants(ast.NavigateAST(checked), ast.KindMatcher(ast.ComprehensionKind)) {
		span := loop.AsComprehension().IterRange()
		if kind := checked.GetType(span.ID()); kind.Kind() != types.ListKind {
			issues.ReportErrorAtID(loop.ID(), "loop over %s: only lists may be looped over", cel.FormatCELType(kind))
		}
	}
}

// fixedOffsets refuses time zone names, and zones that are not literals, so
// that no verdict depends on the machine's time zone database.
type fixedOffsets struct{}

func (fixedOffsets) Name() string { return "linli.validator.fixed_offsets" }

var (
	zoneReaders = map[string]bool{"getFullYear": true, "getMonth": true, "getDate": true, "getDayOfMonth": true,
		"getDayOfWeek": true, "getDayOfYear": true, "getHours": true, "getMinutes": true, "getSeconds": true, "getMilliseconds": true}
	fixedOffset = regexp.MustCompile(`^[+-]\d\d:\d\d$`)
)

func (fixedOffsets) Validate(_ *cel.Env, _ cel.ValidatorConfig, checked *ast.AST, issues *cel.Issues) {
	for _, node := range ast.MatchDescendants(ast.NavigateAST(checked), ast.KindMatcher(ast.CallKind)) {
		call := node.AsCall()
		if !zoneReaders[call.FunctionName()] || len(call.Args()) == 0 {
			continue
		}
		zone, literal := "", call.Args()[0].Kind() == ast.LiteralKind
		if literal {
			zone, _ = call.Args()[0].AsLiteral().Value().(string)
		}
		if !fixedOffset.MatchString(zone) {
			issues.ReportErrorAtID(call.Args()[0].ID(), "time zone must be a fixed offset such as \"+08:00\"")
		}
	}
}
