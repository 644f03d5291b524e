// Package rules turns a district's YAML file into a checked rule set and a
// rule set plus facts into evidence. There is one engine for all procedures; a
// table says of each which facts, numbers, words and floor it has.
//
// It decides which files are rule sets at all (strict YAML, typed CEL, within
// the cost budget, at or above the city's floor and baseline) and, per
// criterion, whether given facts meet it and why. Every problem of a file is
// reported at once, with line and column.
//
// It refuses unknown and missing fields, loops over maps, time zone names,
// expressions that could cost too much, parameters laxer than the city's,
// criteria that touch the city's own, and facts of another procedure. It never treats an error or missing
// evidence as a pass, never stops at the first failure and never reads a
// clock: the time of an evaluation is a fact.
package rules
