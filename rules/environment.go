package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/ext"

	"linli/approval"
)

// CELVersion is the release of cel-go that evaluates; every record of
// evidence carries it, since costs and rare corner cases differ by release.
const CELVersion = "cel.dev/cel-go v0.33.2"

// TZVersion says why no record depends on a time zone database: expressions
// may use fixed offsets only.
const TZVersion = "fixed-offsets-only"

// Limits of one expression and of one set. Cost units are cel-go's; the
// limits hold for the estimate at compile time and again while evaluating.
const (
	ExpressionCostLimit uint64 = 200_000
	SetCostLimit        uint64 = 1_000_000

	maxExpressionSize  = 2048 // characters
	maxExpressionDepth = 50
	maxExpressionNodes = 1000
	maxRegexProgram    = 1000
	maxLoopNesting     = 2
	checkInterruptsPer = 100 // loop iterations
)

// buildEnvironment builds the typed environment of a procedure; a failure is a
// programming error that no rule file can cause.
func (p *procedure) buildEnvironment() *cel.Env {
	kinds := []any{ext.ParseStructTag("json"), p.parameters}
	options := []cel.EnvOption{cel.Variable("params", cel.ObjectType(p.parameters.String()))}
	for _, root := range p.roots() {
		name, _ := fieldName(root)
		switch kind := root.Type; {
		case kind == reflect.TypeFor[time.Time]():
			options = append(options, cel.Variable(name, cel.TimestampType))
		case kind.Kind() == reflect.Slice:
			kinds = append(kinds, kind.Elem())
			options = append(options, cel.Variable(name, cel.ListType(cel.ObjectType(kind.Elem().String()))))
		default:
			kinds = append(kinds, kind)
			options = append(options, cel.Variable(name, cel.ObjectType(kind.String())))
		}
	}
	env, err := cel.NewEnv(slices.Concat([]cel.EnvOption{ext.NativeTypes(kinds...)}, options, languageOptions(), commonFunctions(), p.functions)...)
	if err != nil {
		panic("rules: building the CEL environment of " + p.name + ": " + err.Error())
	}
	return env
}

func languageOptions() []cel.EnvOption {
	return []cel.EnvOption{
		cel.OptionalTypes(cel.OptionalTypesVersion(2)),
		ext.Strings(ext.StringsVersion(4)), ext.Math(ext.MathVersion(2)),
		ext.Lists(ext.ListsVersion(3)), ext.Sets(ext.SetsVersion(0)),
		cel.EnableMacroCallTracking(), cel.DefaultUTCTimeZone(true), cel.CostModelVersion(1),
		cel.CrossTypeNumericComparisons(false), cel.StrictTimestampParsing(true),
		cel.ParserExpressionSizeLimit(maxExpressionSize), cel.ParserRecursionLimit(maxExpressionDepth),
		cel.ExpressionNodeLimit(maxExpressionNodes), cel.RegexProgramSizeLimit(maxRegexProgram),
		cel.ASTValidators(cel.ValidateDurationLiterals(), cel.ValidateTimestampLiterals(), cel.ValidateRegexLiterals(),
			cel.ValidateHomogeneousAggregateLiterals(), cel.ValidateComprehensionNestingLimit(maxLoopNesting),
			loopsOverLists{}, fixedOffsets{}),
	}
}

// commonFunctions are the additions to CEL that messages of every procedure need.
func commonFunctions() []cel.EnvOption {
	return []cel.EnvOption{
		cel.Function("yuan", cel.Overload("yuan_int", []*cel.Type{cel.IntType}, cel.StringType, cel.UnaryBinding(yuan))),
	}
}

func yuan(fen ref.Val) ref.Val {
	return types.String(approval.Fen(fen.(types.Int)).Yuan() + "元")
}

func nameOfWord(name func(string) string) func(ref.Val) ref.Val {
	return func(word ref.Val) ref.Val { return types.String(name(string(word.(types.String)))) }
}

func namesOfWords(name func(string) string) func(ref.Val) ref.Val {
	return func(words ref.Val) ref.Val {
		var names []string
		for each := words.(traits.Lister).Iterator(); each.HasNext() == types.True; {
			names = append(names, name(string(each.Next().(types.String))))
		}
		return types.String(strings.Join(names, "、"))
	}
}

// hashEnvironment is the SHA-256 of everything outside a rule file that shapes
// a verdict of the procedure: cel-go's version, libraries, functions, limits,
// validators, the typed facts and parameters, and the floor's criteria.
func (p *procedure) hashEnvironment() string {
	var text strings.Builder
	env := p.environment()
	fmt.Fprintln(&text, CELVersion, TZVersion, ExpressionCostLimit, SetCostLimit,
		maxExpressionSize, maxExpressionDepth, maxExpressionNodes, maxRegexProgram, maxLoopNesting)
	libraries := env.Libraries()
	slices.Sort(libraries)
	fmt.Fprintln(&text, libraries)
	var overloads []string
	for _, function := range env.Functions() {
		for _, overload := range function.OverloadDecls() {
			overloads = append(overloads, overload.ID())
		}
	}
	slices.Sort(overloads)
	fmt.Fprintln(&text, overloads)
	for _, validator := range env.Validators() {
		fmt.Fprintln(&text, validator.Name())
	}
	for _, word := range p.words() {
		fmt.Fprintln(&text, word.Path, word.Type, word.Max, word.Known)
	}
	for _, c := range p.criteria {
		fmt.Fprintln(&text, c.ID, c.Stage, c.Severity, c.When, c.Require)
	}
	sum := sha256.Sum256([]byte(text.String()))
	return hex.EncodeToString(sum[:])
}
