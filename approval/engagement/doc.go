// Package engagement is the domain of the time after handover: an operator
// runs a space and gives back to the community's fund.
//
// It decides what a period's share comes to, to the fen; who confirms a report
// and who books what was paid; what a yearly score leads to (rectification,
// exit); who may renew; and when a space is free again: once every period is
// settled and both sides have read the hand-back list alike. It refuses a
// report for a closed period, an amount other than the contract makes it, one
// person on both sides of a check, and an end without a hand-back. Time reminds
// and escalates, opens what falls due, and decides nothing in anybody's favour.
package engagement
