package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/ext"

	"linli/approval"
	"linli/approval/funduse"
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

// factRoots are the facts as expressions see them, with their Go types.
var factRoots = []struct {
	name string
	kind reflect.Type
}{
	{"proposal", reflect.TypeFor[funduse.ProposalFacts]()},
	{"fund", reflect.TypeFor[funduse.FundFacts]()},
	{"earmark", reflect.TypeFor[funduse.EarmarkFacts]()},
	{"payee", reflect.TypeFor[funduse.PayeeFacts]()},
	{"community", reflect.TypeFor[funduse.CommunityFacts]()},
}

// environment builds the typed environment once; a failure is a programming
// error that no rule file can cause.
var environment = sync.OnceValue(func() *cel.Env {
	kinds := []any{ext.ParseStructTag("json"), reflect.TypeFor[funduse.Parameters]()}
	options := []cel.EnvOption{cel.Variable("now", cel.TimestampType), cel.Variable("params", cel.ObjectType("funduse.Parameters"))}
	for _, root := range factRoots {
		kinds = append(kinds, root.kind)
		options = append(options, cel.Variable(root.name, cel.ObjectType(root.kind.String())))
	}
	env, err := cel.NewEnv(slices.Concat([]cel.EnvOption{ext.NativeTypes(kinds...)}, options, languageOptions(), functions())...)
	if err != nil {
		panic("rules: building the CEL environment: " + err.Error())
	}
	return env
})

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

// functions are the additions to CEL that messages need.
func functions() []cel.EnvOption {
	return []cel.EnvOption{
		cel.Function("yuan", cel.Overload("yuan_int", []*cel.Type{cel.IntType}, cel.StringType, cel.UnaryBinding(yuan))),
		cel.Function("categoryName",
			cel.Overload("category_name_string", []*cel.Type{cel.StringType}, cel.StringType, cel.UnaryBinding(categoryName)),
			cel.Overload("category_name_list", []*cel.Type{cel.ListType(cel.StringType)}, cel.StringType, cel.UnaryBinding(categoryNames))),
	}
}

func yuan(fen ref.Val) ref.Val {
	return types.String(approval.Fen(fen.(types.Int)).Yuan() + "元")
}

// categoryName leaves a category it does not know as it is.
func categoryName(category ref.Val) ref.Val {
	for _, known := range funduse.Categories {
		if string(known.Category) == string(category.(types.String)) {
			return types.String(known.Name.ZH)
		}
	}
	return category
}

func categoryNames(categories ref.Val) ref.Val {
	var names []string
	for each := categories.(traits.Lister).Iterator(); each.HasNext() == types.True; {
		names = append(names, string(categoryName(each.Next()).(types.String)))
	}
	return types.String(strings.Join(names, "、"))
}

// EnvHash is the SHA-256 of everything outside a rule file that shapes a
// verdict: cel-go's version, libraries, functions, limits, validators and the
// typed facts and parameters.
var EnvHash = sync.OnceValue(func() string {
	var text strings.Builder
	env := environment()
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
	for _, word := range Vocabulary() {
		fmt.Fprintln(&text, word.Path, word.Type, word.Max, word.Known)
	}
	sum := sha256.Sum256([]byte(text.String()))
	return hex.EncodeToString(sum[:])
})
