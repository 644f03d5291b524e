package rules

import (
	"strings"

	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
)

// sizes tells cel-go's static estimate how large facts can be. What it does
// not know has no bound and is refused as too expensive.
type sizes struct{ byWord map[string]int }

// EstimateSize bounds a fact by its Word; a variable by the bounds for its type.
func (s sizes) EstimateSize(node cost.AstNode) *cost.SizeEstimate {
	path := node.Path()
	if len(path) == 0 {
		return nil
	}
	var words []string
	for _, part := range path {
		if !strings.HasPrefix(part, "@") {
			words = append(words, part)
		}
	}
	kind := node.Type().Kind()
	if size := s.byWord[strings.Join(words, ".")]; size > 0 && kind == types.ListKind {
		return &cost.SizeEstimate{Max: uint64(size)}
	}
	switch kind {
	case types.StringKind:
		return &cost.SizeEstimate{Max: maxText}
	case types.ListKind:
		return &cost.SizeEstimate{Max: 100}
	}
	return nil
}

// EstimateCallCost bounds the texts that functions return.
func (sizes) EstimateCallCost(_, overload string, _ *cost.AstNode, _ []cost.AstNode) *cost.CallEstimate {
	limit, known := textLimits[overload]
	if !known {
		return nil
	}
	return &cost.CallEstimate{
		CostEstimate: cost.Estimate{Min: 1, Max: limit},
		ResultSize:   &cost.SizeEstimate{Max: limit},
	}
}

// textLimits is the longest text each overload returns, in characters.
var textLimits = map[string]uint64{
	"yuan_int": 32, "area_int": 32, "share_text_string_int": 40,
	"category_name_string": maxText, "category_name_list": 10 * maxList,
	"service_name_string": maxText, "service_name_list": 10 * maxList,
	"activity_name_string": maxText, "activity_name_list": 10 * maxList,
	"licence_name_string": maxText, "licence_name_list": 20 * maxList,
	"list_name_string": maxText, "list_name_list": 10 * maxList,
	"operator_kind_name_string": maxText, "operator_kind_name_list": 10 * maxList,
	"function_name_string": maxText, "function_name_list": 20 * maxList,
	"paper_name_string": maxText, "paper_name_list": 10 * maxList,
	"undertaking_name_string": maxText, "undertaking_name_list": 20 * maxList,
	"share_name_string": maxText, "share_name_list": 10 * maxList,
	"bool_to_string": 5, "int64_to_string": 20, "uint64_to_string": 20, "double_to_string": 32,
	"timestamp_to_string": 40, "duration_to_string": 40,
	"list_join": 100 * maxText, "list_join_string": 100 * maxText, // as many elements as EstimateSize counts on
}
