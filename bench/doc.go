// Package bench measures Linli beside what it is built on: the same number of
// acts as bare Updates of a Temporal workflow, as Updates that commit one row,
// as acts of people through Linli's HTTP API, and as plain PostgreSQL
// transactions. All lines are loaded by the same loop, one slice after the
// other in turn, so that a machine that becomes slower is slower for all.
//
// It measures and counts; it starts nothing. What it needs running is brought
// up by standalone/bench, which `make bench` runs.
package bench
