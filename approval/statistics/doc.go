// Package statistics reckons the figures a city reports of its communities:
// funds and their coverage, income by kind, operators and what they offer,
// micro-projects, what operators saved the communities.
//
// Each figure is defined once, in Columns, and counted by the moment its fact
// was recorded: nothing is booked back, so a figure of a past day stays what
// it was, whatever is corrected, ended or added later. Money is reckoned from
// the ledger, to the fen.
//
// It refuses a day that has not begun, and a range that would show too much.
package statistics
